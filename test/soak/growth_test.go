package soak

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// growth remembers everything that could grow, in each tenth of the time; only calm moments of the same configuration
// count. Of memory, medians are compared: its peaks are how many of a fault's bodies the last collection of garbage missed.
// Of goroutines and descriptors, upper quartiles: a reload closes the connections that are kept, so that low numbers tell only
// how long ago one was.
type growth struct {
	length time.Duration
	tenths [10][]usage
}

type usage struct{ goroutines, descriptors, rss int64 }

func newGrowth(length time.Duration) *growth { return &growth{length: length} }

// note measures now.
func (g *growth) note(t *testing.T, since time.Duration, r *rig) {
	t.Helper()
	samples, err := r.web.Scrape(t.Context(), "/metrics/exporter")
	r.must(err)
	descriptors, err := r.process.Descriptors()
	r.must(err)
	rss, err := r.process.RSS()
	r.must(err)
	tenth := &g.tenths[min(int(10*since/g.length), 9)]
	*tenth = append(*tenth, usage{int64(samples["go_goroutines"]), int64(descriptors), rss})
}

// judge compares the last four tenths with the second to fifth; the first is for warming up. What is left as a margin is
// how much two such stretches of a process that leaks nothing differ.
func (g *growth) judge(t *testing.T) {
	t.Helper()
	early, late := slices.Concat(g.tenths[1:5]...), slices.Concat(g.tenths[6:]...)
	if len(early) == 0 || len(late) == 0 {
		t.Fatalf("too short to judge:\n%s", g)
	}
	before, after := levels(early), levels(late)
	if after.goroutines > before.goroutines+5 {
		t.Errorf("goroutines grew from %d to %d", before.goroutines, after.goroutines)
	}
	if after.descriptors > before.descriptors+5 {
		t.Errorf("descriptors grew from %d to %d", before.descriptors, after.descriptors)
	}
	if after.rss > before.rss*115/100 {
		t.Errorf("resident memory grew from %d to %d bytes", before.rss, after.rss)
	}
}

// levels are those of each number by itself.
func levels(of []usage) usage {
	level := func(part float64, number func(usage) int64) int64 {
		var all []int64
		for _, u := range of {
			all = append(all, number(u))
		}
		slices.Sort(all)
		return all[int(part*float64(len(all)))]
	}
	return usage{
		goroutines:  level(0.75, func(u usage) int64 { return u.goroutines }),
		descriptors: level(0.75, func(u usage) int64 { return u.descriptors }),
		rss:         level(0.5, func(u usage) int64 { return u.rss }),
	}
}

func (g *growth) String() string {
	lines := []string{"tenth goroutines descriptors resident"}
	for i, tenth := range g.tenths {
		if len(tenth) > 0 {
			u := levels(tenth)
			lines = append(lines, fmt.Sprintf("%5d %10d %11d %5.1f MB", i+1, u.goroutines, u.descriptors, float64(u.rss)/1e6))
		}
	}
	return strings.Join(lines, "\n")
}
