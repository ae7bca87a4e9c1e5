// Package bench compares the exporter with the hand-written one in the folder below: same simulated service, same HTTP,
// each contender a process of its own that is measured from outside.
//
//	make bench
package bench

import (
	"os"
	"slices"
	"testing"
	"time"

	"ossvector_exporter/ossvapi/ossvtest"
	"ossvector_exporter/test/process"
	"ossvector_exporter/test/simulation"
)

// scenarios are the comparisons; short shrinks the inventories and lifts the limits, to see that everything still runs. A
// real Prometheus asks for OpenMetrics and gzip, always: that is the first row.
func scenarios(short bool) []scenario {
	against := func(all ...func() contender) []func() contender { return all }
	all := []scenario{
		{
			name: "100,000 buckets in 10 regions, unchanged", regions: 10, buckets: 10_000, gzip: true,
			against: against(yardstick, floor, baseline),
			limits:  limits{cpu: 0.015, floorCPU: 1.5, peak: 0.25, allocated: 0.15, beforeIdle: 1},
		},
		{
			name: "the same, one page of a hundred changed", regions: 10, buckets: 10_000, gzip: true, change: oneBucket,
			against: against(yardstick), limits: limits{cpu: 0.02},
		},
		{
			name: "the same, all replaced before each scrape", regions: 10, buckets: 10_000, gzip: true, change: everything,
			against: against(yardstick, baseline), limits: limits{cpu: 0.11, peak: 0.40},
		},
		{
			name: "the same, first scrape after the start", regions: 10, buckets: 10_000, gzip: true, first: true,
			against: against(yardstick, baseline), limits: limits{cpu: 0.15},
		},
		{
			name: "the same without gzip, unchanged", regions: 10, buckets: 10_000,
			against: against(yardstick, floor, baseline), limits: limits{cpu: 0.03},
		},
		{
			name: "the same without gzip, all replaced", regions: 10, buckets: 10_000, change: everything,
			against: against(yardstick), limits: limits{cpu: 0.09, peak: 0.40},
		},
		{
			name: "1,200 buckets in 12 regions, unchanged", regions: 12, buckets: 100, gzip: true,
			against: against(yardstick, floor, baseline), limits: limits{beforeCPU: 0.6},
		},
		{
			name: "the same, all replaced before each scrape", regions: 12, buckets: 100, gzip: true, change: everything,
			against: against(yardstick, baseline), limits: limits{beforeCPU: 0.6},
		},
		{
			name: "1,200 buckets in 12 regions, 30 ms a call", regions: 12, buckets: 100, gzip: true,
			latency: 30 * time.Millisecond, against: against(yardstick, baseline),
			limits: limits{cpu: 0.35, wall: 45 * time.Millisecond},
		},
		{
			name: "25 regions of 3 pages, 80 ms a call", regions: 25, buckets: quota, page: 40, gzip: true,
			latency: 80 * time.Millisecond, against: against(yardstick), limits: limits{wall: 276 * time.Millisecond},
		},
	}
	if short {
		for i := range all {
			all[i] = all[i].short()
		}
	}
	return all
}

func (s scenario) short() scenario {
	s.name = "short: " + s.name
	s.buckets = max(1, s.buckets/50)
	s.latency /= 20
	s.limits = limits{}
	return s
}

// quota is how many buckets a region of an account has at most, unless the quota was raised.
const quota = 100

// BenchmarkScrape prints the comparison as a table, and fails if a limit is missed.
func BenchmarkScrape(b *testing.B) {
	t := newTable()
	defer t.write(os.Stdout)
	for _, s := range scenarios(testing.Short()) {
		b.Run(s.name, func(b *testing.B) {
			ours := run(b, s, exporter(), nil)
			all := results{exporter().name: ours}
			for _, other := range s.against {
				all[other().name] = run(b, s, other(), ours.answer)
			}
			t.compare(b, s, all)
		})
	}
}

// BenchmarkIndexes is about 100 buckets of 100 indexes that are not due again, and about the same buckets without them.
func BenchmarkIndexes(b *testing.B) {
	t := newTable()
	defer t.write(os.Stdout)
	s := scenario{
		name: "100 buckets of 100 indexes", regions: 1, buckets: quota, indexes: 100, gzip: true,
		limits: limits{beforeCPU: 0.3, beforeWall: 0.3},
	}
	most := 12 * time.Millisecond
	if testing.Short() {
		s, most = s.short(), time.Hour
	}
	often := func(c contender) contender {
		c.scrapes = 100
		return c
	}
	var with, without cost
	b.Run(s.name, func(b *testing.B) {
		with = run(b, s, often(exporter()), nil)
		t.compare(b, s, results{exporter().name: with, baseline().name: run(b, s, often(baseline()), nil)})
	})
	s.name, s.indexes, s.limits = "the same without indexes", 0, limits{}
	b.Run(s.name, func(b *testing.B) {
		without = run(b, s, often(exporter()), nil)
		t.alone(b, s, without)
	})
	if with.wall > 0 && without.wall > 0 && (with.wall > without.wall+most || with.cpu > without.cpu+most) {
		b.Errorf("indexes take %s of CPU and %s of time more", with.cpu-without.cpu, with.wall-without.wall)
	}
}

