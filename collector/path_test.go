package collector_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
	"ossvector_exporter/ossvapi/ossvtest"
)

// path is everything from a request of /metrics to the simulated service.
type path struct {
	t       testing.TB
	service *ossvtest.Server
	account *ossvtest.Account
	metrics string // URL
	logs    *logs
}

var testKey = ossvtest.Key{ID: "LTAI-test", Secret: "test-secret"}

// keys is a source with one key.
type keys struct{ key ossvapi.Key }

func (k keys) Key(context.Context) (ossvapi.Key, error) { return k.key, nil }
func (keys) Renew(context.Context, ossvapi.Key) (ossvapi.Key, error) {
	return ossvapi.Key{}, fmt.Errorf("no other key")
}

// newPath serves the metrics of account prod with these regions.
func newPath(t testing.TB, o ossvtest.Options, change func(*collector.Account, *ossvapi.Options), regions ...string) *path {
	p := &path{t: t, service: ossvtest.New(o), logs: &logs{}}
	p.account = p.service.AddAccount(owner, testKey)
	cloud := httptest.NewServer(p.service)
	t.Cleanup(cloud.Close)
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	c := collector.New(log.NewLogfmtLogger(p.logs))
	options := ossvapi.Options{
		Keys: keys{ossvapi.Key{ID: testKey.ID, Secret: testKey.Secret}}, Endpoint: cloud.URL, PageSize: 2,
		RequestTimeout: 5 * time.Second, MaxAttempts: 2, Observer: c.Observer("prod"),
		Transport: func(ossvapi.Operation, string) http.RoundTripper { return transport },
	}
	a := collector.Account{Name: "prod", Regions: regions, PerBucket: true}
	if change != nil {
		change(&a, &options)
	}
	a.API = ossvapi.New(options)
	c.Apply(settings(a))
	metrics := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g := c.Gatherer(r.Context(), all, 0)
		promhttp.HandlerFor(g, promhttp.HandlerOpts{}).ServeHTTP(w, r)
	}))
	t.Cleanup(metrics.Close)
	p.metrics = metrics.URL
	return p
}

// scrape asks for the metrics as a scraper does.
func (p *path) scrape() string {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, p.metrics, http.NoBody)
	if err != nil {
		p.t.Fatal(err)
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var b strings.Builder
	if err := resp.Write(&b); err != nil || resp.StatusCode != http.StatusOK {
		p.t.Fatalf("status %d, %v", resp.StatusCode, err)
	}
	_, body, _ := strings.Cut(b.String(), "\r\n\r\n")
	return body
}

func (p *path) put(region string, names ...string) {
	for _, name := range names {
		p.account.Put(region, ossvtest.Bucket{Name: name, CreationDate: "2026-01-02T03:04:05.250Z", ResourceGroupID: "rg-1"})
	}
}

// The third page of a region fails: nothing of it is shown, everything of the others.
func TestPathRegionFailsOnItsThirdPage(t *testing.T) {
	p := newPath(t, ossvtest.Options{}, nil, "cn-a", "cn-b", "cn-c")
	p.put("cn-a", "a", "b", "c", "d", "e")
	p.put("cn-b", "x")
	p.service.Inject(ossvtest.Fault{
		Match: ossvtest.Match{Region: "cn-a", Page: 3}, Do: ossvtest.Fail(http.StatusForbidden, "AccessDenied", "no"),
	})
	text := p.scrape()
	same(t, only(text, "ossvector_buckets", "ossvector_up", "ossvector_scrape_pages", "ossvector_last_error_info"), golden(`
		buckets{cn-b} 1
		buckets{cn-c} 0
		error_info{cn-a access_denied 403 AccessDenied} 1
		scrape_pages{cn-a} 2
		scrape_pages{cn-b} 1
		scrape_pages{cn-c} 1
		up{cn-a} 0
		up{cn-b} 1
		up{cn-c} 1`))
	values(t, text, map[string]string{failures("cn-a", ossvapi.ListVectorBuckets, ossvapi.AccessDenied): "1"})
	same(t, fmt.Sprint(infoNames(text)), "[cn-b/x]")
	p.service.ClearFaults()
	values(t, p.scrape(), map[string]string{"ossvector_buckets" + of("cn-a"): "5"})
}

