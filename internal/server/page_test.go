package server_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ossvector_exporter/collector"
	"ossvector_exporter/internal/server"
	"ossvector_exporter/ossvapi"
)

// page is the landing page of a backend with these regions.
func page(t *testing.T, all []collector.RegionState) string {
	t.Helper()
	got := atNoon(t, options(showing(all)), "/")
	if got.status != 200 || got.header.Get("Content-Type") != "text/html; charset=utf-8" {
		t.Fatalf("%d %s", got.status, got.header.Get("Content-Type"))
	}
	return got.body
}

// text is what a page says without its markup, spaces folded.
func text(page string) string {
	page = regexp.MustCompile(`(?s)<style>.*?</style>|<title>.*?</title>`).ReplaceAllString(page, "")
	return strings.Join(strings.Fields(html.UnescapeString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(page, " "))), " ")
}

func TestPageTellsEveryState(t *testing.T) {
	body := page(t, everyKind())
	words := text(body)
	wantContains(t, words,
		"OSS vector bucket exporter 1.2.3",
		"3 of 10 regions failing 3 accounts · 3 failing · 1 with failing indexes · 1 not listed yet · 5 OK · 2,645 buckets when last listed",
		"Timeout: no complete answer in time: check the network path",
		"AccessDenied: grant oss:ListVectorBuckets on acs:ossvector:*:*:* to the identity that this account uses ListVectorBuckets in staging cn-hangzhou , cn-shanghai",
		"AccessDenied: grant oss:ListVectorIndexes on acs:ossvector:*:*:*",
		"eu-central-1 Failing 12 47 min ago 9.5 s",
		"ListVectorBuckets failed 12 s ago : no answer within 3s",
		"cn-hangzhou OK 37 37 of 100 (37%) 12 s ago 184 ms",
		"cn-shanghai OK 2,480 2,480 of 2,500 (99%) 12 s ago 184 ms, 3 pages",
		"cn-beijing OK 103 103 of 100 (103%)",
		"ap-southeast-1 OK 0 12 s ago",
		"cn-hangzhou Failing – never 184 ms",
		"failed 12 s ago with status 403 Forbidden: You have no right to access this object because of bucket acl. · request id 6A0C1F5B2E9D3C3031A4B7E2 · EC 0003-00000202",
		"cn-wulanchabu Indexes failing 5 9; not listed in 2 buckets",
		"us-west-1 Not listed yet – – never –",
		"cn-shenzhen OK 8 31",
		"13 buckets when last listed env=prod team=search Region",
	)
	wantContains(t, body,
		`<title>3 of 10 regions failing – OSS vector buckets</title>`,
		`<time datetime="1999-12-31T23:13:00Z" title="1999-12-31T23:13:00Z">47 min ago</time>`,
		`href="#region%2fstaging%2fcn-hangzhou"`, `id="region/staging/cn-hangzhou"`,
		`href="probe?account=staging&amp;region=cn-hangzhou"`, `href="api/v1/buckets?account=staging&amp;region=cn-hangzhou"`,
		`<span class="near">2,480 of`, `<span class="full">103 of`,
	)
	if strings.Index(words, "eu-central-1 Failing") > strings.Index(words, "cn-hangzhou OK") {
		t.Error("what fails is not first")
	}
}

// What a region fails with is as wide as its table.
func TestFailuresAreAsWideAsTheirTable(t *testing.T) {
	seen := 0
	for table := range strings.SplitSeq(page(t, everyKind()), "</table>") {
		for _, span := range regexp.MustCompile(`colspan="(\d+)"`).FindAllStringSubmatch(table, -1) {
			seen++
			if columns := strings.Count(table, `<th scope="col"`); span[1] != strconv.Itoa(columns) {
				t.Errorf("a failure spans %s of %d columns", span[1], columns)
			}
		}
	}
	if seen == 0 {
		t.Error("no failure is shown")
	}
}

