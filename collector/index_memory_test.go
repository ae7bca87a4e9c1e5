package collector_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

// spread gives a region n buckets.
func spread(api *cloud, region string, n int) {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprintf("b%03d", i))
	}
	api.set(region, pages(page(region, names...)))
}

// indexCalls runs a scrape and gives how many index listings there were so far.
func (r *rig) indexCalls(api *cloud) int {
	if _, err := r.Gatherer(r.t.Context(), all, 0).Gather(); err != nil {
		r.t.Error(err)
	}
	api.mu.Lock()
	defer api.mu.Unlock()
	n := 0
	for where, listings := range api.lists {
		if strings.Contains(where, "/") {
			n += listings
		}
	}
	return n
}

// indexCalls is how many index listings an exposition has counted.
func indexCalls(text string) int {
	return sum(text, `ossvector_api_requests_total{account="prod",operation="ListVectorIndexes"`)
}

// A bucket is due again after the interval less up to a fifth, which is another part of it for each name: the calls of a
// first scrape, made in one burst, are never again made in one.
func TestIndexCallsSpread(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const interval, every, buckets = 5 * time.Minute, 5 * time.Second, 96
		api := newCloud()
		spread(api, "cn-a", buckets/2)
		spread(api, "cn-b", buckets/2)
		r := newRig(t, indexed(api, interval, "cn-a", "cn-b"))
		before := r.indexCalls(api)
		if before != buckets {
			t.Fatalf("the first scrape made %d calls, want %d", before, buckets)
		}
		calls := before
		for range time.Hour / every {
			wait(t.Context(), every)
			now := r.indexCalls(api)
			if n := now - calls; n > buckets/4 {
				t.Errorf("%d calls in a scrape", n)
			}
			calls = now
			if oldest := age(r); oldest >= interval {
				t.Fatalf("a listing is %v old", oldest)
			}
		}
		if n := float64(calls-before) / buckets; n < 12 || n > 15 {
			t.Errorf("each bucket was listed %.1f times in the hour, want 12 to 15", n)
		}
	})
}

// age is that of the oldest index listing.
func age(r *rig) time.Duration {
	var oldest time.Duration
	for _, s := range r.State(all) {
		for l := range s.Inventory {
			oldest = max(oldest, time.Since(l.IndexesListed))
		}
	}
	return oldest
}

// A bucket is listed when it is new and when its interval has passed, not before; at interval 0 on every scrape.
func TestIndexInterval(t *testing.T) {
	for name, tt := range map[string]struct {
		interval time.Duration
		want     [5]int // calls after: a scrape, another, one with a new bucket, one before 4 minutes, one after 5
	}{
		"none":         {0, [5]int{2, 4, 7, 10, 13}},
		"five minutes": {5 * time.Minute, [5]int{2, 2, 3, 3, 6}},
		"an hour":      {time.Hour, [5]int{2, 2, 3, 3, 3}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newCloud()
				api.set("cn-a", pages(page("cn-a", "one", "two")))
				r := newRig(t, indexed(api, tt.interval, "cn-a"))
				for n, step := range []func(){
					func() {},
					func() {},
					func() { api.set("cn-a", pages(page("cn-a", "new", "one", "two"))) },
					func() { wait(t.Context(), 4*time.Minute-1) },
					func() { wait(t.Context(), time.Minute+1) },
				} {
					step()
					if got := indexCalls(r.everything()); got != tt.want[n] {
						t.Errorf("after step %d: %d calls, want %d", n, got, tt.want[n])
					}
				}
			})
		})
	}
}

// Between its listings a bucket shows the last one, with its age, beside the buckets of now.
func TestIndexesFromMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", pages(page("cn-a", "one")))
		api.setIndexes("cn-a", named("old"))
		r := newRig(t, indexed(api, 5*time.Minute, "cn-a"))
		first := indexSeries(r.everything())
		api.setIndexes("cn-a", named("new", "newer"))
		wait(t.Context(), 4*time.Minute-1)
		same(t, indexSeries(r.everything()), first)
		wait(t.Context(), time.Minute+1)
		values(t, r.everything(), map[string]string{
			`ossvector_indexes{account="prod",bucket="one",region="cn-a"}`:                              "2",
			`ossvector_index_last_success_timestamp_seconds{account="prod",bucket="one",region="cn-a"}`: "9.466851e+08",
		})
		s := r.State(all)[0]
		if !s.IndexesOn || s.Indexes != 2 || s.IndexFailed != 0 {
			t.Errorf("state %+v", s)
		}
	})
}

