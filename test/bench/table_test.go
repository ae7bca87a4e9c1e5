package bench

import (
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"
)

// limits are what the exporter promises, in shares of what another contender takes; 0 is no limit.
type limits struct {
	cpu, allocated, peak  float64 // of the yardstick's
	floorCPU              float64 // of the floor's
	beforeCPU, beforeWall float64 // of those before
	wall                  time.Duration
	beforeIdle            float64
}

// results are the costs of a scenario by contender.
type results map[string]cost

// table collects the lines of one comparison, as markdown.
type table struct{ lines []string }

func newTable() *table {
	return &table{lines: []string{
		"| | CPU | wall | allocated | peak memory | idle memory | API calls | new connections | answer |",
		"|---|---|---|---|---|---|---|---|---|",
	}}
}

func (t *table) write(w io.Writer) { _, _ = fmt.Fprintf(w, "\n%s\n\n", strings.Join(t.lines, "\n")) }

func (t *table) add(name string, c cost) {
	t.lines = append(t.lines, fmt.Sprintf("| %s | %s | %s | %s | %s | %s | %.0f | %d | %s |", name, milliseconds(c.cpu),
		milliseconds(c.wall), megabytes(c.allocated), megabytes(float64(c.peak)), megabytes(float64(c.idle)), c.calls,
		c.connections, megabytes(float64(len(c.answer)))))
}

// compare adds what every contender cost and the exporter's ratios to the others, and holds it to its limits.
func (t *table) compare(b *testing.B, s scenario, all results) {
	b.Helper()
	ours := all[exporter().name]
	if ours.wall == 0 {
		return // not chosen by -bench, or failed
	}
	t.add("**"+s.name+"**, "+exporter().name, ours)
	for _, other := range []string{yardstick().name, floor().name, baseline().name} {
		theirs, there := all[other]
		if !there || theirs.wall == 0 {
			continue
		}
		t.add(other, theirs)
		r := ratiosOf(ours, theirs)
		t.lines = append(t.lines, fmt.Sprintf("| ratio to %s | %.3f | %.3f | %.3f | %.2f | %.2f | | | |",
			other, r.cpu, r.wall, r.allocated, r.peak, r.idle))
		t.within(b, s, other, r)
	}
	hold(b, s, ours)
}

type ratios struct{ cpu, wall, allocated, peak, idle float64 }

func ratiosOf(ours, theirs cost) ratios {
	return ratios{
		float64(ours.cpu) / float64(theirs.cpu), float64(ours.wall) / float64(theirs.wall), ours.allocated / theirs.allocated,
		float64(ours.peak) / float64(theirs.peak), float64(ours.idle) / float64(theirs.idle),
	}
}

// within holds the exporter to the limits that are shares of another contender's cost.
func (t *table) within(b *testing.B, s scenario, other string, r ratios) {
	b.Helper()
	l := s.limits
	for _, c := range []struct {
		of, what     string
		ratio, limit float64
	}{
		{yardstick().name, "CPU", r.cpu, l.cpu},
		{yardstick().name, "allocated bytes", r.allocated, l.allocated},
		{yardstick().name, "peak memory", r.peak, l.peak},
		{floor().name, "CPU", r.cpu, l.floorCPU},
		{baseline().name, "CPU", r.cpu, l.beforeCPU},
		{baseline().name, "wall time", r.wall, l.beforeWall},
		{baseline().name, "idle memory", r.idle, l.beforeIdle},
	} {
		if c.of != other || c.limit == 0 {
			continue
		}
		verdict := "kept"
		if c.ratio > c.limit {
			verdict = "MISSED"
			b.Errorf("%s: %s is %.3f of %s, at most %.3f is allowed", s.name, c.what, c.ratio, other, c.limit)
		}
		t.lines = append(t.lines, fmt.Sprintf("| %s: %.3f of %s, limit %.3f: %s | | | | | | | | |",
			c.what, c.ratio, other, c.limit, verdict))
	}
}

// alone adds the exporter without anything to compare.
func (t *table) alone(b *testing.B, s scenario, ours cost) {
	b.Helper()
	if ours.wall == 0 {
		return
	}
	t.add(s.name, ours)
	hold(b, s, ours)
}

// hold checks what needs no other contender: wall time, exact calls, no new connections.
func hold(b *testing.B, s scenario, ours cost) {
	b.Helper()
	if s.limits.wall > 0 && ours.wall > s.limits.wall {
		b.Errorf("a scrape takes %s, at most %s are allowed", ours.wall, s.limits.wall)
	}
	page := s.page
	if page == 0 {
		page = 1000
	}
	want := s.regions * max(1, int(math.Ceil(float64(s.buckets)/float64(page))))
	if s.first && s.indexes > 0 {
		want += s.regions * s.buckets
	}
	if int(ours.calls) != want || ours.calls != math.Trunc(ours.calls) {
		b.Errorf("%v API calls per scrape, want %d", ours.calls, want)
	}
	// All simulated regions are one host: a warm-up whose calls overlapped less than one per region leaves some to open.
	if ours.connections > ours.spare && !s.first {
		b.Errorf("%d connections opened in steady state", ours.connections)
	}
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.1f ms", d.Seconds()*1e3) }

func megabytes(n float64) string { return fmt.Sprintf("%.1f MB", n/1e6) }

func linearName(n int, c change) string {
	if c == everything {
		return fmt.Sprintf("%d buckets in one region, all replaced", n)
	}
	return fmt.Sprintf("%d buckets in one region, unchanged", n)
}
