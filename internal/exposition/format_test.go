package exposition

import (
	"math"
	"slices"
	"strings"
	"testing"

	dto "github.com/prometheus/client_model/go"
)

// family makes what expfmt is to write, without anything of ours.
func family(name, help string, value float64, labels ...string) *dto.MetricFamily {
	kind := dto.MetricType_GAUGE
	m := &dto.Metric{Gauge: &dto.Gauge{Value: &value}}
	for i := 0; i < len(labels); i += 2 {
		m.Label = append(m.Label, &dto.LabelPair{Name: &labels[i], Value: &labels[i+1]})
	}
	slices.SortFunc(m.Label, func(a, b *dto.LabelPair) int { return strings.Compare(a.GetName(), b.GetName()) })
	return &dto.MetricFamily{Name: &name, Help: &help, Type: &kind, Metric: []*dto.Metric{m}}
}

func one(value float64, row ...string) Rows {
	return func(yield func([]string, float64) bool) { yield(row, value) }
}

// FuzzText compares one series with expfmt's: its help, a constant label and two others, and its value.
func FuzzText(f *testing.F) {
	for _, v := range []float64{
		0, math.Copysign(0, -1), 1, -1, 2, 0.1, 1e21, 1e20, 123456789, 1.7e9, 1767323045.25, -5e-324, math.MaxFloat64,
		math.Inf(1), math.Inf(-1), math.NaN(), 1e6, 999999, 100000,
	} {
		f.Add("help", "constant", "b", "z", math.Float64bits(v))
	}
	f.Add("a \"help\" with \\ and\n", "\"", "\\\n", "\n\n", uint64(0))
	f.Add("\xff", "\xff\xfe", "\x00", "界", uint64(7))
	f.Add("", "", "", "", uint64(0))
	f.Fuzz(func(t *testing.T, help, constant, bucket, zone string, bits uint64) {
		value := math.Float64frombits(bits)
		l := NewLayout("metric", help, []string{"zone", "bucket"}, map[string]string{"m": constant})
		ours := Families([]*Block{NewBlock(l, one(value, zone, bucket))})
		theirs := []*dto.MetricFamily{family("metric", help, value, "zone", zone, "bucket", bucket, "m", constant)}
		for f := range formats {
			want := encode(t, f, theirs)
			same(t, written(t, NewEncoder(), f, ours), want)
			same(t, encode(t, f, Metrics(ours)), want)
		}
	})
}

func TestLayouts(t *testing.T) {
	for name, c := range map[string]struct {
		layout *Layout
		row    []string
		want   *dto.MetricFamily
	}{
		"no labels":     {NewLayout("m", "h", nil, nil), nil, family("m", "h", 5)},
		"constant ones": {NewLayout("m", "h", nil, map[string]string{"b": "1", "a": `"`}), nil, family("m", "h", 5, "a", `"`, "b", "1")},
		"one":           {NewLayout("m", "h", []string{"x"}, nil), []string{`\`}, family("m", "h", 5, "x", `\`)},
		"constant ones around": {
			NewLayout("m", "h", []string{"d", "c"}, map[string]string{"a": "1", "b": "2", "e": "5", "f": ""}), []string{"4", "3"},
			family("m", "h", 5, "a", "1", "b", "2", "c", "3", "d", "4", "e", "5", "f", ""),
		},
	} {
		t.Run(name, func(t *testing.T) {
			ours := Families([]*Block{NewBlock(c.layout, one(5, c.row...))})
			for f := range formats {
				want := encode(t, f, []*dto.MetricFamily{c.want})
				same(t, written(t, NewEncoder(), f, ours), want)
				same(t, encode(t, f, Metrics(ours)), want)
			}
		})
	}
}
