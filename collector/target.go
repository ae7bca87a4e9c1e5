package collector

import (
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"ossvector_exporter/ossvapi"
)

// indexSlots is how many index listings of one account run at the same time, in addition to its bucket listings.
const indexSlots = 16

// indexShare is the most of them that one region may hold where there are more regions than slots, and none has its own.
const indexShare = indexSlots / 4

// MaxIndexListings is how many index listings one region of an account of so many regions has in flight at the most: its
// own slots, and all that are left when each region has its own.
func MaxIndexListings(regions int) int {
	if regions > indexSlots {
		return indexShare
	}
	return indexSlots - indexSlots/regions*(regions-1)
}

// account is one configured account at work.
type account struct {
	Account
	*accountMemory
	targets     []*target // one per region, in the configuration's order
	regions     map[string]*target
	bucketSlots *regionSlots // of a pool of their own, for all regions together
	series      *seriesOptions
	merged      mergeMemory
}

// accountMemory is what is known of an account. It outlives a reload that leaves the account's configuration as it is:
// what the old clients have under way then still counts, unless something newer has ended before it.
type accountMemory struct {
	memories map[string]*regionMemory // by region
	log      failureLog
}

// regionMemory is what is known of one region.
type regionMemory struct {
	listing shared[*listing]
	indexes indexMemory
	mu      sync.Mutex
	failing map[ossvapi.Operation]*Failure
	noted   int // number of the newest listing of the buckets that was noted
}

// target is one account's region: what is listed, and what is remembered of it.
type target struct {
	account *account
	region  string
	*regionMemory
	indexSlots *regionSlots
	logger     log.Logger
	observer   ossvapi.Observer
}

// listing is one walk over a region's buckets: its pages if it is complete, and what it cost either way.
type listing struct {
	pages          []*page
	series         *seriesOptions // that the pages have
	walked         int            // pages that came
	took           time.Duration  // excluding time queued for a slot
	last           string         // name of the last bucket
	sortedAndLocal bool           // its names ascend and its buckets are all of the region asked: it holds no duplicate
}

func newAccountMemory(regions []string) *accountMemory {
	m := &accountMemory{memories: map[string]*regionMemory{}, log: failureLog{logged: map[failureKey]*Failure{}, over: map[string]bool{}}}
	for _, region := range regions {
		m.memories[region] = &regionMemory{
			failing: map[ossvapi.Operation]*Failure{}, indexes: indexMemory{buckets: map[bucketID]*bucketMemory{}},
		}
	}
	return m
}

// newAccount takes over what is known from the account that it was, if it is unchanged.
func (c *Collector) newAccount(settings Account, maxConcurrency int, unchanged *account) *account {
	a := &account{
		Account:     settings,
		regions:     map[string]*target{},
		bucketSlots: (&slotPool{spare: maxConcurrency}).region(0, maxConcurrency),
	}
	if unchanged != nil {
		a.accountMemory, a.series = unchanged.accountMemory, unchanged.series
	} else {
		a.accountMemory = newAccountMemory(settings.Regions)
	}
	if unchanged == nil || !maps.Equal(settings.Labels, unchanged.Labels) {
		a.series = newSeriesOptions(&settings)
	}
	n := max(1, len(settings.Regions))
	own := indexSlots / n
	pool := &slotPool{spare: indexSlots - own*n}
	for _, region := range settings.Regions {
		t := &target{
			account: a, region: region, regionMemory: a.memories[region],
			indexSlots: pool.region(own, MaxIndexListings(n)),
			logger:     log.With(c.logger, "account", settings.Name, "region", region),
			observer:   c.Observer(settings.Name),
		}
		a.targets = append(a.targets, t)
		a.regions[region] = t
	}
	return a
}

// list answers with the region's buckets, from memory or from the one listing that overlapping scrapes share.
func (t *target) list(ctx context.Context) answer[*listing] {
	wait := t.listing.join(ctx, t.account.MinInterval, work[*listing]{
		owner:   t.account,
		enqueue: func() *ticket { return t.account.bucketSlots.enqueue(false) },
		run:     t.walk,
		late: func() (*listing, error) {
			const why = "the deadline passed before its turn came: raise the scrape timeout or scrape.max_concurrency"
			return &listing{}, t.timeout(ossvapi.ListVectorBuckets, why)
		},
		settled: t.settled,
	})
	a := wait()
	if a.value == nil { // this scrape gave it up
		a.value = &listing{}
	}
	if a.early {
		a.err = t.timeout(ossvapi.ListVectorBuckets, goesOn)
		if !a.began.IsZero() {
			a.value.took = time.Since(a.began)
		}
	}
	a.value = a.value.with(t.account.series, t.region)
	return a
}

