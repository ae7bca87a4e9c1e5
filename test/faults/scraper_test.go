package faults

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ossvector_exporter/ossvapi/ossvtest"
	"ossvector_exporter/test/simulation"
)

func startScraped(t *testing.T, s *suite) *exporter { return startReload(t, s) }

func scraper() []row {
	return []row{
		{id: "scraper-hangs-up", do: hangsUp},
		{id: "scraper-all-hang-up", do: allHangUp},
		{id: "scraper-500-at-once", do: fiveHundred},
		{id: "scraper-absurd-timeout", do: absurdTimeouts},
		{id: "scraper-tiny-timeout", do: tinyTimeouts},
		{id: "scraper-absurd-query", do: absurdQueries},
		{id: "scraper-absurd-accept", do: absurdAccepts},
		{id: "scraper-wrong-method", do: wrongMethods},
		{id: "scraper-body", do: bodies},
		{id: "scraper-idle-connections", do: idleConnections},
		{id: "scraper-slow-reader", alone: slowReaders},
		{id: "scraper-slow-header", alone: slowHeaders},
		{id: "scraper-slow-body", alone: slowBodies},
		{id: "scraper-no-password", alone: noPassword},
		{id: "web-config-broken-later", alone: webConfigLater},
	}
}

// gated has the struck region wait at a gate for as long as the row lasts.
func (x *exporter) gated() (gate *ossvtest.Gate, heal func()) {
	gate = ossvtest.NewGate()
	return gate, x.cloud.Service.Inject(ossvtest.Fault{
		Match: ossvtest.Match{Account: simulation.AccountID, Region: struck.region}, Do: gate.Action,
	})
}

// hangsUp has one of two scrapers leave in mid-scrape: the other does not notice.
func hangsUp(t *testing.T, x *exporter) {
	before, from := x.scrape(t), x.logSize()
	gate, heal := x.gated()
	defer heal()
	ctx, cancel := context.WithCancel(t.Context())
	left, stayed := make(chan error, 1), make(chan struct{})
	go func() {
		_, err := x.web.Scrape(ctx, "/metrics")
		left <- err
	}()
	<-gate.Arrived()
	go func() {
		defer close(stayed)
		x.wantUp(t, struck, x.scrape(t))
	}()
	eventually(t, "the second scrape", func() bool { return x.inFlight(t) >= 2 })
	cancel()
	if <-left == nil {
		t.Error("a scrape that its client left has succeeded")
	}
	gate.Open()
	<-stayed
	x.quiet(t, before, from)
}

// inFlight is how many scrapes the exporter is working on, by its goroutines.
func (x *exporter) inFlight(t *testing.T) int {
	t.Helper()
	return strings.Count(x.fetch(t, "/debug/pprof/goroutine?debug=2"), "(*scrape).families(")
}

// quiet checks that what happened counts as no error, changed no state and logged nothing.
func (x *exporter) quiet(t *testing.T, before map[string]float64, from int) {
	t.Helper()
	after := x.scrape(t)
	for _, p := range []regionKey{struck, other} {
		wantSame(t, "afterwards", steady(before, p), steady(after, p))
	}
	if lines := x.lines(from, ""); len(lines) > 0 {
		t.Errorf("logged: %q", lines)
	}
}

// allHangUp has every scraper leave: the listing ends, and nothing is left behind.
func allHangUp(t *testing.T, x *exporter) {
	before, from := x.scrape(t), x.logSize()
	gate, heal := x.gated()
	for range 20 {
		ctx, cancel := context.WithCancel(t.Context())
		left := make(chan error, 1)
		go func() {
			_, err := x.web.Scrape(ctx, "/metrics")
			left <- err
		}()
		<-gate.Arrived()
		cancel()
		if <-left == nil {
			t.Error("a scrape that its client left has succeeded")
		}
		// A scrape that came before the exporter had noticed would join the listing that is about to end.
		eventually(t, "the end of the listing", func() bool { return x.inFlight(t) == 0 })
	}
	eventually(t, "the end of the listings", func() bool {
		return x.cloud.Service.InFlight() == 0 && x.inFlight(t) == 0
	})
	gate.Open()
	heal()
	x.quiet(t, before, from)
}

