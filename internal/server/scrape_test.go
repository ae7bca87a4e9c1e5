package server_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"ossvector_exporter/collector"
	"ossvector_exporter/internal/server"
)

// own are the exporter's own metrics.
const own = `# HELP ossvector_exporter_own The exporter's.
# TYPE ossvector_exporter_own gauge
ossvector_exporter_own 0
`

const promhttpMetrics = `# HELP promhttp_metric_handler_errors_total Total number of internal errors encountered by the promhttp metric handler.
# TYPE promhttp_metric_handler_errors_total counter
promhttp_metric_handler_errors_total{cause="encoding"} 0
promhttp_metric_handler_errors_total{cause="gathering"} 0
# HELP promhttp_metric_handler_requests_in_flight Current number of scrapes being served.
# TYPE promhttp_metric_handler_requests_in_flight gauge
promhttp_metric_handler_requests_in_flight 1
# HELP promhttp_metric_handler_requests_total Total number of scrapes by HTTP status code.
# TYPE promhttp_metric_handler_requests_total counter
promhttp_metric_handler_requests_total{code="200"} SCRAPES
promhttp_metric_handler_requests_total{code="500"} 0
promhttp_metric_handler_requests_total{code="503"} 0
`

const up = `# HELP ossvector_up A test's.
# TYPE ossvector_up gauge
ossvector_up 1
`

func TestMetricsPages(t *testing.T) {
	f := &fake{}
	ts := start(t, options(f))
	for i, c := range []struct{ path, want string }{
		{"/metrics", own + up + promhttpMetrics},
		{"/metrics/exporter", own + promhttpMetrics},
		{"/probe?account=staging", up},
		{"/metrics?anything=x&y=%", own + up + promhttpMetrics},
		{"/metrics/exporter?anything=x", own + promhttpMetrics},
		{"/probe?account=staging&region=cn-hangzhou&name[]=ossvector_up&name[]=other", up},
	} {
		got := get(t, ts, c.path)
		want := strings.ReplaceAll(c.want, "SCRAPES", string(rune('0'+i)))
		if d := cmp.Diff(want, got.body); d != "" || got.status != 200 {
			t.Errorf("%s: %d, -want +got:\n%s", c.path, got.status, d)
		}
	}
}

func TestHeadDoesNotScrape(t *testing.T) {
	f := &fake{}
	ts := start(t, options(f))
	got := request(t, ts.Client(), "HEAD", ts.URL+"/metrics")
	if _, _, calls := f.last(); got.status != 200 || calls != 0 {
		t.Errorf("%d, %d scrapes", got.status, calls)
	}
	wantContains(t, got.header.Get("Content-Type"), "text/plain; version=0.0.4")
}

func TestScrapeTimeout(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		header string
		offset time.Duration
		want   time.Duration
	}{
		{"", 500 * time.Millisecond, 0},
		{"10", 500 * time.Millisecond, 9500 * time.Millisecond},
		{"10", 0, 10 * time.Second},
		{"1e1", 0, 10 * time.Second},
		{"1.001", 500 * time.Millisecond, 501 * time.Millisecond},
		{"1", 500 * time.Millisecond, 500 * time.Millisecond},
		{"0.8", 500 * time.Millisecond, 400 * time.Millisecond},
		{"0.5", 500 * time.Millisecond, 250 * time.Millisecond},
		{"10", time.Hour, 5 * time.Second},
		{"0", 0, 0},
		{"-0", 0, 0},
		{"-5", 0, 0},
		{"NaN", 0, 0},
		{"Inf", 0, 0},
		{"-Inf", 0, 0},
		{"1e999", 0, 0},
		{"1e300", 0, day},
		{"86401", time.Second, day - time.Second},
		{"1e-300", 0, 1},
		{"1e-300", time.Second, 1},
		{"ten", 0, 0},
		{"10s", 0, 0},
		{"10, 20", 0, 0},
	} {
		for _, path := range []string{"/metrics", "/probe?account=staging"} {
			f := &fake{}
			o := options(f)
			o.TimeoutOffset = c.offset
			ts := start(t, o)
			get(t, ts, path, "X-Prometheus-Scrape-Timeout-Seconds", c.header)
			if _, limit, calls := f.last(); limit != c.want || calls != 1 {
				t.Errorf("%s, header %q, offset %s: limit %s, want %s (%d scrapes)", path, c.header, c.offset, limit, c.want, calls)
			}
		}
	}
}

// What it took to write the last answer to the same selection is no time for listings.
func TestWritingBelongsToTheOffset(t *testing.T) {
	f := &fake{}
	ts := start(t, options(f))
	ask := func(path string) time.Duration {
		get(t, ts, path, "X-Prometheus-Scrape-Timeout-Seconds", "10")
		_, limit, _ := f.last()
		return limit
	}
	for _, path := range []string{"/metrics", "/probe?account=staging", "/probe?account=staging&region=cn-hangzhou"} {
		if first, second := ask(path), ask(path); first != 10*time.Second || second >= first || second < 5*time.Second {
			t.Errorf("%s: %s, then %s", path, first, second)
		}
	}
}

