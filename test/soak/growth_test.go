package soak

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// growth remembers the least of everything that could grow, in each tenth of the time; only calm moments count. A leak
// raises the floor. The peaks tell nothing: they are how many of a fault's bodies the last collection of garbage missed.
type growth struct {
	length time.Duration
	tenths [10]*usage // nil where no moment was calm
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
	*tenth = least(*tenth, &usage{int64(samples["go_goroutines"]), int64(descriptors), rss})
}

// judge compares the last four tenths with the second to fifth; the first is for warming up. What is left as a margin is
// how much two such stretches of a process that leaks nothing differ.
func (g *growth) judge(t *testing.T) {
	t.Helper()
	early, late := least(g.tenths[1:5]...), least(g.tenths[6:]...)
	if early == nil || late == nil {
		t.Fatalf("too short to judge:\n%s", g)
	}
	if late.goroutines > early.goroutines+5 {
		t.Errorf("goroutines grew from %d to %d", early.goroutines, late.goroutines)
	}
	if late.descriptors > early.descriptors+5 {
		t.Errorf("descriptors grew from %d to %d", early.descriptors, late.descriptors)
	}
	if late.rss > early.rss*115/100 {
		t.Errorf("resident memory grew from %d to %d bytes", early.rss, late.rss)
	}
}

// least is the floor of those that are not nil, and nil if all are.
func least(of ...*usage) *usage {
	var l *usage
	for _, u := range of {
		switch {
		case u == nil:
		case l == nil:
			l = u
		default:
			l = &usage{min(l.goroutines, u.goroutines), min(l.descriptors, u.descriptors), min(l.rss, u.rss)}
		}
	}
	return l
}

func (g *growth) String() string {
	lines := []string{"tenth goroutines descriptors resident"}
	for i, u := range g.tenths {
		if u != nil {
			lines = append(lines, fmt.Sprintf("%5d %10d %11d %5.1f MB", i+1, u.goroutines, u.descriptors, float64(u.rss)/1e6))
		}
	}
	return strings.Join(lines, "\n")
}
