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
