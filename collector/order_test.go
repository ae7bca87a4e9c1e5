package collector_test

import (
	"context"
	"iter"
	"sync/atomic"
	"testing"
	"testing/synctest"

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
