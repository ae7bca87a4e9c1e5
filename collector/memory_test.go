package collector_test

import (
	"testing"
	"testing/synctest"
	"time"

	"ossvector_exporter/ossvapi"
)

// remembering is a collector with a min_interval of a minute.
func remembering(t testing.TB, api *cloud) *rig {
	a := account("prod", api, "cn-a")
	a.MinInterval = time.Minute
	return newRig(t, a)
}

func TestMinInterval(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", slow(time.Second, "cn-a", "old"))
		r := remembering(t, api)
		first := r.everything()
		api.set("cn-a", slow(2*time.Second, "cn-a", "new", "newer"))
		wait(t.Context(), time.Minute-1)
		start := time.Now()
		same(t, r.everything(), first)
		if took := time.Since(start); took != 0 || api.listed("cn-a") != 1 {
			t.Errorf("answering from memory took %v and %d listings", took, api.listed("cn-a"))
		}
		wait(t.Context(), 1)
		values(t, r.everything(), map[string]string{
			"ossvector_buckets" + of("cn-a"):                        "2",
			"ossvector_scrape_duration_seconds" + of("cn-a"):        "2",
			"ossvector_last_success_timestamp_seconds" + of("cn-a"): "9.46684863e+08",
		})
	})
}

// Only complete listings are remembered: what fails is tried at each scrape, and forgets nothing of what was there.
func TestFailuresAreTriedAgainAtEachScrape(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", pages(page("cn-a", "one")))
		r := remembering(t, api)
		r.everything()
		wait(t.Context(), time.Minute)
		api.set("cn-a", answers{fails: denied})
		for n := range 3 {
			text := r.everything()
			values(t, text, map[string]string{
				"ossvector_up" + of("cn-a"):                             "0",
				"ossvector_buckets" + of("cn-a"):                        "absent",
				"ossvector_last_success_timestamp_seconds" + of("cn-a"): "9.466848e+08",
			})
			if got := api.listed("cn-a"); got != n+2 {
				t.Errorf("%d listings, want %d", got, n+2)
			}
		}
		api.set("cn-a", pages(page("cn-a", "one")))
		values(t, r.everything(), map[string]string{"ossvector_up" + of("cn-a"): "1"})
		r.everything()
		if got := api.listed("cn-a"); got != 5 {
			t.Errorf("%d listings, want 5", got)
		}
	})
}

// One line when a region starts to fail, one when the reason changes, one when it recovers; the rest goes to debug.
func TestLogs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		r := newRig(t, account("prod", api, "cn-a"))
		for _, step := range []struct {
			name    string
			answers answers
			want    string
		}{
			{"a first good listing is no recovery", pages(page("cn-a", "one")), ``},
			{"starts to fail", answers{fails: denied}, `
level=warn account=prod region=cn-a msg="listing started to fail" operation=ListVectorBuckets reason=access_denied code=AccessDenied status=403 request_id=ID-1 attempts=1 duration=0s err="no permission"`},
			{"repeats", answers{fails: denied}, `
level=debug account=prod region=cn-a msg="listing still fails" operation=ListVectorBuckets reason=access_denied code=AccessDenied status=403 request_id=ID-1 attempts=1 duration=0s err="no permission"`},
			{"another reason", answers{fails: overloaded}, `
level=warn account=prod region=cn-a msg="listing fails for another reason" operation=ListVectorBuckets reason=server_error code= status=502 request_id= attempts=1 duration=0s err="bad gateway"`},
			{"no answer", answers{fails: &ossvapi.Error{Reason: ossvapi.Network, Message: "refused"}}, `
level=warn account=prod region=cn-a msg="listing fails for another reason" operation=ListVectorBuckets reason=network code= status=none request_id= attempts=1 duration=0s err=refused`},
			{"another message", answers{fails: &ossvapi.Error{Reason: ossvapi.Network, Message: "no answer in 3s from host-1"}, delay: time.Second}, `
level=warn account=prod region=cn-a msg="listing fails for another reason" operation=ListVectorBuckets reason=network code= status=none request_id= attempts=1 duration=1s err="no answer in 3s from host-1"`},
			{"other numbers", answers{fails: &ossvapi.Error{Reason: ossvapi.Network, Message: "no answer in 2.5s from host-22"}}, `
level=debug account=prod region=cn-a msg="listing still fails" operation=ListVectorBuckets reason=network code= status=none request_id= attempts=1 duration=0s err="no answer in 2.5s from host-22"`},
			{"another code", answers{fails: &ossvapi.Error{Reason: ossvapi.Network, Code: "Odd", Message: "no answer in 3s from host-1"}}, `
level=warn account=prod region=cn-a msg="listing fails for another reason" operation=ListVectorBuckets reason=network code=Odd status=none request_id= attempts=1 duration=0s err="no answer in 3s from host-1"`},
			{"recovers", pages(page("cn-a", "one")), `
level=info account=prod region=cn-a msg="listing recovered" operation=ListVectorBuckets reason=network duration=7m1s`},
			{"stays well", pages(page("cn-a", "one")), ``},
		} {
			api.set("cn-a", step.answers)
			r.everything()
			if same(t, r.logs.take(), step.want); t.Failed() {
				t.Fatal(step.name)
			}
			wait(t.Context(), time.Minute)
		}
	})
}

