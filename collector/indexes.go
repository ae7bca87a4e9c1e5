package collector

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"ossvector_exporter/ossvapi"
)

// errNoTurn is why a bucket's indexes were not listed although nothing went wrong: all slots were taken until the
// deadline. Nothing was asked, so nothing is counted.
var errNoTurn = errors.New("the turn did not come before the deadline")

// cell is the memory of one bucket's indexes.
type cell = shared[*indexListing]

// indexer remembers the index listings of a region's buckets.
type indexer struct {
	mu        sync.Mutex
	cells     map[string]*cell // by bucket name
	accrued   time.Time        // up to when the allowance was given
	allowance float64          // listings that may be renewed now
}

// cell returns a bucket's memory, making it when the bucket is new.
func (x *indexer) cell(bucket string) *cell {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.cells[bucket] == nil {
		x.cells[bucket] = &cell{}
	}
	return x.cells[bucket]
}

// retain forgets the buckets that are gone.
func (x *indexer) retain(names map[string]bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for name := range x.cells {
		if !names[name] {
			delete(x.cells, name)
		}
	}
}

// round is one scrape's asking for the indexes of a region's buckets.
type round struct {
	target  *target
	waiting sync.WaitGroup
	mu      sync.Mutex
	answers map[string]answer[*indexListing] // what was waited for, by bucket name
	asked   map[string]bool
}

// newRounds asks at once for what is due of the buckets known from before, beside the listings of the buckets: a scrape
// that renews some indexes takes no longer than one that renews none. Where every scrape renews all there is nothing to
// gain by it, and a bucket that was just deleted would be asked for in vain.
func (p *accountPass) newRounds(ctx context.Context, targets []*target) {
	p.rounds = map[string]*round{}
	due := make([][]string, len(targets))
	if p.account.IndexInterval > 0 {
		due = dueIndexes(targets, p.account.IndexInterval)
	}
	for i, due := range due {
		t := targets[i]
		r := &round{target: t, answers: map[string]answer[*indexListing]{}, asked: map[string]bool{}}
		p.rounds[t.region] = r
		for _, name := range due {
			if last, _, _ := t.indexes.known(name); last != nil {
				r.ask(ctx, &last.bucket)
			}
		}
	}
}

// askListed asks for the buckets of a listing that are new or failed before, whichever of the regions is theirs: none
// waits for a slower listing.
func (p *accountPass) askListed(ctx context.Context, l *listing) {
	for _, page := range l.pages {
		for n := range page.source.Buckets {
			b := &page.source.Buckets[n]
			if r := p.rounds[b.Region]; r != nil {
				r.askNew(ctx, b)
			}
		}
	}
}

// askNew asks unless the memory has a good listing, whose age newRounds has looked at.
func (r *round) askNew(ctx context.Context, b *ossvapi.Bucket) {
	last, _, err := r.target.indexes.known(b.Name)
	if last == nil || err != nil || r.target.account.IndexInterval <= 0 {
		if r.target.addressable(b) {
			r.ask(ctx, b)
		}
	}
}

// addressable is ossvapi.Addressable, less the work where the very bucket has been asked before.
func (t *target) addressable(b *ossvapi.Bucket) bool {
	last, _, _ := t.indexes.known(b.Name)
	return last != nil && last.bucket.AccountID == b.AccountID || ossvapi.Addressable(*b)
}

// ask waits for a bucket's listing in a goroutine of its own, once.
func (r *round) ask(ctx context.Context, b *ossvapi.Bucket) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.asked[b.Name] {
		return
	}
	r.asked[b.Name] = true
	r.waiting.Go(func() {
		a := r.target.listIndexes(ctx, b)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.answers[b.Name] = a
	})
}

// listIndexes answers with a bucket's indexes out of one listing that overlapping scrapes share.
func (t *target) listIndexes(ctx context.Context, b *ossvapi.Bucket) answer[*indexListing] {
	a := t.indexes.cell(b.Name).get(ctx, t.account.IndexInterval, work[*indexListing]{
		run: func(ctx context.Context, begin func() error) (*indexListing, error) {
			return t.walkIndexes(ctx, b, begin)
		},
		settled: func(int, *indexListing, error) {}, // logged by region, see indexViews
		now:     t.now,
	})
	if a.early {
		a.err = errNoTurn
		if a.begun {
			a.err = t.timeout(ossvapi.ListVectorIndexes, "the deadline passed while the listing goes on for another scrape")
		}
	}
	return a
}

// walkIndexes lists a bucket's indexes once, when a slot is free.
func (t *target) walkIndexes(ctx context.Context, b *ossvapi.Bucket, begin func() error) (l *indexListing, err error) {
	defer t.rescue(ossvapi.ListVectorIndexes, &err)
	give, cause := t.indexSlot(ctx)
	if cause == nil {
		defer give()
		cause = begin()
	}
	if cause != nil {
		if errors.Is(cause, context.DeadlineExceeded) {
			return nil, errNoTurn
		}
		return nil, errAbandoned
	}
	indexes, err := t.account.API.Indexes(ctx, *b)
	if err != nil {
		return nil, err
	}
	return newIndexListing(t.account.Name, b, indexes, t.now()), nil
}

// indexSlot waits until the region may have another index listing in flight and the account has a slot for it. What it
// returns gives both back.
func (t *target) indexSlot(ctx context.Context) (give func(), err error) {
	share, err := takeSlot(ctx, t.share, nil)
	if err != nil {
		return nil, err
	}
	slot, err := takeSlot(ctx, t.slots, t.account.indexSlots)
	if err != nil {
		share.give()
		return nil, err
	}
	return func() { slot.give(); share.give() }, nil
}

// known is the memory of a bucket's indexes, without making one.
func (x *indexer) known(bucket string) (last *indexListing, at time.Time, err error) {
	x.mu.Lock()
	c := x.cells[bucket]
	x.mu.Unlock()
	if c == nil {
		return nil, time.Time{}, nil
	}
	return c.memory()
}

// failure is the newest failure of those that are remembered, if there is one; of several at once, the first by name.
func (x *indexer) failure() (at time.Time, err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	newest := ""
	for name, c := range x.cells {
		ended, failed := c.failure()
		if failed == nil || err != nil && cmp.Or(ended.Compare(at), cmp.Compare(newest, name)) < 0 {
			continue
		}
		newest, at, err = name, ended, failed
	}
	return at, err
}
