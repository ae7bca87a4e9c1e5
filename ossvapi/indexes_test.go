package ossvapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ossvector_exporter/ossvapi/ossvtest"
)

func testBucket() Bucket {
	return Bucket{Name: "docs", AccountID: "1037350000000000", Region: region}
}

// byToken answers with the body kept under the request's nextToken.
func byToken(bodies map[string]string) trip {
	return func(r *http.Request) (*http.Response, error) {
		var asked struct{ NextToken string }
		if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
			return nil, err
		}
		return answer(http.StatusOK, bodies[asked.NextToken])(r)
	}
}

func indexesJSON(next string, names ...string) string {
	var entries []string
	for _, name := range names {
		entries = append(entries, fmt.Sprintf(`{"indexName":%q}`, name))
	}
	return fmt.Sprintf(`{"indexes":[%s],"nextToken":%q}`, strings.Join(entries, ","), next)
}

func TestIndexesWalksEveryPage(t *testing.T) {
	c, seen := newClient(byToken(map[string]string{
		"":      indexesJSON("t/+\"é", "a", "b"),
		`t/+"é`: indexesJSON("u", "b", "c"), // b again
		"u":     indexesJSON("v"),
		"v":     indexesJSON("", "d", "a"),
	}))
	got, err := c.Indexes(t.Context(), testBucket())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]Index{{Name: "a"}, {Name: "b"}, {Name: "c"}, {Name: "d"}}, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]int{200, 200, 200, 200}, seen.statuses()); diff != "" {
		t.Error(diff)
	}
}

func TestIndexesRequest(t *testing.T) {
	var bodies []string
	s := &script{steps: []trip{func(r *http.Request) (*http.Response, error) {
		body, err := io.ReadAll(r.Body)
		bodies = append(bodies, string(body))
		return response(http.StatusServiceUnavailable, http.NoBody), err
	}}}
	c, _ := newClient(s, attempts(2))
	_, err := c.Indexes(t.Context(), testBucket())
	if e := asError(t, err); e.Operation != ListVectorIndexes || e.Region != region || e.Reason != ServerError {
		t.Errorf("got %v", e)
	}
	for i, r := range s.asked {
		want := "http://docs-1037350000000000.cn-shanghai.example.com/?listVectorIndexes"
		if r.Method != http.MethodPost || r.URL.String() != want {
			t.Errorf("attempt %d: %s %s, want POST %s", i, r.Method, r.URL, want)
		}
		if got := r.Header.Get("Content-Type"); got != "application/json" || bodies[i] != `{"maxResults":500}` {
			t.Errorf("attempt %d: %s %s", i, got, bodies[i])
		}
	}
	if len(bodies) != 2 {
		t.Errorf("%d attempts", len(bodies))
	}
}