// fiveHundred come at once while a region hangs: 40 wait for one listing, the rest are told to come back.
func fiveHundred(t *testing.T, x *exporter) {
	before, from := x.scrape(t), x.logSize()
	gate, heal := x.gated()
	defer heal()
	first := ossvtest.Match{Account: simulation.AccountID, Region: struck.region, Page: 1}
	listed := x.cloud.Service.Count(first)
	var served, refused atomic.Int64
	var all sync.WaitGroup
	for range 500 {
		all.Go(func() {
			resp, err := x.get(t.Context(), "/metrics")
			if err != nil {
				t.Error(err)
				return
			}
			defer resp.Body.Close()
			_, _ = io.Copy(io.Discard, resp.Body)
			switch {
			case resp.StatusCode == http.StatusOK:
				served.Add(1)
			case resp.StatusCode == http.StatusServiceUnavailable && resp.Header.Get("Retry-After") != "":
				refused.Add(1)
			default:
				t.Errorf("status %d", resp.StatusCode)
			}
		})
	}
	eventually(t, "460 refusals", func() bool { return refused.Load() == 460 })
	x.fetch(t, "/-/healthy")
	gate.Open()
	all.Wait()
	if served.Load() != 40 {
		t.Errorf("%d served, %d refused", served.Load(), refused.Load())
	}
	if listings := x.cloud.Service.Count(first) - listed; listings != 1 {
		t.Errorf("%d listings for 40 scrapes", listings)
	}
	x.quiet(t, before, from)
}

func (x *exporter) get(ctx context.Context, path string) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, x.web.URL+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	return x.web.Client.Do(req)
}

// absurdTimeouts are no positive numbers, or too large: the configuration's own deadline holds.
func absurdTimeouts(t *testing.T, x *exporter) {
	before, from := x.scrape(t), x.logSize()
	for _, text := range []string{
		"0", "-1", "-0", "NaN", "nan", "Inf", "-Inf", "1e309", "text", " ", "10s", "1,5", "１０", "0x", "1e", "1e300", "99999999999999999999", "\"10\"",
		strings.Repeat("9", 5000),
	} {
		s, err := x.scrapeFor(t, "/metrics", text)
		must(t, err)
		x.wantUp(t, struck, s)
	}
	x.quiet(t, before, from)
}

// tinyTimeouts leave no time at all: the answer comes all the same, and says so.
func tinyTimeouts(t *testing.T, x *exporter) {
	for _, text := range []string{"0.001", "1e-9", "1e-300", "0x1p-20"} {
		before := x.scrape(t)
		began := time.Now()
		s, err := x.scrapeFor(t, "/metrics", text)
		must(t, err)
		if took := time.Since(began); took > slack {
			t.Errorf("%s: it took %s", text, took)
		}
		for _, p := range []regionKey{struck, other} {
			up, there := value(s, p, "ossvector_up")
			if _, counted := value(s, p, "ossvector_buckets"); !there || counted != (up == 1) {
				t.Errorf("%s: up %v (%v), buckets there: %v", text, up, there, counted)
			}
			if up == 0 {
				wantErrors(t, p, before, s, map[string]float64{"timeout": 1})
			}
		}
		x.wantUp(t, struck, x.scrape(t))
	}
}

// idleConnections are opened and left alone.
func idleConnections(t *testing.T, x *exporter) {
	before, from := x.scrape(t), x.logSize()
	for range 500 {
		c, err := net.Dial("tcp", x.process.Addr)
		must(t, err)
		t.Cleanup(func() { _ = c.Close() })
	}
	x.quiet(t, before, from)
}