// noKey is what a call ends with whose account has no credentials.
func noKey(why string) answers {
	return answers{fails: &ossvapi.Error{Reason: ossvapi.NoCredentials, Message: why}}
}

// Missing credentials are the account's failure: one line tells of all its regions, whatever else goes on in them.
func TestLogOfAnAccountWithoutCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		a := indexed(api, 0, "cn-a", "cn-b", "cn-c")
		r := newRig(t, a, account("other", newCloud(), "cn-a"))
		set := func(each ...answers) {
			for n, region := range a.Regions {
				api.set(region, each[n])
			}
		}
		good := pages(page("cn-a"))
		for _, step := range []struct {
			name string
			set  func()
			want string
		}{
			{"one region is denied", func() { set(answers{fails: denied}, good, good) }, `
level=warn account=prod region=cn-a msg="listing started to fail" operation=ListVectorBuckets reason=access_denied code=AccessDenied status=403 request_id=ID-1 attempts=1 duration=0s err="no permission"`},
			{"no key", func() { set(noKey("no file"), noKey("no file"), noKey("no file")) }, `
level=warn account=prod regions=3 msg="listing started to fail" operation=ListVectorBuckets reason=no_credentials code= status=none request_id= attempts=1 duration=0s err="no file"`},
			{"still none", func() {}, `
level=debug account=prod regions=3 msg="listing still fails" operation=ListVectorBuckets reason=no_credentials code= status=none request_id= attempts=1 duration=0s err="no file"`},
			{"for another reason", func() { set(noKey("empty file"), noKey("empty file"), noKey("empty file")) }, `
level=warn account=prod regions=3 msg="listing fails for another reason" operation=ListVectorBuckets reason=no_credentials code= status=none request_id= attempts=1 duration=0s err="empty file"`},
			{"a key again, and one region is denied", func() { set(answers{fails: denied}, good, good) }, `
level=warn account=prod region=cn-a msg="listing started to fail" operation=ListVectorBuckets reason=access_denied code=AccessDenied status=403 request_id=ID-1 attempts=1 duration=0s err="no permission"
level=info account=prod regions=3 msg="listing recovered" operation=ListVectorBuckets reason=no_credentials duration=3m0s`},
		} {
			step.set()
			r.everything()
			if same(t, r.logs.take(), step.want); t.Failed() {
				t.Fatal(step.name)
			}
			wait(t.Context(), time.Minute)
		}
	})
}

// Buckets whose indexes fail in two ways, each at every scrape, are no news at every scrape.
func TestLogOfTwoFailuresOfIndexes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", pages(page("cn-a", "one", "two")))
		api.setIndexes("cn-a/one", indexAnswers{fails: denied, delay: time.Second})
		api.setIndexes("cn-a/two", indexAnswers{fails: overloaded, delay: 2 * time.Second})
		r := newRig(t, indexed(api, 0, "cn-a"))
		r.everything()
		const two = `operation=ListVectorIndexes reason=server_error code= status=502 request_id= attempts=1 duration=2s err="bad gateway"`
		same(t, r.logs.take(), `level=warn account=prod region=cn-a msg="listing started to fail" `+two)
		api.setIndexes("cn-a/one", indexAnswers{fails: denied, delay: 3 * time.Second}) // it is the last one from now on
		for range 8 {
			r.everything()
			same(t, r.logs.take(), `level=debug account=prod region=cn-a msg="listing still fails" `+two)
		}
		api.setIndexes("cn-a/two", indexAnswers{})
		r.everything()
		same(t, r.logs.take(), `level=warn account=prod region=cn-a msg="listing fails for another reason" operation=ListVectorIndexes reason=access_denied code=AccessDenied status=403 request_id=ID-1 attempts=1 duration=3s err="no permission"`)
	})
}
