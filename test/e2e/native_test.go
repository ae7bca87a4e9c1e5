package e2e

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const durations = "ossvector_api_request_duration_seconds"

// checkNative compares what the jobs with and without native histograms made of the same metrics: the one has a native histogram and
// nothing of the classic one, the other has the classic buckets that /metrics shows and nothing native.
func checkNative(t *testing.T, p prometheus, metrics string) {
	t.Helper()
	classic := classicBounds(t, metrics)
	eventually(t, time.Minute, func() error {
		native, err := seriesOf(t, p, "histogram_count("+durations+"{job='native'}) > 0")
		if err != nil {
			return err
		}
		counted, err := seriesOf(t, p, durations+"_count{job='static'} > 0")
		if err != nil {
			return err
		}
		if len(native) == 0 || !slices.Equal(native, counted) {
			return fmt.Errorf("native histograms of %q, classic ones of %q", native, counted)
		}
		bounds, err := p.query(t.Context(), "group by (le) ("+durations+"_bucket{job='static'})")
		if err != nil {
			return err
		}
		got := map[float64]bool{}
		for _, s := range bounds {
			got[bound(t, s.Metric["le"])] = true
		}
		if !maps.Equal(got, classic) {
			return fmt.Errorf("classic buckets %v, want those of /metrics, %v", got, classic)
		}
		return nil
	})
	for _, none := range []string{durations + "{job!='native'}", "{__name__=~'" + durations + "_.+', job='native'}"} {
		if got, err := p.query(t.Context(), none); err != nil || len(got) > 0 {
			t.Errorf("%s: %d series (%v), want none", none, len(got), err)
		}
	}
	// The buckets arrived, not the count alone.
	quantile, err := p.query(t.Context(), "histogram_quantile(0.99, sum("+durations+"{job='native'}))")
	if err != nil || len(quantile) != 1 || quantile[0].Value[1] == "NaN" {
		t.Errorf("a quantile of the native histogram: %v (%v)", quantile, err)
	}
}

// seriesOf are the accounts, regions and operations that an expression has values of, sorted.
func seriesOf(t *testing.T, p prometheus, expression string) ([]string, error) {
	t.Helper()
	samples, err := p.query(t.Context(), expression)
	var names []string
	for _, s := range samples {
		names = append(names, s.Metric["account"]+"/"+s.Metric["region"]+"/"+s.Metric["operation"])
	}
	slices.Sort(names)
	return names, err
}

// classicBounds are the bounds of the buckets in the text format.
func classicBounds(t *testing.T, metrics string) map[float64]bool {
	t.Helper()
	bounds := map[float64]bool{}
	for line := range strings.Lines(metrics) {
		if strings.HasPrefix(line, durations+"_bucket{") {
			bounds[bound(t, label(line, "le"))] = true
		}
	}
	if len(bounds) < 9 {
		t.Fatalf("/metrics has %d bounds", len(bounds))
	}
	return bounds
}

// bound reads one: Prometheus writes 10.0 where the text format has 10.
func bound(t *testing.T, le string) float64 {
	t.Helper()
	f, err := strconv.ParseFloat(le, 64)
	if err != nil {
		t.Fatal(err)
	}
	return f
}