// All pages or an error: the pages before it are not handed out.
func TestIndexesFailsWhole(t *testing.T) {
	tests := map[string]struct {
		bodies map[string]string
		want   string
	}{
		"cut off":          {map[string]string{"": indexesJSON("t", "a"), "t": `{"indexes":[{"indexName":"b"},`}, "cut off"},
		"an empty body":    {map[string]string{"": indexesJSON("t", "a")}, "empty"},
		"an unnamed entry": {map[string]string{"": indexesJSON("t", "a"), "t": `{"indexes":[{}]}`}, "indexes[0]"},
		"token sent":       {map[string]string{"": indexesJSON("t", "a"), "t": indexesJSON("t", "b")}, "nextToken"},
		"token cycle": {
			map[string]string{"": indexesJSON("t", "a"), "t": indexesJSON("u", "b"), "u": indexesJSON("t", "c")}, "nextToken",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, seen := newClient(byToken(tt.bodies))
			got, err := c.Indexes(t.Context(), testBucket())
			if e := asError(t, err); got != nil || e.Reason != InvalidResponse || !strings.Contains(e.Message, tt.want) {
				t.Errorf("got %v, %v", got, err)
			}
			if diff := cmp.Diff([]Reason{InvalidResponse}, seen.reasons()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A bucket's name, account id and region come out of a response: what does not fit is a failure without a request, and
// nothing of it gets into the error, whose region is a label elsewhere.
func TestIndexesOfAnUnaddressableBucket(t *testing.T) {
	for name, b := range hostileBuckets() {
		t.Run(name, func(t *testing.T) {
			s := &script{steps: []trip{answer(http.StatusOK, `{}`)}}
			c, seen := newClient(s)
			got, err := c.Indexes(t.Context(), b)
			e := asError(t, err)
			if got != nil || e.Reason != InvalidRequest || e.Attempts != 0 || e.Status != 0 || len(s.at) != 0 {
				t.Errorf("got %v, %+v after %d requests", got, e, len(s.at))
			}
			if e.Region != "" && !ValidRegion(e.Region) || len(seen.failures) != 1 || seen.failures[0].Region != e.Region {
				t.Errorf("region %.70q, failures %v", e.Region, seen.failures)
			}
		})
	}
}

func TestIndexesAbandoned(t *testing.T) {
	c, seen := newClient(trip(hang))
	cause := errors.New("nobody waits")
	got, err := c.Indexes(cancelled(t, cause), testBucket())
	if !errors.Is(err, cause) || got != nil || len(seen.failures) != 0 {
		t.Errorf("got %v, %v, failures %v", got, err, seen.failures)
	}
}

// A bucket has 10,000 indexes at most, on pages of 500.
func TestIndexesAreBounded(t *testing.T) {
	page := func(next string, from, n int) string {
		var names []string
		for i := range n {
			names = append(names, fmt.Sprint("i", from+i))
		}
		return indexesJSON(next, names...)
	}
	bodies := map[string]string{}
	for i := range 20 {
		bodies[strings.TrimPrefix(fmt.Sprint("t", i), "t0")] = page(fmt.Sprint("t", i+1), 500*i, 500)
	}
	for last, want := range map[string]string{
		page("", 0, 0):   "",
		page("", 0, 1):   "the bucket has more than 10,000 indexes",
		page("", 0, 501): "indexes has more entries than the 500 of a full page",
		`{"indexes":[]}` + strings.Repeat(" ", 64<<10+500<<10): "the body is larger than 577,536 bytes",
	} {
		bodies["t20"] = last
		c, _ := newClient(byToken(bodies))
		got, err := c.Indexes(t.Context(), testBucket())
		if want == "" && (err != nil || len(got) != 10_000) {
			t.Errorf("%d indexes, %v", len(got), err)
		} else if want != "" && (asError(t, err).Message != want || asError(t, err).Reason != InvalidResponse || got != nil) {
			t.Errorf("%d indexes, %v, want %s", len(got), err, want)
		}
	}
}

// A bucket of the listing is asked for its indexes by what the listing says of it.
func TestIndexesOfAListedBucket(t *testing.T) {
	inTime(t, "by its host", func(t *testing.T) {
		service := ossvtest.New(ossvtest.Options{Seed: 1})
		k := testKey()
		service.AddAccount(account, ossvtest.Key{ID: k.ID, Secret: k.Secret, Token: k.Token}).Fill(region, 10)
		transport, _ := serve(t, service)
		c, _ := newClient(transport, func(o *Options) { o.PageSize = 3 })
		for _, page := range mustList(t, c, nil) {
			for _, b := range page.Buckets {
				if got, err := c.Indexes(t.Context(), b); err != nil || len(got) != 0 || !Addressable(b) {
					t.Errorf("%+v: %v, %v", b, got, err)
				}
			}
		}
		_, err := c.Indexes(t.Context(), Bucket{Name: "not-there", AccountID: account, Region: region})
		if e := asError(t, err); e.Status != 404 || e.Reason != InvalidRequest || e.Code == "" {
			t.Errorf("got %+v", e)
		}
	})
}
