package collector_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

// shown is what a scrape shows: values by series.
type shown struct {
	values map[string]float64
	twice  string
	err    error
}

// compared are the families that the model speaks of; of the other labels of a bucket's info it knows nothing.
func compared(family string) bool {
	switch family {
	case "ossvector_up", "ossvector_buckets", "ossvector_duplicate_buckets", "ossvector_bucket_info", "ossvector_indexes",
		"ossvector_index_failed_buckets", "ossvector_last_error_info", "ossvector_api_errors_total":
		return true
	}
	return false
}

func newShown(families []*dto.MetricFamily, err error) shown {
	s := shown{values: map[string]float64{}, err: err}
	all := map[string]bool{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			full, short := f.GetName(), f.GetName()
			for _, l := range m.GetLabel() {
				text := fmt.Sprintf(" %s=%s", l.GetName(), l.GetValue())
				full += text
				if f.GetName() != "ossvector_bucket_info" || slices.Contains([]string{"account", "bucket", "region"}, l.GetName()) {
					short += text
				}
			}
			if all[full] {
				s.twice = full
			}
			all[full] = true
			if compared(f.GetName()) {
				s.values[short] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
			}
		}
	}
	return s
}

// expected are the series that the model promises, counters aside, and what a scrape itself must have counted.
type expected struct {
	values map[string]float64
	own    map[counter]int
}

func (c counter) series() string {
	return fmt.Sprintf("ossvector_api_errors_total account=%s operation=%s reason=%s region=%s", c.account, c.operation, c.reason, c.region)
}

// expect makes the series of a scrape whose listings ended so.
func (m *model) expect(sel collector.Selection, ends outcomes) expected {
	e := expected{values: map[string]float64{}, own: map[counter]int{}}
	for _, a := range m.selected(sel) {
		inventory, seen := map[string][]entry{}, map[bucketName]bool{}
		for _, region := range a.regions {
			where := regionKey{a.name, region}
			o := ends[where]
			if o.reason != "" {
				e.set("ossvector_up", where, 0)
				e.failed(where, ossvapi.ListVectorBuckets, o.reason)
				e.own[counter{where, ossvapi.ListVectorBuckets, o.reason}]++
				continue
			}
			e.set("ossvector_up", where, 1)
			inventory[region] = append(inventory[region], entry{})
			e.set("ossvector_duplicate_buckets", where, 0)
			for _, b := range o.entries {
				polled, foreign := ends[regionKey{a.name, b.region}]
				switch {
				case foreign && polled.reason != "", sel.Region != "" && b.region != sel.Region:
				case seen[b.bucketName]:
					e.values[series("ossvector_duplicate_buckets", where)]++
				default:
					seen[b.bucketName] = true
					inventory[b.region] = append(inventory[b.region], b)
				}
			}
		}
		for region, buckets := range inventory {
			m.expectBuckets(&e, a, region, slices.DeleteFunc(buckets, func(b entry) bool { return b == entry{} }))
		}
	}
	return e
}

// expectBuckets makes the series of a region's buckets and of their indexes.
func (m *model) expectBuckets(e *expected, a modelAccount, region string, buckets []entry) {
	where := regionKey{a.name, region}
	e.set("ossvector_buckets", where, float64(len(buckets)))
	unconfigured := !slices.ContainsFunc(m.config.accounts, func(c modelAccount) bool {
		return c.name == a.name && slices.Contains(c.regions, region)
	})
	remembered, failed := map[entry]bool{}, 0
	for _, b := range buckets {
		e.values[fmt.Sprintf("ossvector_bucket_info account=%s bucket=%s region=%s", a.name, b.name, region)] = 1
		switch {
		case unconfigured:
			failed++
		case !a.always && m.indexes[where][b] || !m.denied[where]:
			remembered[b] = true
			if a.indexes {
				series := fmt.Sprintf("ossvector_indexes account=%s bucket=%s region=%s", a.name, b.name, region)
				e.values[series] = float64(slices.Index(creationDates, b.created))
			}
		default:
			failed++
			e.own[counter{where, ossvapi.ListVectorIndexes, ossvapi.AccessDenied}]++
		}
	}
	m.indexes[where] = remembered
	if !a.indexes {
		delete(e.own, counter{where, ossvapi.ListVectorIndexes, ossvapi.AccessDenied})
		return
	}
	e.set("ossvector_index_failed_buckets", where, float64(failed))
	switch {
	case failed == 0:
	case unconfigured:
		e.failed(where, ossvapi.ListVectorIndexes, ossvapi.InvalidRequest)
	default:
		e.failed(where, ossvapi.ListVectorIndexes, ossvapi.AccessDenied)
	}
}

