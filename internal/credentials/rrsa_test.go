package credentials

import (
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

// pod is a source in a pod with RRSA, and the STS that it asks.
func pod(t *testing.T) (fixture, *sts, string) {
	t.Helper()
	s := newSTS(t)
	pairs, tokenFile := podEnv(t)
	return open(t, config.Credentials{Type: config.TypeDefault}, env(pairs...)), s, tokenFile
}

func TestPodWithRRSA(t *testing.T) {
	f, s, _ := pod(t)
	f.wantKey(t, issued(1))
	call := s.last(t)
	for name, want := range map[string]string{
		"Action": "AssumeRoleWithOIDC", "RoleArn": podRole, "OIDCProviderArn": podProvider, "OIDCToken": "token-0",
		"RoleSessionName": "ossvector_exporter", "DurationSeconds": "3600",
	} {
		if got := call.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if got, want := f.Describe(), "role "+podRole+" by RRSA"; got != want {
		t.Errorf("Describe = %q, want %q", got, want)
	}
	for range 100 {
		f.wantKey(t, issued(1))
	}
	if n := s.called(); n != 1 {
		t.Errorf("%d calls of STS", n)
	}
}

func TestTheConfigurationGoesBeforeTheInjectedVariables(t *testing.T) {
	s := newSTS(t)
	s.set(func(s *sts) { s.token = "mine" })
	file := filepath.Join(write(t, "token", "mine"), "token")
	f := open(t, config.Credentials{
		Type: config.TypeOIDCRoleARN, RoleARN: otherRole, OIDCProviderARN: podProvider + "1", OIDCTokenFile: file, STSEndpoint: publicSTS,
	}, env(envRoleARN, podRole, envProviderARN, podProvider, envTokenFile, "/nowhere", "ALIBABA_CLOUD_STS_ENDPOINT", "sts.invalid",
		"ALIBABA_CLOUD_ROLE_SESSION_NAME", "pod-7"))
	f.wantKey(t, issued(1))
	call := s.last(t)
	got := []string{call.Get("RoleArn"), call.Get("OIDCProviderArn"), call.Get("RoleSessionName")}
	if want := []string{otherRole, podProvider + "1", "pod-7"}; fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("asked for %v, want %v", got, want)
	}
}

// The token rotates and the role's keys expire ten times in a row, while callers never cease. Every key that STS gives
// here is due at once for the library, so that every call of the library is one of STS.
func TestRotationUnderLoad(t *testing.T) {
	f, s, tokenFile := pod(t)
	s.set(func(s *sts) { s.life = goodFor })
	f.mustKey(t)

	stop := make(chan struct{})
	var failures atomic.Int64
	var load sync.WaitGroup
	for range 8 {
		load.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if _, err := f.Key(t.Context()); err != nil {
					failures.Add(1)
				}
			}
		})
	}
	for i := 1; i <= 10; i++ {
		token := fmt.Sprintf("token-%d", i)
		// As the kubelet does: the new token is there before the old one ends, and replaces it at once.
		replace(t, tokenFile, token)
		s.set(func(s *sts) { s.token = token })
		f.clock.add(goodFor)
		everybody(t, 100, func() error {
			k, err := f.Key(t.Context())
			if err == nil && k != issued(i+1) {
				err = fmt.Errorf("an expired key: %s after %d expiries", k.ID, i)
			}
			return err
		})
		if n := s.called(); n != i+1 {
			t.Fatalf("%d calls of STS for %d expiries", n, i)
		}
	}
	close(stop)
	load.Wait()
	if n := failures.Load(); n != 0 {
		t.Errorf("%d calls failed", n)
	}
	if text := f.log.String(); text != "" {
		t.Errorf("logged: %s", text)
	}
}

// replace swaps a file's content at once.
func replace(t *testing.T, name, content string) {
	t.Helper()
	rewrite(t, name+".new", content)
	rename(t, name+".new", name)
}