func TestPageHeadlines(t *testing.T) {
	up, down := healthy("a", "cn-a", 1), failing("a", "cn-b", denied(), time.Time{})
	unknown := collector.RegionState{Account: "a", Region: "cn-c"}
	partly := healthy("a", "cn-d", 1)
	partly.IndexesOn, partly.IndexFailed = true, 1
	for want, all := range map[string][]collector.RegionState{
		"The region answers 1 account · 1 OK · 1 bucket":                                         {up},
		"All 2 regions answer 1 account · 2 OK · 2 buckets":                                      {up, up},
		"1 of 2 regions failing 1 account · 1 failing · 1 OK · 1 bucket when last listed":        {up, down},
		"1 of 1 region failing 1 account · 1 failing · buckets unknown":                          {down},
		"No region was listed yet 1 account · 1 not listed yet · buckets unknown":                {unknown},
		"1 of 2 regions not listed yet 1 account · 1 not listed yet · 1 OK · 1 bucket when last": {up, unknown},
		"Indexes fail in 1 of 2 regions 1 account · 1 with failing indexes · 1 OK · 2 buckets":   {up, partly},
		"No account is configured.": nil,
	} {
		wantContains(t, text(page(t, all)), want)
	}
}

func TestPageOfALargeHouse(t *testing.T) {
	body := page(t, many(50))
	top, _, _ := strings.Cut(body, "<details")
	wantContains(t, text(top), "5 of 1,250 regions failing", "50 accounts · 5 failing · 1,245 OK",
		"team-03 cn-region-7 ; team-13 cn-region-7 ; team-23 cn-region-7", "team-43 (1 failing)")
	if n := strings.Count(body, "<details"); n != 50 {
		t.Errorf("%d accounts", n)
	}
	if n := strings.Count(body, " open>"); n != 5 { // those that fail; the others are folded away
		t.Errorf("%d accounts are open", n)
	}
	if n := strings.Count(body, `<th scope="row">`); n != 1250 {
		t.Errorf("%d regions", n)
	}
	if strings.Index(body, `id="account/team-43"`) > strings.Index(body, `id="account/team-00"`) {
		t.Error("accounts that fail are not first")
	}
}

func TestPageBoundsTheListOfFailures(t *testing.T) {
	var all []collector.RegionState
	for i := range 60 {
		f := denied()
		if f.Error.Code = "Code"; i < 30 {
			f.Error.Code = fmt.Sprintf("Code%d", i) // as many kinds
		}
		all = append(all, failing("a", fmt.Sprintf("cn-%d", i), f, time.Time{}))
	}
	wantContains(t, text(page(t, all)), "11 more kinds of failure", "Code19: grant", "cn-29")
	wantContains(t, text(page(t, all[30:])), "cn-53 and 6 more")
}

func TestMarkupIsText(t *testing.T) {
	const evil = `<script>alert(1)</script><img src=x onerror=alert(2)>"'{{.}}`
	f := collector.Failure{At: noon, Error: &ossvapi.Error{Operation: evil, Reason: evil, Code: evil, RequestID: evil, Message: evil + strings.Repeat("<b>", 500)}}
	o := options(showing([]collector.RegionState{failing(evil, evil, f, noon), failing("javascript:alert(1)", "x", f, noon)}))
	o.Version = evil
	o.ConfigStatus = func() server.ConfigStatus {
		return server.ConfigStatus{File: evil, LoadedAt: noon, FailedAt: noon, Error: evil}
	}
	body := get(t, start(t, o), "/").body
	wantWithout(t, body, "<script", "<img", "onerror=alert(2)>\"", "<b>", `href="javascript`)
	if n := strings.Count(text(body), evil); n < 6 {
		t.Errorf("shown %d times only:\n%s", n, text(body))
	}
	if len(body) > 40_000 {
		t.Errorf("a page of %d bytes", len(body))
	}
}

func TestPageNeedsNothingFromElsewhere(t *testing.T) {
	got := get(t, start(t, options(showing(everyKind()))), "/")
	wantWithout(t, got.body, "<script", "//fonts", "@import", "url(", " style=", " onclick", "https://")
	for _, m := range regexp.MustCompile(`(?:href|src|action)="([^"]*)"`).FindAllStringSubmatch(got.body, -1) {
		if strings.HasPrefix(m[1], "/") || strings.Contains(m[1], "://") && !strings.HasPrefix(m[1], "data:") {
			t.Errorf("%s does not work below a proxy's path", m[1])
		}
	}
	style := regexp.MustCompile(`(?s)<style>(.*?)</style>`).FindStringSubmatch(got.body)
	if style == nil {
		t.Fatal("no style")
	}
	sum := sha256.Sum256([]byte(style[1]))
	wantContains(t, got.header.Get("Content-Security-Policy"), "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'")
}