// Answers that the API does not promise are a failure, never 0 buckets.
func TestPathNonsense(t *testing.T) {
	body := func(text string) ossvtest.Action { return ossvtest.Respond(http.StatusOK, nil, text) }
	for name, do := range map[string]ossvtest.Action{
		"nothing":            body(""),
		"null":               body("null"),
		"an empty object":    body("{}"),
		"a list":             body("[]"),
		"an error":           body(`{"Error":{"Code":"InternalError"}}`),
		"another root":       body(`{"ListBucketsResult":{"Buckets":[]}}`),
		"a null inside":      body(`{"ListAllMyBucketsResult":null}`),
		"no name":            body(`{"ListAllMyBucketsResult":{"Buckets":[{"Region":"cn-a"}]}}`),
		"html":               body("<html>hello</html>"),
		"half of it":         ossvtest.Truncate(40),
		"no marker":          ossvtest.MissingMarker(),
		"a marker in a loop": ossvtest.LoopMarker(),
		"another status":     ossvtest.Respond(http.StatusNoContent, nil, ""),
		"a redirect":         ossvtest.Respond(http.StatusFound, http.Header{"Location": {"/"}}, ""),
	} {
		t.Run(name, func(t *testing.T) {
			p := newPath(t, ossvtest.Options{}, nil, "cn-a", "cn-b")
			p.put("cn-a", "a")
			p.service.Inject(ossvtest.Fault{Match: ossvtest.Match{Region: "cn-a"}, Do: do})
			text := p.scrape()
			values(t, text, map[string]string{
				"ossvector_up" + of("cn-a"): "0", "ossvector_buckets" + of("cn-a"): "absent", "ossvector_up" + of("cn-b"): "1",
			})
			info := only(text, "ossvector_last_error_info")
			if label(info, "reason") != "invalid_response" {
				t.Errorf("shown: %s", info)
			}
		})
	}
}

// Endpoints that list the whole account, each page with doubles: every bucket once, by its own region.
func TestPathWholeAccountWithDuplicates(t *testing.T) {
	p := newPath(t, ossvtest.Options{WholeAccount: true, OpaqueMarkers: true}, nil, "cn-a", "cn-b")
	p.put("cn-a", "one", "two", "three")
	p.put("cn-b", "one")
	p.put("cn-z", "far")
	p.service.Inject(ossvtest.Fault{Do: ossvtest.Duplicate(1)})
	text := p.scrape()
	unique(t, text)
	values(t, text, map[string]string{
		"ossvector_buckets" + of("cn-a"): "3", "ossvector_buckets" + of("cn-b"): "1", "ossvector_buckets" + of("cn-z"): "1",
		"ossvector_up" + of("cn-z"): "absent",
	})
	if names := infoNames(text); len(names) != 5 {
		t.Errorf("info of %v", names)
	}
	if n := sum(text, "ossvector_duplicate_buckets"); n == 0 {
		t.Error("no duplicates counted")
	}
}

// A throttled attempt that a retry cures is counted and harms nothing.
func TestPathRetry(t *testing.T) {
	p := newPath(t, ossvtest.Options{}, nil, "cn-a")
	p.put("cn-a", "a")
	p.service.Inject(ossvtest.Fault{Times: 1, Do: ossvtest.Throttle(http.StatusTooManyRequests, "")})
	values(t, p.scrape(), map[string]string{
		failures("cn-a", ossvapi.ListVectorBuckets, ossvapi.Throttled): "1", "ossvector_up" + of("cn-a"): "1",
	})
	if logged := p.logs.take(); logged != "" {
		t.Errorf("logged %q", logged)
	}
}

// Overlapping scrapes are all whole, pages and indexes included.
func TestPathOverlappingScrapes(t *testing.T) {
	p := newPath(t, ossvtest.Options{}, func(a *collector.Account, _ *ossvapi.Options) { a.Indexes = true }, "cn-a")
	p.put("cn-a", "a", "b", "c")
	p.account.FillIndexes("cn-a", 3)
	gate := ossvtest.NewGate()
	p.service.Inject(ossvtest.Fault{Match: ossvtest.Match{Page: 2}, Do: gate.Action})
	texts := make(chan string)
	const scrapes = 20
	for range scrapes {
		go func() { texts <- p.scrape() }()
	}
	<-gate.Arrived()
	gate.Open()
	for range scrapes {
		text := <-texts
		values(t, text, map[string]string{"ossvector_up" + of("cn-a"): "1", "ossvector_index_failed_buckets" + of("cn-a"): "0"})
		if n := sum(text, "ossvector_indexes{"); n != 9 {
			t.Errorf("%d indexes", n)
		}
	}
}

// A key that may not list indexes leaves the buckets as they are.
func TestPathDeniedIndexes(t *testing.T) {
	p := newPath(t, ossvtest.Options{}, func(a *collector.Account, _ *ossvapi.Options) { a.Indexes = true }, "cn-a")
	p.put("cn-a", "a", "b", "c")
	p.account.SetKeys(ossvtest.Key{ID: testKey.ID, Secret: testKey.Secret, Deny: []string{ossvtest.ListVectorIndexes}})
	same(t, only(p.scrape(), "ossvector_buckets", "ossvector_index", "ossvector_last_error_info", "ossvector_up"), golden(`
		buckets{cn-a} 3
		index_failed_buckets{cn-a} 3
		index_error_info{cn-a access_denied 403 AccessDenied} 1
		up{cn-a} 1`))
}
