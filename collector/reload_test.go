package collector_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

// released checks that a cloud was closed once, and not while it was used.
func released(t testing.TB, c *cloud) {
	t.Helper()
	if closed, misused := c.misuses(); !closed || misused > 0 {
		t.Errorf("closed %t, misused %d times", closed, misused)
	}
}

// Counters go on, those of what is gone go away and start at 0 if it comes back; all else starts anew.
func TestReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old := newCloud()
		old.set("cn-a", answers{fails: denied})
		old.set("cn-b", answers{fails: denied})
		r := newRig(t, account("prod", old, "cn-a", "cn-b"), account("gone", newCloud(), "cn-a"))
		r.everything()
		again := newCloud()
		again.set("cn-a", pages(page("cn-a", "one")))
		again.set("cn-c", pages(page("cn-c")))
		r.apply(settings(account("prod", again, "cn-a", "cn-c")))
		released(t, old)
		if s := r.State(all); len(s) != 2 || len(s[0].Failures) != 0 {
			t.Errorf("state after the reload: %+v", s)
		}
		r.logs.take()
		text := r.everything()
		values(t, text, map[string]string{
			failures("cn-a", ossvapi.ListVectorBuckets, ossvapi.AccessDenied): "1",
			failures("cn-c", ossvapi.ListVectorBuckets, ossvapi.AccessDenied): "0",
		})
		if strings.Contains(text, "cn-b") || strings.Contains(text, "gone") {
			t.Error("what was removed is still exported")
		}
		if logged := r.logs.take(); logged != "" {
			t.Errorf("a recovery of what the new configuration never saw fail: %q", logged)
		}
		r.apply(settings(account("prod", again, "cn-a", "cn-b")))
		values(t, r.everything(), map[string]string{
			failures("cn-a", ossvapi.ListVectorBuckets, ossvapi.AccessDenied): "1",
			failures("cn-b", ossvapi.ListVectorBuckets, ossvapi.AccessDenied): "0",
		})
	})
}

// configured is an account that names what it was made of.
func configured(a collector.Account, config any) collector.Account {
	a.Config = config
	return a
}

// What is known of an account whose configuration is unchanged outlives the reload, its clients alone are new. An account
// that changed starts anew.
func TestReloadOfAnUnchangedAccount(t *testing.T) {
	type config struct{ Labels map[string]string }
	for name, tt := range map[string]struct {
		config any
		kept   bool
	}{
		"unchanged":   {config{map[string]string{"team": "a"}}, true},
		"changed":     {config{map[string]string{"team": "b"}}, false},
		"not told of": {nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				old := newCloud()
				old.set("cn-a", pages(page("cn-a", "one")))
				old.set("cn-b", answers{fails: denied})
				old.setIndexes("cn-a", named("i"))
				before := tt.config
				if before != nil {
					before = config{map[string]string{"team": "a"}}
				}
				a := configured(indexed(old, time.Hour, "cn-a", "cn-b"), before)
				a.MinInterval = time.Minute
				r := newRig(t, a)
				first := r.everything()
				r.logs.take()
				young := newCloud()
				young.set("cn-a", pages(page("cn-a", "one")))
				young.set("cn-b", answers{fails: denied})
				young.setIndexes("cn-a", named("i"))
				a = configured(indexed(young, time.Hour, "cn-a", "cn-b"), tt.config)
				a.MinInterval = time.Minute
				s := settings(a)
				s.Timeout, s.MaxConcurrency = time.Minute, 1
				r.apply(s)
				released(t, old)
				if s := r.State(all); s[0].Listed != tt.kept || (s[0].Indexes == 1) != tt.kept || s[1].Failing != tt.kept {
					t.Errorf("state after the reload: %+v", s)
				}
				text := r.everything()
				if listed := young.listed("cn-a") + young.listed("cn-a/one"); (listed == 0) != tt.kept {
					t.Errorf("%d listings of what was known", listed)
				}
				if tt.kept { // but for what failed and was tried again
					same(t, only(text, "ossvector_bucket", "ossvector_index_info", "ossvector_up"), only(first, "ossvector_bucket", "ossvector_index_info", "ossvector_up"))
				}
				young.set("cn-b", pages(page("cn-b")))
				r.everything()
				if warned := strings.Count(r.logs.take(), "level=warn"); (warned == 0) != tt.kept {
					t.Errorf("%d warnings", warned)
				}
			})
		})
	}
}

// A recovery is told of after a reload too, and a failure not again.
func TestLogsAcrossAReload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", answers{fails: denied})
		r := newRig(t, configured(account("prod", api, "cn-a"), "same"))
		r.everything()
		r.logs.take()
		for range 2 {
			wait(t.Context(), time.Minute)
			a := configured(account("prod", api, "cn-a"), "same")
			a.Close = nil
			r.apply(settings(a))
			r.everything()
			if logged := r.logs.take(); !strings.Contains(logged, "level=debug") || strings.Count(logged, "\n") != 1 {
				t.Errorf("logged %q", logged)
			}
		}
		api.set("cn-a", pages(page("cn-a")))
		r.everything()
		same(t, r.logs.take(), `level=info account=prod region=cn-a msg="listing recovered" operation=ListVectorBuckets reason=access_denied duration=2m0s`)
	})
}

