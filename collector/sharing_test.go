package collector_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

// slow is a region whose listing takes d.
func slow(d time.Duration, region string, names ...string) answers {
	return answers{pages: []*ossvapi.Page{page(region, names...)}, delay: d}
}

// together runs scrapes that begin at the same time and gives their expositions.
func (r *rig) together(n int) []string {
	texts := make([]string, n)
	var scrapes sync.WaitGroup
	for i := range n {
		scrapes.Go(func() { texts[i] = r.everything() })
	}
	scrapes.Wait()
	return texts
}

// later starts a scrape and gives its exposition when it is over.
func (r *rig) later(ctx context.Context, sel collector.Selection, limit time.Duration) <-chan string {
	text := make(chan string, 1)
	go func() { text <- r.within(ctx, sel, limit) }()
	synctest.Wait()
	return text
}

// Promise 6: overlapping scrapes share one listing, good or bad.
func TestOverlappingScrapesShareOneListing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", slow(time.Second, "cn-a", "one"))
		api.set("cn-b", answers{fails: denied, delay: time.Second})
		r := newRig(t, account("prod", api, "cn-a", "cn-b"))
		texts := r.together(20)
		if a, b := api.listed("cn-a"), api.listed("cn-b"); a != 1 || b != 1 {
			t.Errorf("20 scrapes made %d and %d listings", a, b)
		}
		for _, text := range texts {
			same(t, text, texts[0])
		}
		values(t, texts[0], map[string]string{
			"ossvector_up" + of("cn-a"): "1", "ossvector_up" + of("cn-b"): "0",
			failures("cn-b", ossvapi.ListVectorBuckets, ossvapi.AccessDenied): "1",
		})
		r.everything()
		if n := api.listed("cn-a"); n != 2 {
			t.Errorf("the scrape after them all made %d listings, want 1 more", n-1)
		}
	})
}

// The one that gives up early answers timeout, once; the listing goes on and nothing remembers the timeout.
func TestTheListingLivesAsLongAsItsMostPatientWaiter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", slow(5*time.Second, "cn-a", "one"))
		r := newRig(t, account("prod", api, "cn-a"))
		hasty := r.later(t.Context(), all, 2*time.Second) // starts the listing
		patient := r.later(t.Context(), all, 8*time.Second)
		matches(t, <-hasty, `
			errors{cn-a timeout} 1
			error_info{cn-a timeout none} 1
			scrape_duration_seconds{cn-a} 2
			scrape_pages{cn-a} 0
			up{cn-a} 0`)
		if s := r.State(all); len(s[0].Failures) != 0 {
			t.Errorf("the early waiter's timeout is remembered: %v", s[0].Failures)
		}
		text := <-patient
		values(t, text, map[string]string{
			"ossvector_up" + of("cn-a"):                                  "1",
			"ossvector_scrape_duration_seconds" + of("cn-a"):             "5",
			failures("cn-a", ossvapi.ListVectorBuckets, ossvapi.Timeout): "1",
		})
		if logged := r.logs.take(); logged != "" || api.listed("cn-a") != 1 {
			t.Errorf("%d listings, logged %q", api.listed("cn-a"), logged)
		}
	})
}

// The last of several that give up ends the listing, as a timeout that is counted for each once.
func TestAllGiveUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", answers{then: hangs})
		r := newRig(t, account("prod", api, "cn-a"))
		first, second := r.later(t.Context(), all, 2*time.Second), r.later(t.Context(), all, 3*time.Second)
		values(t, <-first, map[string]string{failures("cn-a", ossvapi.ListVectorBuckets, ossvapi.Timeout): "1"})
		text := <-second
		values(t, text, map[string]string{
			failures("cn-a", ossvapi.ListVectorBuckets, ossvapi.Timeout): "2",
			"ossvector_up" + of("cn-a"):                                  "0",
		})
		if s := r.State(all); len(s[0].Failures) != 1 {
			t.Errorf("failures %v", s[0].Failures)
		}
	})
}

func TestHangUpCancelsNothingForTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", slow(5*time.Second, "cn-a", "one"))
		r := newRig(t, account("prod", api, "cn-a"))
		ctx, hangUp := context.WithCancel(t.Context())
		gone, stays := r.later(ctx, all, 0), r.later(t.Context(), all, 0)
		hangUp()
		<-gone
		values(t, <-stays, map[string]string{
			"ossvector_up" + of("cn-a"):                                  "1",
			failures("cn-a", ossvapi.ListVectorBuckets, ossvapi.Timeout): "0",
		})
		if n := api.listed("cn-a"); n != 1 {
			t.Errorf("%d listings", n)
		}
	})
}

// When all have hung up the listing ends: counted nowhere, logged nowhere, remembered nowhere.
func TestAllHangUp(t *testing.T) {
	for name, a := range map[string]answers{"in an attempt": {then: hangs}, "between attempts": {fails: overloaded, pauses: hangs}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newCloud()
				api.set("cn-a", a)
				r := newRig(t, account("prod", api, "cn-a"))
				ctx, hangUp := context.WithCancel(t.Context())
				one, two := r.later(ctx, all, 0), r.later(ctx, all, 0)
				start := time.Now()
				hangUp()
				<-one
				<-two
				synctest.Wait()
				if n := api.underWay(); n != 0 || time.Since(start) != 0 {
					t.Errorf("%d listings go on %v later", n, time.Since(start))
				}
				s := r.State(all)[0]
				if logged := r.logs.take(); logged != "" || len(s.Failures) != 0 || s.Listed {
					t.Errorf("logged %q, state %+v", logged, s)
				}
				api.set("cn-a", pages(page("cn-a", "one")))
				values(t, r.everything(), map[string]string{
					"ossvector_up" + of("cn-a"):                                  "1",
					failures("cn-a", ossvapi.ListVectorBuckets, ossvapi.Timeout): "0",
				})
			})
		})
	}
}

// A scrape that comes while an ended listing winds down does not inherit its end.
func TestScrapeDuringTheWindingDown(t *testing.T) {
	for name, end := range map[string]func(*rig, context.Context) <-chan string{
		"hung up": func(r *rig, ctx context.Context) <-chan string {
			ctx, hangUp := context.WithCancel(ctx)
			defer hangUp()
			return r.later(ctx, all, 0)
		},
		"too late": func(r *rig, ctx context.Context) <-chan string { return r.later(ctx, all, time.Second) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newCloud()
				api.set("cn-a", answers{pages: []*ossvapi.Page{page("cn-a", "old")}, delay: hang, slow: 3 * time.Second})
				r := newRig(t, account("prod", api, "cn-a"))
				ended := end(r, t.Context())
				wait(t.Context(), 2*time.Second)
				api.set("cn-a", slow(4*time.Second, "cn-a", "new"))
				text := r.everything() // begins before the old one has ended and ends after it
				<-ended
				same(t, fmt.Sprint(infoNames(text)), "[cn-a/new]")
				if s := r.State(all)[0]; len(s.Failures) != 0 || s.Buckets != 1 {
					t.Errorf("state %+v", s)
				}
			})
		})
	}
}

// An old listing that ends after a newer one undoes nothing.
func TestAnOldListingUndoesNoNewerOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", answers{pages: []*ossvapi.Page{page("cn-a", "old")}, delay: hang, slow: 5 * time.Second})
		r := newRig(t, account("prod", api, "cn-a"))
		late := r.later(t.Context(), all, time.Second)
		wait(t.Context(), 2*time.Second)
		api.set("cn-a", pages(page("cn-a", "new")))
		r.everything()
		values(t, <-late, map[string]string{
			"ossvector_up" + of("cn-a"): "0", "ossvector_last_success_timestamp_seconds" + of("cn-a"): "9.46684802e+08",
		})
		if s := r.State(all)[0]; len(s.Failures) != 0 || s.Buckets != 1 {
			t.Errorf("state %+v", s)
		}
		if logged := r.logs.take(); logged != "" {
			t.Errorf("logged %q", logged)
		}
	})
}