// The memory of a bucket that is gone goes with it: one that comes back is new.
func TestDeletedBucketsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		r := newRig(t, indexed(api, time.Hour, "cn-a"))
		for n, names := range [][]string{{"one", "two"}, {"two"}, {"one", "two"}, {"one", "two"}} {
			api.set("cn-a", pages(page("cn-a", names...)))
			r.everything()
			if got, want := api.listed("cn-a/one"), []int{1, 1, 2, 2}[n]; got != want {
				t.Errorf("after scrape %d: listed %d times, want %d", n, got, want)
			}
		}
	})
}

// So is one that was deleted and created again between two scrapes, of which only its creation date tells. Its indexes
// are listed in the scrape that finds it, and what befalls that listing shows nothing of the old bucket.
func TestRecreatedBucketIsANewOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		again := func(created string) answers {
			b := bucket("cn-a", "one")
			b.CreationDate = created
			return pages(mixed(b))
		}
		indexes := `ossvector_indexes{account="prod",bucket="one",region="cn-a"}`
		api := newCloud()
		api.set("cn-a", again("2026-01-02T03:04:05Z"))
		api.setIndexes("cn-a", named("old", "older"))
		r := newRig(t, indexed(api, time.Hour, "cn-a"))
		values(t, r.everything(), map[string]string{indexes: "2"})
		api.set("cn-a", again("2026-01-02T03:05:00Z"))
		api.setIndexes("cn-a", named("new"))
		values(t, r.everything(), map[string]string{indexes: "1"})
		api.set("cn-a", again("2026-01-02T03:06:00Z"))
		api.setIndexes("cn-a", indexAnswers{fails: denied})
		values(t, r.everything(), map[string]string{indexes: "absent", "ossvector_index_failed_buckets" + of("cn-a"): "1"})
		if s := r.State(all)[0]; s.Indexes != 0 || s.IndexFailed != 1 {
			t.Errorf("state %+v", s)
		}
		// The first one's memory is gone: its date is as new as any.
		api.set("cn-a", again("2026-01-02T03:04:05Z"))
		api.setIndexes("cn-a", indexAnswers{})
		values(t, r.everything(), map[string]string{indexes: "0"})
	})
}

// Whatever is due, the indexes of a region whose listing fails are not asked for: no answer would show them.
func TestNoIndexCallsForAFailingRegion(t *testing.T) {
	for name, tt := range map[string]struct {
		fails answers
		other answers // of another region
	}{
		"denied":           {fails: answers{fails: denied}},
		"hangs":            {fails: answers{then: hangs}},
		"others know some": {fails: answers{fails: denied}, other: pages(page("cn-a", "b001", "gone"))},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newCloud()
				spread(api, "cn-a", 60)
				api.setIndexes("cn-a", indexAnswers{delay: 20 * time.Millisecond})
				api.setIndexes("cn-a/b001", indexAnswers{fails: overloaded})
				r := newRig(t, indexed(api, time.Minute, "cn-a", "cn-b"))
				calls := r.indexCalls(api)
				api.set("cn-a", tt.fails)
				api.set("cn-b", tt.other)
				api.setIndexes("cn-a", indexAnswers{delay: 50 * time.Millisecond})
				wait(t.Context(), time.Minute)
				for range 5 {
					wait(t.Context(), time.Minute)
					if now := r.indexCalls(api); now != calls {
						t.Fatalf("%d calls", now-calls)
					}
				}
				if n := api.listed("cn-a/gone"); n != 0 {
					t.Errorf("the bucket that only the other region lists was asked for %d times", n)
				}
				spread(api, "cn-a", 60)
				if n := r.indexCalls(api) - calls; n < 60 {
					t.Errorf("%d calls after the recovery", n)
				}
			})
		})
	}
}

