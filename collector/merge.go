package collector

import (
	"iter"
	"slices"
	"sync"

	"ossvector_exporter/ossvapi"
)

// inventory is what an account's complete listings hold together, by the buckets' own regions. A bucket that is listed
// twice is in it once, first come in the configuration's order.
type inventory struct {
	regions map[string]*regionInventory
	order   []string // configured regions first, then the others as they come
	seen    map[bucketKey]bool
}

// bucketKey is what makes a bucket of an account unique.
type bucketKey struct{ region, name string }

// regionInventory is one region's part.
type regionInventory struct {
	count      int
	shown      int              // buckets of them that get series
	over       bool             // that are more than may have them: none does
	duplicates int              // entries of this region's listing that are left out as listed already
	single     []ossvapi.Bucket // the buckets one by one, where some may have to be left out
	pages      []*page          // of the listing, or the one that these are
}

// result is how a target's listing ended in a scrape.
type result struct {
	target  *target
	answer  answer[*listing]
	current bool // the listing is complete and answers this scrape
}

// mergeMemory remembers what listings that hold each other's buckets came to. While their pages stay the same, so does
// the inventory with its series, and scrapes under way share it.
type mergeMemory struct {
	mu   sync.Mutex
	last map[string]merged // by the one region to keep
}

type merged struct {
	results   []result
	inventory *inventory
}

// merge is merge, less the work where it would come to the same again.
func (m *mergeMemory) merge(results []result, only string) *inventory {
	m.mu.Lock()
	last := m.last[only]
	m.mu.Unlock()
	if slices.EqualFunc(last.results, results, result.holdsThatOf) {
		return last.inventory
	}
	inv := merge(results, only)
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.last, only)
	if inv.seen != nil { // else it is as quickly made as compared
		inv.seen = nil
		if m.last == nil {
			m.last = map[string]merged{}
		}
		m.last[only] = merged{results, inv}
	}
	return inv
}

// holdsThatOf reports whether both results are the same region's with the same buckets.
func (r result) holdsThatOf(o result) bool {
	return r.target == o.target && r.current == o.current &&
		(!r.current || slices.Equal(r.answer.value.pages, o.answer.value.pages))
}

// merge puts the listings of one account together. No bucket of a region whose own listing failed is in it, whichever
// listing holds it. Only is the one region to keep, or empty for all.
func merge(results []result, only string) *inventory {
	inv := &inventory{regions: map[string]*regionInventory{}}
	failed := map[string]bool{}
	sortedAndLocal := true
	for _, r := range results {
		if !r.current {
			failed[r.target.region] = true
			continue
		}
		inv.region(r.target.region)
		sortedAndLocal = sortedAndLocal && r.answer.value.sortedAndLocal
	}
	for _, r := range results {
		switch {
		case !r.current:
		case sortedAndLocal: // no bucket can be listed twice
			inv.region(r.target.region).pages = r.answer.value.pages
		default:
			inv.addSingle(r, failed, only)
		}
	}
	a := results[0].target.account
	for region, part := range inv.regions {
		if len(part.single) > 0 {
			part.pages = []*page{newPage(&ossvapi.Page{Buckets: part.single}, region, a.series)}
		}
		for _, p := range part.pages {
			part.count += len(p.source.Buckets)
			part.shown += p.shown
		}
		part.over = a.MaxBucketSeries > 0 && part.shown > a.MaxBucketSeries
	}
	return inv
}

// region gives a region's part, making it at its first mention.
func (inv *inventory) region(name string) *regionInventory {
	part := inv.regions[name]
	if part == nil {
		part = &regionInventory{}
		inv.regions[name] = part
		inv.order = append(inv.order, name)
	}
	return part
}

// addSingle goes through a listing bucket by bucket and adds each to its region.
func (inv *inventory) addSingle(r result, failed map[string]bool, only string) {
	if inv.seen == nil {
		inv.seen = map[bucketKey]bool{}
	}
	for _, p := range r.answer.value.pages {
		for _, b := range p.source.Buckets {
			key := bucketKey{b.Region, b.Name}
			switch {
			case failed[b.Region], only != "" && b.Region != only:
			case inv.seen[key]:
				inv.region(r.target.region).duplicates++
			default:
				inv.seen[key] = true
				part := inv.region(b.Region)
				part.single = append(part.single, b)
			}
		}
	}
}

// filtered are the buckets that get no series of their own.
func (p *regionInventory) filtered() int {
	if p.over {
		return p.count
	}
	return p.count - p.shown
}

// buckets walks a region's buckets, each with whether it gets series of its own.
func (p *regionInventory) buckets() iter.Seq2[*ossvapi.Bucket, bool] {
	return func(yield func(*ossvapi.Bucket, bool) bool) {
		for _, page := range p.pages {
			for n := range page.source.Buckets {
				if !yield(&page.source.Buckets[n], !p.over && page.shows(n)) {
					return
				}
			}
		}
	}
}
