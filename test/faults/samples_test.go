package faults

import (
	"fmt"
	"strings"
	"testing"

	"ossvector_exporter/test/process"
)

// regionKey is an account's region.
type regionKey struct{ account, region string }

func (p regionKey) has(series string) bool {
	return strings.Contains(series, fmt.Sprintf(`{account="%s",`, p.account)) &&
		strings.Contains(series, fmt.Sprintf(`,region="%s"`, p.region))
}

// metric is the name of a series' metric.
func metric(series string) string {
	name, _, _ := strings.Cut(series, "{")
	return name
}

// samplesOf gives the series of a region, of one metric.
func samplesOf(s process.Samples, p regionKey, name string) process.Samples {
	out := process.Samples{}
	for series, v := range s {
		if metric(series) == name && p.has(series) {
			out[series] = v
		}
	}
	return out
}

// value is a region's value of a metric that has one series for it; ok is false if there is none.
func value(s process.Samples, p regionKey, name string) (v float64, ok bool) {
	for _, v := range samplesOf(s, p, name) {
		return v, true
	}
	return 0, false
}

// sum adds what series of a metric there are.
func sum(s process.Samples, p regionKey, name, label string) float64 {
	total := 0.0
	for series, v := range samplesOf(s, p, name) {
		if strings.Contains(series, label) {
			total += v
		}
	}
	return total
}

// moves says whether a metric may differ between two scrapes of a region that nothing happens to.
func moves(name string) bool {
	return name == "ossvector_scrape_duration_seconds" || strings.HasSuffix(name, "last_success_timestamp_seconds") ||
		strings.HasPrefix(name, "ossvector_api_request")
}

// wantOthers checks that nothing has changed of the places that were up before, other than one.
func wantOthers(t *testing.T, before, after process.Samples, except regionKey) {
	t.Helper()
	places := 0
	for series, up := range before {
		if metric(series) != "ossvector_up" || up != 1 || except.has(series) {
			continue
		}
		places++
		p := regionKeyOf(series)
		wantSame(t, "another region", steady(before, p), steady(after, p))
	}
	if places == 0 {
		t.Error("there is no other region to compare")
	}
}

// steady is what must not change of a region that nothing happens to.
func steady(s process.Samples, p regionKey) process.Samples {
	out := process.Samples{}
	for series, v := range s {
		if p.has(series) && !moves(metric(series)) {
			out[series] = v
		}
	}
	return out
}

// regionKeyOf reads the labels of an ossvector_up.
func regionKeyOf(series string) regionKey {
	part := strings.Split(series, `"`)
	return regionKey{part[1], part[3]}
}

// wantSame compares series by series.
func wantSame(t *testing.T, what string, before, after process.Samples) {
	t.Helper()
	reported := 0
	differ := func(format string, args ...any) {
		if reported++; reported <= 5 {
			t.Errorf(what+": "+format, args...)
		}
	}
	for series, v := range before {
		if now, there := after[series]; !there {
			differ("%s is gone", series)
		} else if now != v {
			differ("%s went from %v to %v", series, v, now)
		}
	}
	for series := range after {
		if _, there := before[series]; !there {
			differ("%s is new", series)
		}
	}
}

// state is what a healthy region shows, less what moves and less the errors that were counted on the way.
func state(s process.Samples, p regionKey) process.Samples {
	out := steady(s, p)
	for series := range out {
		if metric(series) == "ossvector_api_errors_total" {
			delete(out, series)
		}
	}
	return out
}
