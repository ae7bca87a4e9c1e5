package server_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/google/go-cmp/cmp"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

func TestInventory(t *testing.T) {
	indexed := healthy("search", "cn-shenzhen", 1)
	indexed.Labels = map[string]string{"team": "search"}
	indexed.IndexesOn, indexed.Indexes, indexed.Quota = true, 1, 100
	indexed.Inventory = inventory(collector.Listed{IndexesListed: noon, Bucket: ossvapi.Bucket{
		Name: "<b>one</b>", ARN: "acs:ossvector:cn-shenzhen:1037350000000000:one", Region: "cn-shenzhen", Location: "oss-cn-shenzhen",
		CreationDate: "2026-02-07T18:12:43.000Z", ExtranetEndpoint: "e", IntranetEndpoint: "i", ResourceGroupID: "rg-1"},
		Indexes: []ossvapi.Index{{Name: "x", DataType: "float32", DistanceMetric: "cosine", Mode: "m", Status: "enable", Dimension: 128, Created: noon}},
	})
	partly := failing("search", "cn-a", denied(), noon.Add(-90*time.Second))
	partly.Buckets, partly.Inventory = 2, inventory(
		collector.Listed{Bucket: ossvapi.Bucket{Name: "plain", Region: "cn-a"}}, collector.Listed{Bucket: ossvapi.Bucket{Name: "other", Region: "cn-b"}})
	never := collector.RegionState{Account: "search", Region: "cn-b", IndexesOn: true, Inventory: inventory()}
	got := atNoon(t, options(showing([]collector.RegionState{indexed, partly, never, healthy("empty", "cn-a", 0)})), "/api/v1/buckets")
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(got.body), "", " "); err != nil {
		t.Fatalf("%v\n%s", err, got.body)
	}
	if got.header.Get("Content-Type") != "application/json" {
		t.Errorf("%v", got.header)
	}
	if d := cmp.Diff(wantInventory, b.String()); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

const wantInventory = `{
 "generated_at": "2000-01-01T00:00:00Z",
 "regions": [
  {
   "account": "search",
   "region": "cn-shenzhen",
   "labels": {
    "team": "search"
   },
   "state": "up",
   "last_success": "1999-12-31T23:59:48Z",
   "age_seconds": 12,
   "duration_seconds": 0.184,
   "pages": 1,
   "bucket_count": 1,
   "bucket_quota": 100,
   "index_count": 1,
   "index_failed_buckets": 0,
   "errors": [],
   "buckets": [
    {
     "name": "\u003cb\u003eone\u003c/b\u003e",
     "arn": "acs:ossvector:cn-shenzhen:1037350000000000:one",
     "region": "cn-shenzhen",
     "location": "oss-cn-shenzhen",
     "creation_date": "2026-02-07T18:12:43.000Z",
     "extranet_endpoint": "e",
     "intranet_endpoint": "i",
     "resource_group_id": "rg-1",
     "indexes_listed": "2000-01-01T00:00:00Z",
     "indexes": [
      {
       "name": "x",
       "data_type": "float32",
       "distance_metric": "cosine",
       "mode": "m",
       "status": "enable",
       "dimension": 128,
       "created": "2000-01-01T00:00:00Z"
      }
     ]
    }
   ]
  },
  {
   "account": "search",
   "region": "cn-a",
   "state": "failing",
   "last_success": "1999-12-31T23:58:30Z",
   "age_seconds": 90,
   "duration_seconds": 0.184,
   "pages": 1,
   "bucket_count": 2,
   "errors": [
    {
     "operation": "ListVectorBuckets",
     "reason": "access_denied",
     "status": 403,
     "code": "AccessDenied",
     "ec": "0003-00000202",
     "request_id": "6A0C1F5B2E9D3C3031A4B7E2",
     "attempts": 1,
     "message": "You have no right to access this object because of bucket acl.",
     "advice": "grant oss:ListVectorBuckets on acs:ossvector:*:*:* to the identity that this account uses",
     "since": "1999-12-31T23:59:48Z",
     "at": "1999-12-31T23:59:48Z"
    }
   ],
   "buckets": [
    {
     "name": "plain",
     "region": "cn-a"
    },
    {
     "name": "other",
     "region": "cn-b"
    }
   ]
  },
  {
   "account": "search",
   "region": "cn-b",
   "state": "unknown",
   "last_success": null,
   "age_seconds": null,
   "duration_seconds": null,
   "pages": null,
   "bucket_count": null,
   "errors": [],
   "buckets": null
  },
  {
   "account": "empty",
   "region": "cn-a",
   "state": "up",
   "last_success": "1999-12-31T23:59:48Z",
   "age_seconds": 12,
   "duration_seconds": 0.184,
   "pages": 1,
   "bucket_count": 0,
   "errors": [],
   "buckets": []
  }
 ]
}
`

func TestInventoryOfNothing(t *testing.T) {
	got := atNoon(t, options(&fake{}), "/api/v1/buckets")
	if want := `{"generated_at":"2000-01-01T00:00:00Z","regions":[]}` + "\n"; got.body != want {
		t.Errorf("%q", got.body)
	}
}

