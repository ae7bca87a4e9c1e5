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
	return onceResult(families)
}

// onceResult is an error, on one line, if anything that the configuration asks for could not be listed.
func onceResult(families []*exposition.Family) error {
	up, failedIndexes, regions := 0.0, 0.0, 0
	for _, f := range families {
		switch f.Name() {
		case "ossvector_up":
			up, regions = sum(f)
		case "ossvector_index_failed_buckets":
			failedIndexes, _ = sum(f)
		}
	}
	var problems []string
	if down := regions - int(up); down > 0 || regions == 0 {
		problems = append(problems, fmt.Sprintf("%d of %d regions could not be listed", down, regions))
	}
	if failedIndexes > 0 {
		problems = append(problems, fmt.Sprintf("the indexes of %.0f buckets could not be listed", failedIndexes))
	}
	if problems == nil {
		return nil
	}
	return errors.New(strings.Join(problems, ", ") + ": ossvector_last_error_info in the output says why, and --doctor what to do")
}

// sum adds up a family of gauges.
func sum(f *exposition.Family) (total float64, series int) {
	for _, m := range exposition.Metrics([]*exposition.Family{f}) {
		for _, gauge := range m.GetMetric() {
			total += gauge.GetGauge().GetValue()
			series++
		}
	}
	return total, series
}