// slowReader is a client that takes three seconds for everything that is sent to it.
type slowReader struct{ *httptest.ResponseRecorder }

func (s slowReader) Write(b []byte) (int, error) {
	time.Sleep(3 * time.Second)
	return s.ResponseRecorder.Write(b)
}

func TestReadingBelongsToNobodysOffset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		h := handler(t, options(f))
		for range 2 {
			req := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", http.NoBody)
			req.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", "10")
			began := time.Now()
			h.ServeHTTP(slowReader{httptest.NewRecorder()}, req)
			if _, limit, _ := f.last(); limit != 10*time.Second || time.Since(began) != 3*time.Second {
				t.Errorf("limit %s, answered after %s", limit, time.Since(began))
			}
		}
	})
}

func TestProbeSelects(t *testing.T) {
	f := &fake{}
	ts := start(t, options(f))
	for query, want := range map[string]collector.Selection{
		"account=staging":                           {Account: "staging"},
		"account=production&region=cn-shanghai":     {Account: "production", Region: "cn-shanghai"},
		"region=cn%2Dhangzhou&account=%70roduction": {Account: "production", Region: "cn-hangzhou"},
	} {
		got := get(t, ts, "/probe?"+query)
		if sel, _, _ := f.last(); sel != want || got.status != 200 {
			t.Errorf("%s: %d, selected %+v, want %+v", query, got.status, sel, want)
		}
	}
}

func TestPartOfTheMetricsIsStill200(t *testing.T) {
	f := &fake{gather: func(context.Context) ([]*dto.MetricFamily, error) {
		mfs, _ := gauge("ossvector_up", 0).Gather()
		return mfs, errors.New("a\nb")
	}}
	var lines logs
	o := options(f)
	o.Logger = log.NewLogfmtLogger(&lines)
	ts := start(t, o)
	got := get(t, ts, "/metrics")
	if got.status != 200 {
		t.Errorf("%d", got.status)
	}
	wantContains(t, got.body, "ossvector_up 0", "ossvector_exporter_own 0")
	wantContains(t, get(t, ts, "/metrics/exporter").body, `promhttp_metric_handler_errors_total{cause="gathering"} 1`)
	if n := strings.Count(lines.String(), "\n"); n != 1 {
		t.Errorf("%d lines:\n%s", n, lines.String())
	}
}

func TestNothingGatheredIs500(t *testing.T) {
	f := &fake{gather: func(context.Context) ([]*dto.MetricFamily, error) { return nil, errors.New("inner secrets") }}
	var lines logs
	o := options(f)
	o.Logger = log.NewLogfmtLogger(&lines)
	ts := start(t, o)
	got := get(t, ts, "/probe?account=staging")
	if got.status != 500 {
		t.Errorf("%d", got.status)
	}
	wantContains(t, got.body, "no metrics could be gathered")
	wantWithout(t, got.body, "inner secrets")
	if n := strings.Count(lines.String(), "\n"); n != 1 {
		t.Errorf("%d lines:\n%s", n, lines.String())
	}
	wantContains(t, get(t, ts, "/metrics/exporter").body, `requests_total{code="500"} 1`, `{cause="encoding"} 0`, `{cause="gathering"} 1`)
}

func TestInvalidMetricIsCounted(t *testing.T) {
	f := &fake{gather: func(context.Context) ([]*dto.MetricFamily, error) {
		name, kind := "ossvector_up", dto.MetricType_GAUGE
		return []*dto.MetricFamily{{Name: &name, Type: &kind, Metric: []*dto.Metric{{}}}}, nil // a gauge without a value
	}}
	var lines logs
	o := options(f)
	o.Logger = log.NewLogfmtLogger(&lines)
	ts := start(t, o)
	if resp, err := ts.Client().Get(ts.URL + "/probe?account=staging"); err == nil {
		resp.Body.Close()
		t.Error("a complete answer") // it would pass for everything that there is
	}
	wantContains(t, get(t, ts, "/metrics/exporter").body, `{cause="encoding"} 1`)
	wantContains(t, lines.String(), "metrics could not be sent whole")
}

func TestPanicIs500AndOneLine(t *testing.T) {
	f := &fake{gather: func(context.Context) ([]*dto.MetricFamily, error) { panic("a bug") }}
	var lines logs
	o := options(f)
	o.Logger = log.NewLogfmtLogger(&lines)
	ts := start(t, o)
	got := get(t, ts, "/metrics")
	if got.status != 500 {
		t.Errorf("%d", got.status)
	}
	wantWithout(t, got.body, "a bug", "goroutine")
	wantContains(t, lines.String(), `msg="a page panicked" path=/metrics err="a bug" at=scrape_test.go:`)
	if n := strings.Count(lines.String(), "\n"); n != 1 {
		t.Errorf("%d lines:\n%s", n, lines.String())
	}
	wantContains(t, get(t, ts, "/metrics/exporter").body, `requests_total{code="500"} 1`, "in_flight 1")
}

