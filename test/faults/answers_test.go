package faults

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ossvector_exporter/ossvapi/ossvtest"
)

// nonsense is a 200 whose body is not the documented answer.
func nonsense(id, body string, tries int) row {
	return fails(id, ossvtest.Respond(http.StatusOK, contentType("application/json"), body), "invalid_response", "", "200", tries)
}

// status is an answer with another status than 200 that is no error either.
func status(id string, code int) row {
	header := http.Header{"Location": {"http://127.0.0.1:1/elsewhere"}}
	return fails(id, ossvtest.Respond(code, header, ""), "invalid_response", "", fmt.Sprint(code), 1)
}

const listing = `{"ListAllMyBucketsResult":{"Buckets":[%s]}}`

func answers() []row {
	return []row{
		nonsense("answer-empty", "", 1),
		nonsense("answer-null", "null", 1),
		nonsense("answer-braces", "{}", 1),
		nonsense("answer-list", "[]", 1),
		nonsense("answer-null-root", `{"ListAllMyBucketsResult":null}`, 1),
		nonsense("answer-other-root", `{"ListBucketResult":{"Buckets":[]}}`, 1),
		nonsense("answer-case", `{"listallmybucketsresult":{"Buckets":[]}}`, 1),
		nonsense("answer-error-200", `{"Error":{"Code":"AccessDenied","Message":"no"}}`, 1),
		nonsense("answer-html", `<html>Please log in</html>`, 1),
		nonsense("answer-xml", `<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>`, 1),
		nonsense("answer-cut-json", `{"ListAllMyBucketsResult":{"Buckets":[{"Name":"a"}`, 2),
		nonsense("answer-trailing", fmt.Sprintf(listing, "")+"x", 1),
		nonsense("answer-twice", fmt.Sprintf(listing, "")+fmt.Sprintf(listing, ""), 1),
		nonsense("answer-double-key", `{"ListAllMyBucketsResult":{"Buckets":[],"Buckets":[]}}`, 1),
		nonsense("answer-utf8", fmt.Sprintf(listing, "{\"Name\":\"a\xff\"}"), 1),
		nonsense("answer-no-name", fmt.Sprintf(listing, `{"Region":"cn-struck-1"}`), 1),
		nonsense("answer-bad-arn", fmt.Sprintf(listing, `{"Name":"acs:oss:x"}`), 1),
		nonsense("answer-types", `{"ListAllMyBucketsResult":{"Buckets":{"Name":"a"}}}`, 1),
		nonsense("answer-truncated-text", `{"ListAllMyBucketsResult":{"IsTruncated":"true","Buckets":[]}}`, 1),
		nonsense("answer-truncated-null", `{"ListAllMyBucketsResult":{"IsTruncated":null,"Buckets":[]}}`, 1),
		nonsense("answer-deep", strings.Repeat("[", 1<<20), 1),
		fails("answer-gzip", ossvtest.Respond(200, http.Header{"Content-Encoding": {"gzip"}}, "\x1f\x8b\x08\x00junk"), "invalid_response", "", "200", 1),
		status("status-204", 204),
		status("status-302", 302),
		status("status-304", 304),
		fails("status-206", ossvtest.Respond(206, contentType("application/json"), fmt.Sprintf(listing, "")), "invalid_response", "", "206", 1),
		fails("status-999", ossvtest.Respond(999, nil, ""), "invalid_response", "", "999", 1),
		fails("answer-huge", ossvtest.Huge(5<<20), "invalid_response", "", "200", 1),
		fails("paging-loop", ossvtest.LoopMarker(), "invalid_response", "", "200", 0).counts(1, 2),
		fails("paging-no-marker", ossvtest.MissingMarker(), "invalid_response", "", "200", 1),
		{id: "paging-cycle", strikes: []strike{{
			inject: does(ossvtest.NextMarker(cycle)), reason: "invalid_response", status: "200", tries: 3,
			errors: map[string]float64{"invalid_response": 1},
		}}},
		{id: "paging-endless", do: endless},
		{id: "answer-duplicates", do: duplicates},
		{id: "answer-foreign", do: foreign},
		{id: "answer-hostile-labels", do: hostile},
		{id: "answer-no-buckets", do: noBuckets},
		{id: "answer-bad-date", do: badDate},
		{id: "answer-surplus", do: surplus},
	}
}

// counts sets how many attempts a scrape makes of which only some fail.
func (r row) counts(errors float64, tries int) row {
	r.strikes[0].tries = tries
	r.strikes[0].errors = map[string]float64{r.strikes[0].reason: errors}
	return r
}

// cycle sends a walk from the first marker to the second and back.
func cycle(sent, _ string) string {
	if sent == "one" {
		return "two"
	}
	return "one"
}

// endless has the deadline end a walk that gets new markers for ever. No attempt fails, so the timeout comes to none.
func endless(t *testing.T, x *exporter) {
	before := x.scrape(t)
	heal := does(ossvtest.Endless())(t, x)
	after, err := x.scrapeFor(t, "/metrics", "3")
	must(t, err)
	heal()
	wantOthers(t, before, after, struck)
	if up, _ := value(after, struck, "ossvector_up"); up != 0 {
		t.Error("up although the listing has no end")
	}
	if _, there := value(after, struck, "ossvector_buckets"); there {
		t.Error("buckets of a listing without an end")
	}
	reason := func(r string) float64 { return sum(after, struck, "ossvector_last_error_info", `reason="`+r+`"`) }
	if reason("timeout")+reason("invalid_response") != 1 { // 10,000 pages may be there first
		t.Errorf("%v", pick(after, struck, "ossvector_last_error_info"))
	}
	x.wantUp(t, struck, x.scrape(t))
}

