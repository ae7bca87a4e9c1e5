package collector_test

import (
	"compress/gzip"
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"ossvector_exporter/collector"
	"ossvector_exporter/internal/exposition"
	"ossvector_exporter/ossvapi"
)

const owner = "1037350000000000"

// bucket is a bucket of a region as the service lists it.
func bucket(region, name string) ossvapi.Bucket {
	created := time.Date(2026, 1, 2, 3, 4, 5, 250e6, time.UTC)
	return ossvapi.Bucket{
		Name: name, ARN: "acs:ossvector:" + region + ":" + owner + ":" + name, AccountID: owner, Region: region,
		Location: "oss-" + region, CreationDate: "2026-01-02T03:04:05.250Z", Created: created,
		ExtranetEndpoint: region + ".ex", IntranetEndpoint: region + ".in", ResourceGroupID: "rg-1",
	}
}

// page is a page of buckets of one region; the same buckets have the same revision.
func page(region string, names ...string) *ossvapi.Page {
	hash := fnv.New64a()
	_, _ = fmt.Fprint(hash, region, names)
	p := &ossvapi.Page{Revision: hash.Sum64()}
	for _, name := range names {
		p.Buckets = append(p.Buckets, bucket(region, name))
	}
	return p
}

// mixed is a page of what it is given.
func mixed(buckets ...ossvapi.Bucket) *ossvapi.Page { return &ossvapi.Page{Buckets: buckets} }

// pages is a region's answer.
func pages(all ...*ossvapi.Page) answers { return answers{pages: all} }

// account is an account of the settings.
func account(name string, api *cloud, regions ...string) collector.Account {
	return collector.Account{Name: name, Regions: regions, API: api, PerBucket: true, Close: api.Close}
}

// rig is a collector with what it logs.
type rig struct {
	*collector.Collector
	t    testing.TB
	logs *logs
}

// newRig applies the settings of these accounts with a timeout of 10 s. The accounts' clouds count for it.
func newRig(t testing.TB, accounts ...collector.Account) *rig {
	r := &rig{t: t, logs: &logs{}}
	r.Collector = collector.New(log.NewLogfmtLogger(r.logs))
	r.apply(settings(accounts...))
	return r
}

func settings(accounts ...collector.Account) collector.Settings {
	return collector.Settings{Timeout: 10 * time.Second, MaxConcurrency: 64, Accounts: accounts}
}

func (r *rig) apply(s collector.Settings) {
	for _, a := range s.Accounts {
		if c, ok := a.API.(*cloud); ok {
			c.observer = r.Observer(a.Name)
		}
	}
	r.Apply(s)
}

// all is what a scrape of /metrics selects.
var all = collector.Selection{}

// everything is a scrape of all that is configured.
func (r *rig) everything() string { return r.scrape(all) }

// scrape is the whole exposition of a scrape.
func (r *rig) scrape(sel collector.Selection) string {
	return r.within(r.t.Context(), sel, 0)
}

func (r *rig) within(ctx context.Context, sel collector.Selection, limit time.Duration) string {
	return gathered(r.t, r.Gatherer(ctx, sel, limit))
}

// gathered writes what g gathers in the text format, and checks that it is the same however it is asked for.
func gathered(t testing.TB, g prometheus.Gatherer) string {
	t.Helper()
	families, err := g.(exposition.Gatherer)()
	if err != nil {
		t.Errorf("gather: %v", err)
	}
	text, err := answered(families)
	if err != nil {
		t.Error(err)
	}
	return text
}

