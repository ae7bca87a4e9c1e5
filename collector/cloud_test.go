package collector_test

import (
	"context"
	"errors"
	"iter"
	"net/http"
	"slices"
	"sync"
	"time"

	"ossvector_exporter/ossvapi"
)

// cloud is a collector.API by hand: what an account's service answers, set by the test. It keeps the client's side of
// the contract: attempts and failures go to the observer, and a listing that nobody waits for ends with the cause.
type cloud struct {
	observer ossvapi.Observer

	mu       sync.Mutex
	regions  map[string]answers
	indexes  map[string]indexAnswers // by region, or by region/bucket
	lists    map[string]int          // listings begun, by region; index listings by region/bucket
	inFlight map[ossvapi.Operation]int
	most     map[ossvapi.Operation]int
	closed   bool
	misused  int // calls after Close
}

// answers is how a region answers.
type answers struct {
	pages  []*ossvapi.Page
	delay  time.Duration  // of each page; hang: for ever
	fails  *ossvapi.Error // after the pages
	then   time.Duration  // how long the page after them takes, if not 0
	pauses time.Duration  // what waits before the attempt after the failed one
	panics bool
	late   time.Duration // before anything comes
	slow   time.Duration // how long it takes to notice that nobody waits any more
}

// indexAnswers is how a bucket answers, or every bucket of a region.
type indexAnswers struct {
	indexes []ossvapi.Index
	byDate  bool // as many as the creation date says: its place among creationDates
	delay   time.Duration
	fails   *ossvapi.Error
	pauses  time.Duration // what waits before the attempt after the failed one
	panics  bool
}

const hang = time.Duration(-1)

func newCloud() *cloud {
	return &cloud{
		observer: noObserver{},
		regions:  map[string]answers{}, indexes: map[string]indexAnswers{}, lists: map[string]int{},
		inFlight: map[ossvapi.Operation]int{}, most: map[ossvapi.Operation]int{},
	}
}

type noObserver struct{}

func (noObserver) Attempt(ossvapi.Attempt) {}
func (noObserver) Failure(*ossvapi.Error)  {}

// set makes a region answer this from now on.
func (c *cloud) set(region string, a answers) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.regions[region] = a
}

// setIndexes makes a region's buckets, or the one of "region/bucket", answer this from now on.
func (c *cloud) setIndexes(where string, a indexAnswers) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.indexes[where] = a
}

// listed is how many listings began, of a region or of a region/bucket.
func (c *cloud) listed(where string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lists[where]
}

// mostInFlight is how many calls of an operation were under way at the same time.
func (c *cloud) mostInFlight(op ossvapi.Operation) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.most[op]
}

func (c *cloud) enter(op ossvapi.Operation, where string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		c.misused++
	}
	c.lists[where]++
	c.inFlight[op]++
	c.most[op] = max(c.most[op], c.inFlight[op])
}

func (c *cloud) exit(op ossvapi.Operation) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		c.misused++
	}
	c.inFlight[op]--
}

// Buckets implements collector.API.
func (c *cloud) Buckets(ctx context.Context, region string, _ []*ossvapi.Page) iter.Seq2[*ossvapi.Page, error] {
	return func(yield func(*ossvapi.Page, error) bool) {
		c.enter(ossvapi.ListVectorBuckets, region)
		defer c.exit(ossvapi.ListVectorBuckets)
		c.mu.Lock()
		a := c.regions[region]
		c.mu.Unlock()
		if a.late > 0 {
			if err := c.attempt(ctx, ossvapi.ListVectorBuckets, region, a.late, nil); err != nil {
				yield(nil, err)
				return
			}
		}
		if a.panics {
			panic("a bug")
		}
		for _, p := range a.pages {
			if err := c.attempt(ctx, ossvapi.ListVectorBuckets, region, a.delay, nil); err != nil {
				c.await(a.slow)
				yield(nil, err)
				return
			}
			if !yield(p, nil) {
				return
			}
		}
		if a.fails != nil || a.then != 0 {
			err := c.attempt(ctx, ossvapi.ListVectorBuckets, region, max(a.delay, a.then), a.fails)
			if !wait(ctx, a.pauses) && !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
				err = context.Cause(ctx)
			}
			yield(nil, err)
		}
	}
}

// Indexes implements collector.API.
func (c *cloud) Indexes(ctx context.Context, b ossvapi.Bucket) ([]ossvapi.Index, error) {
	c.enter(ossvapi.ListVectorIndexes, b.Region+"/"+b.Name)
	defer c.exit(ossvapi.ListVectorIndexes)
	c.mu.Lock()
	a, own := c.indexes[b.Region+"/"+b.Name]
	if !own {
		a = c.indexes[b.Region]
	}
	c.mu.Unlock()
	if a.panics {
		panic("a bug")
	}
	if err := c.attempt(ctx, ossvapi.ListVectorIndexes, b.Region, a.delay, a.fails); err != nil {
		wait(ctx, a.pauses)
		return nil, err
	}
	if a.byDate {
		return make([]ossvapi.Index, slices.Index(creationDates, b.CreationDate)), nil
	}
	return a.indexes, nil
}

// attempt takes its time and ends like one of the client's.
func (c *cloud) attempt(
	ctx context.Context, op ossvapi.Operation, region string, delay time.Duration, fails *ossvapi.Error,
) error {
	start := time.Now()
	if !wait(ctx, delay) {
		c.observer.Attempt(ossvapi.Attempt{Operation: op, Region: region, Duration: time.Since(start)})
		if cause := context.Cause(ctx); !errors.Is(cause, context.DeadlineExceeded) {
			return cause
		}
		return c.fail(&ossvapi.Error{
			Operation: op, Region: region, Reason: ossvapi.Timeout, Attempts: 1, Message: "no whole answer came in time",
		})
	}
	if fails != nil {
		c.observer.Attempt(ossvapi.Attempt{Operation: op, Region: region, Status: fails.Status, Duration: time.Since(start)})
		e := *fails
		e.Operation, e.Region, e.Attempts = op, region, 1
		return c.fail(&e)
	}
	c.observer.Attempt(ossvapi.Attempt{Operation: op, Region: region, Status: http.StatusOK, Duration: time.Since(start)})
	return nil
}

func (c *cloud) fail(e *ossvapi.Error) error {
	c.observer.Failure(e)
	return e
}

// await passes fake time, whatever the context says.
func (c *cloud) await(d time.Duration) { wait(context.Background(), d) }

// wait passes d, or all time if it is hang, and reports whether ctx lasted.
func wait(ctx context.Context, d time.Duration) bool {
	if d == 0 {
		return ctx.Err() == nil
	}
	var over <-chan time.Time
	if d != hang {
		timer := time.NewTimer(d)
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-over:
		return true
	case <-ctx.Done():
		return false
	}
}

// Close is what the collector calls when it needs the API no more.
func (c *cloud) Close() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed || c.inFlight[ossvapi.ListVectorBuckets]+c.inFlight[ossvapi.ListVectorIndexes] > 0 {
		c.misused++
	}
	c.closed = true
}

// misuses counts the calls after Close, calls of Close in mid-listing and calls of it after the first.
func (c *cloud) misuses() (closed bool, misused int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed, c.misused
}

// underWay is how many calls are in flight.
func (c *cloud) underWay() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.inFlight[ossvapi.ListVectorBuckets] + c.inFlight[ossvapi.ListVectorIndexes]
}