func duplicates(t *testing.T, x *exporter) {
	before := x.scrape(t)
	heal := does(ossvtest.Duplicate(4))(t, x)
	defer heal()
	after := x.scrape(t)
	x.wantUp(t, struck, after)
	if v, _ := value(after, struck, "ossvector_duplicate_buckets"); v != 12 { // 4 on each of 3 pages
		t.Errorf("%v duplicates", v)
	}
	for _, name := range []string{"ossvector_buckets", "ossvector_bucket_info"} {
		wantSame(t, name, pick(before, struck, name), pick(after, struck, name))
	}
	wantOthers(t, before, after, struck)
}

// foreign has a region list buckets of a region that is polled and of one that is not. The polled one's own listing knows
// its bucket, too.
func foreign(t *testing.T, x *exporter) {
	before := x.scrape(t)
	known := x.cloud.Account.Buckets("cn-calm-1")[0]
	one := doesAt(ossvtest.Match{Page: 1}, 0, ossvtest.Foreign("cn-calm-1", known))(t, x)
	two := doesAt(ossvtest.Match{Page: 1}, 0, ossvtest.Foreign("cn-far-1", ossvtest.Bucket{Name: "far"}))(t, x)
	after := x.scrape(t)
	far := place{"struck", "cn-far-1"}
	if v, _ := value(after, far, "ossvector_buckets"); v != 1 {
		t.Errorf("%v buckets in a region that is not polled", v)
	}
	calm := place{"struck", "cn-calm-1"}
	wantSame(t, "the polled region", pick(before, calm, "ossvector_bucket_info"), pick(after, calm, "ossvector_bucket_info"))
	if v, _ := value(after, calm, "ossvector_duplicate_buckets"); v != 1 {
		t.Errorf("%v duplicates", v)
	}
	wantSame(t, "the other account", pick(before, other, "ossvector_bucket_info"), pick(after, other, "ossvector_bucket_info"))
	one()
	two()
	wantSame(t, "afterwards", state(before, struck), state(x.scrape(t), struck))
}

// hostile has names that would break an exposition, a page or a log that is not careful.
func hostile(t *testing.T, x *exporter) {
	name := `\"}\n<script>alert(1)</script>` + "\u202e\u0000"
	before := x.scrape(t)
	x.cloud.Account.Put(struck.region, ossvtest.Bucket{Name: name, ResourceGroupID: name, Location: name})
	defer x.cloud.Account.Remove(struck.region, name)
	after := x.scrape(t)
	x.wantUp(t, struck, after)
	if v, _ := value(after, struck, "ossvector_buckets"); v != 26 {
		t.Errorf("%v buckets", v)
	}
	wantOthers(t, before, after, struck)
	if page := x.fetch(t, "/"); strings.Contains(page, "<script>alert") {
		t.Error("the page has a bucket's script")
	}
	x.inventory(t, struck)
}

// surplus is what comes after an answer on a connection that is kept: nobody's answer. net/http has a log of its own for it,
// in which it quotes what came.
func surplus(t *testing.T, x *exporter) {
	before, from := x.scrape(t), x.logSize()
	heal := does(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close() }()
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", answer.Body.Len(), answer.Body)
		for _, more := range []string{"HTTP/1.1 200 OK\r\nContent-Length: 29\r\n\r\n", `{"ListAllMyBucketsResult":{}}`, secret("struck")} {
			_, _ = fmt.Fprint(conn, more, r.Header)
		}
		_, _ = conn.Read(make([]byte, 1)) // until the exporter has noticed
	})(t, x)
	for range 10 {
		wantOthers(t, before, x.scrape(t), struck)
	}
	heal()
	wantSame(t, "the region, after healing", state(before, struck), state(x.scrape(t), struck))
	if all, ours := len(x.lines(from)), len(x.lines(from, "ts=", " level=", " caller=", " msg=")); all != ours {
		t.Errorf("%d of %d lines are not the exporter's own:\n%s", all-ours, all, x.lines(from))
	}
}

func noBuckets(t *testing.T, x *exporter) {
	heal := does(ossvtest.Respond(200, contentType("application/json"), `{"ListAllMyBucketsResult":{}}`))(t, x)
	after := x.scrape(t)
	heal()
	x.wantUp(t, struck, after)
	if v, there := value(after, struck, "ossvector_buckets"); v != 0 || !there {
		t.Errorf("%v buckets (%v)", v, there)
	}
}

func badDate(t *testing.T, x *exporter) {
	for _, date := range []string{"yesterday", "2026-13-45T00:00:00Z", "0000-00-00T00:00:00.000Z", "-1"} {
		x.cloud.Account.Put(struck.region, ossvtest.Bucket{Name: "undated", CreationDate: date})
		after := x.scrape(t)
		x.wantUp(t, struck, after)
		if n := len(pick(after, struck, "ossvector_bucket_info")); n != 26 {
			t.Errorf("%q: %d buckets", date, n)
		}
		if n := len(pick(after, struck, "ossvector_bucket_created_timestamp_seconds")); n != 25 {
			t.Errorf("%q: %d creation times", date, n)
		}
	}
	x.cloud.Account.Remove(struck.region, "undated")
}
