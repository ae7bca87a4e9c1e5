package collector_test

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

// Another region that hangs, in its buckets or in its indexes, keeps no region's indexes from being listed.
func TestIndexIsolation(t *testing.T) {
	for name, hangIn := range map[string]func(api *cloud){
		"buckets hang": func(api *cloud) { api.set("cn-bad", answers{then: hangs}) },
		"indexes hang": func(api *cloud) {
			spread(api, "cn-bad", 100)
			api.setIndexes("cn-bad", indexAnswers{delay: hang})
		},
	} {
		for _, regions := range [][]string{{"cn-bad", "cn-good"}, {"cn-bad", "cn-good", "cn-c", "cn-d", "cn-e", "cn-f", "cn-g"}} {
			t.Run(fmt.Sprint(name, " beside ", len(regions)-1), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					api := newCloud()
					hangIn(api)
					for _, region := range regions[1:] {
						api.set(region, pages(page(region)))
					}
					api.set("cn-good", slow(100*time.Millisecond, "cn-good", "a", "b", "c", "d", "e", "f", "g", "h"))
					api.setIndexes("cn-good", indexAnswers{delay: 20 * time.Millisecond})
					text := newRig(t, indexed(api, time.Hour, regions...)).everything()
					values(t, text, map[string]string{
						"ossvector_index_failed_buckets" + of("cn-good"):                "0",
						`ossvector_indexes{account="prod",bucket="h",region="cn-good"}`: "0",
						failures("cn-good", ossvapi.ListVectorIndexes, ossvapi.Timeout): "0",
						"ossvector_scrape_duration_seconds" + of("cn-good"):             "0.1",
					})
				})
			})
		}
	}
}

// However many regions there are, an account has 16 index listings in flight, and one that hangs leaves room for all others:
// from 17 regions on none has a slot of its own.
func TestIndexIsolationOfManyRegions(t *testing.T) {
	for _, count := range []int{2, 5, 16, 17, 40} {
		synctest.Test(t, func(t *testing.T) {
			api := newCloud()
			var regions []string
			for n := range count {
				regions = append(regions, fmt.Sprintf("cn-%02d", n))
				spread(api, regions[n], 40)
				api.setIndexes(regions[n], indexAnswers{delay: 20 * time.Millisecond})
			}
			api.setIndexes("cn-00", indexAnswers{delay: hang})
			text := newRig(t, indexed(api, time.Hour, regions...)).everything()
			if failed := sum(text, "ossvector_index_failed_buckets"); failed != 40 {
				t.Errorf("%d regions: %d buckets failed, want the 40 of the one that hangs", count, failed)
			}
			if most := api.mostInFlight(ossvapi.ListVectorIndexes); most != 16 {
				t.Errorf("%d regions: %d index listings at the same time, want 16", count, most)
			}
		})
	}
}

// A region whose wait for a slot ends in nothing loses none of what it may hold.
func TestIndexSlotsAfterWaitingInVain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		var regions []string
		for n := range 17 {
			regions = append(regions, fmt.Sprintf("cn-%02d", n))
			spread(api, regions[n], 4)
			api.setIndexes(regions[n], indexAnswers{delay: hang})
		}
		r := newRig(t, indexed(api, time.Hour, regions...))
		r.everything()
		for _, region := range regions {
			api.setIndexes(region, indexAnswers{})
		}
		if failed := sum(r.everything(), "ossvector_index_failed_buckets"); failed != 0 {
			t.Errorf("%d buckets failed", failed)
		}
	})
}

// All slots of the indexes taken, buckets are still listed.
func TestIndexesNeverStarveBuckets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		spread(api, "cn-a", 100)
		api.setIndexes("cn-a", indexAnswers{delay: hang})
		r := newRig(t, indexed(api, time.Hour, "cn-a", "cn-b"))
		busy := r.later(t.Context(), all, 0)
		api.set("cn-b", slow(time.Second, "cn-b"))
		start := time.Now()
		values(t, r.scrape(collector.Selection{Account: "prod", Region: "cn-b"}), map[string]string{"ossvector_up" + of("cn-b"): "1"})
		if took := time.Since(start); took != time.Second {
			t.Errorf("a listing of buckets took %v", took)
		}
		<-busy
	})
}

// Overlapping scrapes share index listings too. The one that gives up early has its failures for itself.
func TestOverlappingScrapesShareIndexListings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		spread(api, "cn-a", 17) // one of them has to wait for its turn
		api.setIndexes("cn-a", indexAnswers{delay: 5 * time.Second})
		r := newRig(t, indexed(api, time.Hour, "cn-a"))
		hasty, patient := r.later(t.Context(), all, 2*time.Second), r.later(t.Context(), all, 0)
		text := <-hasty
		values(t, text, map[string]string{
			"ossvector_up" + of("cn-a"):                                  "1",
			"ossvector_index_failed_buckets" + of("cn-a"):                "17",
			failures("cn-a", ossvapi.ListVectorIndexes, ossvapi.Timeout): "16",
		})
		same(t, only(text, "ossvector_last_error_info"), golden("index_error_info{cn-a timeout none} 1"))
		if s := r.State(all)[0]; len(s.Failures) != 0 {
			t.Errorf("the early waiter's failure is remembered: %v", s.Failures)
		}
		text = <-patient // at 10 s the 17th is cut off or just done
		if n := sum(text, "ossvector_index_failed_buckets"); n > 1 {
			t.Errorf("%d buckets failed", n)
		}
		if n := api.listed("cn-a/b000"); n != 1 {
			t.Errorf("%d listings of a bucket's indexes", n)
		}
	})
}

// A bucket whose turn does not come says nothing about why: what failed in front of it is shown, in the metric and on the page.
func TestIndexFailureIsThatOfAnAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		spread(api, "cn-a", 20)
		denied := &ossvapi.Error{Reason: ossvapi.AccessDenied, Status: 403}
		api.setIndexes("cn-a/b000", indexAnswers{fails: denied}) // hence the last to be asked, and the first by name
		r := newRig(t, indexed(api, 0, "cn-a"))
		r.everything()
		throttled := &ossvapi.Error{Reason: ossvapi.Throttled, Status: 429}
		api.setIndexes("cn-a", indexAnswers{fails: throttled, pauses: hang})
		text := r.everything()
		same(t, only(text, "ossvector_last_error_info"), golden("index_error_info{cn-a throttled 429} 1"))
		if f := r.State(all)[0].Failures; len(f) != 1 || f[0].Error.Reason != ossvapi.Throttled {
			t.Errorf("remembered: %v", f)
		}
	})
}

// A bucket that another region's listing holds has its indexes listed in its own region, as soon as that listing is there,
// whatever else hangs.
func TestIndexesOfForeignEntriesBesideAHang(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", pages(mixed(bucket("cn-a", "one"), bucket("cn-b", "two"))))
		api.set("cn-b", pages(page("cn-b")))
		api.set("cn-c", answers{then: hangs})
		text := newRig(t, indexed(api, time.Hour, "cn-a", "cn-b", "cn-c")).everything()
		same(t, only(text, "ossvector_indexes", "ossvector_index_failed"), golden(`
			index_failed_buckets{cn-a} 0
			index_failed_buckets{cn-b} 0
			indexes{cn-a one} 0
			indexes{cn-b two} 0`))
	})
}
