package server

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
)

// maxTimeout is more than any scraper waits and far from overflowing a time.Duration.
const maxTimeout = 24 * time.Hour

// positiveSeconds is 0 for what is no positive finite number. Numbers beyond a day count as a day, those below a
// nanosecond as one.
func positiveSeconds(text string) time.Duration {
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(seconds > 0) || math.IsInf(seconds, 0) {
		return 0
	}
	if seconds > maxTimeout.Seconds() {
		return maxTimeout
	}
	return max(1, time.Duration(math.Round(seconds*float64(time.Second))))
}

// joined gathers one after the other and sorts the families by name. The names must be disjoint: unlike
// prometheus.Gatherers it looks at no series, of which there may be hundreds of thousands.
type joined []prometheus.Gatherer

// Gather implements prometheus.Gatherer. A name that comes twice is an error, and its first family stays.
func (j joined) Gather() ([]*dto.MetricFamily, error) {
	var (
		all  []*dto.MetricFamily
		errs []error
	)
	for _, g := range j {
		families, err := g.Gather()
		all = append(all, families...)
		errs = append(errs, err)
	}
	slices.SortStableFunc(all, func(a, b *dto.MetricFamily) int { return cmp.Compare(a.GetName(), b.GetName()) })
	unique := slices.CompactFunc(all, func(a, b *dto.MetricFamily) bool {
		same := a.GetName() == b.GetName()
		if same {
			errs = append(errs, fmt.Errorf("two sources of metric %s", b.GetName()))
		}
		return same
	})
	return unique, errors.Join(errs...)
}
