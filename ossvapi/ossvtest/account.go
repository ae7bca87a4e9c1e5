package ossvtest

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Key is an access key. One with a token is temporary, as STS gives them.
type Key struct {
	ID, Secret, Token string
	Expires           time.Time // zero: never
	Deny              []string  // operations that this key may not call
}

// Account is an account with its keys and its inventory.
type Account struct {
	id     string
	server *Server

	mu      sync.Mutex
	regions map[string]*region
	whole   *listing // of all regions; nil after a change
}

// region is one region's inventory, guarded by its account's lock.
type region struct {
	buckets   map[string]*stored // by plain name
	sorted    *listing           // nil after a change
	generated int                // how many Fill has made
}

// AddAccount adds an account, or gives the keys to the one that is there. A key that belonged to another account
// changes hands.
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

func (s *Server) key(id string) owned {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.keys[id]
}

// ID is the account id, as it appears in ARNs and host names.
func (a *Account) ID() string { return a.id }

// SetKeys replaces all keys of the account at once; those that it does not name are unknown from then on.
func (a *Account) SetKeys(keys ...Key) {
	s := a.server
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.keys, func(_ string, k owned) bool { return k.account == a })
	for _, k := range keys {
		s.keys[k.ID] = owned{k, a}
	}
}

// Put adds buckets to a region, all at once, or replaces those of the same name; a replaced one keeps its indexes.
func (a *Account) Put(regionID string, buckets ...Bucket) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.region(regionID)
	for _, b := range buckets {
		n := a.store(regionID, b)
		if old := r.buckets[b.Name]; old != nil {
			n.indexes = old.indexes
		}
		r.buckets[b.Name] = n
	}
	a.changed(r)
}

// Remove deletes buckets with their indexes, all at once.
func (a *Account) Remove(regionID string, names ...string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.region(regionID)
	for _, name := range names {
		delete(r.buckets, name)
	}
	a.changed(r)
}

// Buckets returns a region's buckets, sorted by name.
func (a *Account) Buckets(regionID string) []Bucket {
	a.mu.Lock()
	defer a.mu.Unlock()
	entries := a.regional(regionID).entries
	buckets := make([]Bucket, len(entries))
	for i, e := range entries {
		buckets[i] = e.bucket
	}
	return buckets
}

// PutIndexes adds indexes to a bucket, all at once, or replaces those of the same name. It reports whether the bucket
// exists.
func (a *Account) PutIndexes(regionID, bucket string, indexes ...Index) bool {
	return a.changeIndexes(regionID, bucket, func(m map[string]Index) {
		for _, x := range indexes {
			m[x.Name] = x
		}
	})
}

// RemoveIndexes deletes indexes of a bucket, all at once. It reports whether the bucket exists.
func (a *Account) RemoveIndexes(regionID, bucket string, names ...string) bool {
	return a.changeIndexes(regionID, bucket, func(m map[string]Index) {
		for _, name := range names {
			delete(m, name)
		}
	})
}

func (a *Account) changeIndexes(regionID, bucket string, change func(map[string]Index)) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	b := a.region(regionID).buckets[bucket]
	if b == nil {
		return false
	}
	byName := map[string]Index{}
	for _, x := range b.indexes {
		byName[x.Name] = x
	}
	change(byName)
	b.indexes = slices.SortedFunc(maps.Values(byName), func(x, y Index) int { return strings.Compare(x.Name, y.Name) })
	return true
}

// Indexes returns a bucket's indexes, sorted by name.
func (a *Account) Indexes(regionID, bucket string) []Index {
	indexes, _ := a.indexes(regionID, bucket)
	return slices.Clone(indexes)
}

// indexes returns a bucket's sorted indexes, which nobody changes any more, and whether the bucket exists.
func (a *Account) indexes(regionID, bucket string) ([]Index, bool) {
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

// changed drops the listings that no longer hold. The lock is held.
func (a *Account) changed(r *region) { r.sorted, a.whole = nil, nil }

// listing returns what an endpoint lists: its region, or everything.
func (a *Account) listing(regionID string, everything bool) *listing {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !everything {
		return a.regional(regionID)
	}
	if a.whole == nil {
		var all []*stored
		for _, r := range a.regions {
			all = slices.AppendSeq(all, maps.Values(r.buckets))
		}
		a.whole = newListing(all)
	}
	return a.whole
}

// regional returns a region's listing. The lock is held.
func (a *Account) regional(id string) *listing {
	r := a.regions[id]
	if r == nil {
		return newListing(nil) // asking makes no region
	}
	if r.sorted == nil {
		r.sorted = newListing(slices.Collect(maps.Values(r.buckets)))
	}
	return r.sorted
}