// What the old clients have under way at a reload serves the old scrapes alone, and counts unless something newer ended
// before it.
func TestListingUnderWayAtAReload(t *testing.T) {
	for name, tt := range map[string]struct {
		new  answers // nil pages: the new clients are not asked before the old one has ended
		want string
	}{
		"nothing newer":   {answers{}, "old"},
		"something newer": {slow(time.Second, "cn-a", "new"), "new"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				old, young := newCloud(), newCloud()
				old.set("cn-a", slow(3*time.Second, "cn-a", "old"))
				old.setIndexes("cn-a", named("i"))
				young.set("cn-a", tt.new)
				r := newRig(t, configured(indexed(old, time.Hour, "cn-a"), "same"))
				before := r.later(t.Context(), all, 0)
				r.apply(settings(configured(indexed(young, time.Hour, "cn-a"), "same")))
				if tt.new.pages != nil {
					same(t, fmt.Sprint(infoNames(r.everything())), "[cn-a/new]")
				}
				same(t, fmt.Sprint(infoNames(<-before)), "[cn-a/old]")
				released(t, old)
				var names []string
				for l := range r.State(all)[0].Inventory {
					names = append(names, l.Bucket.Name)
				}
				if got := strings.Join(names, " "); got != tt.want {
					t.Errorf("remembered %q, want %q", got, tt.want)
				}
			})
		})
	}
}

// A scrape that is under way at a reload ends with the settings it began with, and only then are they let go.
func TestReloadDuringAScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		old, young := newCloud(), newCloud()
		old.set("cn-a", slow(3*time.Second, "cn-a", "old"))
		young.set("cn-a", slow(time.Second, "cn-a", "new"))
		r := newRig(t, account("prod", old, "cn-a"))
		before := r.later(t.Context(), all, 0)
		r.apply(settings(account("prod", young, "cn-a")))
		same(t, fmt.Sprint(infoNames(r.everything())), "[cn-a/new]")
		if closed, _ := old.misuses(); closed {
			t.Error("the API was closed in mid-scrape")
		}
		same(t, fmt.Sprint(infoNames(<-before)), "[cn-a/old]")
		released(t, old)
		r.Close()
		released(t, young)
		same(t, r.everything(), "")
	})
}

// A scrape that hangs up holds on to its settings until its listing has ended.
func TestReloadAfterAHangUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", answers{pages: []*ossvapi.Page{page("cn-a", "one")}, delay: hang, slow: time.Second})
		r := newRig(t, account("prod", api, "cn-a"))
		ctx, hangUp := context.WithCancel(t.Context())
		gone := r.later(ctx, all, 0)
		hangUp()
		r.Close()
		<-gone
		wait(t.Context(), 2*time.Second)
		released(t, api)
	})
}

// An account may have nothing to close.
func TestNothingToClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := account("prod", newCloud(), "cn-a")
		a.Close = nil
		newRig(t, a).Close()
	})
}

// 1,000 reloads while scrapes run: each old API is closed once and after its last use, and every scrape is whole.
func TestManyReloadsWhileScraping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fresh := func() *cloud {
			c := newCloud()
			c.set("cn-a", slow(7*time.Millisecond, "cn-a", "one", "two"))
			return c
		}
		clouds := []*cloud{fresh()}
		r := newRig(t, account("prod", clouds[0], "cn-a"))
		ctx, stop := context.WithCancel(t.Context())
		var scrapers sync.WaitGroup
		for n := range 4 {
			scrapers.Go(func() {
				for wait(ctx, time.Duration(n+1)*time.Millisecond) {
					values(t, r.everything(), map[string]string{
						"ossvector_buckets" + of("cn-a"): "2", "ossvector_up" + of("cn-a"): "1",
					})
				}
			})
		}
		for range 1000 {
			clouds = append(clouds, fresh())
			r.apply(settings(configured(account("prod", clouds[len(clouds)-1], "cn-a"), []any{"same", nil}[len(clouds)%4/3])))
			wait(t.Context(), time.Millisecond)
		}
		stop()
		scrapers.Wait()
		r.Close()
		for _, c := range clouds {
			released(t, c)
		}
	})
}

// Whichever of two reloads at the same time comes last, the counters are those of its regions.
func TestReloadsAtTheSameTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := newCloud(), newCloud()
		a.set("cn-a", pages(page("cn-a")))
		b.set("cn-b", pages(page("cn-b")))
		r := newRig(t)
		for range 100 {
			var reloads sync.WaitGroup
			reloads.Go(func() { r.Apply(settings(account("prod", a, "cn-a"))) })
			reloads.Go(func() { r.Apply(settings(account("prod", b, "cn-b"))) })
			reloads.Wait()
			region := r.State(all)[0].Region
			if value(r.everything(), failures(region, ossvapi.ListVectorBuckets, ossvapi.Timeout)) == "absent" {
				t.Fatalf("no counters of %s", region)
			}
		}
	})
}
