package soak

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// growth remembers the most of everything that could grow, in each tenth of the time; only calm moments count.
type growth struct {
	length time.Duration
	tenths [10]usage
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
	u := &g.tenths[min(int(10*since/g.length), 9)]
	u.goroutines = max(u.goroutines, int64(samples["go_goroutines"]))
	u.descriptors = max(u.descriptors, int64(descriptors))
	u.rss = max(u.rss, rss)
}

// judge compares the last three tenths with the second to fourth; the first is for warming up. What is left as a margin is
// how much two such stretches of a process that leaks nothing differ.
func (g *growth) judge(t *testing.T) {
	t.Helper()
	early, late := most(g.tenths[1:4]), most(g.tenths[7:])
	if late.goroutines == 0 || early.goroutines == 0 {
		t.Errorf("too short to judge: %s", g)
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

func most(of []usage) usage {
	var m usage
	for _, u := range of {
		m.goroutines = max(m.goroutines, u.goroutines)
		m.descriptors = max(m.descriptors, u.descriptors)
		m.rss = max(m.rss, u.rss)
	}
	return m
}

func (g *growth) String() string {
	lines := []string{"tenth goroutines descriptors resident"}
	for i, u := range g.tenths {
		lines = append(lines, fmt.Sprintf("%5d %10d %11d %5.1f MB", i+1, u.goroutines, u.descriptors, float64(u.rss)/1e6))
	}
	return strings.Join(lines, "\n")
}
