package ossvtest

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"
)

// DemoCloud is a Server with two accounts that show what the exporter shows: a region with several pages, an empty one,
// one that denies access and one that throttles now and then.
type DemoCloud struct {
	*Server
	Accounts []DemoAccount
}

// DemoAccount is what the configuration of an account of the demo needs.
type DemoAccount struct {
	Name        string // the configuration's name for it
	ID          string // account id
	Key         Key
	Regions     []string
	PageSize    int
	BucketQuota int
	Indexes     bool // the account's buckets have indexes worth listing
}

// demoRegion is a region's share of the demo.
type demoRegion struct {
	name    string
	buckets int
	indexes int // of each bucket
}

// Demo returns the demo's cloud. Listings take some milliseconds, as if there were a network.
func Demo(o Options) *DemoCloud {
	d := &DemoCloud{Server: New(o)}
	d.add(DemoAccount{
		Name: "production", ID: "1037350000000000", PageSize: 100, BucketQuota: 300, Indexes: true,
		Key: Key{ID: "LTAIdemoproduction", Secret: "demo-secret-of-production"},
	}, []demoRegion{{"cn-hangzhou", 240, 1}, {"cn-shanghai", 37, 3}, {"ap-southeast-1", 12, 2}, {"eu-central-1", 0, 0}})
	d.add(DemoAccount{
		Name: "staging", ID: "1037350000000001", PageSize: 100, BucketQuota: 100,
		Key: Key{ID: "LTAIdemostaging", Secret: "demo-secret-of-staging"},
	}, []demoRegion{{"cn-hangzhou", 9, 0}, {"cn-beijing", 86, 0}, {"us-west-1", 4, 0}})

	d.Inject(Fault{Do: Latency(5 * time.Millisecond)})
	d.Inject(Fault{Match: Match{Account: "1037350000000001", Region: "us-west-1"}, Do: Deny()})
	d.Inject(Fault{
		Match: Match{Account: "1037350000000000", Region: "ap-southeast-1", Operation: ListVectorBuckets},
		Do:    every(3, Throttle(http.StatusServiceUnavailable, "")),
	})
	return d
}

// every does something to each n-th request that it meets and leaves the others alone.
func every(n int, do Action) Action {
	var met atomic.Int64
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if met.Add(1)%int64(n) == 0 {
			do(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	}
}

// add puts an account and its inventory into the cloud.
func (d *DemoCloud) add(account DemoAccount, regions []demoRegion) {
	a := d.AddAccount(account.ID, account.Key)
	for _, r := range regions {
		account.Regions = append(account.Regions, r.name)
		a.Fill(r.name, r.buckets)
		a.FillIndexes(r.name, r.indexes)
	}
	d.Accounts = append(d.Accounts, account)
}

const timeLayout = "2006-01-02T15:04:05.000Z"

// Fill adds n generated buckets to a region, all at once, and returns them in the order of generation. The same seed,
// account and region give the same buckets; a second call goes on where the first ended.
func (a *Account) Fill(regionID string, n int) []Bucket {
	a.mu.Lock()
	r := a.region(regionID)
	first := r.generated
	r.generated += n
	a.mu.Unlock()
	buckets := make([]Bucket, n)
	for i := range buckets {
		buckets[i] = generateBucket(a.random(regionID, first+i), first+i)
	}
	a.Put(regionID, buckets...)
	return buckets
}

// FillIndexes adds n generated indexes to each bucket of a region.
func (a *Account) FillIndexes(regionID string, n int) {
	for i, b := range a.Buckets(regionID) {
		r := a.random(regionID+"/"+b.Name, i)
		indexes := make([]Index, n)
		for j := range indexes {
			indexes[j] = generateIndex(r, b, j)
		}
		a.PutIndexes(regionID, b.Name, indexes...)
	}
}

// random is the source for one generated thing.
func (a *Account) random(where string, number int) *rand.Rand {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s/%s/%d", a.id, where, number)      // a hash's writes do not fail
	return rand.New(rand.NewPCG(a.server.opts.Seed, h.Sum64())) //nolint:gosec // not for secrets
}

// generateBucket makes a bucket whose name is unique by its number, 32 characters at most.
func generateBucket(r *rand.Rand, number int) Bucket {
	b := Bucket{
		Name: fmt.Sprintf("%s-%s-%05d", choose(r, "chat", "docs", "images", "catalog", "support", "search", "legal", "video"),
			choose(r, "embeddings", "rag", "vectors", "memory", "faq"), number),
		CreationDate: generateTime(r, "2025-04-17T03:15:40.000Z"),
	}
	if r.IntN(4) > 0 { // one in four is in no resource group
		b.ResourceGroupID = choose(r, "rg-aek2demo00000001", "rg-aek2demo00000002", "rg-aek2demo00000003")
	}
	return b
}

func generateIndex(r *rand.Rand, b Bucket, number int) Index {
	return Index{
		Name:           fmt.Sprintf("%s%03d", choose(r, "title", "body", "image", "summary"), number),
		CreateTime:     generateTime(r, b.CreationDate),
		DataType:       "float32",
		Dimension:      128 << r.IntN(5),
		DistanceMetric: choose(r, "euclidean", "cosine", "ip"),
		Mode:           choose(r, "standard", "standard", "fusion"),
		Status:         choose(r, "enable", "enable", "enable", "enable", "creating", "deleting"),
	}
}

// generateTime is a time within some months after another one.
func generateTime(r *rand.Rand, after string) string {
	start, _ := time.Parse(timeLayout, after) // one without a date is very old
	return start.Add(time.Duration(1+r.IntN(200*24*3600)) * time.Second).Format(timeLayout)
}

func choose(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }
