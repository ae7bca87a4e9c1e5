package faults

import (
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"ossvector_exporter/test/process"
)

// fetch asks for a page as a scraper that waits for waitLimit, which the answer may not take.
func (x *exporter) fetch(t *testing.T, path string) string {
	t.Helper()
	began := time.Now()
	b, err := x.web.Fetch(t.Context(), path)
	must(t, err)
	if took := time.Since(began); took > waitLimit {
		t.Errorf("%s took %s", path, took)
	}
	return string(b)
}

func (x *exporter) scrape(t *testing.T) process.Samples {
	t.Helper()
	began := time.Now()
	s, err := x.web.Scrape(t.Context(), "/metrics")
	must(t, err)
	if took := time.Since(began); took > deadline+5*time.Second {
		t.Errorf("the scrape took %s, its deadline was %s", took, deadline)
	}
	return s
}

// scrapeFor scrapes with the timeout of a scraper in the header.
func (x *exporter) scrapeFor(t *testing.T, path, seconds string) (process.Samples, error) {
	t.Helper()
	hurried := *x.web
	client := *x.web.Client
	client.Transport = headers{client.Transport, http.Header{"X-Prometheus-Scrape-Timeout-Seconds": {seconds}}}
	hurried.Client = &client
	return hurried.Scrape(t.Context(), path)
}

// headers is a transport that adds some.
type headers struct {
	next http.RoundTripper
	more http.Header
}

func (h headers) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	for name, values := range h.more {
		r.Header[name] = values
	}
	return h.next.RoundTrip(r)
}

// config is the configuration as it stands in the file.
func (x *exporter) config(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(x.file())
	must(t, err)
	return string(b)
}

// reload asks for a reload over HTTP, expects a status and returns the answer.
func (x *exporter) reload(t *testing.T, want int) string {
	t.Helper()
	got, body := x.send(t, http.MethodPost, "/-/reload", nil)
	if got != want {
		t.Fatalf("reload: status %d: %s", got, body)
	}
	return body
}

// send makes a request of any kind.
func (x *exporter) send(t *testing.T, method, path string, more http.Header) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, x.web.URL+path, http.NoBody)
	must(t, err)
	for name, values := range more {
		req.Header[name] = values
	}
	resp, err := x.web.Client.Do(req)
	must(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	must(t, err)
	return resp.StatusCode, string(b)
}

var (
	goroutineCount = regexp.MustCompile(`goroutine profile: total (\d+)`)
	heapInUse      = regexp.MustCompile(`# HeapAlloc = (\d+)`)
)

// usage is what the process holds after a garbage collection.
func (x *exporter) usage(t *testing.T) (goroutines, descriptors, heap int) {
	t.Helper()
	number := func(path string, re *regexp.Regexp) int {
		m := re.FindStringSubmatch(x.fetch(t, path))
		if m == nil {
			t.Fatalf("no %s in %s", re, path)
		}
		n, err := strconv.Atoi(m[1])
		must(t, err)
		return n
	}
	descriptors, err := x.process.Descriptors()
	must(t, err)
	return number("/debug/pprof/goroutine?debug=1", goroutineCount), descriptors, number("/debug/pprof/heap?gc=1&debug=1", heapInUse)
}
