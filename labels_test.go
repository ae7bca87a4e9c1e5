package main

import (
	"bytes"
	"io"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"ossvector_exporter/internal/config"
)

// The labels that no account may set are those that the metrics of an account have.
func TestLabelsThatMetricsHave(t *testing.T) {
	var out bytes.Buffer
	_ = run(t.Context(), []string{"--demo", "--once"}, &out, io.Discard) // one of the demo's regions always fails
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(&out)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			own := map[string]bool{}
			for _, l := range m.GetLabel() {
				own[l.GetName()] = true
			}
			if own["account"] {
				maps.Copy(names, own)
			}
			if m.GetHistogram() != nil {
				names["le"] = true
			}
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(names)), config.MetricLabels()); diff != "" {
		t.Errorf("- the metrics' + config.MetricLabels\n%s", diff)
	}
}
