// Package faults breaks everything around the built exporter that can break, one thing at a time, and holds what it then
// says against docs/reliability.md, whose rows are the subtests here.
package faults

import (
	"flag"
	"os"
	"testing"
)

// TestMain lets all groups run at once: they wait for timeouts most of the time.
func TestMain(m *testing.M) {
	flag.Parse()
	if err := flag.Set("test.parallel", "16"); err != nil {
		panic(err)
	}
	os.Exit(m.Run())
}

// row is one line of the table.
type row struct {
	id      string
	strikes []strike                        // one after the other, or
	do      func(t *testing.T, x *exporter) // whatever else the row needs
	alone   func(t *testing.T, s *suite)    // with processes of its own
	says    []string                        // what the row of the document must contain
}

// group is the rows that share an exporter; those without start run beside each other with exporters of their own.
type group struct {
	name  string
	start func(t *testing.T, s *suite) *exporter
	rows  []row
}

// groups are all rows, in the order of the document.
func groups() []group {
	return []group{
		{"refusals", startCloud, refusals()},
		{"answers", startCloud, answers()},
		{"slow", startCloud, slow()},
		{"indexes", startIndexes, indexes()},
		{"tcp", startTCP, tcp()},
		{"tls", startTLS, tlsRows()},
		{"proxy", startProxies, proxies()},
		{"credentials", startCredentials, credentials()},
		{"sources", startSources, sources()},
		{"configuration", nil, configuration()},
		{"reload", startReload, reloads()},
		{"process", nil, processRows()},
		{"scraper", startScraped, scraper()},
		{"garbage", startCloud, garbage()},
	}
}

// suite is what all rows share: the program, and the ears that listen for secrets.
type suite struct {
	path  string
	leaks *leaks
}

func TestFaults(t *testing.T) {
	s := &suite{path: os.Getenv("OSSVECTOR_EXPORTER"), leaks: &leaks{}}
	if s.path == "" {
		t.Fatal("OSSVECTOR_EXPORTER is not set: run this by make faults, which builds it")
	}
	t.Run("rows", func(t *testing.T) {
		for _, g := range groups() {
			t.Run(g.name, func(t *testing.T) {
				t.Parallel()
				g.run(t, s)
			})
		}
	})
	t.Run("secrets", func(t *testing.T) { s.leaks.check(t) })
}

func (g group) run(t *testing.T, s *suite) {
	var x *exporter
	if g.start != nil {
		x = g.start(t, s)
	}
	for _, r := range g.rows {
		t.Run(r.id, func(t *testing.T) {
			switch {
			case r.alone != nil:
				t.Parallel()
				r.alone(t, s)
			case r.do != nil:
				r.do(t, x)
			}
			for _, one := range r.strikes {
				x.strike(t, one)
			}
		})
	}
	if x != nil && !t.Failed() {
		x.visitAll(t)
		x.end(t)
	}
}

// must ends a test over an error of its own means.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
