package bench

import (
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"
)

// table collects the lines of one comparison, as markdown.
type table struct{ lines []string }

func newTable() *table {
	return &table{lines: []string{
		"| | CPU | wall | allocated | peak memory | API calls | new connections |",
		"|---|---|---|---|---|---|---|",
	}}
}

func (t *table) write(w io.Writer) { _, _ = fmt.Fprintf(w, "\n%s\n\n", strings.Join(t.lines, "\n")) }

func (t *table) add(name string, c cost) {
	t.lines = append(t.lines, fmt.Sprintf("| %s | %s | %s | %s | %s | %.0f | %d |", name, milliseconds(c.cpu),
		milliseconds(c.wall), megabytes(c.allocated), megabytes(float64(c.peak)), c.calls, c.connections))
}

// compare adds both contenders and their ratios, and holds the exporter to its limits.
func (t *table) compare(b *testing.B, s scenario, theirs, ours cost) {
	b.Helper()
	if theirs.cpu == 0 || ours.wall == 0 {
		return // one of them was not chosen by -bench, or failed
	}
	t.add("**"+s.name+"**, hand-written", theirs)
	t.add("ossvector_exporter", ours)
	cpu := float64(ours.cpu) / float64(theirs.cpu)
	wall := float64(ours.wall) / float64(theirs.wall)
	allocated := ours.allocated / theirs.allocated
	peak := float64(ours.peak) / float64(theirs.peak)
	t.lines = append(t.lines, fmt.Sprintf("| ratio | %.3f%s | %.3f%s | %.3f%s | %.2f%s | | |", cpu, atMost(s.limits.cpu),
		wall, atMostTime(s.limits.wall), allocated, atMost(s.limits.allocated), peak, atMost(s.limits.peak)))
	within(b, "CPU", cpu, s.limits.cpu)
	within(b, "allocated bytes", allocated, s.limits.allocated)
	within(b, "peak resident memory", peak, s.limits.peak)
	hold(b, s, ours)
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

// hold checks what needs no yardstick: wall time, exact calls, no new connections.
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
	if int(ours.calls) != want || ours.calls != math.Trunc(ours.calls) {
		b.Errorf("%v API calls per scrape, want %d", ours.calls, want)
	}
	// All simulated regions are one host: a warm-up whose calls overlapped less than one per region leaves some to open.
	if ours.connections > ours.spare {
		b.Errorf("%d connections opened in steady state", ours.connections)
	}
}

func within(b *testing.B, what string, ratio, limit float64) {
	b.Helper()
	if limit > 0 && ratio > limit {
		b.Errorf("%s is %.3f of the yardstick's, at most %.2f is allowed", what, ratio, limit)
	}
}

func atMost(limit float64) string {
	if limit == 0 {
		return ""
	}
	return fmt.Sprintf(" (≤ %.2f)", limit)
}

func atMostTime(limit time.Duration) string {
	if limit == 0 {
		return ""
	}
	return fmt.Sprintf(" (≤ %s)", milliseconds(limit))
}

func milliseconds(d time.Duration) string { return fmt.Sprintf("%.1f ms", d.Seconds()*1e3) }

func megabytes(n float64) string { return fmt.Sprintf("%.1f MB", n/1e6) }

func linearName(n int, change bool) string {
	if change {
		return fmt.Sprintf("%d buckets in one region, all replaced", n)
	}
	return fmt.Sprintf("%d buckets in one region, unchanged", n)
}