func TestClientThatHangsUpIsNoError(t *testing.T) {
	entered, seen := make(chan struct{}), make(chan struct{})
	f := &fake{gather: func(ctx context.Context) ([]*dto.MetricFamily, error) {
		close(entered)
		<-ctx.Done() // the request's context reaches the collector
		close(seen)
		return nil, ctx.Err()
	}}
	var lines logs
	o := options(f)
	o.Logger = log.NewLogfmtLogger(&lines)
	ts := start(t, o)
	ctx, hangUp := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, ts.URL+"/metrics", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	go func() { <-entered; hangUp() }()
	if resp, err := ts.Client().Do(req); err == nil {
		resp.Body.Close()
		t.Error("an answer")
	}
	<-seen
	ts.Close() // waits for the handler
	if n := errorsCounted(t, o.Exporter); n != 0 {
		t.Errorf("counted as %v errors", n)
	}
	wantWithout(t, lines.String(), "msg")
}

// errorsCounted is how many errors of gathering and sending the exporter has counted.
func errorsCounted(t *testing.T, own prometheus.Gatherer) float64 {
	t.Helper()
	mfs, err := own.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, mf := range mfs {
		if mf.GetName() == "promhttp_metric_handler_errors_total" {
			return mf.GetMetric()[0].GetCounter().GetValue() + mf.GetMetric()[1].GetCounter().GetValue()
		}
	}
	t.Fatal("no counter")
	return 0
}

// gate is a gather function whose scrapes wait until it is opened.
type gate struct{ enter, open chan struct{} }

func newGate() gate { return gate{make(chan struct{}), make(chan struct{})} }

func (g gate) gather(context.Context) ([]*dto.MetricFamily, error) {
	g.enter <- struct{}{}
	<-g.open
	return gauge("ossvector_up", 1).Gather()
}

// What is in flight is bounded, and what tells of the trouble still answers.
func TestRequestsInFlightAreBounded(t *testing.T) {
	for path, c := range map[string]struct {
		bound       int
		still, gone []string
	}{
		"/metrics":               {40, []string{"/-/healthy", "/metrics/exporter", "/probe?account=staging", "/"}, []string{"/metrics"}},
		"/probe?account=staging": {server.MaxProbes, []string{"/-/ready", "/metrics/exporter", "/"}, []string{"/probe?account=production"}},
		"/-/reload":              {server.MaxPages, []string{"/-/healthy", "/metrics"}, []string{"/-/reload", "/", "/metrics/exporter", "/api/v1/buckets"}},
	} {
		t.Run(path, func(t *testing.T) {
			inside, end := make(chan struct{}, 2*c.bound), make(chan struct{})
			var blocked atomic.Bool
			blocked.Store(true)
			wait := func() {
				if blocked.Load() {
					inside <- struct{}{}
					<-end
				}
			}
			o := options(&fake{gather: func(context.Context) ([]*dto.MetricFamily, error) {
				wait()
				return gauge("ossvector_up", 1).Gather()
			}})
			o.EnableLifecycle, o.Reload = true, func() error { wait(); return nil }
			h := handler(t, o)
			ask := func(path string) *httptest.ResponseRecorder {
				return record(t, h, path, func(r *http.Request) {
					if path == "/-/reload" {
						r.Method = http.MethodPost
					}
				})
			}
			var wg sync.WaitGroup
			answered := make(chan int, c.bound)
			for range c.bound {
				wg.Go(func() { answered <- ask(path).Code })
				<-inside
			}
			blocked.Store(false) // a request that is let in although it should not be answers 200
			for _, path := range c.gone {
				if got := ask(path); got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") != "5" {
					t.Errorf("one too many for %s: %d, Retry-After %q", path, got.Code, got.Header().Get("Retry-After"))
				}
			}
			for _, path := range c.still {
				if got := ask(path); got.Code != http.StatusOK {
					t.Errorf("%s meanwhile: %d", path, got.Code)
				}
			}
			close(end)
			wg.Wait()
			for range c.bound {
				if code := <-answered; code != http.StatusOK {
					t.Errorf("status %d", code)
				}
			}
			if got := ask(path); got.Code != http.StatusOK {
				t.Errorf("afterwards %d", got.Code)
			}
		})
	}
}

func TestSlowReaderIsCutOff(t *testing.T) {
	const families = 2000
	f := &fake{gather: func(context.Context) ([]*dto.MetricFamily, error) {
		v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "big", Help: "Much."}, []string{"l"})
		pad := strings.Repeat("x", 10_000)
		for i := range families {
			v.WithLabelValues(pad + string(rune(i+1000))).Set(1)
		}
		r := prometheus.NewRegistry()
		r.MustRegister(v)
		return r.Gather()
	}}
	var lines logs
	o := options(f)
	o.Logger = log.NewLogfmtLogger(&lines)
	o.MaxRequests = 1
	h, err := server.NewBriefly(o, 50*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewServer(h)
	defer ts.Close()
	conn, err := net.Dial("tcp", ts.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n") // and never reads
	for deadline := time.Now().Add(20 * time.Second); errorsCounted(t, o.Exporter) == 0; {
		if time.Now().After(deadline) {
			t.Fatal("still not cut off")
		}
		runtime.Gosched()
	}
	ts.Close()
	wantContains(t, lines.String(), "metrics could not be sent whole", "i/o timeout")
}
