package ossvtest

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"time"
)

const timeLayout = "2006-01-02T15:04:05.000Z"

// Fill adds n generated buckets to a region, all at once, and returns them in the order of generation. The same seed,
// account and region give the same buckets; a second call goes on where the first ended.
func (a *Account) Fill(regionID string, n int) []Bucket {
	first := a.reserve(regionID, n)
	buckets := make([]Bucket, n)
	for i := range buckets {
		buckets[i] = generateBucket(a.random(regionID, first+i), first+i)
	}
	a.Put(regionID, buckets...)
	return buckets
}

// FillIndexes gives each bucket of a region n generated indexes, beside those that it has.
func (a *Account) FillIndexes(regionID string, n int) {
	for i, b := range a.Buckets(regionID) {
		r := a.random(regionID+"/"+b.Name, i)
		indexes := make([]Index, n)
		for j := range indexes {
			indexes[j] = generateIndex(r, j)
		}
		a.PutIndexes(regionID, b.Name, indexes...)
	}
}

// reserve numbers n buckets that are to be generated, and returns the first number.
func (a *Account) reserve(regionID string, n int) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	r := a.region(regionID)
	r.generated += n
	return r.generated - n
}

// random is the source for one generated thing.
func (a *Account) random(place string, number int) *rand.Rand {
	h := fnv.New64a()
	_, _ = fmt.Fprintf(h, "%s/%s/%d", a.id, place, number)      // a hash's writes do not fail
	return rand.New(rand.NewPCG(a.server.opts.Seed, h.Sum64())) //nolint:gosec // not for secrets
}

// generateBucket makes a bucket whose name is unique by its number, 32 characters at most.
func generateBucket(r *rand.Rand, number int) Bucket {
	b := Bucket{
		Name: fmt.Sprintf("%s-%s-%05d", pick(r, "chat", "docs", "images", "catalog", "support", "search", "legal", "video"),
			pick(r, "embeddings", "rag", "vectors", "memory", "faq"), number),
		CreationDate: generateTime(r),
	}
	if r.IntN(4) > 0 { // one in four is in no resource group
		b.ResourceGroupID = pick(r, "rg-aek2demo00000001", "rg-aek2demo00000002", "rg-aek2demo00000003")
	}
	return b
}

func generateIndex(r *rand.Rand, number int) Index {
	return Index{
		Name:           fmt.Sprintf("%s%03d", pick(r, "title", "body", "image", "summary"), number),
		CreateTime:     generateTime(r),
		DataType:       "float32",
		Dimension:      128 << r.IntN(5),
		DistanceMetric: pick(r, "euclidean", "cosine", "ip"),
		Mode:           pick(r, "standard", "standard", "fusion"),
		Status:         pick(r, "enable", "enable", "enable", "enable", "creating", "deleting"),
	}
}

// generateTime is a time within the service's first months.
func generateTime(r *rand.Rand) string {
	start := time.Date(2025, time.April, 17, 3, 15, 40, 0, time.UTC)
	return start.Add(time.Duration(r.IntN(200*24*3600)) * time.Second).Format(timeLayout)
}

func pick(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }
