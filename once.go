package main

import (
	"context"
	"errors"
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
	families, err := exposition.Join(c.Gatherer(ctx, collector.Selection{}, 0), own)
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
	return onceResult(families)
}

// onceResult is an error, on one line, if anything that the configuration asks for could not be listed. The indexes of a
// region that only another one's listing contains are nothing that it asks for.
func onceResult(families []*exposition.Family) error {
	up, failedBuckets := byRegion(families, "ossvector_up"), byRegion(families, "ossvector_index_failed_buckets")
	down, failedIndexes := 0, 0.0
	for region, value := range up {
		if value == 0 {
			down++
		}
		failedIndexes += failedBuckets[region]
	}
	var problems []string
	if down > 0 || len(up) == 0 {
		problems = append(problems, fmt.Sprintf("%d of %d regions could not be listed", down, len(up)))
	}
	if failedIndexes > 0 {
		problems = append(problems, fmt.Sprintf("the indexes of %.0f buckets could not be listed", failedIndexes))
	}
	if problems == nil {
		return nil
	}
	return errors.New(strings.Join(problems, ", ") + ": ossvector_last_error_info in the output says why, and --doctor what to do")
}

// byRegion are the values of a family of gauges by account and region.
func byRegion(families []*exposition.Family, name string) map[[2]string]float64 {
	values := map[[2]string]float64{}
	i := slices.IndexFunc(families, func(f *exposition.Family) bool { return f.Name() == name })
	if i < 0 {
		return values
	}
	for _, m := range exposition.Metrics(families[i : i+1]) {
		for _, gauge := range m.GetMetric() {
			var of [2]string
			for _, l := range gauge.GetLabel() {
				if n := slices.Index([]string{"account", "region"}, l.GetName()); n >= 0 {
					of[n] = l.GetValue()
				}
			}
			values[of] = gauge.GetGauge().GetValue()
		}
	}
	return values
}
