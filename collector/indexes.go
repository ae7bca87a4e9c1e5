package collector

import (
	"cmp"
	"context"
	"errors"
	"hash/fnv"
	"sync"
	"sync/atomic"
	"time"

	"ossvector_exporter/ossvapi"
)

// errNoTurn is why a bucket's indexes were not listed although nothing went wrong: all slots were taken until the
// deadline. Nothing was asked, so nothing is counted.
var errNoTurn = errors.New("the turn did not come before the deadline")

// bucketID is what a bucket of a region is remembered by. One that was deleted and created again is another bucket.
type bucketID struct{ name, account, created string }

func idOf(b *ossvapi.Bucket) bucketID { return bucketID{b.Name, b.AccountID, b.CreationDate} }

// bucketMemory is what is known of one bucket's indexes.
type bucketMemory struct {
	shared[*indexListing]
	bucket ossvapi.Bucket
	failed atomic.Bool // the last call that had a slot failed
}

// indexMemory is what is known of the indexes of a region's buckets. Only buckets that can be asked for are in it.
type indexMemory struct {
	mu      sync.Mutex
	buckets map[bucketID]*bucketMemory
}

// of is the memory of a bucket, or nil.
func (x *indexMemory) of(b *ossvapi.Bucket) *bucketMemory {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.buckets[idOf(b)]
}

// add is the memory of a bucket, which is made if need be.
func (x *indexMemory) add(b *ossvapi.Bucket) *bucketMemory {
	x.mu.Lock()
	defer x.mu.Unlock()
	m := x.buckets[idOf(b)]
	if m == nil {
		m = &bucketMemory{bucket: *b}
		x.buckets[idOf(b)] = m
	}
	return m
}

// retain forgets the buckets that are gone.
func (x *indexMemory) retain(present map[bucketID]bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for id := range x.buckets {
		if !present[id] {
			delete(x.buckets, id)
		}
	}
}

// failure is the newest failure of those that are remembered, or nil; of several at once, the first by name. Failures
// like the one of before come first: what fails in two ways at the same time is no news at each scrape. Last comes what had
// no turn: the others took it.
func (x *indexMemory) failure(region string, before *Failure) *Failure {
	x.mu.Lock()
	defer x.mu.Unlock()
	var newest *Failure
	var name string
	rank := 0
	for id, m := range x.buckets {
		_, _, end := m.memory()
		if end.err == nil {
			continue
		}
		f := &Failure{Error: asIndexFailure(end.err, region), At: end.at, Took: end.took}
		its := 1
		if errors.Is(end.err, errNoTurn) {
			its = 0
		} else if before != nil && signature(f.Error) == signature(before.Error) {
			its = 2
		}
		if newest == nil || cmp.Or(cmp.Compare(its, rank), f.At.Compare(newest.At), cmp.Compare(name, id.name)) > 0 {
			newest, name, rank = f, id.name, its
		}
	}
	return newest
}

// maxAge is when a bucket's indexes are listed again: after the interval less up to a fifth, by a hash of its name, which
// spreads the calls.
func maxAge(interval time.Duration, bucket string) time.Duration {
	h := fnv.New64a()
	_, _ = h.Write([]byte(bucket))
	const steps = 1009 // a prime: the remainder depends on every bit
	return interval - interval/5*time.Duration(h.Sum64()%steps)/steps
}

// addressable is ossvapi.Addressable, without the work where the very bucket has been asked for before.
func (t *target) addressable(b *ossvapi.Bucket) bool {
	return t.indexes.of(b) != nil || ossvapi.Addressable(*b)
}

// joinIndexes joins the listing of a bucket's indexes that overlapping scrapes share.
func (t *target) joinIndexes(ctx context.Context, m *bucketMemory) (wait func() answer[*indexListing]) {
	got := m.join(ctx, maxAge(t.account.IndexInterval, m.bucket.Name), work[*indexListing]{
		owner:   t.account,
		enqueue: func() *ticket { return t.indexSlots.enqueue(m.failed.Load()) },
		run:     func(ctx context.Context) (*indexListing, error) { return t.walkIndexes(ctx, &m.bucket) },
		late:    func() (*indexListing, error) { return nil, errNoTurn },
		settled: func(_ int, _ *indexListing, err error) { // logged by region, see noteIndexes
			if !errors.Is(err, errNoTurn) {
				m.failed.Store(err != nil)
			}
		},
	})
	return func() answer[*indexListing] {
		a := got()
		switch {
		case a.early && a.began.IsZero():
			a.err = errNoTurn
		case a.early:
			a.err = t.timeout(ossvapi.ListVectorIndexes, goesOn)
		}
		return a
	}
}

// walkIndexes lists a bucket's indexes once.
func (t *target) walkIndexes(ctx context.Context, b *ossvapi.Bucket) (l *indexListing, err error) {
	defer t.rescue(ossvapi.ListVectorIndexes, &err)
	indexes, err := t.account.API.Indexes(ctx, *b)
	if err != nil {
		return nil, err
	}
	return newIndexListing(t.account.series, b, indexes, time.Now()), nil
}

// noteIndexes notes what is remembered of the region's indexes by now. It may be newer than what the scrape shows that
// asks for it, or older, while a listing that the scrape gave up goes on for others. Nameless is the failure of buckets
// that cannot be asked, if there are any.
func (t *target) noteIndexes(nameless *ossvapi.Error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	failure := t.indexes.failure(t.region, t.failing[ossvapi.ListVectorIndexes])
	if failure == nil && nameless != nil {
		failure = &Failure{Error: nameless, At: time.Now()}
	}
	t.note(ossvapi.ListVectorIndexes, failure)
}
