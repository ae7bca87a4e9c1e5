package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"ossvector_exporter/collector"
	"ossvector_exporter/internal/exposition"
)

// scrapeOnce writes one scrape in the text format. Only names of our own are in it: the textfile collector refuses
// series that node_exporter has itself. It is an error if a region did not answer, after everything is written.
func scrapeOnce(ctx context.Context, c *collector.Collector, own prometheus.Gatherer, stdout io.Writer) error {
	families, err := exposition.Joined{c.Gatherer(ctx, collector.Selection{}, 0), own}.Families()
	if err != nil {
		return err
	}
	if ctx.Err() != nil {
		return fmt.Errorf("the scrape was interrupted")
	}
	families = slices.DeleteFunc(families, func(f *exposition.Family) bool {
		return !strings.HasPrefix(f.Name(), "ossvector_")
	})
	if err := exposition.NewEncoder().WriteText(stdout, families); err != nil {
		return outputError(err)
	}
	up, down := countUp(families)
	if down > 0 || up == 0 {
		return fmt.Errorf("%d of %d regions could not be listed: see the warnings above", down, up+down)
	}
	return nil
}

// countUp counts the regions that answered and those that did not.
func countUp(families []*exposition.Family) (up, down int) {
	i := slices.IndexFunc(families, func(f *exposition.Family) bool { return f.Name() == "ossvector_up" })
	if i < 0 {
		return 0, 0
	}
	for _, region := range exposition.Metrics(families[i : i+1])[0].GetMetric() {
		if region.GetGauge().GetValue() == 1 {
			up++
		} else {
			down++
		}
	}
	return up, down
}