func TestPageLinksLead(t *testing.T) {
	o := options(showing(everyKind()))
	o.EnablePprof, o.TelemetryPath = true, "/vectors"
	ts := start(t, o)
	links := regexp.MustCompile(`<a href="([^#"][^"]*)"`).FindAllStringSubmatch(get(t, ts, "/").body, -1)
	if len(links) < 20 {
		t.Errorf("%d links", len(links))
	}
	for _, m := range links {
		if got := get(t, ts, "/"+html.UnescapeString(m[1])); got.status != http.StatusOK {
			t.Errorf("%s: %d %s", m[1], got.status, got.body)
		}
	}
}

func TestPageTellsOfTheConfiguration(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		status := server.ConfigStatus{File: "config.yml", LoadedAt: noon.Add(-46 * time.Hour)}
		o := options(showing(everyKind()))
		o.ConfigStatus = func() server.ConfigStatus { return status }
		h := handler(t, o)
		time.Sleep(3 * time.Hour)
		shown := func() string { return text(record(t, h, "/").Body.String()) }
		wantContains(t, shown(), "up 3 h", "Started 3 h ago", "Configuration config.yml , loaded 2 d 1 h ago")
		wantWithout(t, shown(), "reload failed")
		status.FailedAt, status.Error = time.Now().Add(-2*time.Minute), "accounts[1]: no"
		wantContains(t, shown(), "The last reload failed, the old configuration is kept 2 min ago : accounts[1]: no")
		status = server.ConfigStatus{}
		wantContains(t, shown(), "Configuration not loaded")
	})
}

func TestRelativeTimes(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "just now", 999 * time.Millisecond: "just now", time.Second: "1 s ago", 59 * time.Second: "59 s ago", time.Minute: "1 min ago",
		59*time.Minute + 59*time.Second: "59 min ago", time.Hour: "1 h ago", 25*time.Hour + time.Minute: "1 d 1 h ago",
		400 * 24 * time.Hour: "400 d ago", -time.Minute: "in 1 min",
	} {
		r := healthy("a", "cn-a", 1)
		r.LastSuccess = noon.Add(-d)
		wantContains(t, page(t, []collector.RegionState{r}), ">"+want+"</time>")
	}
}

func BenchmarkPage(b *testing.B) {
	h := handler(b, options(showing(many(50))))
	b.ReportAllocs()
	for b.Loop() {
		record(b, h, "/")
	}
}

func TestProblemsWithOtherAdviceStandApart(t *testing.T) {
	var all []collector.RegionState
	for name, status := range map[string]int{"cn-a": 0, "cn-b": 400, "cn-c": 400} {
		r := healthy("a", name, 1)
		r.IndexesOn, r.IndexFailed = true, 1
		r.Failures = []collector.Failure{{At: noon, Error: &ossvapi.Error{Operation: "ListVectorIndexes", Reason: "invalid_request", Status: status}}}
		all = append(all, r)
	}
	shown := text(page(t, all))
	for want, times := range map[string]int{"Invalid request: not asked": 2, "Invalid request: the service refused": 3} {
		if n := strings.Count(shown, want); n != times { // once of all, and once in each region's row
			t.Errorf("%d times %q in: %s", n, want, shown)
		}
	}
}

// What fails an account as a whole is told once for each account, by its real cause, and not in each region again.
func TestPageTellsOfMissingCredentialsOnce(t *testing.T) {
	const cause = "STS at sts-vpc.cn-hangzhou.aliyuncs.com does not resolve"
	var all []collector.RegionState
	for _, account := range []string{"a", "b"} {
		for _, region := range []string{"cn-a", "cn-b", "cn-c"} {
			var failures []collector.Failure
			for _, op := range []ossvapi.Operation{ossvapi.ListVectorBuckets, ossvapi.ListVectorIndexes} {
				failures = append(failures, collector.Failure{At: noon, Error: &ossvapi.Error{Operation: op, Reason: ossvapi.NoCredentials, Message: cause}})
			}
			r := failing(account, region, failures[0], noon)
			r.Failures = failures
			all = append(all, r)
		}
	}
	shown := text(page(t, all))
	if n := strings.Count(shown, cause); n != 2 {
		t.Errorf("told %d times", n)
	}
	wantContains(t, shown, cause+": ", "No request in a cn-a , cn-b , cn-c", "No request in b cn-a , cn-b , cn-c", "No credentials: see above why")
}