// BenchmarkOneRegion says how long 100,000 buckets in one region take, whose pages come one after the other.
func BenchmarkOneRegion(b *testing.B) {
	t := newTable()
	defer t.write(os.Stdout)
	s := scenario{
		name: "100,000 buckets in one region, 20 ms a page", regions: 1, buckets: 100_000, gzip: true, latency: 20 * time.Millisecond,
	}
	if testing.Short() {
		s = s.short()
	}
	b.Run(s.name, func(b *testing.B) { t.alone(b, s, run(b, s, exporter(), nil)) })
}

// BenchmarkRegions shows that the time of a scrape grows with the pages of the largest region, not with the regions.
func BenchmarkRegions(b *testing.B) {
	t := newTable()
	defer t.write(os.Stdout)
	for i, s := range []scenario{
		{name: "5 regions of 3 pages, 80 ms a call", regions: 5, buckets: quota, limits: limits{wall: 276 * time.Millisecond}},
		{name: "50 regions of 3 pages, 80 ms a call", regions: 50, buckets: quota, limits: limits{wall: 312 * time.Millisecond}},
		{name: "5 regions of 5 pages, 80 ms a call", regions: 5, buckets: 2 * quota, limits: limits{wall: 460 * time.Millisecond}},
	} {
		s.page, s.latency = 40, 80*time.Millisecond
		if testing.Short() {
			if s.limits = (limits{}); i > 0 {
				break
			}
		}
		b.Run(s.name, func(b *testing.B) { t.alone(b, s, run(b, s, exporter(), nil)) })
	}
}

// BenchmarkLinear compares the processor time per bucket at 1,000 and at 100,000 buckets.
func BenchmarkLinear(b *testing.B) {
	t := newTable()
	defer t.write(os.Stdout)
	sizes := []int{1_000, 10_000, 100_000}
	if testing.Short() {
		sizes = []int{100, 1_000}
	}
	for _, change := range []change{nothing, everything} {
		var perBucket []float64
		for _, n := range sizes {
			s := scenario{name: linearName(n, change), regions: 1, buckets: n, change: change}
			b.Run(s.name, func(b *testing.B) {
				e := exporter()
				e.scrapes = min(20*sizes[len(sizes)-1]/n, 500) // enough ticks of the processor's clock
				c := run(b, s, e, nil)
				t.alone(b, s, c)
				perBucket = append(perBucket, float64(c.cpu)/float64(n))
			})
		}
		if len(perBucket) < len(sizes) {
			continue // some were not chosen by -bench, or failed
		}
		if first, last := perBucket[0], perBucket[len(perBucket)-1]; last > 1.2*first && !testing.Short() {
			b.Errorf("%s: %.0f ns per bucket, %.0f at 1,000 buckets", linearName(sizes[len(sizes)-1], change), last, first)
		}
	}
}

// BenchmarkLeak compares the resident memory after 1,000 scrapes with that after 200, a tenth of the scrapes meeting
// another inventory.
func BenchmarkLeak(b *testing.B) {
	cloud := simulation.Start(ossvtest.Options{Seed: 1})
	b.Cleanup(cloud.Close)
	regions := regionNames(10)
	fill(cloud, regions, 500, 0)
	p := exporter().start(b, rig{cloud: cloud, regions: regions})
	web := scraper(b, p, true)
	first, rest := 200, 800 // so little is allocated that the heap takes that long to find its size
	if testing.Short() {
		first, rest = 20, 20
	}
	early := residentOf(b, p, web, first, func(i int) { refill(cloud, regions, i) })
	late := residentOf(b, p, web, rest, func(i int) { refill(cloud, regions, i) })
	b.ReportMetric(float64(early)/1e6, "MB-after-200")
	b.ReportMetric(float64(late)/1e6, "MB-after-1000")
	// Even medians differ by a few percent from one stretch to the next.
	if float64(late) > 1.08*float64(early) && !testing.Short() {
		b.Errorf("%d bytes resident after 1,000 scrapes, %d after 200", late, early)
	}
}

func refill(cloud *simulation.Cloud, regions []string, i int) {
	if i%10 == 0 {
		fill(cloud, regions, 500, i/10)
	}
}

// residentOf scrapes n times and gives the median of what was resident after each of the last 40: peaks tell where the
// collector of garbage stood.
func residentOf(b *testing.B, p *process.Process, web *process.Scraper, n int, before func(int)) int64 {
	b.Helper()
	var resident []int64
	for i := range n {
		before(i)
		if _, err := web.Fetch(b.Context(), "/metrics"); err != nil {
			b.Fatal(err)
		}
		if i >= n-40 {
			resident = append(resident, must(p.RSS())(b))
		}
	}
	slices.Sort(resident)
	return resident[len(resident)/2]
}

// run measures and reports in the manner of benchmarks; the table comes on top.
func run(b *testing.B, s scenario, c contender, answer []byte) cost {
	b.Helper()
	var got cost
	b.Run(c.name, func(b *testing.B) {
		for range b.N {
			got = measure(b, s, c, answer)
		}
		b.ReportMetric(0, "ns/op") // it would count the preparations
		b.ReportMetric(got.cpu.Seconds()*1e3, "cpu-ms/scrape")
		b.ReportMetric(got.wall.Seconds()*1e3, "wall-ms/scrape")
		b.ReportMetric(got.allocated/1e6, "alloc-MB/scrape")
		b.ReportMetric(float64(got.peak)/1e6, "peak-MB")
		b.ReportMetric(got.calls, "calls/scrape")
		b.ReportMetric(float64(got.connections), "new-connections")
	})
	return got
}
