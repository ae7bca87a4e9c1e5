package faults

import (
	"net/http"
	"testing"
	"time"

	"ossvector_exporter/ossvapi/ossvtest"
)

// slow are answers that do not come, do not end, or break off.
func slow() []row {
	timeout := func(id string, do ossvtest.Action, status string) row { return fails(id, do, "timeout", "", status, 2) }
	return []row{
		timeout("hang", ossvtest.Hang(), "none"),
		curedRow("hang-once", 1, ossvtest.Hang(), map[string]float64{"timeout": 1}),
		timeout("drip-body", ossvtest.Drip(1, 50*time.Millisecond), "200"),
		timeout("slower-than-allowed", ossvtest.Latency(5*time.Second), "none"),
		curedRow("slow", 0, ossvtest.Latency(50*time.Millisecond), map[string]float64{}),
		fails("hang-up", ossvtest.HangUp(), "network", "", "none", 2),
		fails("cut-before-body", ossvtest.CutOff(0), "network", "", "200", 2),
		fails("cut-in-body", ossvtest.CutOff(100), "invalid_response", "", "200", 2),
		curedRow("cut-once", 1, ossvtest.CutOff(100), map[string]float64{"invalid_response": 1}),
		fails("short-body", ossvtest.Truncate(100), "invalid_response", "", "200", 2),
		{id: "hang-in-error", strikes: []strike{{inject: does(hangInError), reason: "server_error", status: "500", tries: 2}}},
		{id: "hang-in-late-page", strikes: []strike{{
			inject: doesAt(ossvtest.Match{Page: 2}, 0, ossvtest.Hang()), reason: "timeout", status: "none", tries: 3,
			errors: map[string]float64{"timeout": 2},
		}}},
		{id: "scraper-in-a-hurry", do: hurry},
		{id: "another-reason", do: anotherReason},
	}
}

// hangInError sends the header of an error and nothing of its body.
func hangInError(w http.ResponseWriter, r *http.Request, _ http.Handler) {
	w.Header().Set("Content-Length", "1000")
	w.WriteHeader(http.StatusInternalServerError)
	_ = http.NewResponseController(w).Flush()
	<-r.Context().Done()
}

// hurry has the scraper's own deadline pass while the service hangs: the scrape still answers in time.
func hurry(t *testing.T, x *exporter) {
	before := x.scrape(t)
	heal := does(ossvtest.Hang())(t, x)
	began := time.Now()
	after, err := x.scrapeFor(t, "/metrics", "1.2")
	took := time.Since(began)
	heal()
	must(t, err)
	if took < 600*time.Millisecond || took > 1200*time.Millisecond+slack {
		t.Errorf("it took %s", took)
	}
	wantOthers(t, before, after, struck)
	wantErrors(t, struck, before, after, map[string]float64{"timeout": 1})
	x.wantUp(t, struck, x.scrape(t))
}

// slack is what a busy machine may add to a deadline.
const slack = 2 * time.Second

// anotherReason changes why a region fails: one more warning.
func anotherReason(t *testing.T, x *exporter) {
	from := x.logSize()
	heal := does(ossvtest.Deny())(t, x)
	x.scrape(t)
	heal()
	heal = does(ossvtest.Respond(200, nil, ""))(t, x)
	x.scrape(t)
	x.scrape(t)
	heal()
	x.scrape(t)
	x.logged(t, from, "level=info", `msg="listing recovered"`)
	for _, part := range []string{`msg="listing started to fail"`, `msg="listing fails for another reason"`} {
		if lines := x.lines(from, "level=warn", part); len(lines) != 1 {
			t.Errorf("%q", lines)
		}
	}
}
