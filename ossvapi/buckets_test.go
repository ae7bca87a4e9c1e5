package ossvapi

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// pageJSON is an answer of ListVectorBuckets; without a next marker it is the last one.
func pageJSON(next string, names ...string) string {
	var entries []string
	for _, name := range names {
		entries = append(entries, fmt.Sprintf(`{"Name":%q}`, name))
	}
	more := ""
	if next != "" {
		more = fmt.Sprintf(`"IsTruncated":true,"NextMarker":%q,`, next)
	}
	return `{"ListAllMyBucketsResult":{` + more + `"Buckets":[` + strings.Join(entries, ",") + `]}}`
}

// byMarker answers with the body kept under the request's marker.
func byMarker(bodies map[string]string) trip {
	return func(r *http.Request) (*http.Response, error) {
		body, ok := bodies[r.URL.Query().Get("marker")]
		if !ok {
			return answer(http.StatusBadRequest, "")(r)
		}
		return answer(http.StatusOK, body)(r)
	}
}

func names(pages []*Page) []string {
	var all []string
	for _, p := range pages {
		for _, b := range p.Buckets {
			all = append(all, b.Name)
		}
	}
	return all
}

func TestBucketsWalksEveryPage(t *testing.T) {
	marker := "a+b/c=&marker=x d%20e é"
	c, seen := newClient(byMarker(map[string]string{
		"":     pageJSON(marker, "a", "b"),
		marker: pageJSON("d", "c"),
		"d":    pageJSON("e"), // a page without buckets is no end
		"e":    pageJSON("", "f"),
	}))
	pages, err := list(t.Context(), c, nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"a", "b", "c", "f"}, names(pages)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int{200, 200, 200, 200}, seen.statuses()); diff != "" || len(seen.failures) > 0 {
		t.Errorf("attempts: %s; failures %v", diff, seen.failures)
	}
}

func TestBucketsStopsWhenItsCallerDoes(t *testing.T) {
	c, seen := newClient(answer(http.StatusOK, pageJSON("b", "a")))
	for _, err := range c.Buckets(t.Context(), region, nil) {
		if err != nil {
			t.Fatal(err)
		}
		break
	}
	if len(seen.statuses()) != 1 {
		t.Errorf("%d requests after one page", len(seen.statuses()))
	}
}

func TestBucketsRequest(t *testing.T) {
	s := &script{steps: []trip{answer(http.StatusOK, emptyPage)}}
	c, _ := newClient(s, func(o *Options) {
		o.Prefix, o.ResourceGroupID, o.PageSize = "my +&=é/", "rg-1", 17
	})
	if _, err := list(t.Context(), c, nil); err != nil {
		t.Fatal(err)
	}
	r := s.asked[0]
	want := "http://cn-shanghai.example.com/?max-keys=17&prefix=my%20%2B%26%3D%C3%A9%2F"
	if r.URL.String() != want || r.Method != http.MethodGet {
		t.Errorf("asked %s %s, want GET %s", r.Method, r.URL, want)
	}
	for name, want := range map[string]string{
		"X-Oss-Resource-Group-Id": "rg-1", "User-Agent": "test", "X-Oss-Security-Token": testKey().Token,
	} {
		if got := r.Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if got := r.Header.Get("Authorization"); !strings.HasPrefix(got, "OSS4-HMAC-SHA256 Credential="+testKey().ID) {
		t.Errorf("Authorization: %q", got)
	}
	if _, body := r.Header["Content-Type"]; body || r.ContentLength != 0 {
		t.Error("a GET with a body")
	}
}

// truncated is a page that says so, with whatever members.
func truncated(members string) string {
	return `{"ListAllMyBucketsResult":{"IsTruncated":true,` + members + `}}`
}

func TestBucketsRefusesPagingThatDoesNotAdvance(t *testing.T) {
	tests := map[string]struct {
		bodies map[string]string
		pages  int
	}{
		"no marker":    {map[string]string{"": truncated(`"Buckets":[{"Name":"a"}]`)}, 0},
		"empty marker": {map[string]string{"": truncated(`"NextMarker":"","Buckets":[]`)}, 0},
		"null marker":  {map[string]string{"": truncated(`"NextMarker":null`)}, 0},
		"marker sent":  {map[string]string{"": pageJSON("a", "a"), "a": pageJSON("a", "b")}, 1},
		"marker cycle": {map[string]string{"": pageJSON("a", "a"), "a": pageJSON("b", "b"), "b": pageJSON("a", "c")}, 2},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, _ := newClient(byMarker(tt.bodies))
			pages, err := list(t.Context(), c, nil)
			if len(pages) != tt.pages {
				t.Errorf("%d pages before the error, want %d", len(pages), tt.pages)
			}
			e := asError(t, err)
			if e.Reason != InvalidResponse || e.Status != http.StatusOK || !strings.Contains(e.Message, "NextMarker") {
				t.Errorf("got %v", e)
			}
			again, err := list(t.Context(), c, pages)
			if len(again) != tt.pages || asError(t, err).Reason != InvalidResponse {
				t.Errorf("with known pages: %d pages, %v", len(again), err)
			}
		})
	}
}

