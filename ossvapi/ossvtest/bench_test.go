package ossvtest_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"ossvector_exporter/ossvapi/ossvtest"
)

// discard is an answer that nobody reads.
type discard struct {
	header http.Header
	size   int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) Write(p []byte) (int, error) { d.size += len(p); return len(p), nil }
func (d *discard) WriteHeader(int)             {}

// BenchmarkPage serves full pages of a region of 10,000 buckets.
func BenchmarkPage(b *testing.B) {
	s, r := benchmark(b, 10_000)
	d := &discard{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		d.size = 0
		s.ServeHTTP(d, r)
	}
	b.SetBytes(int64(d.size))
}

// TestPageIsCheap bounds what a full page costs beside its bytes, so that benchmarks measure the client.
func TestPageIsCheap(t *testing.T) {
	s, r := benchmark(t, 2_000)
	d := &discard{header: http.Header{}}
	if n := testing.AllocsPerRun(100, func() { s.ServeHTTP(d, r) }); n > 250 {
		t.Errorf("%v allocations for a page of 1000", n)
	}
	if d.size < 100_000 {
		t.Errorf("page of %d bytes", d.size)
	}
}

func benchmark(t testing.TB, buckets int) (*ossvtest.Server, *http.Request) {
	t.Helper()
	s := ossvtest.New(ossvtest.Options{Now: noon})
	a := s.AddAccount(accountID, key())
	a.Fill(hangzhou, buckets)
	q := raw{key: key(), query: encoded("max-keys", "1000", "marker", a.Buckets(hangzhou)[buckets/2-1].Name)}
	r := q.build(t, "http://127.0.0.1")
	s.ServeHTTP(httptest.NewRecorder(), r) // sorts
	return s, r
}
