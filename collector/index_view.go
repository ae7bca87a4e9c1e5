package collector

import (
	"errors"
	"time"

	"ossvector_exporter/ossvapi"
)

// indexView is what a scrape shows of the indexes of a region's buckets.
type indexView struct {
	listings []*indexListing // in the order of the buckets
	failed   int
	failure  *ossvapi.Error // of the newest failed listing; set if failed is above 0
	at       time.Time      // when it failed
	hungUp   bool           // nobody reads it
}

// indexViews waits for everything that was asked and looks at what came, region by region. Regions whose own listing
// failed have none.
func (p *accountPass) indexViews() map[string]*indexView {
	views := map[string]*indexView{}
	for _, r := range p.results {
		round := p.rounds[r.target.region]
		round.waiting.Wait()
		if r.current {
			views[r.target.region] = round.view(p.inventory.regions[r.target.region])
		}
	}
	for _, region := range p.inventory.order {
		if part := p.inventory.regions[region]; p.account.regions[region] == nil {
			views[region] = &indexView{
				failed: part.count, failure: unaskable(region, "the bucket's region is none of the account's regions"),
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
func (r *round) view(part *regionInventory) *indexView {
	v := &indexView{}
	present := map[string]bool{}
	unaddressable := 0
	for b := range part.buckets() {
		if !r.target.addressable(b) {
			unaddressable++
			continue
		}
		present[b.Name] = true
		r.look(b.Name, v)
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
func (r *round) look(bucket string, v *indexView) {
	a, asked := r.answers[bucket]
	if !asked {
		a.value, a.at, a.err = r.target.indexes.cell(bucket).memory()
	}
	if a.err == nil && a.value != nil {
		v.listings = append(v.listings, a.value)
		return
	}
	v.failed++
	v.hungUp = v.hungUp || errors.Is(a.err, errAbandoned)
	failure := asIndexFailure(a.err, r.target.region)
	if v.failure == nil || a.at.After(v.at) && !errors.Is(a.err, errNoTurn) {
		v.failure, v.at = failure, a.at
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

// noteIndexes notes what is remembered of the region's indexes by now. It may be newer than what the scrape shows that
// asks for it, or older, while a listing that the scrape gave up goes on for others. Nameless is the failure of buckets
// that cannot be asked, if there are any.
func (t *target) noteIndexes(nameless *ossvapi.Error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	var failure *Failure
	if at, err := t.indexes.failure(); err != nil {
		failure = &Failure{Error: asIndexFailure(err, t.region), At: at}
	} else if nameless != nil {
		failure = &Failure{Error: nameless, At: t.now()}
	}
	t.note(ossvapi.ListVectorIndexes, failure)
}
