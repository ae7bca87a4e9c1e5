package bench

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"ossvector_exporter/ossvapi/ossvtest"
	"ossvector_exporter/test/process"
	"ossvector_exporter/test/simulation"
)

// scenario is one inventory and what happens to it.
type scenario struct {
	name    string
	regions int
	buckets int           // per region
	indexes int           // per bucket
	page    int           // page_size; 0 is each contender's default
	latency time.Duration // of each call
	gzip    bool
	change  change // before each scrape
	first   bool   // the first scrape after the start is what is measured
	against []func() contender
	limits  limits
}

// change is what happens to the inventory before each scrape.
type change int

const (
	nothing   change = iota
	oneBucket        // one page is another one
	everything
)

// cost is what one scrape took, on average; wall is the median.
type cost struct {
	cpu, wall   time.Duration
	allocated   float64 // bytes
	peak        int64   // bytes, over the whole life of the process
	idle        int64   // bytes that were resident before the first scrape
	calls       float64
	connections int64  // opened while measuring
	spare       int64  // connections that the warm-up had no use for, out of one per region
	answer      []byte // the last one
}

// measure runs one contender through a scenario. Answer is the exporter's, which the floor sends.
func measure(b *testing.B, s scenario, c contender, answer []byte) cost {
	cloud := simulation.Start(ossvtest.Options{Seed: 1})
	b.Cleanup(cloud.Close)
	regions := regionNames(s.regions)
	fill(cloud, regions, s.buckets, 0)
	for _, region := range regions {
		if s.indexes > 0 {
			cloud.Account.FillIndexes(region, s.indexes)
		}
	}
	if s.latency > 0 {
		cloud.Service.Inject(ossvtest.Fault{Do: ossvtest.Latency(s.latency)})
	}
	p := c.start(b, rig{s, cloud, regions, answer})
	idle := must(p.RSS())(b)
	web := scraper(b, p, s.gzip)
	round := 0
	scrape := func() (time.Duration, []byte) {
		round++
		s.change.apply(cloud, regions, s.buckets, round)
		began := time.Now()
		body, err := web.Fetch(b.Context(), "/metrics")
		if err != nil {
			b.Fatal(err)
		}
		return time.Since(began), body
	}
	if s.first {
		c.warmUp, c.scrapes = 0, 1
	}
	for range c.warmUp {
		scrape()
	}
	spare := max(0, int64(s.regions)-cloud.Connections())
	got := average(b, p, cloud, c.scrapes, scrape)
	got.spare, got.idle = spare, idle
	check(b, web, s)
	return got
}

func (c change) apply(cloud *simulation.Cloud, regions []string, n, round int) {
	switch c {
	case oneBucket:
		cloud.Account.Remove(regions[0], benchBucket(n/2, round-1).Name)
		cloud.Account.Put(regions[0], benchBucket(n/2, round))
	case everything:
		fill(cloud, regions, n, round)
	}
}

// average measures n scrapes from outside the process.
func average(b *testing.B, p *process.Process, cloud *simulation.Cloud, n int, scrape func() (time.Duration, []byte)) cost {
	var (
		c       cost
		walls   []time.Duration
		plain   = scraper(b, p, false)
		alloc   = allocated(b, plain)
		calls   = cloud.Requests()
		opened  = cloud.Connections()
		started = must(p.CPU())(b)
	)
	for range n {
		wall, body := scrape()
		walls = append(walls, wall)
		c.answer = body
	}
	c.cpu = (must(p.CPU())(b) - started) / time.Duration(n)
	slices.Sort(walls)
	c.wall = walls[n/2]
	c.allocated = (allocated(b, plain) - alloc) / float64(n)
	c.calls = float64(cloud.Requests()-calls) / float64(n)
	c.connections = cloud.Connections() - opened
	c.peak = must(p.PeakRSS())(b)
	return c
}

// check makes sure that the contender does the work that is measured: a failing scrape would be cheap.
func check(b *testing.B, web *process.Scraper, s scenario) {
	b.Helper()
	samples, err := web.Scrape(b.Context(), "/metrics")
	if err != nil {
		b.Fatal(err)
	}
	for _, r := range regionNames(s.regions) {
		series := fmt.Sprintf("ossvector_buckets{account=%q,region=%q}", "bench", r)
		if n, ok := samples[series]; !ok || int(n) != s.buckets {
			b.Fatalf("%s is %v (%t), want %d", series, n, ok, s.buckets)
		}
	}
}

func allocated(b *testing.B, web *process.Scraper) float64 {
	b.Helper()
	return must(web.Scrape(b.Context(), "/metrics/exporter"))(b)["go_memstats_alloc_bytes_total"]
}

// must makes a failed measurement end the benchmark.
func must[T any](v T, err error) func(*testing.B) T {
	return func(b *testing.B) T {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
		return v
	}
}

func regionNames(n int) []string {
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("cn-bench-%02d", i)
	}
	return names
}

// fill gives every region n buckets whose names carry the round, and removes those of the round before.
func fill(cloud *simulation.Cloud, regions []string, n, round int) {
	for _, r := range regions {
		var old []string
		for _, b := range cloud.Account.Buckets(r) {
			old = append(old, b.Name)
		}
		cloud.Account.Remove(r, old...)
		buckets := make([]ossvtest.Bucket, n)
		for i := range buckets {
			buckets[i] = benchBucket(i, round)
		}
		cloud.Account.Put(r, buckets...)
	}
}

// benchBucket is the i-th bucket in the order of the names, as it is in that round.
func benchBucket(i, round int) ossvtest.Bucket {
	return ossvtest.Bucket{
		Name:            fmt.Sprintf("vectors-of-team-%06d-round-%03d", i, round),
		CreationDate:    time.Unix(1_700_000_000+int64(i)*60+int64(round), 0).UTC().Format("2006-01-02T15:04:05.000Z"),
		ResourceGroupID: "rg-acfmxazb4ph6aiy",
	}
}
