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

// Over an hour the calls of each scrape stay level and no listing gets older than it must, however the buckets are
// spread over regions and whatever the interval of the scrapes.
func TestIndexCallsStayLevel(t *testing.T) {
	const interval = 5 * time.Minute
	for _, tt := range []struct {
		regions, buckets int // of each region
		every            time.Duration
		most             int // calls of a scrape, the first aside
		oldest           time.Duration
	}{
		{1, 50, time.Minute, 11, 10 * time.Minute},
		{1, 50, 59*time.Second + 990*time.Millisecond, 11, 10 * time.Minute},
		{1, 1, time.Minute, 1, 6 * time.Minute},
		{12, 1, time.Minute, 4, 10 * time.Minute},
		{12, 8, time.Minute, 21, 10 * time.Minute},
		{3, 7, 15 * time.Second, 3, 10 * time.Minute},
		{2, 10, 20 * time.Minute, 20, 21 * time.Minute},
	} {
		t.Run(fmt.Sprintf("%d regions of %d every %v", tt.regions, tt.buckets, tt.every), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newCloud()
				var regions []string
				for n := range tt.regions {
					regions = append(regions, fmt.Sprintf("cn-%d", n))
					spread(api, regions[n], tt.buckets)
				}
				r := newRig(t, indexed(api, interval, regions...))
				all := tt.regions * tt.buckets
				calls, most, oldest := r.indexCalls(api), 0, time.Duration(0)
				if calls != all {
					t.Fatalf("the first scrape made %d calls, want %d", calls, all)
				}
				scrapes := int(time.Hour / tt.every)
				for range scrapes {
					wait(t.Context(), tt.every)
					now := r.indexCalls(api)
					most, calls = max(most, now-calls), now
					oldest = max(oldest, age(r))
				}
				if most > tt.most {
					t.Errorf("%d calls in a scrape, want at most %d", most, tt.most)
				}
				if oldest > tt.oldest {
					t.Errorf("a listing was %v old, want at most %v", oldest, tt.oldest)
				}
				// No bucket is listed more often than the interval says, and none much less.
				if listings := float64(calls-all) / float64(all); listings < 0.8*float64(time.Hour/max(interval, tt.every))-1 || listings > 12 {
					t.Errorf("each bucket was listed %.1f times in the hour", listings)
				}
			})
		})
	}
}

// Probes of single regions, whose share at each is less than one listing, take nothing from the scrapes of everything.
func TestIndexScheduleBesideProbes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const interval, regions, buckets = 5 * time.Minute, 25, 4
		api := newCloud()
		var names []string
		for n := range regions {
			names = append(names, fmt.Sprintf("cn-%d", n))
			spread(api, names[n], buckets)
		}
		r := newRig(t, indexed(api, interval, names...))
		calls := r.indexCalls(api)
		for range 120 {
			wait(t.Context(), 30*time.Second)
			for _, region := range names {
				r.scrape(collector.Selection{Account: "prod", Region: region})
			}
			now := r.indexCalls(api)
			if n := now - calls; n > regions {
				t.Errorf("%d listings at once", n)
			}
			calls = now
			if oldest := age(r); oldest > 2*interval {
				t.Fatalf("a listing is %v old", oldest)
			}
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
		want     [4]int // calls after: a scrape, another, one with a new bucket, one after 5 minutes
	}{
		"none":         {0, [4]int{2, 4, 7, 10}},
		"five minutes": {5 * time.Minute, [4]int{2, 2, 3, 6}},
		"an hour":      {time.Hour, [4]int{2, 2, 3, 3}},
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
					func() { wait(t.Context(), 5*time.Minute) },
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
		wait(t.Context(), 5*time.Minute-1)
		same(t, indexSeries(r.everything()), first)
		wait(t.Context(), 1)
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

// Where every scrape lists all indexes again, it knows first which buckets are there: none is asked for that is gone.
func TestNoDeletedBucketIsAskedOnEveryScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		r := newRig(t, indexed(api, 0, "cn-a"))
		for _, names := range [][]string{{"one", "two"}, {"two"}, {"two"}} {
			api.set("cn-a", pages(page("cn-a", names...)))
			r.everything()
		}
		if one, two := api.listed("cn-a/one"), api.listed("cn-a/two"); one != 1 || two != 3 {
			t.Errorf("the bucket that is gone was listed %d times, the other %d times", one, two)
		}
	})
}

// A failure of the buckets' listing forgets no indexes.
func TestIndexesOutlastAFailureOfTheRegion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", pages(page("cn-a", "one")))
		r := newRig(t, indexed(api, time.Hour, "cn-a"))
		r.everything()
		api.set("cn-a", answers{fails: denied})
		same(t, indexSeries(r.everything()), golden(`error_info{cn-a access_denied 403 AccessDenied} 1`))
		api.set("cn-a", pages(page("cn-a", "one")))
		values(t, r.everything(), map[string]string{`ossvector_indexes{account="prod",bucket="one",region="cn-a"}`: "0"})
		if n := api.listed("cn-a/one"); n != 1 {
			t.Errorf("listed %d times", n)
		}
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
		// It is tried again beside the listing of the buckets, not after it.
		api.set("cn-a", slow(time.Second, "cn-a", "one"))
		api.setIndexes("cn-a", indexAnswers{delay: time.Second})
		start := time.Now()
		values(t, r.everything(), map[string]string{"ossvector_index_failed_buckets" + of("cn-a"): "0"})
		if took := time.Since(start); took != time.Second {
			t.Errorf("the scrape took %v", took)
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
