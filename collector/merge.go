package collector

import (
	"iter"
	"slices"
	"sync"

	"ossvector_exporter/internal/exposition"
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
	shown      int     // buckets of them that get series
	over       bool    // that are more than may have them: none does
	duplicates int     // entries of this region's listing that are left out as listed already
	pages      []*page // where nothing can be left out
	entries    []entry // else the buckets one by one

	made sync.Once
	own  []*exposition.Block // of the entries
}

// entry is one bucket of a page.
type entry struct {
	page *page
	n    int
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
		case sortedAndLocal:
			inv.addPages(r)
		default:
			inv.addEntries(r, failed, only)
		}
	}
	for _, part := range inv.regions {
		if limit := results[0].target.account.MaxBucketSeries; limit > 0 {
			part.over = part.shown > limit
		}
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

// addPages takes over the pages of a listing: where every listing is sorted and local, no bucket can be listed twice.
func (inv *inventory) addPages(r result) {
	part := inv.region(r.target.region)
	part.pages = r.answer.value.pages
	for _, p := range part.pages {
		part.count += len(p.source.Buckets)
		part.shown += p.shown
	}
}

// addEntries goes through a listing bucket by bucket.
func (inv *inventory) addEntries(r result, failed map[string]bool, only string) {
	if inv.seen == nil {
		inv.seen = map[bucketKey]bool{}
	}
	for _, p := range r.answer.value.pages {
		for n := range p.source.Buckets {
			b := &p.source.Buckets[n]
			key := bucketKey{b.Region, b.Name}
			switch {
			case failed[b.Region], only != "" && b.Region != only:
			case inv.seen[key]:
				inv.region(r.target.region).duplicates++
			default:
				inv.seen[key] = true
				part := inv.region(b.Region)
				part.count++
				if p.shows(n) {
					part.shown++
				}
				part.entries = append(part.entries, entry{p, n})
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
		for _, one := range p.entries {
			if !yield(&one.page.source.Buckets[one.n], !p.over && one.page.shows(one.n)) {
				return
			}
		}
	}
}
