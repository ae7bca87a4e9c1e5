package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"

	"ossvector_exporter/collector"
)

// scrapeOnce writes one scrape in the text format. Only names of our own are in it: the textfile collector refuses
// series that node_exporter has itself. It is an error if a region did not answer, after everything is written.
func scrapeOnce(ctx context.Context, c *collector.Collector, own prometheus.Gatherer, stdout io.Writer) error {
	families, err := prometheus.Gatherers{c.Gatherer(ctx, collector.Selection{}, 0), own}.Gather()
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return fmt.Errorf("the scrape was interrupted")
	}
	up, down := 0, 0
	for _, f := range families {
		if !strings.HasPrefix(f.GetName(), "ossvector_") {
			continue
		}
		if _, err := expfmt.MetricFamilyToText(stdout, f); err != nil {
			return outputError(err)
		}
		if f.GetName() == "ossvector_up" {
			for _, m := range f.GetMetric() {
				if m.GetGauge().GetValue() == 1 {
					up++
				} else {
					down++
				}
			}
		}
	}
	if down > 0 || up == 0 {
		return fmt.Errorf("%d of %d regions could not be listed: see the warnings above", down, up+down)
	}
	return nil
}