// A time that JSON cannot hold is left out, and nothing else with it.
func TestInventoryWithImpossibleTimes(t *testing.T) {
	r := healthy("search", "cn-shenzhen", 1)
	r.Inventory = inventory(collector.Listed{IndexesListed: noon, Indexes: []ossvapi.Index{
		{Name: "late", Created: time.Date(9999, 12, 31, 23, 0, 0, 0, time.FixedZone("", -7200))},
		{Name: "early", Created: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)},
		{Name: "last", Created: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)},
	}})
	got := get(t, start(t, options(showing([]collector.RegionState{r}))), "/api/v1/buckets")
	var answer struct {
		Regions []struct {
			Buckets []struct {
				Indexes []struct{ Name, Created string }
			}
		}
	}
	if err := json.Unmarshal([]byte(got.body), &answer); err != nil {
		t.Fatalf("%v: %s", err, got.body)
	}
	if d := cmp.Diff([]struct{ Name, Created string }{{"late", ""}, {"early", ""}, {"last", "9999-12-31T23:59:59Z"}},
		answer.Regions[0].Buckets[0].Indexes); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

func TestInventoryIsFiltered(t *testing.T) {
	ts := start(t, options(showing(everyKind())))
	for query, want := range map[string]int{
		"": 10, "?account=staging": 2, "?region=cn-shanghai": 2, "?account=staging&region=cn-shanghai": 1, "?region=us-west-1": 1,
	} {
		var got struct {
			Regions []struct{ Account, Region string }
		}
		if err := json.Unmarshal([]byte(get(t, ts, "/api/v1/buckets"+query).body), &got); err != nil {
			t.Fatal(err)
		}
		if len(got.Regions) != want {
			t.Errorf("%q: %v", query, got.Regions)
		}
	}
}

func TestPagesAreCompressedWhereAsked(t *testing.T) {
	h := handler(t, options(showing(everyKind())))
	for path, sign := range map[string]string{"/": "</html>", "/api/v1/buckets": `"regions":[`, "/discovery": "[{", "/config": "accounts:", "/runbooks": "<h2"} {
		got := record(t, h, path, func(r *http.Request) { r.Header.Set("Accept-Encoding", "gzip") })
		gz, err := gzip.NewReader(got.Body)
		if err != nil || got.Header().Get("Content-Encoding") != "gzip" {
			t.Fatalf("%s: %v, %v", path, got.Header(), err)
		}
		if text, err := io.ReadAll(gz); err != nil || !strings.Contains(string(text), sign) {
			t.Errorf("%s: %v, %.300s", path, err, text)
		}
	}
}

func TestInventoryStreams(t *testing.T) {
	const buckets = 40_000
	r := healthy("a", "cn-a", 0)
	var before, during runtime.MemStats
	r.Inventory = func(yield func(collector.Listed) bool) {
		for i, b := 0, (collector.Listed{Bucket: ossvapi.Bucket{Name: strings.Repeat("x", 200)}}); i < buckets; i++ {
			if !yield(b) {
				t.Error("stopped early")
				return
			}
			if i == buckets-1 {
				runtime.GC()
				runtime.ReadMemStats(&during)
			}
		}
	}
	h := handler(t, options(showing([]collector.RegionState{r})))
	w := &countingWriter{header: http.Header{}}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/buckets", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&before)
	h.ServeHTTP(w, req)
	if w.bytes < buckets*200 {
		t.Errorf("%d bytes", w.bytes)
	}
	if grown := int64(during.HeapAlloc) - int64(before.HeapAlloc); grown > 1<<20 {
		t.Errorf("%d bytes of heap for %d of answer", grown, w.bytes)
	}
}

// countingWriter is a client that takes everything and remembers nothing.
type countingWriter struct {
	header http.Header
	bytes  int
	fail   error
}

func (w *countingWriter) Header() http.Header { return w.header }
func (w *countingWriter) WriteHeader(int)     {}
func (w *countingWriter) Write(b []byte) (int, error) {
	w.bytes += len(b)
	return len(b), w.fail
}

func TestInventoryStopsWhenTheClientIsGone(t *testing.T) {
	r := healthy("a", "cn-a", 0)
	listed := 0
	r.Inventory = func(yield func(collector.Listed) bool) {
		for yield(collector.Listed{Bucket: ossvapi.Bucket{Name: "x"}}) {
			listed++
		}
	}
	h := handler(t, options(showing([]collector.RegionState{r, r})))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "/api/v1/buckets", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if p := recover(); p != any(http.ErrAbortHandler) || listed > 10_000 {
			t.Errorf("%v, %d buckets for nobody", p, listed)
		}
	}()
	h.ServeHTTP(&countingWriter{header: http.Header{}, fail: io.ErrClosedPipe}, req) // ends
}

func TestPanicInMidAnswerBreaksTheConnection(t *testing.T) {
	r := healthy("a", "cn-a", 0)
	r.Inventory = func(yield func(collector.Listed) bool) {
		for range 10_000 {
			yield(collector.Listed{Bucket: ossvapi.Bucket{Name: "x"}})
		}
		panic("a bug")
	}
	var lines logs
	o := options(showing([]collector.RegionState{r}))
	o.Logger = log.NewLogfmtLogger(&lines)
	ts := start(t, o)
	if answer := talk(t, ts.Listener.Addr().String(), "GET /api/v1/buckets HTTP/1.1\r\nHost: x\r\n\r\n"); strings.HasSuffix(answer, "\r\n0\r\n\r\n") ||
		!strings.HasPrefix(answer, "HTTP/1.1 200") {
		t.Errorf("the answer looks whole: %.100q...", answer)
	}
	wantContains(t, lines.String(), `msg="a page panicked" path=/api/v1/buckets err="a bug" at=inventory_test.go:`)
}
