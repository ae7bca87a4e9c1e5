package collector

import (
	"context"
	"errors"
	"sync"
	"time"

	"ossvector_exporter/ossvapi"
)

// indexRequests is what one scrape asks of the indexes of a region's buckets.
type indexRequests struct {
	target  *target
	waiting sync.WaitGroup
	mu      sync.Mutex
	open    bool // the region's own listing is complete, and not beyond the limit: what is asked will be shown
	pending []*ossvapi.Bucket
	answers map[bucketID]answer[*indexListing] // of all that was asked, empty until they are there
}

// newIndexRequests are a scrape's requests for every region. Nothing is asked before the region's own listing is complete: of
// a region that fails, no indexes are shown.
func (p *accountPass) newIndexRequests(targets []*target) {
	p.requests = map[string]*indexRequests{}
	for _, t := range targets {
		p.requests[t.region] = &indexRequests{target: t, answers: map[bucketID]answer[*indexListing]{}}
	}
}

// askListed asks for what is due of the buckets of a complete listing, whichever of the scrape's regions is theirs. The
// indexes of a region are asked for once its own listing is complete, and wait for no other region's.
func (p *accountPass) askListed(ctx context.Context, r result) {
	own := p.requests[r.target.region]
	open := p.account.MaxBucketSeries == 0 || !merge([]result{r}, r.target.region).regions[r.target.region].over
	own.mu.Lock()
	own.open = open
	own.mu.Unlock()
	for _, page := range r.answer.value.pages {
		for n := range page.source.Buckets {
			b := &page.source.Buckets[n]
			if r := p.requests[b.Region]; r != nil && page.shows(n) {
				r.mu.Lock()
				r.pending = append(r.pending, b)
				r.mu.Unlock()
			}
		}
	}
	for _, r := range p.requests {
		r.flush(ctx)
	}
}

// flush asks for the pending buckets, if the region is open: those that failed last time after the others, lest they
// hold the slots that the others need.
func (r *indexRequests) flush(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.open {
		return
	}
	var failed []*bucketMemory
	for _, b := range r.pending {
		if !r.target.addressable(b) {
			continue
		}
		m := r.target.indexes.add(b)
		switch {
		case m.failed.Load():
			failed = append(failed, m)
		case m.due(maxAge(r.target.account.IndexInterval, b.Name)):
			r.ask(ctx, m)
		}
	}
	for _, m := range failed {
		r.ask(ctx, m)
	}
	r.pending = nil
}

// ask enqueues a bucket and waits for its listing in a goroutine of its own, once. It needs the lock.
func (r *indexRequests) ask(ctx context.Context, m *bucketMemory) {
	id := idOf(&m.bucket)
	if _, asked := r.answers[id]; asked {
		return
	}
	r.answers[id] = answer[*indexListing]{}
	wait := r.target.joinIndexes(ctx, m)
	r.waiting.Go(func() {
		a := wait()
		r.mu.Lock()
		defer r.mu.Unlock()
		r.answers[id] = a
	})
}

// indexView is what a scrape shows of the indexes of a region's buckets.
type indexView struct {
	listings []*indexListing // in the order of the buckets
	failed   int
	failure  *ossvapi.Error // of the newest failed listing; set if failed is above 0
	at       time.Time      // when it failed
	noTurn   bool           // it was never asked for, which any other failure explains
	hungUp   bool           // the reader is gone
}

// indexViews waits for everything that was asked and looks at what came, region by region. Regions whose own listing
// failed have none.
func (p *accountPass) indexViews() map[string]*indexView {
	views := map[string]*indexView{}
	for _, r := range p.results {
		requests := p.requests[r.target.region]
		requests.waiting.Wait()
		if r.current {
			views[r.target.region] = requests.view(p.inventory.regions[r.target.region])
		}
	}
	for _, region := range p.inventory.order {
		if part := p.inventory.regions[region]; p.account.regions[region] == nil {
			views[region] = &indexView{
				failed: part.count - part.filtered(), failure: unaskable(region, "the bucket's region is none of the account's regions"),
			}
		}
	}
	return views
}

// unaskable is the failure of buckets whose indexes cannot be asked for.
func unaskable(region, why string) *ossvapi.Error {
	return &ossvapi.Error{Operation: ossvapi.ListVectorIndexes, Region: region, Reason: ossvapi.InvalidRequest, Message: why}
}

// view looks at every bucket of the region, forgets those that are gone, and notes how the region is.
func (r *indexRequests) view(part *regionInventory) *indexView {
	v := &indexView{}
	present := map[bucketID]bool{}
	unaddressable := 0
	for b, shown := range part.buckets() {
		if !shown {
			continue
		}
		if !r.target.addressable(b) {
			unaddressable++
			continue
		}
		present[idOf(b)] = true
		r.look(b, v)
	}
	var nameless *ossvapi.Error
	if unaddressable > 0 {
		nameless = unaskable(r.target.region, "the bucket's name holds no account id or no usable name")
	}
	if v.failed == 0 {
		v.failure = nameless
	}
	v.failed += unaddressable
	r.target.indexes.retain(present)
	if !v.hungUp {
		r.target.noteIndexes(nameless)
	}
	return v
}

// look adds one bucket: what was just answered, else the memory.
func (r *indexRequests) look(b *ossvapi.Bucket, v *indexView) {
	a, asked := r.answers[idOf(b)]
	if m := r.target.indexes.of(b); !asked && m != nil {
		var end ending
		a.value, a.at, end = m.memory()
		a.err = end.err
	}
	if a.err == nil && a.value != nil {
		v.listings = append(v.listings, a.value.with(r.target.account.series))
		return
	}
	v.failed++
	v.hungUp = v.hungUp || errors.Is(a.err, errAbandoned)
	failure := asIndexFailure(a.err, r.target.region)
	noTurn := a.err == nil || errors.Is(a.err, errNoTurn)
	if v.failure == nil || !noTurn && (v.noTurn || a.at.After(v.at)) {
		v.failure, v.at, v.noTurn = failure, a.at, noTurn
	}
}

// asIndexFailure gives the failure to show for a bucket's indexes.
func asIndexFailure(err error, region string) *ossvapi.Error {
	if err == nil || errors.Is(err, errNoTurn) || errors.Is(err, errAbandoned) {
		return &ossvapi.Error{
			Operation: ossvapi.ListVectorIndexes, Region: region, Reason: ossvapi.Timeout,
			Message: errNoTurn.Error() + ": raise the scrape timeout or index_interval",
		}
	}
	return asFailure(err, ossvapi.ListVectorIndexes, region)
}
