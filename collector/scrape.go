package collector

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ossvector_exporter/internal/exposition"
	"ossvector_exporter/ossvapi"
)

// scrape is one request's pass over what it selects. It is the only value that holds a context.
type scrape struct {
	ctx       context.Context
	collector *Collector
	sel       Selection
	limit     time.Duration
}

// families lists, waits until everything is there or the deadline passes, and turns what came into series. What there
// are few of goes through a registry, which sorts, hashes and checks every series; what there are 100,000 of does not.
func (s *scrape) families() ([]*exposition.Family, error) {
	gen := s.collector.acquire()
	defer s.collector.release(gen)
	limit := gen.settings.Timeout
	if s.limit > 0 {
		limit = min(limit, s.limit)
	}
	ctx, cancel := context.WithTimeout(s.ctx, limit)
	defer cancel()
	passes := s.pass(ctx, gen)
	registry := prometheus.NewRegistry()
	if err := registry.Register(&overview{collector: s.collector, passes: passes}); err != nil {
		return nil, err
	}
	many := func() ([]*exposition.Family, error) { return manySeries(passes), nil }
	return exposition.Join(registry, exposition.Gatherer(many))
}

// pass handles all selected accounts concurrently; none waits for another.
func (s *scrape) pass(ctx context.Context, gen *generation) []*accountPass {
	var (
		selected = gen.targets(s.sel)
		passes   = make([]*accountPass, len(selected))
		all      sync.WaitGroup
	)
	for i, targets := range selected {
		all.Go(func() { passes[i] = s.passAccount(ctx, targets) })
	}
	all.Wait()
	return passes
}

// accountPass is what one scrape found in an account.
type accountPass struct {
	account   *account
	results   []result
	inventory *inventory
	requests  map[string]*indexRequests // by region; nil without indexes
	indexes   map[string]*indexView     // the same
}

// passAccount lists the account's targets concurrently and puts the complete listings together. The buckets' indexes are
// asked for as soon as their region's listing is there, so that a slow region holds up no other's.
func (s *scrape) passAccount(ctx context.Context, targets []*target) *accountPass {
	p := &accountPass{account: targets[0].account, results: make([]result, len(targets))}
	if p.account.Indexes {
		p.newIndexRequests(targets)
	}
	var all sync.WaitGroup
	for i, t := range targets {
		all.Go(func() {
			a := t.list(ctx)
			p.results[i] = result{target: t, answer: a, current: a.err == nil}
			if p.account.Indexes && a.err == nil {
				p.askListed(ctx, p.results[i])
			}
		})
	}
	all.Wait()
	p.inventory = p.account.merged.merge(p.results, s.sel.Region)
	if p.account.Indexes {
		p.indexes = p.indexViews()
	}
	s.collector.logFailures(p.account)
	s.collector.logLimits(p)
	return p
}

// overview is a prometheus.Collector over what a scrape found, less what there is one of for every bucket. The counters
// are read here, after the API work, so that an error shows in the scrape that met it.
type overview struct {
	collector *Collector
	passes    []*accountPass
}

// Describe implements prometheus.Collector. It describes nothing: what there is depends on the scrape.
func (o *overview) Describe(chan<- *prometheus.Desc) {}

// Collect implements prometheus.Collector.
func (o *overview) Collect(ch chan<- prometheus.Metric) {
	for _, p := range o.passes {
		d := p.account.series.descs
		for _, r := range p.results {
			if errors.Is(r.answer.err, errAbandoned) {
				continue // nobody reads this answer
			}
			p.collectRegion(ch, r)
			if c := o.collector.counters.at(regionKey{p.account.Name, r.target.region}); c != nil {
				c.with(p.account.Labels).Collect(ch)
			}
		}
		for _, region := range p.inventory.order {
			part := p.inventory.regions[region]
			ch <- d.gauge(bucketsName, float64(part.count), region)
			if p.account.Include != nil || p.account.Exclude != nil || p.account.MaxBucketSeries > 0 {
				ch <- d.gauge(filteredBuckets, float64(part.filtered()), region)
			}
		}
		for region, view := range p.indexes {
			ch <- d.gauge(indexFailedBucket, float64(view.failed), region)
			if view.failed > 0 {
				ch <- d.errorInfo(region, view.failure)
			}
		}
	}
}

// collectRegion gives the series of one polled region.
func (p *accountPass) collectRegion(ch chan<- prometheus.Metric, r result) {
	d, region := p.account.series.descs, r.target.region
	emit := func(metric string, value float64) { ch <- d.gauge(metric, value, region) }
	if quota := p.account.BucketQuota; quota > 0 {
		emit(bucketQuota, float64(quota))
	}
	emit(scrapeDuration, r.answer.value.took.Seconds())
	emit(scrapePages, float64(r.answer.value.walked))
	if _, at, _ := r.target.listing.memory(); !at.IsZero() {
		emit(lastSuccess, unixSeconds(at))
	}
	if !r.current {
		emit(up, 0)
		ch <- d.errorInfo(region, asFailure(r.answer.err, ossvapi.ListVectorBuckets, region))
		return
	}
	emit(up, 1)
	emit(duplicateBuckets, float64(p.inventory.regions[region].duplicates))
}
