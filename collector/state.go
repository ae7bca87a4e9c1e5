package collector

import (
	"iter"
	"time"

	"ossvector_exporter/ossvapi"
)

// RegionState is what is remembered of a configured region, for people to look at. It costs no call of the API.
type RegionState struct {
	Account, Region string
	Listed          bool // completely listed at least once since the configuration was loaded
	Failing         bool // the last listing of the buckets failed
	Buckets         int  // of the last complete listing, each counted once
	Filtered        int  // of these, buckets without series of their own
	Quota           int  // 0: not configured
	Labels          map[string]string
	LastSuccess     time.Time
	Took            time.Duration    // of the last listing, complete or not
	Pages           int              // of the same
	Failures        []Failure        // present ones, at most one per operation
	Inventory       iter.Seq[Listed] // the buckets of the last complete listing
	IndexesOn       bool
	Indexes         int
	IndexFailed     int // buckets whose indexes could not be listed when last tried; those not tried yet are none
}

// Listed is a bucket of the inventory. Without an index listing IndexesListed is zero.
type Listed struct {
	Bucket        ossvapi.Bucket
	Indexes       []ossvapi.Index
	IndexesListed time.Time
}

// Accounts are the configured accounts with their regions, in the configuration's order.
func (c *Collector) Accounts() []Account {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.gen.settings.Accounts
}

// State returns what is remembered of every region that sel covers, in the configuration's order. Regions whose last
// listing was complete are put together as a scrape puts them together. One whose last listing failed is shown by itself,
// as it was: by the buckets of its own in its last complete listing. Nothing else of that listing is shown, which newer
// ones may contradict, and nothing that others say of the region.
func (c *Collector) State(sel Selection) []RegionState {
	c.mu.Lock()
	gen := c.gen
	c.mu.Unlock()
	var all []RegionState
	for _, targets := range gen.targets(sel) {
		results := make([]result, len(targets))
		for i, t := range targets {
			last, at, end := t.listing.memory()
			results[i] = result{target: t, answer: answer[*listing]{value: last, at: at}, current: last != nil && end.err == nil}
		}
		inv := merge(results, sel.Region)
		for _, r := range results {
			all = append(all, r.state(inv))
		}
	}
	return all
}

// state describes a target by the last complete listing that r holds, if any: as part of inv if it is current.
func (r result) state(inv *inventory) RegionState {
	t := r.target
	s := RegionState{
		Account: t.account.Name, Region: t.region, Quota: t.account.BucketQuota, IndexesOn: t.account.Indexes, Labels: t.account.Labels,
		Failures: t.failures(), Inventory: func(func(Listed) bool) {},
	}
	for _, f := range s.Failures {
		if f.Error.Operation == ossvapi.ListVectorBuckets {
			s.Failing, s.Took, s.Pages = true, f.Took, f.Pages
		}
	}
	if r.answer.value == nil {
		return s
	}
	if !r.current {
		r.current = true
		inv = merge([]result{r}, t.region)
	}
	part := inv.regions[t.region]
	s.Listed, s.LastSuccess, s.Buckets = true, r.answer.at, part.count
	s.Filtered = part.filtered()
	if !s.Failing {
		s.Took, s.Pages = r.answer.value.took, r.answer.value.walked
	}
	s.Inventory = func(yield func(Listed) bool) {
		for b := range part.buckets() {
			if !yield(t.listed(b)) {
				return
			}
		}
	}
	if s.IndexesOn {
		for b, shown := range part.buckets() {
			if !shown {
				continue
			}
			s.Indexes += len(t.listed(b).Indexes)
			if t.indexFailed(b) {
				s.IndexFailed++
			}
		}
	}
	return s
}

// listed adds what is known of the bucket's indexes.
func (t *target) listed(b *ossvapi.Bucket) Listed {
	l := Listed{Bucket: *b}
	if !t.account.Indexes {
		return l
	}
	if m := t.indexes.of(b); m != nil {
		if last, at, end := m.memory(); last != nil && end.err == nil {
			l.Indexes, l.IndexesListed = last.indexes, at
		}
	}
	return l
}

// indexFailed tells a bucket whose indexes cannot be asked for, or could not be listed, from one that is not listed yet.
func (t *target) indexFailed(b *ossvapi.Bucket) bool {
	m := t.indexes.of(b)
	if m == nil {
		return !ossvapi.Addressable(*b)
	}
	_, _, end := m.memory()
	return end.err != nil
}