func TestRenewingAheadIsNotWaitedFor(t *testing.T) {
	f, s, _ := pod(t)
	s.set(func(s *sts) { s.life = goodFor })
	f.wantKey(t, issued(1))
	hang := newGate(t)
	s.set(func(s *sts) { s.before = hang.wait })

	f.clock.add(askAfter - time.Second)
	f.wantKey(t, issued(1))
	f.idle()
	if n := s.called(); n != 1 {
		t.Fatalf("%d calls of STS for a key of 9 s", n)
	}
	f.clock.add(time.Second)
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
	s.set(func(s *sts) { s.life = goodFor })
	f.wantKey(t, issued(1))
	s.set(func(s *sts) { s.fault = stsError(http.StatusBadRequest, "Throttling.User") })

	const warning = `level=warn account=main msg="the key could not be renewed; the one in force is good for some minutes" ` +
		`err="STS AssumeRoleWithOIDC: Throttling.User; STS is being asked too often"` + "\n"
	for range 17 { // to 170 s
		f.clock.add(10 * time.Second)
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

	f.clock.add(10 * time.Second)
	const failure = "STS AssumeRoleWithOIDC: Throttling.User; STS is being asked too often"
	for range 3 {
		f.wantError(t, failure) // no stale key
	}
	s.set(func(s *sts) { s.fault = nil })
	f.mustKey(t)
	if got, want := f.log.String(), warning+"level=info account=main msg=\"the key can be renewed again\"\n"; got != want {
		t.Errorf("logged:\n%swant:\n%s", got, want)
	}
}

// Failed attempts in the background are spaced, however many requests there are.
func TestFailingRenewalDoesNotHammer(t *testing.T) {
	f, s, _ := pod(t)
	s.set(func(s *sts) { s.life = goodFor })
	f.mustKey(t)
	s.set(func(s *sts) { s.fault = say(http.StatusInternalServerError, "") })
	f.clock.add(time.Minute)
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

	s.set(func(s *sts) { s.fault = say(http.StatusBadGateway, "<html>") })
	if _, err := f.Renew(t.Context(), issued(2)); err == nil || err.Error() != "STS AssumeRoleWithOIDC: the answer holds no usable key" {
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
			s.set(func(s *sts) { s.life = goodFor })
			f.wantKey(t, issued(1))
			hang := newGate(t)
			s.set(func(s *sts) { s.before, s.fault = hang.wait, fault })
			f.clock.add(askAfter)
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
			s.set(func(s *sts) { s.fault = nil })
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
	s.set(func(s *sts) { s.life = goodFor })
	f.wantKey(t, issued(1))
	f.Close()
	f.clock.add(time.Minute)
	f.wantKey(t, issued(1))
	f.idle()
	if n := s.called(); n != 1 {
		t.Errorf("%d calls of STS", n)
	}
	f.clock.add(goodFor)
	f.wantKey(t, issued(2)) // a scrape that is still running gets its key
}

// Who found the key too old, or had it refused, but comes when another's flight has landed takes that one's key.
func TestLateComersStartNoCall(t *testing.T) {
	f, s, _ := pod(t)
	s.set(func(s *sts) { s.life = goodFor })
	f.wantKey(t, issued(1))
	for name, fl := range map[string]*flight{
		"too old": f.start(false, ossvapi.Key{}),
		"refused": f.start(true, ossvapi.Key{ID: "STS.example0"}),
	} {
		if k, err := fl.await(t.Context()); err != nil || k != issued(1) {
			t.Errorf("%s: %v, %v", name, k, err)
		}
	}
	if n := s.called(); n != 1 {
		t.Errorf("%d calls of STS", n)
	}
}

func TestRRSAThatIsIncomplete(t *testing.T) {
	s := newSTS(t)
	theWorld.host(t, metadataHost, say(http.StatusOK, ""))
	full, _ := podEnv(t)
	const missing = "RRSA: neither credentials.%s nor %s is set: " +
		"are the namespace's label and the service account's annotation for the injection there?"
	for _, one := range [][]string{full[:2], full[2:4], full[4:]} {
		f := open(t, config.Credentials{Type: config.TypeDefault}, env(append(slices.Clip(one), "ALIBABA_CLOUD_CREDENTIALS_URI", "http://x")...))
		if d := f.Describe(); !strings.HasPrefix(d, "RRSA, which fails: RRSA: neither credentials.") {
			t.Errorf("%s alone: %s", one[0], d)
		}
	}
	for want, getenv := range map[string]func(string) string{
		fmt.Sprintf(missing, "role_arn", envRoleARN):              env(full[2:]...),
		fmt.Sprintf(missing, "oidc_provider_arn", envProviderARN): env(append(full[:2:2], full[4:]...)...),
		fmt.Sprintf(missing, "oidc_token_file", envTokenFile):     env(full[:4]...),
		"RRSA: ALIBABA_CLOUD_OIDC_TOKEN is set and would be used in place of the token file: unset it": env(
			append(full, "ALIBABA_CLOUD_OIDC_TOKEN", "x")...),
		"ALIBABA_CLOUD_STS_ENDPOINT is not a host name, as in sts-vpc.cn-hangzhou.aliyuncs.com": env(
			append(full, "ALIBABA_CLOUD_STS_ENDPOINT", "http://sts")...),
		"RRSA: the OIDC token file does not exist": env(append(full[:5:5], "/nowhere/token")...),
	} {
		f := open(t, config.Credentials{Type: config.TypeDefault}, getenv)
		f.wantError(t, want)
		if d := f.Describe(); strings.Contains(d, "LTAI") || len(d) > maxText {
			t.Errorf("Describe = %s", d)
		}
	}
	if n := s.called() + theWorld.asked(metadataHost); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestAnEmptyTokenFileIsNotSent(t *testing.T) {
	f, s, tokenFile := pod(t)
	rewrite(t, tokenFile, "\n")
	f.wantError(t, "RRSA: the OIDC token file is empty")
	if n := s.called(); n != 0 {
		t.Errorf("%d calls of STS", n)
	}
}
