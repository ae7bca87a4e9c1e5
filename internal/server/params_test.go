package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"

	"ossvector_exporter/collector"
)

func TestBadParameters(t *testing.T) {
	f := &fake{}
	ts := start(t, options(f))
	for target, want := range map[string]string{
		"/probe":                                     "parameter account is missing; configured: production, staging",
		"/probe?region=cn-hangzhou":                  "parameter account is missing; configured: production, staging",
		"/probe?account=":                            "parameter account is empty",
		"/probe?account=other":                       `account "other" is not configured; configured: production, staging`,
		"/probe?account=Production":                  `account "Production" is not configured; configured: production, staging`,
		"/probe?account=staging&region=":             "parameter region is empty",
		"/probe?account=staging&region=cn-shanghai":  `region "cn-shanghai" is not configured for account "staging"; configured: cn-hangzhou`,
		"/probe?account=staging&account=staging":     "parameter account is given 2 times",
		"/probe?account=staging&regoin=cn-hangzhou":  `unknown parameter "regoin"; known: account, region, name[]`,
		"/probe?account=%zz":                         `malformed query: invalid URL escape "%zz"`,
		"/probe?account=staging;region=cn-hangzhou":  "malformed query: invalid semicolon separator in query",
		"/probe?account=%3Cscript%3E%0A":             `account "<script>\n" is not configured; configured: production, staging`,
		"/probe?account=%ff":                         `account "\xff" is not configured; configured: production, staging`,
		"/api/v1/buckets?region=us-west-1":           `region "us-west-1" is not configured; configured: cn-hangzhou, cn-shanghai`,
		"/api/v1/buckets?account=x&region=us-west-1": `account "x" is not configured; configured: production, staging`,
		"/api/v1/buckets?prefix=x":                   `unknown parameter "prefix"; known: account, region`,
		"/api/v1/buckets?name[]=x":                   `unknown parameter "name[]"; known: account, region`,
		"/discovery?account=staging":                 `unknown parameter "account"; there are none`,
		"/?x":                                        `unknown parameter "x"; there are none`,
		"/metrics?account=staging":                   "parameter account selects nothing here; ask /probe?account=NAME[&region=ID]",
		"/metrics?format=x&region=":                  "parameter region selects nothing here; ask /probe?account=NAME[&region=ID]",
		"/metrics/exporter?region=cn-a&account=x":    "parameter account selects nothing here; ask /probe?account=NAME[&region=ID]",
	} {
		got := get(t, ts, target)
		if got.status != http.StatusBadRequest || got.body != want+"\n" || got.header.Get("Content-Type") != "text/plain; charset=utf-8" {
			t.Errorf("%s: %d %q, want %q", target, got.status, got.body, want)
		}
	}
	if _, _, calls := f.last(); calls != 0 {
		t.Errorf("%d scrapes", calls)
	}
}

func TestErrorTextsAreBounded(t *testing.T) {
	f := &fake{}
	for i := range 1000 {
		f.accounts = append(f.accounts, collector.Account{Name: fmt.Sprintf("account-%d", i), Regions: []string{"cn-a"}})
	}
	ts := start(t, options(f))
	got := get(t, ts, "/probe?account="+strings.Repeat("%00", 10_000))
	wantContains(t, got.body, "account-0, account-1,", "account-99 and 900 more")
	if len(got.body) > 3000 {
		t.Errorf("%d bytes", len(got.body))
	}
	for _, target := range []string{"/?" + strings.Repeat("x", 10_000), "/?" + strings.Repeat("%", 10_000)} {
		if got := get(t, ts, target); got.status != http.StatusBadRequest || len(got.body) > 1000 {
			t.Errorf("%d, %d bytes", got.status, len(got.body))
		}
	}
}

// FuzzParameters looks for a query, header or host that a page answers with anything but its documented statuses, or
// that makes it scrape what is not configured.
func FuzzParameters(f *testing.F) {
	for _, seed := range []string{
		"account=staging", "account=production&region=cn-shanghai", "region=cn-hangzhou", "account=%zz", "a;b", "name[]=x&account=staging",
		"account=<b>&account=1", "account", "=", "&&", "%00",
	} {
		f.Add("/probe", seed, "10", "localhost:10073")
		f.Add("/api/v1/buckets", seed, "NaN", "[::1]:80")
	}
	f.Add("/discovery", "", "1e400", "a b")
	f.Add("/metrics", "x=%", "-1", "")
	f.Add("/", "", "0x1p-2", "ä")
	backend := &fake{state: everyKind(), accounts: accountsOf(everyKind())}
	h := handler(f, options(backend))
	f.Fuzz(func(t *testing.T, path, query, timeout, host string) {
		w := record(t, h, path+"?"+query, func(r *http.Request) {
			r.Host = host
			r.Header.Set("X-Prometheus-Scrape-Timeout-Seconds", timeout)
		})
		switch w.Code {
		case 200, 301, 307, 308, 400, 404, 405:
		default:
			t.Errorf("status %d: %s", w.Code, w.Body)
		}
		if w.Code == 400 && (w.Body.Len() > 5000 || !utf8.Valid(w.Body.Bytes())) {
			t.Errorf("text of %d bytes: %q", w.Body.Len(), w.Body)
		}
		sel, limit, _ := backend.last()
		if limit < 0 || len(sel.Account)+len(sel.Region) > 0 && len(backend.State(sel)) == 0 {
			t.Errorf("selected %+v, limit %s", sel, limit)
		}
	})
}
