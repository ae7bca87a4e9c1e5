package credentials

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

func TestRenewingAheadIsNotWaitedFor(t *testing.T) {
	f, s, _ := pod(t)
	s.set(func(s *stsServer) { s.life = goodFor })
	f.wantKey(t, issued(1))
	hang := newGate(t)
	s.set(func(s *stsServer) { s.before = hang.wait })

	f.age(askAfter - time.Second)
	f.wantKey(t, issued(1))
	f.idle()
	if n := s.called(); n != 1 {
		t.Fatalf("%d calls of STS for a key of 9 s", n)
	}
	f.age(time.Second)
	for range 100 {
		f.wantKey(t, issued(1)) // answers although STS hangs
	}
	<-hang.entered
	hang.open()
	f.idle()
	f.wantKey(t, issued(2))
	if n := s.called(); n != 2 {
		t.Errorf("%d calls of STS, want 2", n)
	}
}

func TestFailingRenewal(t *testing.T) {
	f, s, _ := pod(t)
	s.set(func(s *stsServer) { s.life = goodFor })
	f.wantKey(t, issued(1))
	s.set(func(s *stsServer) { s.fault = stsError(http.StatusBadRequest, "Throttling.User") })

	const warning = `level=warn account=main msg="the key could not be renewed; the one in force is good for some minutes" ` +
		`err="STS at sts.aliyuncs.com: AssumeRoleWithOIDC: Throttling.User; STS is being asked too often"` + "\n"
	for range 17 { // to 170 s
		f.age(10 * time.Second)
		f.wantKey(t, issued(1))
		f.wantKey(t, issued(1))
		f.idle()
	}
	if got := f.log.String(); got != warning {
		t.Errorf("logged:\n%swant:\n%s", got, warning)
	}
	if n := s.called(); n != 18 {
		t.Errorf("%d calls of STS, want 18", n)
	}

	f.age(10 * time.Second)
	const failure = "STS at sts.aliyuncs.com: AssumeRoleWithOIDC: Throttling.User; STS is being asked too often"
	for range 3 {
		f.wantError(t, failure) // no stale key
	}
	s.set(func(s *stsServer) { s.fault = nil })
	f.mustKey(t)
	if got, want := f.log.String(), warning+"level=info account=main msg=\"the key can be renewed again\"\n"; got != want {
		t.Errorf("logged:\n%swant:\n%s", got, want)
	}
}

// Failed attempts in the background are spaced, however many requests there are.
func TestFailingRenewalDoesNotHammer(t *testing.T) {
	f, s, _ := pod(t)
	s.set(func(s *stsServer) { s.life = goodFor })
	f.mustKey(t)
	s.set(func(s *stsServer) { s.fault = say(http.StatusInternalServerError, "") })
	f.age(time.Minute)
	for range 50 {
		f.mustKey(t)
		f.idle()
	}
	if n := s.called(); n != 2 {
		t.Errorf("%d calls of STS in one second, want 2", n)
	}
}

func TestRenewalOfARefusedKey(t *testing.T) {
	f, s, _ := pod(t)
	f.wantKey(t, issued(1))
	everybody(t, 100, func() error {
		k, err := f.Renew(t.Context(), issued(1))
		if err == nil && k != issued(2) {
			err = fmt.Errorf("renewed to %v", k)
		}
		return err
	})
	if n := s.called(); n != 2 {
		t.Errorf("%d calls of STS, want 2", n)
	}
	f.wantKey(t, issued(2))

	s.set(func(s *stsServer) { s.fault = say(http.StatusBadGateway, "<html>") })
	if _, err := f.Renew(t.Context(), issued(2)); err == nil || err.Error() != "STS at sts.aliyuncs.com: AssumeRoleWithOIDC: HTTP status 502 without an error code (text/html, 6 bytes)" {
		t.Errorf("Renew without STS: %v", err)
	}
	if _, err := f.Renew(canceled(t), issued(2)); err == nil {
		t.Error("Renew without its context")
	}
	if got := f.log.String(); got != "" {
		t.Errorf("logged, although the caller got the error: %s", got)
	}
}

// A forced renewal that meets a call that is under way waits for that one, and is content with its key.
func TestRenewalDuringACall(t *testing.T) {
	for name, fault := range map[string]http.HandlerFunc{"that succeeds": nil, "that fails": say(http.StatusBadGateway, "")} {
		t.Run(name, func(t *testing.T) {
			f, s, _ := pod(t)
			s.set(func(s *stsServer) { s.life = goodFor })
			f.wantKey(t, issued(1))
			hang := newGate(t)
			s.set(func(s *stsServer) { s.before, s.fault = hang.wait, fault })
			f.age(askAfter)
			f.wantKey(t, issued(1)) // starts a call
			<-hang.entered
			renewed := make(chan error, 1)
			go func() {
				k, err := f.Renew(t.Context(), issued(1))
				if err == nil && k == issued(1) {
					err = errors.New("the refused key")
				}
				renewed <- err
			}()
			s.set(func(s *stsServer) { s.fault = nil })
			hang.open()
			if err := <-renewed; err != nil {
				t.Error(err)
			}
			if n := s.called(); n > 3 {
				t.Errorf("%d calls of STS", n)
			}
		})
	}
}

func TestCloseEndsRenewingAhead(t *testing.T) {
	f, s, _ := pod(t)
	s.set(func(s *stsServer) { s.life = goodFor })
	f.wantKey(t, issued(1))
	f.Close()
	f.age(time.Minute)
	f.wantKey(t, issued(1))
	f.idle()
	if n := s.called(); n != 1 {
		t.Errorf("%d calls of STS", n)
	}
	f.age(goodFor)
	f.wantKey(t, issued(2)) // a scrape that is still running gets its key
}

// Who found the key too old, or had it refused, but comes when another's call is over takes that one's key.
func TestLateComersStartNoCall(t *testing.T) {
	f, s, _ := pod(t)
	s.set(func(s *stsServer) { s.life = goodFor })
	f.wantKey(t, issued(1))
	for name, c := range map[string]*call{
		"too old": f.start(t.Context(), false, ossvapi.Key{}),
		"refused": f.start(t.Context(), true, ossvapi.Key{ID: "STS.example0"}),
	} {
		if k, err := c.await(t.Context()); err != nil || k != issued(1) {
			t.Errorf("%s: %v, %v", name, k, err)
		}
	}
	if n := s.called(); n != 1 {
		t.Errorf("%d calls of STS", n)
	}
}

// Who found the key old enough to renew, but looks again when another has renewed it, renews nothing: the look was stale.
func TestStaleLookRenewsNothing(t *testing.T) {
	f, s, _ := pod(t)
	s.set(func(s *stsServer) { s.life = goodFor })
	f.wantKey(t, issued(1))
	f.age(askAfter)
	stale := *f.cached.Load()
	f.renewAhead(t.Context(), &stale)
	f.idle()
	if n := s.called(); n != 1 {
		t.Errorf("%d calls of STS", n)
	}
	f.renewAhead(t.Context(), f.cached.Load())
	f.idle()
	if n := s.called(); n != 2 {
		t.Errorf("%d calls of STS for the key in force, want 2", n)
	}
}

// BenchmarkKey is what signing costs on the way of a request.
func BenchmarkKey(b *testing.B) {
	s := New(config.Credentials{Type: config.TypeDefault}, Options{})
	s.source = source{provider: static(keyA), goodFor: time.Hour}
	s.cached.Store(&cachedKey{key: keyA, at: time.Now()})
	b.ReportAllocs()
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := s.Key(b.Context()); err != nil {
				b.Error(err)
			}
		}
	})
}
