package exposition

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// series are n series of a layout with the labels zone and bucket, whose values begin with prefix.
func series(prefix string, n int) Rows {
	return func(yield func([]string, float64) bool) {
		row := make([]string, 2)
		for i := range n {
			row[0], row[1] = "z"+prefix, prefix+"\"\\\n-"+strconv.Itoa(i*7919)
			if !yield(row, 1.7e9+float64(i)) {
				return
			}
		}
	}
}

// layout is one with two labels that are out of order, between constant ones.
func layout(metric string) *Layout {
	return NewLayout(metric, "Help with \"quotes\", \\ and\na line.", []string{"zone", "bucket"}, map[string]string{"account": `a"1`, "team": "search"})
}

// gauges is a family with a block of each size; those of a negative size are passing ones.
func gauges(metric string, sizes ...int) *Family {
	l := layout(metric)
	var blocks []*Block
	for i, n := range sizes {
		if rows := series(fmt.Sprint(i), max(n, -n)); n < 0 {
			blocks = append(blocks, NewPassingBlock(l, rows))
		} else {
			blocks = append(blocks, NewBlock(l, rows))
		}
	}
	return Families(blocks)[0]
}

// registry has a metric of every kind.
func registry() prometheus.Gatherer {
	r := prometheus.NewRegistry()
	counter := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "f_total", Help: "A counter."}, []string{"l"})
	counter.WithLabelValues("x").Add(3)
	histogram := prometheus.NewHistogram(prometheus.HistogramOpts{Name: "h", Help: "A histogram.", Buckets: []float64{1, 2.5}})
	histogram.Observe(2)
	summary := prometheus.NewSummary(prometheus.SummaryOpts{Name: "s", Help: "A summary.", Objectives: map[float64]float64{0.5: 0.1}})
	summary.Observe(7)
	gauge := prometheus.NewGauge(prometheus.GaugeOpts{Name: "g", Help: "A gauge."})
	gauge.Set(1)
	r.MustRegister(counter, histogram, summary, gauge)
	return r
}

// mixture is everything that an answer may consist of.
func mixture(t testing.TB) []*Family {
	t.Helper()
	return joined(t, gauges("a_kept", 300, 1000), gauges("b_empty", 0), gauges("f_mixed", 15, 16, 0, -40, 1, 17),
		gauges("u_passing", -700, -3))
}

// joined are the families among those of the registry.
func joined(t testing.TB, families ...*Family) []*Family {
	t.Helper()
	all, err := Join(registry(), gauged(families...))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// gauged gives these.
func gauged(families ...*Family) Gatherer {
	return func() ([]*Family, error) { return families, nil }
}

// encode is expfmt's text of families.
func encode(t testing.TB, f format, families []*dto.MetricFamily) string {
	t.Helper()
	kind := expfmt.FmtText
	if f == openMetrics {
		kind = expfmt.FmtOpenMetrics_1_0_0
	}
	var b bytes.Buffer
	e := expfmt.NewEncoder(&b, kind)
	for _, m := range families {
		if err := e.Encode(m); err != nil {
			t.Fatal(err)
		}
	}
	if c, ok := e.(expfmt.Closer); ok {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.String()
}

// written is our text of families.
func written(t testing.TB, e *Encoder, f format, families []*Family) string {
	t.Helper()
	var b bytes.Buffer
	if err := e.write(&b, f, families); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// unzipped is the text of our gzip of families, which must be a single member.
func unzipped(t testing.TB, e *Encoder, f format, families []*Family) string {
	t.Helper()
	var b bytes.Buffer
	if err := e.writeGzip(&b, f, families); err != nil {
		t.Fatal(err)
	}
	return gunzip(t, b.Bytes())
}

func gunzip(t testing.TB, b []byte) string {
	t.Helper()
	rest := bytes.NewReader(b)
	z, err := gzip.NewReader(rest)
	if err != nil {
		t.Fatal(err)
	}
	z.Multistream(false)
	text, err := io.ReadAll(z)
	if err != nil || rest.Len() != 0 {
		t.Fatalf("%d bytes of text, %v, and %d bytes after the member", len(text), err, rest.Len())
	}
	return string(text)
}

func same(t testing.TB, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("-want +got:\n%.3000s", cmp.Diff(want, got))
	}
}
