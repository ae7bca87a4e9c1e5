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

// limits are what the exporter promises, as shares of the yardstick's cost; 0 is no limit.
type limits struct {
	cpu, allocated, peak float64
	wall                 time.Duration
}

// scenarios are the comparisons; short shrinks the inventories and lifts the limits, to see that everything still runs.
func scenarios(short bool) []scenario {
	all := []scenario{
		{
			name: "100,000 buckets in 10 regions, unchanged", regions: 10, buckets: 10_000,
			limits: limits{cpu: 0.10, allocated: 0.15, peak: 0.6},
		},
		{
			name: "the same, gzip", regions: 10, buckets: 10_000, gzip: true,
		},
		{
			name: "the same, all replaced before each scrape", regions: 10, buckets: 10_000, change: true,
			limits: limits{cpu: 0.25, peak: 0.9},
		},
		{
			name: "1,200 buckets in 12 regions, 30 ms a call", regions: 12, buckets: 100, latency: 30 * time.Millisecond,
			limits: limits{cpu: 0.35, wall: 45 * time.Millisecond},
		},
		{
			name: "25 regions of 3 pages, 80 ms a call", regions: 25, buckets: quota, page: 40,
			latency: 80 * time.Millisecond, limits: limits{wall: 276 * time.Millisecond},
		},
	}
	if short {
		for i := range all {
			all[i].name = "short: " + all[i].name
			all[i].buckets /= 50
			all[i].latency /= 20
			all[i].limits = limits{}
		}
	}
	return all
}

// quota is how many buckets a region of an account has at most, unless the quota was raised.
const quota = 100

// BenchmarkScrape prints the comparison as a table, and fails if a limit is missed.
func BenchmarkScrape(b *testing.B) {
	t := newTable()
	defer t.write(os.Stdout)
	for _, s := range scenarios(testing.Short()) {
		b.Run(s.name, func(b *testing.B) {
			t.compare(b, s, run(b, s, yardstick()), run(b, s, exporter()))
		})
	}
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
		b.Run(s.name, func(b *testing.B) { t.alone(b, s, run(b, s, exporter())) })
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
	for _, change := range []bool{false, true} {
		var perBucket []float64
		for _, n := range sizes {
			s := scenario{name: linearName(n, change), regions: 1, buckets: n, change: change}
			b.Run(s.name, func(b *testing.B) {
				e := exporter()
				e.scrapes = min(20*sizes[len(sizes)-1]/n, 500) // enough ticks of the processor's clock
				c := run(b, s, e)
				t.alone(b, s, c)
				perBucket = append(perBucket, float64(c.cpu)/float64(n))
			})
		}
		if len(perBucket) < len(sizes) {
			continue // some were not chosen by -bench, or failed
		}
		if first, last := perBucket[0], perBucket[len(perBucket)-1]; last > 1.2*first && !testing.Short() {
			b.Errorf("changing %t: %.0f ns per bucket at 100,000 buckets, %.0f at 1,000", change, last, first)
		}
	}
}

// BenchmarkLeak compares the resident memory after 1,000 scrapes with that after 50, a tenth of the scrapes meeting
// another inventory.
func BenchmarkLeak(b *testing.B) {
	cloud := simulation.Start(ossvtest.Options{Seed: 1})
	b.Cleanup(cloud.Close)
	regions := regionNames(10)
	fill(cloud, regions, 500, 0)
	p := startExporter(b, cloud, regions, 0)
	web := scraper(b, p, true)
	first, rest := 50, 950
	if testing.Short() {
		first, rest = 20, 20
	}
	early := residentOf(b, p, web, first, func(i int) { refill(cloud, regions, i) })
	late := residentOf(b, p, web, rest, func(i int) { refill(cloud, regions, i) })
	b.ReportMetric(float64(early)/1e6, "MB-after-50")
	b.ReportMetric(float64(late)/1e6, "MB-after-1000")
	// Even medians differ by a few percent from one stretch to the next.
	if float64(late) > 1.08*float64(early) && !testing.Short() {
		b.Errorf("%d bytes resident after 1,000 scrapes, %d after 50", late, early)
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
func run(b *testing.B, s scenario, c contender) cost {
	b.Helper()
	var got cost
	b.Run(c.name, func(b *testing.B) {
		for range b.N {
			got = measure(b, s, c)
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
