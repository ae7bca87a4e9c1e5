package faults

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ossvector_exporter/ossvapi/ossvtest"
)

// nonsense is a 200 whose body is not the documented answer.
func nonsense(id, body string, tries int) row {
	return fails(id, ossvtest.Respond(http.StatusOK, contentType("application/json"), body), "invalid_response", "", "200", tries)
}

// malformed is a row of answers with status 200 that are not the documented one, none of which is tried again.
func malformed(id string, bodies map[string]string) row {
	r := row{id: id}
	for _, name := range slices.Sorted(maps.Keys(bodies)) {
		r.strikes = append(r.strikes, shaped(name, 200, contentType("application/json"), bodies[name], "", "invalid_response", 1))
	}
	return r
}

const listing = `{"ListAllMyBucketsResult":{"Buckets":[%s]}}`

func answers() []row {
	return []row{
		malformed("answer-no-json", map[string]string{
			"nothing": "", "a login page": `<html>Please log in</html>`, "XML": `<ListAllMyBucketsResult><Buckets/></ListAllMyBucketsResult>`,
			"more after it": fmt.Sprintf(listing, "") + "x", "two": fmt.Sprintf(listing, "") + fmt.Sprintf(listing, ""),
			"broken UTF-8": fmt.Sprintf(listing, "{\"Name\":\"a\xff\"}"), "a million brackets": strings.Repeat("[", 70_000),
			"compressed rubbish": "\x1f\x8b\x08\x00junk",
		}),
		malformed("answer-other-shape", map[string]string{
			"null": "null", "no members": "{}", "a list": "[]", "a null root": `{"ListAllMyBucketsResult":null}`,
			"another root": `{"ListBucketResult":{"Buckets":[]}}`, "the root in small letters": `{"listallmybucketsresult":{"Buckets":[]}}`,
			"a member twice": `{"ListAllMyBucketsResult":{"Buckets":[],"Buckets":[]}}`,
			"no name":        fmt.Sprintf(listing, `{"Region":"cn-struck-1"}`), "another ARN": fmt.Sprintf(listing, `{"Name":"acs:oss:x"}`),
			"another type": `{"ListAllMyBucketsResult":{"Buckets":{"Name":"a"}}}`,
		}),
		malformed("answer-fewer", map[string]string{
			"buckets in small letters": `{"ListAllMyBucketsResult":{"buckets":[{"Name":"a"}]}}`,
			"a list of another name":   `{"ListAllMyBucketsResult":{"VectorBuckets":[{"Name":"a"}]}}`,
			"paging in small letters":  `{"ListAllMyBucketsResult":{"isTruncated":true,"nextMarker":"a","Buckets":[{"Name":"a"}]}}`,
			"a marker of nothing":      `{"ListAllMyBucketsResult":{"NextMarker":"a","Buckets":[{"Name":"a"}]}}`,
		}),
		{id: "answer-null-members", do: nullMembers},
		fails("answer-error-200", ossvtest.Respond(200, nil, `{"Error":{"Code":"AccessDenied","Message":"no"}}`), "invalid_response", "AccessDenied", "200", 1),
		nonsense("answer-cut-json", `{"ListAllMyBucketsResult":{"Buckets":[{"Name":"a"}`, 2),
		{id: "status-other", strikes: []strike{
			shaped("204", 204, nil, "", "", "invalid_response", 1),
			shaped("a redirect", 302, http.Header{"Location": {"http://127.0.0.1:1/elsewhere"}}, "", "", "invalid_response", 1),
			shaped("206", 206, contentType("application/json"), fmt.Sprintf(listing, ""), "", "invalid_response", 1),
			shaped("999", 999, nil, "", "", "invalid_response", 1),
		}},
		fails("answer-huge", ossvtest.Huge(5<<20), "invalid_response", "", "200", 1),
		malformed("answer-crowded", map[string]string{
			"more than asked for": fmt.Sprintf(listing, strings.Repeat(`{"Name":"a"},`, 10)+`{"Name":"b"}`),
			"a long text":         fmt.Sprintf(listing, `{"Name":"a","Location":"`+strings.Repeat("x", 1025)+`"}`),
		}),
		{id: "buckets-too-many", alone: tooMany},
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

// onward sends a walk to a marker that was never there before.
func onward(sent, _ string) string {
	n, _ := strconv.Atoi(sent) // the first one is empty
	return strconv.Itoa(n + 1)
}

// endless has the deadline end a walk that gets new markers for ever. No attempt fails, so the timeout comes to none.
func endless(t *testing.T, x *exporter) {
	before := x.scrape(t)
	heal := does(ossvtest.NextMarker(onward))(t, x)
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
		t.Errorf("%v", samplesOf(after, struck, "ossvector_last_error_info"))
	}
	x.wantUp(t, struck, x.scrape(t))
}

func duplicates(t *testing.T, x *exporter) {
	before := x.scrape(t)
	heal := does(ossvtest.Duplicate(4))(t, x)
	defer heal()
	after := x.scrape(t)
	x.wantUp(t, struck, after)
	if v, _ := value(after, struck, "ossvector_duplicate_buckets"); v != 17 { // 4 on each page beside 6 others, of which there are 25
		t.Errorf("%v duplicates", v)
	}
	for _, name := range []string{"ossvector_buckets", "ossvector_bucket_info"} {
		wantSame(t, name, samplesOf(before, struck, name), samplesOf(after, struck, name))
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
	far := regionKey{"struck", "cn-far-1"}
	if v, _ := value(after, far, "ossvector_buckets"); v != 1 {
		t.Errorf("%v buckets in a region that is not polled", v)
	}
	calm := regionKey{"struck", "cn-calm-1"}
	wantSame(t, "the polled region", samplesOf(before, calm, "ossvector_bucket_info"), samplesOf(after, calm, "ossvector_bucket_info"))
	if v, _ := value(after, calm, "ossvector_duplicate_buckets"); v != 1 {
		t.Errorf("%v duplicates", v)
	}
	wantSame(t, "the other account", samplesOf(before, other, "ossvector_bucket_info"), samplesOf(after, other, "ossvector_bucket_info"))
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

// tooMany has a region with one bucket more than its account lets it have.
func tooMany(t *testing.T, s *suite) {
	c := startSimulation(t)
	x := s.start(t, strings.Replace(twoAccounts(c.URL, 1500*time.Millisecond), "  page_size: 10\n", "  page_size: 10\n  max_buckets: 25\n", 1), launch{})
	x.cloud = c
	x.strike(t, strike{
		inject: func(_ *testing.T, x *exporter) func() {
			x.cloud.Account.Put(struck.region, ossvtest.Bucket{Name: "one-more"})
			return func() { x.cloud.Account.Remove(struck.region, "one-more") }
		}, reason: "invalid_response", status: "200", tries: 3, errors: map[string]float64{"invalid_response": 1}, log: "max_buckets",
	})
}

// nullMembers has a region answer as a serializer may that writes null for what is empty.
func nullMembers(t *testing.T, x *exporter) {
	body := `{"ListAllMyBucketsResult":{"Buckets":null,"IsTruncated":null,"NextMarker":null,"Prefix":null}}`
	heal := does(ossvtest.Respond(200, contentType("application/json"), body))(t, x)
	after := x.scrape(t)
	heal()
	x.wantUp(t, struck, after)
	if v, there := value(after, struck, "ossvector_buckets"); v != 0 || !there {
		t.Errorf("%v buckets (%v)", v, there)
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
		if n := len(samplesOf(after, struck, "ossvector_bucket_info")); n != 26 {
			t.Errorf("%q: %d buckets", date, n)
		}
		if n := len(samplesOf(after, struck, "ossvector_bucket_created_timestamp_seconds")); n != 25 {
			t.Errorf("%q: %d creation times", date, n)
		}
	}
	x.cloud.Account.Remove(struck.region, "undated")
}