// with is the listing with its series as they have to be: one that is remembered from before a reload may have labels
// that are no longer those.
func (l *listing) with(series *seriesOptions, region string) *listing {
	if l.series == series || len(l.pages) == 0 {
		return l
	}
	c := *l
	c.series, c.pages = series, make([]*page, len(l.pages))
	for i, p := range l.pages {
		c.pages[i] = newPage(p.source, region, series)
	}
	return &c
}

// walk lists the region once. Pages that are those of the last listing keep their series.
func (t *target) walk(ctx context.Context) (l *listing, err error) {
	l = &listing{sortedAndLocal: true, series: t.account.series}
	defer t.rescue(ossvapi.ListVectorBuckets, &err)
	start := time.Now()
	defer func() { l.took = time.Since(start) }()
	known, _, _ := t.listing.memory()
	if known == nil {
		known = &listing{}
	}
	sources := make([]*ossvapi.Page, len(known.pages))
	for i, p := range known.pages {
		sources[i] = p.source
	}
	for p, err := range t.account.API.Buckets(ctx, t.region, sources) {
		if err != nil {
			l.pages = nil
			return l, err
		}
		l.add(p, known, t)
	}
	return l, nil
}

// add appends a page, with the series that the known listing has for it if it is the same.
func (l *listing) add(p *ossvapi.Page, known *listing, t *target) {
	n := l.walked
	l.walked++
	var built *page
	if known.series == l.series && n < len(known.pages) && known.pages[n].unchanged(p) {
		built = known.pages[n]
	} else {
		built = newPage(p, t.region, t.account.series)
	}
	if len(p.Buckets) > 0 {
		l.sortedAndLocal = l.sortedAndLocal && built.sortedAndLocal && (l.last == "" || l.last < p.Buckets[0].Name)
		l.last = p.Buckets[len(p.Buckets)-1].Name
	}
	l.pages = append(l.pages, built)
}

// goesOn is why a scrape has no listing that another one waits for.
const goesOn = "the deadline passed while the listing goes on for another scrape"

// timeout counts a listing that ended without an attempt of its own.
func (t *target) timeout(op ossvapi.Operation, why string) *ossvapi.Error {
	failure := &ossvapi.Error{
		Operation: op, Region: t.region, Reason: ossvapi.Timeout, Message: why, Err: context.DeadlineExceeded,
	}
	t.observer.Failure(failure)
	return failure
}

// ourBug is the message of a failure caused by a bug of the exporter, whichever reason of the closed set it has.
const ourBug = "a bug of the exporter, not of the service: please report it with the log around this line"

// rescue turns a panic in a listing, which would end the process, into a failure of this region alone.
func (t *target) rescue(op ossvapi.Operation, err *error) {
	if bug := recover(); bug != nil {
		failure := &ossvapi.Error{
			Operation: op, Region: t.region, Reason: ossvapi.InvalidResponse,
			Message: ourBug,
		}
		t.observer.Failure(failure)
		_ = level.Error(t.logger).Log("msg", "panic in a listing", "operation", op, "at", PanicSite())
		*err = failure
	}
}

// PanicSite is where the panic began that its caller recovers: the first frame below the runtime's own. It can be logged
// where the panic's value cannot, which may hold text of a response.
func PanicSite() string {
	const above = 3 // runtime.Callers, PanicSite, and what recovers
	pcs := make([]uintptr, 32)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(above, pcs)])
	for {
		f, more := frames.Next()
		if !strings.HasPrefix(f.Function, "runtime.") || !more {
			return fmt.Sprintf("%s:%d", filepath.Base(f.File), f.Line)
		}
	}
}

// settled notes how the listing of this number ended, unless a newer one has been noted while it was on its way here.
func (t *target) settled(number int, l *listing, err error) {
	var failure *Failure
	if err != nil {
		failure = &Failure{
			Error: asFailure(err, ossvapi.ListVectorBuckets, t.region), At: time.Now(), Took: l.took, Pages: l.walked,
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if number > t.noted {
		t.noted = number
		t.note(ossvapi.ListVectorBuckets, failure)
	}
}
