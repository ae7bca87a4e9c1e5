package collector_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

// Who hangs up while waiting for a slot leaves no trace, of buckets or of indexes.
func TestHangUpWhileWaitingForASlot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		spread(api, "cn-a", 17)
		api.set("cn-b", answers{then: hangs})
		api.setIndexes("cn-a", indexAnswers{delay: hang})
		r := newRig(t)
		s := settings(indexed(api, time.Hour, "cn-a", "cn-b"))
		s.MaxConcurrency = 1
		r.apply(s)
		ctx, hangUp := context.WithCancel(t.Context())
		done := []<-chan string{
			r.later(ctx, collector.Selection{Region: "cn-a"}, 0), // its buckets come, its indexes hang or wait
			r.later(ctx, collector.Selection{Region: "cn-b"}, 0), // takes the slot
			r.later(ctx, collector.Selection{Region: "cn-a"}, 0), // waits for it
		}
		hangUp()
		for _, text := range done {
			if n := sum(<-text, "ossvector_api_errors_total"); n != 0 {
				t.Errorf("%d errors counted", n)
			}
		}
		for _, s := range r.State(all) {
			if len(s.Failures) != 0 {
				t.Errorf("failures of %s: %v", s.Region, s.Failures)
			}
		}
		if logged := r.logs.take(); logged != "" || api.underWay() != 0 {
			t.Errorf("%d listings go on, logged %q", api.underWay(), logged)
		}
	})
}

// Who hangs up after some of the indexes failed has noted and logged nothing of them.
func TestHangUpAfterAFailureOfIndexes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", pages(page("cn-a", "bad", "slow")))
		api.setIndexes("cn-a/bad", indexAnswers{fails: denied})
		api.setIndexes("cn-a/slow", indexAnswers{delay: hang})
		r := newRig(t, indexed(api, time.Hour, "cn-a"))
		ctx, hangUp := context.WithCancel(t.Context())
		gone := r.later(ctx, all, 0)
		hangUp()
		<-gone
		if s, logged := r.State(all)[0], r.logs.take(); logged != "" || len(s.Failures) != 0 {
			t.Errorf("logged %q, failures %v", logged, s.Failures)
		}
	})
}

// Who gives up on indexes that others go on waiting for, before their turn came, has a timeout without an API error.
func TestEarlyBeforeTheTurnOfIndexes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		spread(api, "cn-a", 16)
		api.setIndexes("cn-a", indexAnswers{delay: hang})
		r := newRig(t, indexed(api, time.Hour, "cn-a"))
		holder := r.later(t.Context(), all, 0)
		api.set("cn-a", pages(page("cn-a", "a-new-one")))
		patient, hasty := r.later(t.Context(), all, 8*time.Second), r.later(t.Context(), all, 2*time.Second)
		for _, text := range []string{<-hasty, <-patient} {
			same(t, only(text, "ossvector_index_", "ossvector_last_error_info", "ossvector_up"), golden(`
				index_failed_buckets{cn-a} 1
				index_error_info{cn-a timeout none} 1
				up{cn-a} 1`))
			values(t, text, map[string]string{failures("cn-a", ossvapi.ListVectorIndexes, ossvapi.Timeout): "0"})
		}
		values(t, <-holder, map[string]string{
			failures("cn-a", ossvapi.ListVectorIndexes, ossvapi.Timeout): "16", "ossvector_index_failed_buckets" + of("cn-a"): "16",
		})
	})
}

// A region may be selected of all accounts that have it; the others show nothing.
func TestRegionOfEveryAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		prod, other := newCloud(), newCloud()
		r := newRig(t, account("prod", prod, "cn-a", "cn-b"), account("other", other, "cn-b"))
		same(t, only(r.scrape(collector.Selection{Region: "cn-a"}), "ossvector_up"), golden(`up{cn-a} 1`))
	})
}

// What cannot be a label is an error of the scrape, which shows everything else.
func TestLabelThatIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", pages(mixed(bucket("cn-a", "one"), bucket("\xff", "odd"))))
		a := account("prod", api, "cn-a")
		a.PerBucket = false
		families, err := newRig(t, a).Gatherer(t.Context(), all, 0).Gather()
		if err == nil {
			t.Error("no error")
		}
		if n := len(family(t, families, "ossvector_buckets")); n != 1 {
			t.Errorf("%d regions have buckets, want 1", n)
		}
	})
}

// A bucket whose indexes are not listed yet has not failed; one that cannot be asked has.
func TestStateBeforeTheIndexes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		plain := bucket("cn-a", "plain")
		plain.ARN, plain.AccountID = "", ""
		api.set("cn-a", pages(mixed(bucket("cn-a", "bad"), bucket("cn-a", "one"), plain)))
		api.setIndexes("cn-a/bad", indexAnswers{fails: denied})
		api.setIndexes("cn-a/one", indexAnswers{delay: time.Second, indexes: named("i").indexes})
		r := newRig(t, indexed(api, time.Hour, "cn-a"))
		shows := func(failed, indexes int) {
			t.Helper()
			if s := r.State(all)[0]; s.IndexFailed != failed || s.Indexes != indexes || s.Buckets != 3 {
				t.Errorf("state %+v, want %d failed and %d indexes", s, failed, indexes)
			}
		}
		scrape := r.later(t.Context(), all, 0)
		shows(2, 0) // "one" is still being listed
		for l := range r.State(all)[0].Inventory {
			if !l.IndexesListed.IsZero() || l.Indexes != nil {
				t.Errorf("listed %+v", l)
			}
		}
		<-scrape
		shows(2, 1)
		api.setIndexes("cn-a/bad", indexAnswers{})
		r.everything()
		shows(1, 1)
	})
}

// A bucket that loses the account id in its name cannot be asked any more, whatever is remembered of it.
func TestBucketThatLosesItsAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", pages(page("cn-a", "one")))
		r := newRig(t, indexed(api, time.Hour, "cn-a"))
		values(t, r.everything(), map[string]string{"ossvector_index_failed_buckets" + of("cn-a"): "0"})
		plain := bucket("cn-a", "one")
		plain.ARN, plain.AccountID = "", ""
		api.set("cn-a", pages(mixed(plain)))
		values(t, r.everything(), map[string]string{"ossvector_index_failed_buckets" + of("cn-a"): "1"})
	})
}