// answered is the text format of families. It is an error if any answer to a request for them differs from what expfmt
// writes of their metrics, which are made anew: a block that does not follow its page would show.
func answered(families []*exposition.Family) (string, error) {
	encoder, all := exposition.NewEncoder(), exposition.Metrics(families)
	var text string
	for _, format := range []expfmt.Format{expfmt.FmtOpenMetrics_1_0_0, expfmt.FmtText} {
		want, err := byExpfmt(format, all)
		if err != nil {
			return "", err
		}
		for _, encoding := range []string{"gzip", "gzip", "identity"} {
			r := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
			r.Header = http.Header{"Accept": {string(format)}, "Accept-Encoding": {encoding}}
			w := httptest.NewRecorder()
			if err := encoder.Serve(w, r, families); err != nil {
				return "", err
			}
			var body io.Reader = w.Body
			if encoding == "gzip" {
				if body, err = gzip.NewReader(body); err != nil {
					return "", err
				}
			}
			got, err := io.ReadAll(body)
			if err != nil {
				return "", fmt.Errorf("%s %s: %w", format, encoding, err)
			}
			if text = string(got); text != want {
				return "", fmt.Errorf("%s %s: -expfmt +answer\n%s", format, encoding, cmp.Diff(want, text))
			}
		}
	}
	return text, nil
}

func byExpfmt(format expfmt.Format, families []*dto.MetricFamily) (string, error) {
	var b strings.Builder
	encoder := expfmt.NewEncoder(&b, format)
	for _, f := range families {
		if err := encoder.Encode(f); err != nil {
			return "", err
		}
	}
	if err := encoder.(expfmt.Closer).Close(); err != nil {
		return "", err
	}
	return b.String(), nil
}

// brief leaves comments, the histogram and errors that never happened out of an exposition: what is left fits a test.
func brief(text string) string {
	lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool {
		return strings.HasPrefix(line, "#") || strings.HasPrefix(line, "ossvector_api_request_duration") ||
			strings.HasPrefix(line, "ossvector_api_errors_total") && strings.HasSuffix(line, " 0")
	})
	return strings.Join(lines, "\n")
}

// inventory keeps the bucket series of an exposition alone.
func inventory(text string) string {
	return only(text, "ossvector_bucket", "ossvector_duplicate", "ossvector_up")
}

// only keeps the lines that begin with one of the prefixes.
func only(text string, prefixes ...string) string {
	lines := slices.DeleteFunc(strings.SplitAfter(text, "\n"), func(line string) bool {
		return !slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(line, p) })
	})
	return strings.Join(lines, "")
}

// infoNames are the region and the name of each bucket that has an info series, as they come.
func infoNames(text string) []string {
	var names []string
	for _, line := range strings.Split(only(text, "ossvector_bucket_info"), "\n") {
		if line != "" {
			names = append(names, label(line, "region")+"/"+label(line, "bucket"))
		}
	}
	return names
}

// label is the value of a label of an exposition's line.
func label(line, name string) string {
	_, after, _ := strings.Cut(line, name+`="`)
	value, _, _ := strings.Cut(after, `"`)
	return value
}

// value is the value of a series of an exposition, or "absent".
func value(text, series string) string {
	for _, line := range strings.Split(text, "\n") {
		if v, ok := strings.CutPrefix(line, series+" "); ok {
			return v
		}
	}
	return "absent"
}

// same compares two texts by their lines.
func same(t testing.TB, got, want string) {
	t.Helper()
	split := func(s string) []string { return strings.Split(strings.TrimSpace(s), "\n") }
	if diff := cmp.Diff(split(want), split(got)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// values checks single series of an exposition.
func values(t testing.TB, text string, want map[string]string) {
	t.Helper()
	for series, v := range want {
		if got := value(text, series); got != v {
			t.Errorf("%s is %s, want %s", series, got, v)
		}
	}
}

// of are the labels of a series of region "cn-a" and the like of account "prod".
func of(region string) string { return fmt.Sprintf(`{account="prod",region="%s"}`, region) }

// failures is the counter of failures of a region of account "prod".
func failures(region string, op ossvapi.Operation, reason ossvapi.Reason) string {
	return fmt.Sprintf(`ossvector_api_errors_total{account="prod",operation="%s",reason="%s",region="%s"}`, op, reason, region)
}

// logs collects lines, those of single attempts apart.
type logs struct {
	mu              sync.Mutex
	lines, attempts strings.Builder
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if strings.Contains(string(p), " msg=attempt ") {
		return l.attempts.Write(p)
	}
	return l.lines.Write(p)
}

// take gives the lines so far and forgets them.
func (l *logs) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.lines.Reset()
	return l.lines.String()
}