// Buckets whose listings hang hold up no others: what failed last time comes after everything else.
func TestHangingBucketsHoldUpNoOthers(t *testing.T) {
	for _, interval := range []time.Duration{0, time.Second, time.Hour} {
		t.Run(interval.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newCloud()
				spread(api, "cn-a", 50)
				for n := range 20 {
					api.setIndexes(fmt.Sprintf("cn-a/b%03d", 2*n), indexAnswers{delay: hang})
				}
				api.setIndexes("cn-a", indexAnswers{delay: 100 * time.Millisecond})
				r := newRig(t, indexed(api, interval, "cn-a"))
				for range 2 { // the first two find out which ones hang
					r.everything()
					wait(t.Context(), time.Minute)
				}
				for range 4 {
					values(t, r.everything(), map[string]string{"ossvector_index_failed_buckets" + of("cn-a"): "20"})
					wait(t.Context(), time.Minute)
				}
				// The next scrape asks for a new bucket before them, and for all of them when they answer again.
				names := []string{"a-new-one"}
				for n := range 50 {
					names = append(names, fmt.Sprintf("b%03d", n))
				}
				api.set("cn-a", pages(page("cn-a", names...)))
				values(t, r.everything(), map[string]string{"ossvector_index_failed_buckets" + of("cn-a"): "20"})
				for n := range 20 {
					api.setIndexes(fmt.Sprintf("cn-a/b%03d", 2*n), indexAnswers{})
				}
				values(t, r.everything(), map[string]string{"ossvector_index_failed_buckets" + of("cn-a"): "0"})
			})
		})
	}
}

// They come after what a scrape that began later asks for, too.
func TestFailedBucketsQueueLast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		spread(api, "cn-a", 40)
		api.setIndexes("cn-a", indexAnswers{fails: denied})
		r := newRig(t, indexed(api, time.Hour, "cn-a"))
		r.everything()
		api.setIndexes("cn-a", indexAnswers{fails: denied, delay: 3 * time.Second})
		api.setIndexes("cn-a/new", indexAnswers{})
		first := r.later(t.Context(), all, 0)
		api.set("cn-a", pages(page("cn-a", "new")))
		values(t, r.within(t.Context(), all, 5*time.Second), map[string]string{"ossvector_index_failed_buckets" + of("cn-a"): "0"})
		<-first
	})
}

// They come after those of other regions, too, where the regions share their slots.
func TestFailedBucketsQueueBehindOtherRegions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		var regions []string
		for n := range 17 { // more than there are slots
			regions = append(regions, fmt.Sprintf("cn-%02d", n))
			api.set(regions[n], pages(page(regions[n])))
		}
		for _, region := range regions[:4] {
			spread(api, region, 8)
			api.setIndexes(region, indexAnswers{fails: denied})
		}
		r := newRig(t, indexed(api, time.Hour, regions...))
		r.everything()
		for _, region := range regions[:4] { // which take all slots twice
			api.setIndexes(region, indexAnswers{fails: denied, delay: 3 * time.Second})
		}
		first := r.later(t.Context(), all, 0)
		api.set("cn-04", pages(page("cn-04", "new")))
		values(t, r.within(t.Context(), all, 5*time.Second), map[string]string{"ossvector_index_failed_buckets" + of("cn-04"): "0"})
		<-first
	})
}

// A listing that is due and fails hides the old one: what cannot be listed shows no index series.
func TestFailedRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", pages(page("cn-a", "one")))
		r := newRig(t, indexed(api, time.Minute, "cn-a"))
		r.everything()
		wait(t.Context(), time.Minute)
		api.setIndexes("cn-a", indexAnswers{fails: overloaded})
		for range 2 {
			same(t, indexSeries(r.everything()), golden(`
				index_failed_buckets{cn-a} 1
				index_error_info{cn-a server_error 502} 1`))
		}
		s := r.State(all)[0]
		if s.IndexFailed != 1 || len(s.Failures) != 1 || s.Failures[0].Error.Operation != ossvapi.ListVectorIndexes || s.Failing {
			t.Errorf("state %+v", s)
		}
	})
}

// A bug in an index listing fails that bucket alone.
func TestBugInAnIndexListing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", pages(page("cn-a", "bad", "good")))
		api.setIndexes("cn-a/bad", indexAnswers{panics: true})
		text := newRig(t, indexed(api, time.Minute, "cn-a")).scrape(collector.Selection{Account: "prod", Region: "cn-a"})
		same(t, only(text, "ossvector_index", "ossvector_last_error_info"), golden(`
			index_failed_buckets{cn-a} 1
			index_last_success_timestamp_seconds{cn-a good} 9.466848e+08
			indexes{cn-a good} 0
			index_error_info{cn-a invalid_response none} 1`))
	})
}
