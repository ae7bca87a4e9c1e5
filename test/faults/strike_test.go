package faults

import (
	"fmt"
	"html"
	"strings"
	"testing"

	"ossvector_exporter/test/process"
)

// strike is a fault of one region, and what must come of it.
type strike struct {
	name   string
	at     regionKey // default: struck
	inject func(t *testing.T, x *exporter) (heal func())

	reason, code, status string             // of ossvector_last_error_info
	tries                int                // HTTP attempts of the failing scrape, as many as errors
	errors               map[string]float64 // by reason, where they are others
	cured                map[string]float64 // the scrape succeeds: errors by reason that it counts all the same
	fresh                bool               // it failed from the start
	anew                 bool               // it is healed by a reload, after which everything starts anew
	log                  string             // what the warning must contain, too
}

// strike breaks, looks at everything twice, heals and looks again.
func (x *exporter) strike(t *testing.T, s strike) {
	t.Helper()
	if s.at == (regionKey{}) {
		s.at = struck
	}
	if s.name != "" {
		defer func() {
			if t.Failed() {
				t.Logf("... with %s", s.name)
			}
		}()
	}
	from := x.logSize()
	var heal func()
	if s.fresh {
		from, heal = 0, s.inject(t, x)
	}
	before := x.scrape(t)
	if !s.fresh {
		x.wantUp(t, s.at, before)
		heal = s.inject(t, x)
	}
	first := x.scrape(t)
	wantOthers(t, before, first, s.at)
	if s.cured != nil {
		x.cured(t, s, before, first, from)
		heal()
		return
	}
	x.wantFailing(t, s, before, first)
	if t.Failed() { // the log would be waited for in vain
		heal()
		return
	}
	x.wantShown(t, s, from)
	x.wantFailing(t, s, first, x.scrape(t))
	heal()
	after := x.scrape(t)
	x.wantUp(t, s.at, after)
	wantOthers(t, before, after, s.at)
	if !s.fresh {
		wantSame(t, "the region, after healing", state(before, s.at), state(after, s.at))
	}
	x.wantRecovered(t, s, from)
}

// cured checks a scrape in which a retry or the like made good what failed.
func (x *exporter) cured(t *testing.T, s strike, before, after process.Samples, from int) {
	t.Helper()
	x.wantUp(t, s.at, after)
	wantSame(t, "the region", state(before, s.at), state(after, s.at))
	wantErrors(t, s.at, before, after, s.cured)
	if lines := x.lines(from, "level=warn"); len(lines) > 0 {
		t.Errorf("logged: %q", lines)
	}
}

func (x *exporter) wantUp(t *testing.T, p regionKey, s process.Samples) {
	t.Helper()
	if up, _ := value(s, p, "ossvector_up"); up != 1 {
		t.Fatalf("%s is not up: %v", p, samplesOf(s, p, "ossvector_last_error_info"))
	}
	if failing := samplesOf(s, p, "ossvector_last_error_info"); len(failing) > 0 {
		t.Errorf("up with %v", failing)
	}
	if _, there := value(s, p, "ossvector_buckets"); !there {
		t.Error("up without a count of buckets")
	}
}

// wantFailing checks what a failing region shows: that it fails, how, that it was counted in this very scrape, and no
// inventory, least of all 0 buckets.
func (x *exporter) wantFailing(t *testing.T, s strike, before, after process.Samples) {
	t.Helper()
	if up, there := value(after, s.at, "ossvector_up"); up != 0 || !there {
		t.Errorf("up is %v (%v)", up, there)
	}
	for series := range after {
		name := metric(series)
		lie := strings.Contains(name, "bucket") && name != "ossvector_bucket_quota" && name != "ossvector_index_failed_buckets" &&
			!strings.HasPrefix(name, "ossvector_api_")
		if s.at.has(series) && lie {
			t.Errorf("a region that failed shows %s", series)
		}
	}
	want := fmt.Sprintf(`ossvector_last_error_info{account="%s",code="%s",operation="ListVectorBuckets",reason="%s",region="%s",status="%s"}`,
		s.at.account, s.code, s.reason, s.at.region, s.status)
	wantSame(t, "the error", process.Samples{want: 1}, samplesOf(after, s.at, "ossvector_last_error_info"))
	errors := s.errors
	if errors == nil {
		errors = map[string]float64{s.reason: float64(max(1, s.tries))}
	}
	wantErrors(t, s.at, before, after, errors)
	name := "ossvector_api_requests_total"
	if got := sum(after, s.at, name, "") - sum(before, s.at, name, ""); got != float64(s.tries) {
		t.Errorf("%v attempts, want %d", got, s.tries)
	}
}

// wantErrors checks how far the counters of errors went up, all of them.
func wantErrors(t *testing.T, p regionKey, before, after process.Samples, want map[string]float64) {
	t.Helper()
	got := map[string]float64{}
	for series, v := range samplesOf(after, p, "ossvector_api_errors_total") {
		if was, there := before[series]; !there {
			t.Errorf("%s was not there at 0", series)
		} else if v != was {
			_, rest, _ := strings.Cut(series, `reason="`)
			reason, _, _ := strings.Cut(rest, `"`)
			got[reason] += v - was
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("errors counted: %v, want %v", got, want)
	}
}

// wantShown checks what the log, the page and the inventory say of a failing region.
func (x *exporter) wantShown(t *testing.T, s strike, from int) {
	t.Helper()
	x.logged(t, from, "level=warn", `msg="listing started to fail"`, x.field("account", s.at.account), x.regionField(s),
		"reason="+s.reason, "code="+s.code+" ", "status="+s.status, s.log)
	row := x.pageRow(t, s.at)
	what := s.code
	if what == "" {
		what = strings.ToUpper(s.reason[:1]) + strings.ReplaceAll(s.reason[1:], "_", " ")
	}
	if !strings.Contains(row, ">Failing<") || !strings.Contains(row, html.EscapeString(what)+": ") {
		t.Errorf("the page does not say %q: %s", what, row)
	}
	i := x.inventory(t, s.at)
	if i.State != "failing" || len(i.Errors) != 1 || i.Errors[0].Reason != s.reason || i.Errors[0].Code != s.code {
		t.Errorf("the inventory says %+v", i)
	}
	x.fetch(t, "/-/ready")
}

// regionField is how the log names what fails: one region, or the account's regions where it has no credentials.
func (x *exporter) regionField(s strike) string {
	if s.reason == "no_credentials" {
		return " regions="
	}
	return x.field("region", s.at.region)
}

func (x *exporter) field(key, v string) string { return " " + key + "=" + v + " " }

// wantRecovered checks that the log has one line for each transition and no other.
func (x *exporter) wantRecovered(t *testing.T, s strike, from int) {
	t.Helper()
	account, region := x.field("account", s.at.account), x.regionField(s)
	want := 1
	if !s.anew {
		x.logged(t, from, "level=info", `msg="listing recovered"`, account, region)
		want = 2
	}
	if lines := x.lines(from, `msg="listing `, account, region); len(lines) != want {
		t.Errorf("%d lines: %q", len(lines), lines)
	}
	if row := x.pageRow(t, s.at); !strings.Contains(row, ">OK<") {
		t.Errorf("the page: %s", row)
	}
	if i := x.inventory(t, s.at); i.State != "up" || len(i.Errors) != 0 {
		t.Errorf("the inventory says %+v", i)
	}
}
