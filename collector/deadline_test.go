package collector_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

// Promise 5: a scrape lasts as long as its scraper leaves, and never longer than the settings allow.
func TestDeadline(t *testing.T) {
	for name, tt := range map[string]struct {
		limit, want time.Duration
	}{
		"the scraper names none":       {0, 10 * time.Second},
		"the scraper has less time":    {4 * time.Second, 4 * time.Second},
		"the scraper has more time":    {time.Hour, 10 * time.Second},
		"what is no time is none":      {-time.Second, 10 * time.Second},
		"next to none is still honest": {time.Millisecond, time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newCloud()
				api.set("cn-a", answers{pages: []*ossvapi.Page{page("cn-a", "one")}, then: hangs})
				r := newRig(t, account("prod", api, "cn-a"))
				start := time.Now()
				text := r.within(t.Context(), collector.Selection{}, tt.limit)
				if took := time.Since(start); took != tt.want {
					t.Errorf("the scrape took %v, want %v", took, tt.want)
				}
				values(t, text, map[string]string{
					"ossvector_up" + of("cn-a"):                                  "0",
					"ossvector_scrape_pages" + of("cn-a"):                        "1",
					failures("cn-a", ossvapi.ListVectorBuckets, ossvapi.Timeout): "1",
				})
				same(t, only(text, "ossvector_last_error_info"), golden("error_info{cn-a timeout none} 1"))
			})
		})
	}
}

// hangs is longer than any test.
const hangs = 1000 * time.Hour

// A request whose context has a deadline of its own ends by it, as a failure: somebody may still read the answer.
func TestDeadlineOfTheRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", answers{then: hangs})
		r := newRig(t, account("prod", api, "cn-a"))
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		matches(t, r.within(ctx, collector.Selection{}, 0), `
			errors{cn-a timeout} 1
			requests{cn-a none} 1
			error_info{cn-a timeout none} 1
			scrape_duration_seconds{cn-a} 2
			scrape_pages{cn-a} 0
			up{cn-a} 0`)
	})
}

// A region that gets no slot before the deadline is a timeout without an attempt.
func TestDeadlineWhileWaitingForASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		for _, region := range []string{"cn-a", "cn-b"} {
			api.set(region, answers{then: hangs})
		}
		r := newRig(t)
		s := settings(account("prod", api, "cn-a", "cn-b"))
		s.MaxConcurrency = 1
		r.apply(s)
		holder := r.later(t.Context(), collector.Selection{Region: "cn-a"}, 5*time.Second)
		matches(t, r.within(t.Context(), collector.Selection{Region: "cn-b"}, 2*time.Second), `
			errors{cn-b timeout} 1
			error_info{cn-b timeout none} 1
			scrape_duration_seconds{cn-b} 0
			scrape_pages{cn-b} 0
			up{cn-b} 0`)
		<-holder
		if n := api.listed("cn-b"); n != 0 {
			t.Errorf("%d listings without a slot", n)
		}
	})
}

// The duration of a listing that a scrape gave up is that of the listing so far, without the time in the queue.
func TestDurationWithoutTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		for _, region := range []string{"cn-a", "cn-b"} {
			api.set(region, answers{then: hangs})
		}
		r := newRig(t)
		s := settings(account("prod", api, "cn-a", "cn-b"))
		s.MaxConcurrency = 1
		r.apply(s)
		cnB := collector.Selection{Region: "cn-b"}
		holder := r.later(t.Context(), collector.Selection{Region: "cn-a"}, 5*time.Second)
		queued, begun, last := r.later(t.Context(), cnB, 2*time.Second), r.later(t.Context(), cnB, 7*time.Second), r.later(t.Context(), cnB, 9*time.Second)
		for _, scrape := range []struct {
			text     <-chan string
			duration string
		}{{queued, "0"}, {begun, "2"}, {last, "4"}} {
			values(t, <-scrape.text, map[string]string{
				"ossvector_up" + of("cn-b"): "0", "ossvector_scrape_duration_seconds" + of("cn-b"): scrape.duration,
			})
		}
		<-holder
	})
}

// What waits between two attempts when the deadline passes ends with the last attempt's reason.
func TestDeadlineBetweenAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", answers{fails: overloaded, pauses: hangs})
		r := newRig(t, account("prod", api, "cn-a"))
		matches(t, r.everything(), `
			errors{cn-a server_error} 1
			requests{cn-a 502} 1
			error_info{cn-a server_error 502} 1
			scrape_duration_seconds{cn-a} 10
			scrape_pages{cn-a} 0
			up{cn-a} 0`)
	})
}

// A listing that ends in the moment of the deadline is judged by how it ended, by every scrape that waited for it.
func TestListingThatEndsAtTheDeadline(t *testing.T) {
	for range 50 {
		synctest.Test(t, func(t *testing.T) {
			api := newCloud()
			api.set("cn-a", answers{pages: []*ossvapi.Page{page("cn-a", "one")}, delay: 10*time.Second - 1})
			r := newRig(t, account("prod", api, "cn-a"))
			values(t, r.everything(), map[string]string{
				"ossvector_up" + of("cn-a"):                                  "1",
				failures("cn-a", ossvapi.ListVectorBuckets, ossvapi.Timeout): "0",
			})
		})
	}
}
