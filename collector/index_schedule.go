package collector

import (
	"cmp"
	"slices"
	"time"
)

// renewal is a bucket's index listing whose interval has passed.
type renewal struct {
	target int // its place among those of the scrape
	name   string
	at     time.Time
	rank   int // how many of the region are older
}

// dueIndexes says which buckets of each target a scrape lists the indexes of again: every one that failed, and of those
// whose interval has passed as many as keep the calls level over all targets, so that what was listed in one burst is not
// listed again in one. The oldest of each region come first, which spreads the calls over the regions.
func dueIndexes(targets []*target, interval time.Duration) [][]string {
	due := make([][]string, len(targets))
	var passed []renewal
	allowance := 0.0
	for i, t := range targets {
		now := t.now()
		failed, old := t.indexes.due(now, interval, i)
		due[i] = failed
		passed = append(passed, old...)
		allowance += t.indexes.accrue(now, interval)
	}
	slices.SortFunc(passed, func(a, b renewal) int {
		return cmp.Or(cmp.Compare(a.rank, b.rank), a.at.Compare(b.at), cmp.Compare(a.target, b.target))
	})
	const rounding = 1e-6 // ten tenths are one
	renew := min(len(passed), int(allowance+rounding))
	allowance -= float64(renew)
	if renew == len(passed) { // what is not needed is not saved up, fractions aside: they are all that a probe of one region has
		allowance = min(allowance, 1)
	}
	for _, p := range passed[:renew] {
		due[p.target] = append(due[p.target], p.name)
	}
	for _, t := range targets {
		t.indexes.refund(allowance / float64(len(targets)))
	}
	return due
}

// due returns the buckets whose last listing failed, and those whose last is older than the interval.
func (x *indexer) due(now time.Time, interval time.Duration, target int) (failed []string, passed []renewal) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for name, c := range x.cells {
		_, at, err := c.memory()
		switch {
		case err != nil:
			failed = append(failed, name)
		case !at.IsZero() && now.Sub(at) >= interval:
			passed = append(passed, renewal{target: target, name: name, at: at})
		}
	}
	slices.SortFunc(passed, func(a, b renewal) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.name, b.name)) })
	for rank := range passed {
		passed[rank].rank = rank
	}
	return failed, passed
}

// accrue takes the allowance, grown by what the time since it was taken last is worth.
func (x *indexer) accrue(now time.Time, interval time.Duration) (allowance float64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	allowance = x.allowance + float64(len(x.cells))*float64(now.Sub(x.accrued))/float64(interval)
	x.allowance, x.accrued = 0, now
	return allowance
}

// refund gives back what was not used.
func (x *indexer) refund(allowance float64) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.allowance += allowance
}
