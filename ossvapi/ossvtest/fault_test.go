package ossvtest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"ossvector_exporter/ossvapi/ossvtest"
)

// try sends a request on a connection of its own and says what came of it: status, body and error.
func try(t *testing.T, url string, q raw) (int, string, error) {
	t.Helper()
	return do(q.build(t, url))
}

func do(r *http.Request) (int, string, error) {
	transport := &http.Transport{DisableKeepAlives: true}
	resp, err := transport.RoundTrip(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(body), err
}

// faulty serves three buckets a, b and c, with one fault.
func faulty(t *testing.T, f ossvtest.Fault) (*ossvtest.Server, *ossvtest.Account, string) {
	t.Helper()
	s, a, url := serve(t, ossvtest.Options{Now: noon, PlainNames: true})
	put(a, hangzhou, "a", "b", "c")
	s.Inject(f)
	return s, a, url
}

func TestHangUp(t *testing.T) {
	_, _, url := faulty(t, ossvtest.Fault{Do: ossvtest.HangUp()})
	if status, _, err := try(t, url, raw{key: key()}); !errors.Is(err, io.EOF) {
		t.Errorf("%d, %v", status, err)
	}
}

func TestCutOffAndTruncate(t *testing.T) {
	whole := wholeBody(t)
	for _, n := range []int{0, 10, len(whole), len(whole) + 10} {
		for want, do := range map[error]ossvtest.Action{io.ErrUnexpectedEOF: ossvtest.CutOff(n), nil: ossvtest.Truncate(n)} {
			_, _, url := faulty(t, ossvtest.Fault{Do: do})
			status, body, err := try(t, url, raw{key: key()})
			if status != 200 || !errors.Is(err, want) || body != whole[:min(n, len(whole))] {
				t.Errorf("after %d: %d %q %v, want %v", n, status, body, err, want)
			}
		}
	}
}

// wholeBody is what faulty answers without a fault.
func wholeBody(t *testing.T) string {
	t.Helper()
	_, _, url := faulty(t, ossvtest.Fault{Do: ossvtest.Latency(0)})
	_, body, err := try(t, url, raw{key: key()})
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestLatencyAndDrip(t *testing.T) {
	whole := wholeBody(t)
	chunks := (len(whole) + 63) / 64
	for name, c := range map[string]struct {
		do    ossvtest.Action
		least time.Duration
	}{
		"latency": {ossvtest.Latency(30 * time.Millisecond), 30 * time.Millisecond},
		"drip":    {ossvtest.Drip(64, 10*time.Millisecond), time.Duration(chunks) * 10 * time.Millisecond},
	} {
		_, _, url := faulty(t, ossvtest.Fault{Do: c.do})
		start := time.Now()
		status, body, err := try(t, url, raw{key: key()})
		if status != 200 || body != whole || err != nil {
			t.Errorf("%s: %d %s %v", name, status, body, err)
		}
		if took := time.Since(start); took < c.least {
			t.Errorf("%s: took %v, less than %v", name, took, c.least)
		}
	}
}

// TestClientLeaves holds that what waits ends with its client: closing the server waits for all requests.
func TestClientLeaves(t *testing.T) {
	for name, action := range map[string]ossvtest.Action{
		"hang": ossvtest.Hang(), "latency": ossvtest.Latency(time.Hour), "drip": ossvtest.Drip(1, time.Hour),
		"gate": ossvtest.NewGate().Action, "huge": ossvtest.Huge(1 << 50),
	} {
		for _, bucket := range []string{"", "a"} { // with and without a request body
			arrived := ossvtest.NewGate()
			arrived.Open()
			s, _, url := faulty(t, ossvtest.Fault{Do: arrived.Action})
			s.Inject(ossvtest.Fault{Do: action})
			ctx, leave := context.WithCancel(t.Context())
			go func() {
				<-arrived.Arrived()
				leave()
			}()
			_, _, err := do(raw{key: key(), bucket: bucket}.build(t, url).WithContext(ctx))
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
		}
	}
}

func TestHuge(t *testing.T) {
	_, _, url := faulty(t, ossvtest.Fault{Do: ossvtest.Huge(1 << 20)})
	status, body, err := try(t, url, raw{key: key()})
	if _, names := decode(t, body); status != 200 || len(body) < 1<<20 || names != "" || err != nil {
		t.Errorf("%d, %d bytes, %v", status, len(body), err)
	}
}

func TestRespond(t *testing.T) {
	header := http.Header{"Content-Type": {"text/html"}, "Date": nil, "X-Oss-Request-Id": nil, "Retry-After": {"7"}}
	_, _, url := faulty(t, ossvtest.Fault{Do: ossvtest.Respond(418, header, "<p>tea")})
	resp, body := raw{key: key()}.send(t, url)
	h := resp.Header
	if resp.StatusCode != http.StatusTeapot || body != "<p>tea" || h.Get("Content-Type") != "text/html" || h.Get("Retry-After") != "7" {
		t.Errorf("%d %s %v", resp.StatusCode, body, h)
	}
	if h["Date"] != nil || h["X-Oss-Request-Id"] != nil {
		t.Errorf("usual headers are there: %v", h)
	}
}

func TestFailAndThrottle(t *testing.T) {
	for _, c := range []struct {
		do     ossvtest.Action
		status int
		after  string
		code   string
	}{
		{ossvtest.Fail(500, "InternalError", "Sorry."), 500, "[]", `"Code":"InternalError","Message":"Sorry."`},
		{ossvtest.Throttle(429, "3"), 429, `["3"]`, `"Code":"QpsLimitExceeded"`},
		{ossvtest.Throttle(503, ""), 503, "[]", `"Code":"QpsLimitExceeded"`},
	} {
		_, _, url := faulty(t, ossvtest.Fault{Do: c.do})
		resp, body := raw{key: key()}.send(t, url)
		if after := fmt.Sprintf("%q", resp.Header["Retry-After"]); resp.StatusCode != c.status || after != c.after || !strings.Contains(body, c.code) {
			t.Errorf("%s: %d %v %s", c.code, resp.StatusCode, resp.Header, body)
		}
	}
}

// TestDenyAndSkew come after the verification, or change what it sees.
func TestDenyAndSkew(t *testing.T) {
	good, bad := raw{key: key()}, raw{key: with(key(), func(k *ossvtest.Key) { k.Secret = "x" })}
	for _, c := range []struct {
		ask  raw
		do   ossvtest.Action
		want string
		date string
	}{
		{good, ossvtest.Deny(), "403 AccessDenied", "12:00:00"},
		{bad, ossvtest.Deny(), "403 SignatureDoesNotMatch", "12:00:00"},
		{good, ossvtest.Skew(time.Hour), "403 RequestTimeTooSkewed", "13:00:00"},
		{good, ossvtest.Skew(-time.Hour), "403 RequestTimeTooSkewed", "11:00:00"},
		{good, ossvtest.Skew(time.Minute), "200 ", "12:01:00"},
		{raw{key: key(), at: noon().Add(time.Hour)}, ossvtest.Skew(time.Hour), "200 ", "13:00:00"},
	} {
		_, _, url := faulty(t, ossvtest.Fault{Do: c.do})
		resp, _ := c.ask.send(t, url)
		if got := errorOf(t, resp); got != c.want || !strings.Contains(resp.Header.Get("Date"), c.date) {
			t.Errorf("%s at %s, want %s at %s", got, resp.Header.Get("Date"), c.want, c.date)
		}
	}
}

// TestBentListings walks a listing of a, b, c by two as the fault has it.
func TestBentListings(t *testing.T) {
	foreign := ossvtest.Foreign(shanghai, ossvtest.Bucket{Name: "f"}, ossvtest.Bucket{Name: "g"})
	for name, c := range map[string]struct {
		do   ossvtest.Action
		want string
	}{
		"honest":         {ossvtest.Latency(0), "a,b>b|c"},
		"duplicate":      {ossvtest.Duplicate(1), "a,a>a|b,b>b|c,c"},
		"duplicate many": {ossvtest.Duplicate(9), "a,a>a|b,b>b|c,c"},
		"foreign":        {foreign, "a,f,g>a|b,f,g>b|c,f,g"},
		"loop":           {ossvtest.LoopMarker(), "a,b>b|c>b|c>b"},
		"missing":        {ossvtest.MissingMarker(), "a,b>-"},
		"own marker": {ossvtest.NextMarker(func(sent, honest string) string { return "m" + sent + honest }),
			"a,b>mb|>mmb|>mmmb"},
	} {
		_, _, url := faulty(t, ossvtest.Fault{Do: c.do})
		if got := walk(t, url); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// walk follows a listing for three pages at most: names, > and the next marker if there is more.
func walk(t *testing.T, url string) string {
	t.Helper()
	marker, pages := "", []string(nil)
	for len(pages) < 3 {
		_, body := raw{key: key(), query: encoded("max-keys", "2", "marker", marker)}.send(t, url)
		r, names := decode(t, body)
		page, l := strings.ReplaceAll(names, " ", ","), r.ListAllMyBucketsResult
		if l.IsTruncated == nil {
			return strings.Join(append(pages, page), "|")
		}
		if l.NextMarker == nil {
			return strings.Join(append(pages, page+">-"), "|")
		}
		marker = *l.NextMarker
		pages = append(pages, page+">"+marker)
	}
	return strings.Join(pages, "|")
}

func TestForeignEntriesAreOfTheirRegion(t *testing.T) {
	_, _, url := faulty(t, ossvtest.Fault{Do: ossvtest.Foreign(shanghai, ossvtest.Bucket{Name: "f"})})
	put := ossvtest.Fault{Do: ossvtest.Foreign("cn-beijing", ossvtest.Bucket{Name: "p"})}
	s, _, second := faulty(t, put)
	s.Inject(ossvtest.Fault{Do: ossvtest.Foreign(shanghai, ossvtest.Bucket{Name: "f"})})
	empty, _, third := serve(t, ossvtest.Options{Now: noon, PlainNames: true})
	empty.Inject(put)
	for at, want := range map[string]map[string]string{
		url: {"f": shanghai}, second: {"f": shanghai, "p": "cn-beijing"}, third: {"p": "cn-beijing"},
	} {
		_, body := raw{key: key()}.send(t, at)
		r, _ := decode(t, body)
		for _, b := range r.ListAllMyBucketsResult.Buckets {
			if region := or(want[b["Name"]], hangzhou); b["Region"] != region || b["Location"] != "oss-"+region {
				t.Errorf("%v is not of %s", b, region)
			}
			delete(want, b["Name"])
		}
		if len(want) > 0 {
			t.Errorf("missing %v in %s", want, body)
		}
	}
}

func TestBentIndexListings(t *testing.T) {
	for name, c := range map[string]struct {
		do   ossvtest.Action
		want string
	}{
		"honest":    {ossvtest.Latency(0), `x1 x2 "nextToken":"x2"`},
		"duplicate": {ossvtest.Duplicate(1), `x1 x1 "nextToken":"x1"`},
		"loop":      {ossvtest.LoopMarker(), `x1 x2 "nextToken":"x0"`},
		"missing":   {ossvtest.MissingMarker(), `x1 x2 `},
		"foreign":   {ossvtest.Foreign(shanghai, ossvtest.Bucket{Name: "f"}), `x1 x2 "nextToken":"x2"`},
	} {
		_, a, url := faulty(t, ossvtest.Fault{Do: c.do})
		for i := range 4 {
			a.PutIndexes(hangzhou, "a", ossvtest.Index{Name: fmt.Sprint("x", i)})
		}
		_, body := raw{key: key(), bucket: "a", body: `{"maxResults":2,"nextToken":"x0"}`}.send(t, url)
		got := ""
		for field := range strings.FieldsFuncSeq(body, func(r rune) bool { return strings.ContainsRune("{}[],", r) }) {
			if name, ok := strings.CutPrefix(field, `"indexName":`); ok {
				got += strings.Trim(name, `"`) + " "
			} else if strings.HasPrefix(field, `"nextToken"`) {
				got += field
			}
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
