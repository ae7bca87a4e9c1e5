package collector_test

import (
	"context"
	"fmt"
	"iter"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

// Promises 1 and 2: what befalls one region, and one account, is nobody else's business.
func TestIsolation(t *testing.T) {
	for name, bad := range map[string]answers{
		"denied":         {fails: denied},
		"fails midway":   {pages: []*ossvapi.Page{page("cn-bad", "x")}, fails: overloaded},
		"hangs":          {pages: []*ossvapi.Page{page("cn-bad", "x")}, delay: hang},
		"hangs midway":   {pages: []*ossvapi.Page{page("cn-bad", "x")}, then: hangs},
		"bug":            {panics: true},
		"foreign":        pages(mixed(bucket("cn-bad", "x"), bucket("cn-y", "y"))),
		"lists a twin's": pages(page("cn-bad", "x"), page("cn-good", "one", "two")),
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				good, mean := page("cn-good", "one", "two"), newCloud()
				mean.set("cn-bad", bad)
				mean.set("cn-good", pages(good))
				other := newCloud()
				other.set("cn-bad", pages(page("cn-bad", "mine")))
				r := newRig(t, account("prod", mean, "cn-good", "cn-bad"), account("other", other, "cn-bad"))
				start := time.Now()
				text := r.everything()
				if took := time.Since(start); took > 10*time.Second {
					t.Errorf("the scrape took %v", took)
				}
				values(t, text, map[string]string{
					"ossvector_up" + of("cn-good"):                       "1",
					"ossvector_buckets" + of("cn-good"):                  "2",
					`ossvector_up{account="other",region="cn-bad"}`:      "1",
					`ossvector_buckets{account="other",region="cn-bad"}`: "1",
				})
				if bad.fails == nil && !bad.panics && bad.delay == 0 && bad.then == 0 {
					return
				}
				values(t, text, map[string]string{
					"ossvector_up" + of("cn-bad"):                             "0",
					"ossvector_buckets" + of("cn-bad"):                        "absent",
					"ossvector_duplicate_buckets" + of("cn-bad"):              "absent",
					"ossvector_last_success_timestamp_seconds" + of("cn-bad"): "absent",
				})
				same(t, fmt.Sprint(infoNames(text)), "[cn-good/one cn-good/two cn-bad/mine]")
			})
		})
	}
}

// A bug in a listing is a failure of the region, counted and logged with its place but not its value, and the process goes on.
func TestBugInAListing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", answers{panics: true})
		r := newRig(t, account("prod", api, "cn-a"))
		matches(t, r.everything(), `
			errors{cn-a invalid_response} 1
			error_info{cn-a invalid_response none} 1
			scrape_duration_seconds{cn-a} 0
			scrape_pages{cn-a} 0
			up{cn-a} 0`)
		logged := regexp.MustCompile(`(cloud_test\.go):\d+`).ReplaceAllString(r.logs.take(), "$1:LINE")
		same(t, logged, `
level=error account=prod region=cn-a msg="panic in a listing" operation=ListVectorBuckets at=cloud_test.go:LINE
level=warn account=prod region=cn-a msg="listing started to fail" operation=ListVectorBuckets reason=invalid_response code= status=none request_id= attempts=0 duration=0s err="a bug of the exporter, not of the service: please report it with the log around this line"`)
		api.set("cn-a", pages(page("cn-a", "one")))
		values(t, r.everything(), map[string]string{"ossvector_up" + of("cn-a"): "1"})
	})
}

// Promise 4: every member of the closed sets is there from the first scrape on, and an error shows in its own scrape.
func TestErrorsShowInTheScrapeThatMetThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", pages(page("cn-a")))
		a := account("prod", api, "cn-a")
		a.Indexes = true
		r := newRig(t, a)
		text := r.everything()
		for _, op := range []ossvapi.Operation{ossvapi.ListVectorBuckets, ossvapi.ListVectorIndexes} {
			for _, reason := range ossvapi.Reasons() {
				values(t, text, map[string]string{failures("cn-a", op, reason): "0"})
			}
			count := fmt.Sprintf(`ossvector_api_request_duration_seconds_count{account="prod",operation="%s",region="cn-a"}`, op)
			if value(text, count) == "absent" {
				t.Errorf("no histogram of %s", op)
			}
		}
		for n, reason := range ossvapi.Reasons() {
			api.set("cn-a", answers{fails: &ossvapi.Error{Reason: reason}})
			text := r.everything()
			values(t, text, map[string]string{failures("cn-a", ossvapi.ListVectorBuckets, reason): "1"})
			same(t, only(text, "ossvector_last_error_info"), golden(fmt.Sprintf("error_info{cn-a %s none} 1", reason)))
			values(t, text, map[string]string{`ossvector_api_requests_total{account="prod",operation="ListVectorBuckets",region="cn-a",status="none"}`: fmt.Sprint(n + 1)})
		}
	})
}

// An error that no client promises to give, and one of a region that is not configured, end up in no wrong place.
func TestStrangeErrors(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, collector.Account{Name: "prod", Regions: []string{"cn-a"}, API: strange{}})
		observer := r.Observer("prod")
		observer.Failure(&ossvapi.Error{Operation: ossvapi.ListVectorIndexes, Region: "cn-evil", Reason: ossvapi.Network})
		observer.Attempt(ossvapi.Attempt{Operation: ossvapi.ListVectorIndexes, Status: 200, Duration: time.Second})
		matches(t, r.everything(), `
			error_info{cn-a invalid_response none} 1
			scrape_duration_seconds{cn-a} 0
			scrape_pages{cn-a} 0
			up{cn-a} 0`)
	})
}

// strange is an API with errors of its own.
type strange struct{ *cloud }

func (strange) Buckets(context.Context, string, []*ossvapi.Page) iter.Seq2[*ossvapi.Page, error] {
	return func(yield func(*ossvapi.Page, error) bool) { yield(nil, fmt.Errorf("secret text")) }
}

func TestMaxConcurrency(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		regions := []string{"cn-a", "cn-b", "cn-c", "cn-d", "cn-e"}
		for _, region := range regions {
			api.set(region, answers{pages: []*ossvapi.Page{page(region, "a")}, delay: time.Second})
		}
		other := newCloud()
		other.set("cn-a", answers{pages: []*ossvapi.Page{page("cn-a", "a")}, delay: time.Second})
		r := newRig(t)
		s := settings(account("prod", api, regions...), account("other", other, "cn-a"))
		s.MaxConcurrency = 2
		r.apply(s)
		start := time.Now()
		text := r.everything()
		if took := time.Since(start); took != 3*time.Second {
			t.Errorf("5 regions, 2 at a time, took %v", took)
		}
		if most := api.mostInFlight(ossvapi.ListVectorBuckets); most != 2 {
			t.Errorf("%d listings at the same time", most)
		}
		for _, region := range regions { // waiting for a slot aside
			values(t, text, map[string]string{"ossvector_scrape_duration_seconds" + of(region): "1"})
		}
	})
}