// A service that numbers its pages without end is followed for 10,000 of them.
func TestBucketsEndsAfterTenThousandPages(t *testing.T) {
	t.Parallel()
	n := 0
	c, seen := newClient(trip(func(r *http.Request) (*http.Response, error) {
		n++
		return answer(http.StatusOK, pageJSON(fmt.Sprint("m", n)))(r)
	}))
	pages, err := list(t.Context(), c, nil)
	if e := asError(t, err); e.Reason != InvalidResponse || len(pages) != 10_000 || n != 10_000 {
		t.Errorf("%d pages, %d requests, error %v", len(pages), n, err)
	}
	if diff := cmp.Diff([]Reason{InvalidResponse}, seen.reasons()); diff != "" {
		t.Error(diff)
	}
}

// Nothing follows an error, and no part of the failing page comes with it.
func TestBucketsEndsAtTheFirstError(t *testing.T) {
	s := &script{steps: []trip{
		answer(http.StatusOK, pageJSON("b", "a", "b")), answer(http.StatusOK, pageJSON("d", "c", "d")),
		answer(http.StatusForbidden, "", "X-Oss-Request-Id", "5C3D"), answer(http.StatusOK, emptyPage),
	}}
	c, seen := newClient(s)
	calls := 0
	for page, err := range c.Buckets(t.Context(), region, nil) {
		if calls++; calls == 3 && (err == nil || page != nil) {
			t.Errorf("third page: %v, error %v", page, err)
		}
	}
	if calls != 3 || len(s.at) != 3 {
		t.Errorf("%d calls, %d requests", calls, len(s.at))
	}
	if diff := cmp.Diff([]Reason{AccessDenied}, seen.reasons()); diff != "" {
		t.Error(diff)
	}
}

// broken is a body that ends with an error after its text.
func broken(text string) io.ReadCloser {
	return io.NopCloser(io.MultiReader(strings.NewReader(text), errReader{}))
}

type errReader struct{}

func (errReader) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestBucketsOfAnUnusableRegion(t *testing.T) {
	long := strings.Repeat("a-", 32) + "b"
	for _, asked := range []string{"", "x", "CN-SHANGHAI", "cn-shanghai.evil.com/", "a@b-c", "..", "cn-x\n", long} {
		s := &script{steps: []trip{answer(http.StatusOK, emptyPage)}}
		c, seen := newClient(s)
		for page, err := range c.Buckets(t.Context(), asked, nil) {
			e := asError(t, err)
			if page != nil || e.Reason != InvalidRequest || e.Status != 0 || e.Attempts != 0 {
				t.Errorf("%q: %v, %v", asked, page, err)
			}
		}
		if len(s.at) != 0 || len(seen.failures) != 1 || len(seen.statuses()) != 0 {
			t.Errorf("%q: %d requests, %d failures", asked, len(s.at), len(seen.failures))
		}
	}
}

func TestBucketsOfAnUnusableEndpoint(t *testing.T) {
	c, _ := newClient(answer(http.StatusOK, emptyPage), func(o *Options) { o.Endpoint = "http://user:hunter2@[{region}" })
	if err := failure(t, c); err.Reason != InvalidRequest || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", err)
	}
}

// A region costs memory by its bounds: pages of what was asked for, and so many buckets of a listing.
func TestBucketsAreBounded(t *testing.T) {
	names := func(n int) []string { return strings.Split(strings.Repeat("b ", n-1)+"b", " ") }
	service := map[string]string{"": pageJSON("m", names(3)...), "m": pageJSON("", names(2)...)}
	small := func(most int) func(*Options) { return func(o *Options) { o.PageSize, o.MaxBuckets = 3, most } }
	c, _ := newClient(byMarker(service), small(5))
	known := mustList(t, c, nil)
	for name, tt := range map[string]struct {
		edit    func(*Options)
		page    string
		message string
		pages   int
	}{
		"one more bucket than allowed": {small(4), service["m"], "the listing has more than 4 buckets (max_buckets)", 1},
		"one more than asked for":      {small(9), pageJSON("", names(4)...), "Buckets has 4 entries, 3 were asked for", 1},
		"64 KiB and 3 KiB and a byte":  {small(9), emptyPage + strings.Repeat(" ", 67<<10+1-len(emptyPage)), "the body is larger than 68,608 bytes", 1},
		"64 KiB and 3 KiB":             {small(9), emptyPage + strings.Repeat(" ", 67<<10-len(emptyPage)), "", 2},
	} {
		c, _ := newClient(byMarker(map[string]string{"": service[""], "m": tt.page}), tt.edit)
		pages, err := list(t.Context(), c, nil)
		if len(pages) != tt.pages || (err == nil) != (tt.message == "") {
			t.Errorf("%s: %d pages, %v", name, len(pages), err)
		} else if err != nil && (asError(t, err).Message != tt.message || asError(t, err).Reason != InvalidResponse) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c.o.MaxBuckets = 4
	if pages, err := list(t.Context(), c, known); len(pages) != 1 || asError(t, err).Reason != InvalidResponse {
		t.Errorf("known pages: %d, %v", len(pages), err)
	}
	if c, _ := newClient(nil); c.o.MaxBuckets != 100_000 {
		t.Errorf("%d buckets by default", c.o.MaxBuckets)
	}
}

func TestBucketsLackThePrefixAskedFor(t *testing.T) {
	c, _ := newClient(answer(200, pageJSON("", "my-a", "other")), func(o *Options) { o.Prefix = "my-" })
	if err := failure(t, c); err.Reason != InvalidResponse || err.Message != "Buckets[1].Name lacks the prefix that was asked for: \"other\"" {
		t.Errorf("got %v", err)
	}
}
