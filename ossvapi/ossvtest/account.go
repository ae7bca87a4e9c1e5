package ossvtest

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Key is an access key. One with a token is temporary, as STS issues them.
type Key struct {
	ID, Secret, Token string
	Expires           time.Time // zero: never
	Deny              []string  // operations that no policy allows this key
}

// Bucket is a vector bucket. Of the empty fields, the location and the endpoints get those that the region implies; the
// others are absent from listings.
type Bucket struct {
	Name             string // without an ARN
	CreationDate     string `json:",omitempty"` // as listed, such as 2026-01-02T03:04:05.000Z
	ResourceGroupID  string `json:"ResourceGroupId,omitempty"`
	Location         string
	ExtranetEndpoint string
	IntranetEndpoint string
}

// Index is a vector index. Empty fields are absent from listings.
type Index struct {
	Name           string `json:"indexName"`
	CreateTime     string `json:"createTime,omitempty"` // as listed
	DataType       string `json:"dataType,omitempty"`
	Dimension      int    `json:"dimension,omitempty"`
	DistanceMetric string `json:"distanceMetric,omitempty"`
	Mode           string `json:"mode,omitempty"`
	Status         string `json:"status,omitempty"`
}

// Account is an account with its keys and its inventory.
type Account struct {
	id     string
	server *Server

	mu      sync.Mutex
	regions map[string]*region
	all     *listing // of all regions; nil after a change
}

// region is one region's inventory, guarded by its account's lock.
type region struct {
	buckets   map[string]*stored // by name
	sorted    *listing           // nil after a change
	generated int                // how many Fill has made
}

// stored is a bucket with what listings show of it. It never changes, except for its indexes, which the account's lock guards.
type stored struct {
	Bucket
	entry   *entry
	indexes []storedIndex // sorted; replaced as a whole
}

type storedIndex struct {
	Index
	entry *entry
}

// wireBucket is a bucket as JSON shows it.
type wireBucket struct {
	Name   string // an ARN, as a rule
	Region string
	Bucket
}

// wireIndex is an index as JSON shows it.
type wireIndex struct {
	Index
	BucketARN        string   `json:"bucketArn"`
	VectorBucketName string   `json:"vectorBucketName"`
	Metadata         metadata `json:"metadata"`
}

type metadata struct {
	NonFilterableMetadataKeys []string `json:"nonFilterableMetadataKeys"`
}

// AddAccount adds an account, or adds the keys to the one that is there. A key that belonged to another account changes
// hands.
func (s *Server) AddAccount(id string, keys ...Key) *Account {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.accounts[id]
	if a == nil {
		a = &Account{id: id, server: s, regions: map[string]*region{}}
		s.accounts[id] = a
	}
	for _, k := range keys {
		s.keys[k.ID] = owned{k, a}
	}
	return a
}

// Account returns the account of that id, or nil.
func (s *Server) Account(id string) *Account {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.accounts[id]
}

// SetKeys replaces all keys of the account atomically; keys that are not in the new set are unknown from then on.
func (a *Account) SetKeys(keys ...Key) {
	s := a.server
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.keys, func(_ string, k owned) bool { return k.account == a })
	for _, k := range keys {
		s.keys[k.ID] = owned{k, a}
	}
}

// Put atomically adds buckets to a region, or replaces those of the same name; a replaced one keeps its indexes.
func (a *Account) Put(regionID string, buckets ...Bucket) {
	a.change(regionID, func(m map[string]*stored) {
		for _, b := range buckets {
			n := &stored{Bucket: b, entry: a.entry(regionID, b)}
			if old := m[b.Name]; old != nil {
				n.indexes = old.indexes
			}
			m[b.Name] = n
		}
	})
}

// Remove atomically deletes buckets and their indexes.
func (a *Account) Remove(regionID string, names ...string) {
	a.change(regionID, func(m map[string]*stored) {
		for _, name := range names {
			delete(m, name)
		}
	})
}

func (a *Account) change(regionID string, do func(map[string]*stored)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.region(regionID)
	do(r.buckets)
	r.sorted, a.all = nil, nil
}

// Buckets returns a region's buckets, sorted by name.
func (a *Account) Buckets(regionID string) []Bucket {
	a.mu.Lock()
	defer a.mu.Unlock()
	var buckets []Bucket
	for _, b := range a.region(regionID).buckets {
		buckets = append(buckets, b.Bucket)
	}
	slices.SortFunc(buckets, func(x, y Bucket) int { return strings.Compare(x.Name, y.Name) })
	return buckets
}

// PutIndexes atomically adds indexes to a bucket, or replaces those of the same name. It reports whether the bucket
// exists.
func (a *Account) PutIndexes(regionID, bucket string, indexes ...Index) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	b := a.region(regionID).buckets[bucket]
	if b == nil {
		return false
	}
	byName := map[string]storedIndex{}
	for _, x := range b.indexes {
		byName[x.Name] = x
	}
	for _, x := range indexes {
		wire := wireIndex{x, a.arn(regionID, bucket), bucket, metadata{[]string{}}}
		byName[x.Name] = storedIndex{x, newEntry(x.Name, "", "", wire)}
	}
	b.indexes = slices.SortedFunc(maps.Values(byName), func(x, y storedIndex) int { return strings.Compare(x.Name, y.Name) })
	return true
}

// Indexes returns a bucket's indexes, sorted by name.
func (a *Account) Indexes(regionID, bucket string) []Index {
	var indexes []Index
	stored, _ := a.indexes(regionID, bucket)
	for _, x := range stored {
		indexes = append(indexes, x.Index)
	}
	return indexes
}

// indexes returns a bucket's sorted indexes, which nobody changes any more, and whether the bucket exists.
func (a *Account) indexes(regionID, bucket string) ([]storedIndex, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if b := a.region(regionID).buckets[bucket]; b != nil {
		return b.indexes, true
	}
	return nil, false
}

// region returns a region's inventory, made at its first use. The lock is held.
func (a *Account) region(id string) *region {
	r := a.regions[id]
	if r == nil {
		r = &region{buckets: map[string]*stored{}}
		a.regions[id] = r
	}
	return r
}

// listing returns what an endpoint lists: its region, or everything.
func (a *Account) listing(regionID string, everything bool) *listing {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !everything {
		r := a.region(regionID)
		if r.sorted == nil {
			r.sorted = newListing(r.entries())
		}
		return r.sorted
	}
	if a.all == nil {
		var all []*entry
		for _, r := range a.regions {
			all = append(all, r.entries()...)
		}
		a.all = newListing(all)
	}
	return a.all
}

func (r *region) entries() []*entry {
	var all []*entry
	for _, b := range r.buckets {
		all = append(all, b.entry)
	}
	return all
}

// entry is a bucket as a region lists it.
func (a *Account) entry(regionID string, b Bucket) *entry {
	w := wireBucket{Name: b.Name, Region: regionID, Bucket: b}
	if !a.server.opts.PlainNames {
		w.Name = a.arn(regionID, b.Name)
	}
	w.Location = cmp.Or(b.Location, "oss-"+regionID)
	w.ExtranetEndpoint = cmp.Or(b.ExtranetEndpoint, regionID+productHost)
	w.IntranetEndpoint = cmp.Or(b.IntranetEndpoint, regionID+"-internal"+productHost)
	return newEntry(b.Name, regionID, b.ResourceGroupID, w)
}

func (a *Account) arn(regionID, bucket string) string {
	return "acs:ossvector:" + regionID + ":" + a.id + ":" + bucket
}
