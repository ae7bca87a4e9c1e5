package soak

import (
	"fmt"
	"slices"
	"strings"

	"ossvector_exporter/test/process"
)

// check holds one scrape to the promises, knowing what the service did meanwhile.
func (r *rig) check(f fault, now process.Samples) {
	r.t.Helper()
	for _, region := range []string{calm, paged, empty} {
		r.complete(f, now, region)
	}
	for _, region := range []string{shaky, shaky2} {
		if f.reason == "" {
			r.complete(f, now, region)
		} else {
			r.failed(f, now, region)
		}
	}
	r.others(f, now)
	r.monotonic(f, now)
	r.last = now
}

// others holds the other accounts to theirs: no key for the one, the bucket's present indexes for the other. What is known
// of a region survives a reload of an unchanged file.
func (r *rig) others(f fault, now process.Samples) {
	r.t.Helper()
	if up, ok := now[fmt.Sprintf("ossvector_up{account=%q,region=%q}", refused, calm)]; !ok || up != 0 {
		r.t.Errorf("%s: the account without a key is up: %v (%t)", f.name, up, ok)
	}
	indexes := fmt.Sprintf("ossvector_indexes{account=%q,bucket=%q,region=%q}", again, recreate, calm)
	if n, ok := now[indexes]; !ok || n != float64(r.indexes()) {
		r.t.Errorf("%s: the bucket of time %d has %v indexes (%t), want %d", f.name, r.created, n, ok, r.indexes())
	}
	asked := fmt.Sprintf("ossvector_api_requests_total{account=%q,operation=%q,region=%q,status=\"200\"}", again, "ListVectorIndexes", calm)
	if n := now[asked]; n > float64(r.created) {
		r.t.Errorf("%s: indexes were listed %v times of a bucket that was created %d times", f.name, n, r.created)
	}
	for s := range r.last {
		if strings.Contains(s, extra) {
			continue // a SIGHUP may have dropped it in the meantime
		}
		if _, ok := now[s]; r.kept && !ok && strings.HasPrefix(s, "ossvector_last_success_timestamp_seconds{") {
			r.t.Errorf("%s: %s is gone after a reload of the same file", f.name, s)
		}
	}
}

// complete wants the region up with every bucket that the service has.
func (r *rig) complete(f fault, now process.Samples, region string) {
	r.t.Helper()
	want := float64(len(r.cloud.Account.Buckets(region)))
	if up := now[series("ossvector_up", region)]; up != 1 {
		r.t.Errorf("%s: %s is not up: %q", f.name, region, matching(now, "ossvector_last_error_info", region))
	}
	if n := now[series("ossvector_buckets", region)]; n != want {
		r.t.Errorf("%s: %s has %v buckets, want %v", f.name, region, n, want)
	}
	if n := len(matching(now, "ossvector_bucket_info", region)); n != int(want) {
		r.t.Errorf("%s: %s has %d series of buckets, want %v", f.name, region, n, want)
	}
}

// failed wants the region down, with the reason and without any inventory.
func (r *rig) failed(f fault, now process.Samples, region string) {
	r.t.Helper()
	if up, ok := now[series("ossvector_up", region)]; !ok || up != 0 {
		r.t.Errorf("%s: ossvector_up of %s is %v (%t), want 0", f.name, region, up, ok)
	}
	if n, ok := now[series("ossvector_buckets", region)]; ok {
		r.t.Errorf("%s: %s failed and has %v buckets", f.name, region, n)
	}
	if info := matching(now, "ossvector_bucket_info", region); len(info) > 0 {
		r.t.Errorf("%s: %s failed and shows %d buckets", f.name, region, len(info))
	}
	errors := matching(now, "ossvector_last_error_info", region)
	if !slices.ContainsFunc(errors, func(s string) bool { return strings.Contains(s, fmt.Sprintf("reason=%q", f.reason)) }) {
		r.t.Errorf("%s: %s failed with %q, want reason %s", f.name, region, errors, f.reason)
	}
	counter := fmt.Sprintf("ossvector_api_errors_total{account=%q,operation=%q,reason=%q,region=%q}",
		account, "ListVectorBuckets", f.reason, region)
	if r.last != nil && now[counter] <= r.last[counter] {
		r.t.Errorf("%s: %s is %v, and was %v before the failure", f.name, counter, now[counter], r.last[counter])
	}
}

// monotonic compares every counter with the scrape before. Those of the region that the configuration drops start anew.
func (r *rig) monotonic(f fault, now process.Samples) {
	r.t.Helper()
	for s, before := range r.last {
		name, _, _ := strings.Cut(s, "{")
		if !counter(name) || strings.Contains(s, extra) {
			continue
		}
		after, ok := now[s]
		if !ok {
			r.t.Errorf("%s: %s is gone", f.name, s)
		}
		if after < before {
			r.t.Errorf("%s: %s went from %v to %v", f.name, s, before, after)
		}
	}
}

func counter(name string) bool {
	for _, suffix := range []string{"_total", "_count", "_sum", "_bucket"} {
		if strings.HasSuffix(name, suffix) {
			return true
		}
	}
	return false
}

func series(name, region string) string {
	return fmt.Sprintf("%s{account=%q,region=%q}", name, account, region)
}

// matching are the series of one metric and region, of the account that most is about.
func matching(samples process.Samples, name, region string) []string {
	var found []string
	for s := range samples {
		if strings.HasPrefix(s, fmt.Sprintf("%s{account=%q,", name, account)) && strings.Contains(s, fmt.Sprintf("region=%q", region)) {
			found = append(found, s)
		}
	}
	return found
}
