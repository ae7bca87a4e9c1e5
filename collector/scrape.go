package collector

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ossvector_exporter/ossvapi"
)

// scrape is one request's pass over what it selects. It is the only value that holds a context.
type scrape struct {
	ctx       context.Context
	collector *Collector
	sel       Selection
	limit     time.Duration
}

// gather lists, waits until everything is there or the deadline passes, and turns what came into series. It is a
// Gatherer of its own because the registry sorts, hashes and checks every series of a scrape: what there are few of goes
// through one, what there are 100,000 of stands ready in order and is appended.
func (s *scrape) gather() ([]*family, error) {
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
	families, err := registry.Gather()
	families = append(families, inventoryFamilies(passes)...)
	slices.SortFunc(families, func(a, b *family) int { return cmp.Compare(a.GetName(), b.GetName()) })
	return families, err
}

// pass goes over all selected accounts at once; none waits for another.
func (s *scrape) pass(ctx context.Context, gen *generation) []*accountPass {
	var (
		selected = gen.targets(s.sel)
		passes   = make([]*accountPass, len(selected))
		all      sync.WaitGroup
	)
	for i, targets := range selected {
		all.Go(func() { passes[i] = passAccount(ctx, targets, s.sel.Region) })
	}
	all.Wait()
	return slices.DeleteFunc(passes, func(p *accountPass) bool { return p == nil })
}

// accountPass is what one scrape found in an account.
type accountPass struct {
	account   *account
	results   []result
	inventory *inventory
	requests  map[string]*indexRequests // by region; nil without indexes
	indexes   map[string]*indexView     // the same
}

// passAccount lists the account's targets at once and puts the complete listings together. The buckets' indexes are
// asked for as soon as their region's listing is there, so that a slow region holds up no other's.
func passAccount(ctx context.Context, targets []*target, only string) *accountPass {
	if len(targets) == 0 {
		return nil
	}
	p := &accountPass{account: targets[0].account, results: make([]result, len(targets))}
	if p.account.Indexes {
		p.requestIndexes(ctx, targets)
	}
	var all sync.WaitGroup
	for i, t := range targets {
		all.Go(func() {
			a := t.list(ctx)
			p.results[i] = result{target: t, answer: a, current: a.err == nil}
			switch {
			case !p.account.Indexes:
			case a.err == nil:
				p.askListed(ctx, t, a.value)
			default:
				p.requests[t.region].stop()
			}
		})
	}
	all.Wait()
	p.inventory = merge(p.results, only)
	if p.account.Indexes {
		p.indexes = p.indexViews()
	}
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
	d := o.collector.descs
	for _, p := range o.passes {
		for _, r := range p.results {
			if errors.Is(r.answer.err, errAbandoned) {
				continue // nobody reads this answer
			}
			o.region(ch, p, r)
			if c := o.collector.book.at(place{p.account.Name, r.target.region}); c != nil {
				c.collect(ch)
			}
		}
		for _, region := range p.inventory.order {
			ch <- d.gauge(bucketsName, float64(p.inventory.regions[region].count), p.account.Name, region)
		}
		for region, view := range p.indexes {
			ch <- d.gauge(indexFailedBucket, float64(view.failed), p.account.Name, region)
			if view.failed > 0 {
				ch <- d.errorInfo(p.account.Name, region, view.failure)
			}
		}
	}
}

// region gives the series of one polled region.
func (o *overview) region(ch chan<- prometheus.Metric, p *accountPass, r result) {
	d, name, region := o.collector.descs, p.account.Name, r.target.region
	emit := func(metric string, value float64) { ch <- d.gauge(metric, value, name, region) }
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
		ch <- d.errorInfo(name, region, asFailure(r.answer.err, ossvapi.ListVectorBuckets, region))
		return
	}
	emit(up, 1)
	emit(duplicateBuckets, float64(p.inventory.regions[region].duplicates))
}

// inventoryFamilies appends the series that stand ready, page by page, in the configuration's order.
func inventoryFamilies(passes []*accountPass) []*family {
	n := 0
	for _, p := range passes {
		if p.account.PerBucket {
			for _, part := range p.inventory.regions {
				n += part.count
			}
		}
	}
	info, created := newFamily(bucketInfo, n), newFamily(bucketCreated, n)
	for _, p := range passes {
		if !p.account.PerBucket {
			continue
		}
		for _, region := range p.inventory.order {
			p.inventory.regions[region].appendTo(info, created)
		}
	}
	families := append([]*family{info, created}, indexFamilies(passes)...)
	return slices.DeleteFunc(families, func(f *family) bool { return len(f.Metric) == 0 })
}

func (p *regionInventory) appendTo(info, created *family) {
	for _, whole := range p.pages {
		info.Metric = append(info.Metric, whole.info...)
		if whole.dated {
			created.Metric = append(created.Metric, whole.created...)
			continue
		}
		for _, m := range whole.created {
			if m != nil {
				created.Metric = append(created.Metric, m)
			}
		}
	}
	for _, one := range p.picks {
		info.Metric = append(info.Metric, one.page.info[one.n])
		if m := one.page.created[one.n]; m != nil {
			created.Metric = append(created.Metric, m)
		}
	}
}
