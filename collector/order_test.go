package collector_test

import (
	"context"
	"iter"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

// sticky is an API whose first listing fails with an error that takes its time to be looked at; all others are good.
type sticky struct {
	*cloud
	listings *atomic.Int32
	gate     chan struct{}
}

func (s sticky) Buckets(ctx context.Context, region string, known []*ossvapi.Page) iter.Seq2[*ossvapi.Page, error] {
	if s.listings.Add(1) > 1 {
		return s.cloud.Buckets(ctx, region, known)
	}
	return func(yield func(*ossvapi.Page, error) bool) { yield(nil, stickyError{s.gate}) }
}

// stickyError holds up whoever looks for the typed error in it.
type stickyError struct{ gate chan struct{} }

func (stickyError) Error() string { return "sticky" }

func (e stickyError) As(any) bool {
	<-e.gate
	return false
}

// A listing that ends before a newer one and is noted after it changes and logs nothing any more.
func TestAnOldResultIsNotNotedAfterANewerOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := sticky{newCloud(), &atomic.Int32{}, make(chan struct{})}
		r := newRig(t, collector.Account{Name: "prod", Regions: []string{"cn-a"}, API: api})
		old := r.later(t.Context(), all, 0)
		values(t, r.everything(), map[string]string{"ossvector_up" + of("cn-a"): "1"})
		close(api.gate)
		values(t, <-old, map[string]string{"ossvector_up" + of("cn-a"): "0"})
		if s := r.State(all)[0]; s.Failing || len(s.Failures) != 0 {
			t.Errorf("state %+v", s)
		}
		if logged := r.logs.take(); logged != "" {
			t.Errorf("logged %q", logged)
		}
	})
}

// A scrape that began first and ends last shows what it met, but what is remembered is the newer listing of the indexes.
func TestAnOlderScrapeNotesTheNewerStateOfTheIndexes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-slow", pages(page("cn-slow", "one")))
		api.setIndexes("cn-slow", indexAnswers{delay: 8 * time.Second}) // holds up the first scrape
		api.set("cn-a", pages(page("cn-a", "one")))
		api.setIndexes("cn-a", indexAnswers{fails: overloaded})
		r := newRig(t, indexed(api, time.Hour, "cn-slow", "cn-a"))
		older := r.later(t.Context(), all, 0)
		wait(t.Context(), 4*time.Second)
		api.setIndexes("cn-a", indexAnswers{})
		newer := r.scrape(collector.Selection{Account: "prod", Region: "cn-a"})
		values(t, newer, map[string]string{"ossvector_index_failed_buckets" + of("cn-a"): "0"})
		same(t, only(<-older, "ossvector_index_failed", "ossvector_last_error_info"), golden(`
			index_failed_buckets{cn-a} 1
			index_failed_buckets{cn-slow} 0
			index_error_info{cn-a server_error 502} 1`))
		if s := r.State(all)[1]; len(s.Failures) != 0 || s.IndexFailed != 0 {
			t.Errorf("state %+v", s)
		}
		if logged := r.logs.take(); logged != "" {
			t.Errorf("logged %q", logged)
		}
	})
}

// The other way round too: a newer failure outlives the older scrape's success, with the time when it happened.
func TestAnOlderScrapeForgetsNoNewerFailure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-slow", pages(page("cn-slow", "one")))
		api.setIndexes("cn-slow", indexAnswers{delay: 8 * time.Second})
		api.set("cn-a", pages(page("cn-a", "one", "two")))
		r := newRig(t, indexed(api, 0, "cn-slow", "cn-a"))
		older := r.later(t.Context(), all, 0)
		wait(t.Context(), 4*time.Second)
		failed := time.Now()
		api.setIndexes("cn-a/one", indexAnswers{fails: denied})
		r.scrape(collector.Selection{Account: "prod", Region: "cn-a"})
		values(t, <-older, map[string]string{"ossvector_index_failed_buckets" + of("cn-a"): "0"})
		s := r.State(all)[1]
		if len(s.Failures) != 1 || !s.Failures[0].At.Equal(failed) || s.Failures[0].Error.Reason != ossvapi.AccessDenied {
			t.Errorf("state %+v, want a failure at %v", s, failed)
		}
	})
}
