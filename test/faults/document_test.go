package faults

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// line is a row of the document: the cells by its headings.
type line struct{ id, what, metrics, log, page, heals string }

// document reads the tables.
func document(t *testing.T) []line {
	t.Helper()
	text, err := os.ReadFile("../../docs/reliability.md")
	must(t, err)
	id := regexp.MustCompile("^\\| `([a-z0-9-]+)` \\|")
	var lines []line
	for l := range strings.Lines(string(text)) {
		m := id.FindStringSubmatch(l)
		if m == nil {
			continue
		}
		cell := strings.Split(strings.Trim(strings.TrimSpace(l), "|"), "|")
		if len(cell) != 6 {
			t.Fatalf("%d cells: %s", len(cell), l)
		}
		for _, c := range cell {
			if strings.TrimSpace(c) == "" {
				t.Errorf("%s has an empty cell", m[1])
			}
		}
		lines = append(lines, line{m[1], cell[1], cell[2], cell[3], cell[4], cell[5]})
	}
	return lines
}

// TestDocument compares the document with the tests: the same rows in the same order, and what a row says of reasons, codes
// and attempts is what its test expects.
func TestDocument(t *testing.T) {
	documented := document(t)
	var written, tested []string
	of := map[string]line{}
	for _, l := range documented {
		written, of[l.id] = append(written, l.id), l
	}
	for _, g := range groups() {
		for _, r := range g.rows {
			tested = append(tested, r.id)
			r.compare(t, of[r.id])
		}
	}
	for _, id := range tested {
		if !slices.Contains(written, id) {
			t.Errorf("%s is tested and not documented", id)
		}
	}
	for _, id := range written {
		if !slices.Contains(tested, id) {
			t.Errorf("%s is documented and not tested", id)
		}
	}
	if !t.Failed() && !slices.Equal(written, tested) {
		t.Error("the document has another order than the tests")
	}
	if sorted := slices.Sorted(slices.Values(tested)); len(slices.Compact(sorted)) != len(tested) || len(tested) < 60 {
		t.Errorf("%d rows, of which %d differ", len(tested), len(slices.Compact(sorted)))
	}
}

func (r row) compare(t *testing.T, l line) {
	t.Helper()
	says := func(cell, text string) {
		if !strings.Contains(cell, text) {
			t.Errorf("%s: the document does not say %s but%s", r.id, text, cell)
		}
	}
	for _, text := range r.says {
		says(l.metrics, text)
	}
	for _, s := range r.strikes {
		for reason := range s.cured {
			says(l.metrics, "`"+reason+"` +1")
		}
		if s.cured != nil {
			says(l.metrics, "up")
			says(l.log, "silent")
			continue
		}
		says(l.metrics, "down `"+s.reason+"`")
		says(l.log, "warns")
		says(l.page, "failing")
		if len(r.strikes) == 1 {
			says(l.metrics, s.code)
			says(l.metrics, "status "+s.status)
			says(l.metrics, attempts(s.tries))
		}
	}
}

func attempts(n int) string {
	switch n {
	case 0:
		return "no attempt"
	case 1:
		return "1 attempt"
	}
	return string(rune('0'+n)) + " attempts"
}
