package collector_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"

	"ossvector_exporter/internal/exposition"
	"ossvector_exporter/ossvapi"
)

// inventoryOf is a collector over so many regions and buckets, which answer at once, unchanged.
func inventoryOf(b *testing.B, regions, buckets, indexes int) *rig {
	api := newCloud()
	var names []string
	var same []ossvapi.Index
	for n := range indexes {
		same = append(same, ossvapi.Index{
			Name: fmt.Sprintf("index-%d", n), DataType: "float32", DistanceMetric: "cosine", Mode: "hnsw", Status: "ready",
			Dimension: 768, Created: time.Unix(1700000000, 0),
		})
	}
	for n := range regions {
		names = append(names, fmt.Sprintf("cn-%d", n))
		spread(api, names[n], buckets)
		api.setIndexes(names[n], indexAnswers{indexes: same})
	}
	a := account("prod", api, names...)
	if indexes > 0 {
		a = indexed(api, time.Hour, names...)
	}
	r := newRig(b, a)
	if _, err := r.Gatherer(b.Context(), all, 0).Gather(); err != nil {
		b.Fatal(err)
	}
	return r
}

// A scrape after the first, of inventories that have not changed; text is what its encoding costs besides.
func BenchmarkScrape(b *testing.B) {
	for _, size := range []struct{ regions, buckets, indexes int }{
		{1, 100, 0}, {12, 9, 0}, {12, 9, 100}, {25, 100, 0}, {25, 100, 10}, {100, 1000, 0},
	} {
		r := inventoryOf(b, size.regions, size.buckets, size.indexes)
		name := fmt.Sprintf("%d regions of %d buckets of %d indexes", size.regions, size.buckets, size.indexes)
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Gatherer(b.Context(), all, 0).Gather(); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+" as text", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				families, err := r.Gatherer(b.Context(), all, 0).Gather()
				if err != nil {
					b.Fatal(err)
				}
				encoder := expfmt.NewEncoder(io.Discard, expfmt.NewFormat(expfmt.TypeTextPlain))
				for _, f := range families {
					if err := encoder.Encode(f); err != nil {
						b.Fatal(err)
					}
				}
			}
		})
	}
}

// A scrape of 100,000 buckets of which all get series, or one in a hundred.
func BenchmarkFilter(b *testing.B) {
	for _, include := range []string{"^.*$", "^b.*00$"} {
		b.Run(include, func(b *testing.B) {
			api := newCloud()
			names := make([]string, 100_000)
			for n := range names {
				names[n] = fmt.Sprintf("b%05d", n) // in their order, as the service lists them
			}
			api.set("cn-a", pages(page("cn-a", names...)))
			a := account("prod", api, "cn-a")
			a.Include = regexp.MustCompile(include)
			r := newRig(b, a)
			b.ReportAllocs()
			for b.Loop() {
				families, err := r.Gatherer(b.Context(), all, 0).(exposition.Gatherer)()
				if err != nil {
					b.Fatal(err)
				}
				request := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
				recorder := httptest.NewRecorder()
				if err := exposition.NewEncoder().Serve(recorder, request, families); err != nil {
					b.Fatal(err)
				}
				b.ReportMetric(float64(recorder.Body.Len()), "bytes")
			}
		})
	}
}
