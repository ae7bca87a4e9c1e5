package faults

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// line is a row of the document: the cells by its headings.
type line struct{ id, what, metrics, log, page, heals string }

// document reads the tables. An empty cell, or a column that a table leaves out, is what stands above the table for all rows.
func document(t *testing.T) []line {
	t.Helper()
	text, err := os.ReadFile("../../docs/reliability.md")
	must(t, err)
	var (
		shared  = regexp.MustCompile(`^- \*\*(metrics|log|page, HTTP|what heals it)\*\*: (.+)$`)
		id      = regexp.MustCompile("^`([a-z0-9-]+)`$")
		columns []string
		above   map[string]string
		lines   []line
	)
	for l := range strings.Lines(string(text)) {
		l = strings.TrimSpace(l)
		if strings.HasPrefix(l, "## ") {
			above = map[string]string{}
		}
		if m := shared.FindStringSubmatch(l); m != nil {
			above[m[1]] = m[2]
		}
		cells := cells(l)
		if len(cells) > 0 && cells[0] == "row" {
			columns = cells
		}
		if len(cells) == 0 || !id.MatchString(cells[0]) {
			continue
		}
		if len(cells) != len(columns) {
			t.Fatalf("%d cells below %d headings: %s", len(cells), len(columns), l)
		}
		row := maps.Clone(above)
		for i, cell := range cells {
			if cell != "" {
				row[columns[i]] = cell
			}
		}
		for _, column := range []string{"what fails", "metrics", "log", "page, HTTP", "what heals it"} {
			if row[column] == "" {
				t.Errorf("%s says nothing of %s, and nothing is said above its table", cells[0], column)
			}
		}
		lines = append(lines, line{
			id.FindStringSubmatch(cells[0])[1], row["what fails"], row["metrics"], row["log"], row["page, HTTP"], row["what heals it"],
		})
	}
	return lines
}

// cells are those of a line of a table.
func cells(l string) []string {
	if !strings.HasPrefix(l, "|") {
		return nil
	}
	var all []string
	for _, cell := range strings.Split(strings.Trim(l, "|"), "|") {
		all = append(all, strings.TrimSpace(cell))
	}
	return all
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
