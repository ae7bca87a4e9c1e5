package server_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"go.uber.org/goleak"

	"ossvector_exporter/collector"
	"ossvector_exporter/internal/server"
)

func TestMain(m *testing.M) {
	if serveForSystemd() {
		return
	}
	goleak.VerifyTestMain(m)
}

// noon is when all tests with a clock of their own begin, as synctest has it.
var noon = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// fake is a Backend by hand. What it was asked for last is in asked and limit.
type fake struct {
	accounts []collector.Account
	state    []collector.RegionState
	gather   func(ctx context.Context) ([]*dto.MetricFamily, error) // default: one gauge

	mu    sync.Mutex
	calls int
	asked collector.Selection
	limit time.Duration
}

func (f *fake) Gatherer(ctx context.Context, sel collector.Selection, limit time.Duration) prometheus.Gatherer {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls++
	f.asked, f.limit = sel, limit
	return prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) {
		if f.gather != nil {
			return f.gather(ctx)
		}
		return gauge("ossvector_up", 1).Gather()
	})
}

func (f *fake) Accounts() []collector.Account { return f.accounts }

func (f *fake) State(sel collector.Selection) []collector.RegionState {
	return slices.DeleteFunc(slices.Clone(f.state), func(r collector.RegionState) bool {
		return sel.Account != "" && sel.Account != r.Account || sel.Region != "" && sel.Region != r.Region
	})
}

// last is what the last scrape asked for, and how many there were.
func (f *fake) last() (collector.Selection, time.Duration, int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.asked, f.limit, f.calls
}

// gauge is a gatherer of one metric.
func gauge(name string, value float64) prometheus.Gatherer {
	g := prometheus.NewGauge(prometheus.GaugeOpts{Name: name, Help: "A test's."})
	g.Set(value)
	r := prometheus.NewRegistry()
	r.MustRegister(g)
	return r
}

func twoAccounts() []collector.Account {
	return []collector.Account{
		{Name: "production", Regions: []string{"cn-hangzhou", "cn-shanghai"}},
		{Name: "staging", Regions: []string{"cn-hangzhou"}},
	}
}

// logs collects lines for any number of writers.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// options are those of a handler over f with its own metrics in one registry.
func options(f *fake) server.Options {
	own := prometheus.NewRegistry()
	own.MustRegister(prometheus.NewGauge(prometheus.GaugeOpts{Name: "ossvector_exporter_own", Help: "The exporter's."}))
	if f.accounts == nil {
		f.accounts = twoAccounts()
	}
	return server.Options{
		Backend: f, Exporter: own, Registry: own, Logger: log.NewNopLogger(), Version: "1.2.3",
		ConfigYAML:    func() ([]byte, error) { return []byte("accounts: []\n"), nil },
		TelemetryPath: "/metrics", MaxRequests: 40, ConfigStatus: func() server.ConfigStatus { return server.ConfigStatus{LoadedAt: noon} },
	}
}

func handler(t testing.TB, o server.Options) http.Handler {
	t.Helper()
	h, err := server.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// start serves o's handler over real HTTP until the test ends.
func start(t testing.TB, o server.Options) *httptest.Server {
	t.Helper()
	ts := httptest.NewServer(handler(t, o))
	t.Cleanup(ts.Close)
	return ts
}

type reply struct {
	status int
	header http.Header
	body   string
}

// request sends a request with headers given as name, value, name, value.
func request(t testing.TB, c *http.Client, method, url string, headers ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			req.Host = headers[i+1]
			continue
		}
		req.Header.Add(headers[i], headers[i+1])
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp.StatusCode, resp.Header, string(body)}
}

// atNoon is the answer to a request that is made at noon.
func atNoon(t *testing.T, o server.Options, path string) (got reply) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := record(t, handler(t, o), path)
		got = reply{w.Code, w.Header(), w.Body.String()}
	})
	return got
}

func get(t testing.TB, ts *httptest.Server, path string, headers ...string) reply {
	t.Helper()
	return request(t, ts.Client(), http.MethodGet, ts.URL+path, headers...)
}

func wantContains(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("no %q in:\n%.3000s", p, text)
		}
	}
}

func wantWithout(t testing.TB, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if strings.Contains(text, p) {
			t.Errorf("%q in:\n%.3000s", p, text)
		}
	}
}