func series(name string, where regionKey) string {
	return fmt.Sprintf("%s account=%s region=%s", name, where.account, where.region)
}

func (e *expected) set(name string, where regionKey, value float64) {
	e.values[series(name, where)] = value
}

// failed expects the last_error_info of a failure.
func (e *expected) failed(where regionKey, op ossvapi.Operation, reason ossvapi.Reason) {
	code, status := "", "none"
	switch reason {
	case ossvapi.AccessDenied:
		code, status = "AccessDenied", "403"
	case ossvapi.ServerError:
		status = "502"
	}
	e.values[fmt.Sprintf("ossvector_last_error_info account=%s code=%s operation=%s reason=%s region=%s status=%s",
		where.account, code, op, reason, where.region, status)] = 1
}

// exactly compares a scrape that ran alone: the counters too, but for those of indexes, which depend on what is asked
// for ahead. Those are learnt.
func (m *model) exactly(got shown, want expected) string {
	for c, n := range m.counted {
		if value, there := got.values[c.series()]; there && c.operation == ossvapi.ListVectorIndexes {
			if value < float64(n+want.own[c]) || want.own[c] == 0 && !m.denied[c.regionKey] && value != float64(n) && c.reason != ossvapi.AccessDenied {
				return fmt.Sprintf("%s is %v after %d and %d failures", c.series(), value, n, want.own[c])
			}
			m.counted[c] = int(value)
		}
	}
	for c, n := range m.counted {
		if _, polled := want.values[series("ossvector_up", c.regionKey)]; polled {
			want.values[c.series()] = float64(n)
		}
	}
	return got.differs(want.values)
}

// roughly compares a scrape beside which others ran: its counters lie between what they must and what they may be.
func (m *model) roughly(got shown, want expected, before map[counter]int) string {
	for c := range m.counted {
		value, there := got.values[c.series()]
		if least := before[c] + want.own[c]; there && value < float64(least) {
			return fmt.Sprintf("%s is %v, want %d at least", c.series(), value, least)
		}
		if there && c.operation == ossvapi.ListVectorBuckets && value > float64(m.counted[c]) {
			return fmt.Sprintf("%s is %v, want %d at most", c.series(), value, m.counted[c])
		}
	}
	maps.DeleteFunc(got.values, func(s string, _ float64) bool { return strings.HasPrefix(s, "ossvector_api_errors_total") })
	return got.differs(want.values)
}

// differs says how a scrape differs from what it should show, or nothing.
func (s shown) differs(want map[string]float64) string {
	if s.err != nil || s.twice != "" {
		return fmt.Sprintf("error %v, exported twice: %q", s.err, s.twice)
	}
	for _, series := range slices.Sorted(maps.Keys(want)) {
		if value, there := s.values[series]; !there || value != want[series] {
			return fmt.Sprintf("%s is %v (there: %t), want %v", series, value, there, want[series])
		}
	}
	for _, series := range slices.Sorted(maps.Keys(s.values)) {
		if _, expected := want[series]; !expected {
			return fmt.Sprintf("%s is not expected", series)
		}
	}
	return ""
}
