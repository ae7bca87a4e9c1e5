package credentials

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"ossvector_exporter/internal/config"
)

// pod is a source in a pod with RRSA, and the STS that it asks.
func pod(t *testing.T) (fixture, *stsServer, string) {
	t.Helper()
	s := newSTS(t)
	pairs, tokenFile := podEnv(t)
	return open(t, config.Credentials{Type: config.TypeDefault}, env(pairs...)), s, tokenFile
}

// loaded is an account's credentials section as the configuration reads it in a pod with this environment.
func loaded(t *testing.T, section string, pairs []string) config.Credentials {
	t.Helper()
	text := "accounts:\n- name: main\n  regions: [cn-hangzhou]\n  credentials:\n    " + strings.ReplaceAll(section, "\n", "\n    ")
	c, err := config.Load(strings.NewReader(text), config.Options{Getenv: env(pairs...)})
	if err != nil {
		t.Fatal(err)
	}
	return c.Accounts[0].Credentials
}

func TestPodWithRRSA(t *testing.T) {
	f, s, _ := pod(t)
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
	s.set(func(s *stsServer) { s.token = "mine" })
	file := filepath.Join(write(t, "token", "mine"), "token")
	f := open(t, config.Credentials{
		Type: config.TypeOIDCRoleARN, RoleARN: otherRole, OIDCProviderARN: podProvider + "1", OIDCTokenFile: file, STSEndpoint: publicSTS,
	}, env(config.EnvRoleARN, podRole, config.EnvOIDCProviderARN, podProvider, config.EnvOIDCTokenFile, "/nowhere", "ALIBABA_CLOUD_STS_ENDPOINT", "sts.invalid",
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
	s.set(func(s *stsServer) { s.life = goodFor })
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
		s.set(func(s *stsServer) { s.token = token })
		f.age(goodFor)
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
		fmt.Sprintf(missing, "role_arn", config.EnvRoleARN):                  env(full[2:]...),
		fmt.Sprintf(missing, "oidc_provider_arn", config.EnvOIDCProviderARN): env(append(full[:2:2], full[4:]...)...),
		fmt.Sprintf(missing, "oidc_token_file", config.EnvOIDCTokenFile):     env(full[:4]...),
		"ALIBABA_CLOUD_STS_ENDPOINT is not a host name, as in sts-vpc.cn-hangzhou.aliyuncs.com": env(
			append(full, "ALIBABA_CLOUD_STS_ENDPOINT", "http://sts")...),
		"the OIDC token file, /nowhere/token, does not exist": env(append(full[:5:5], "/nowhere/token")...),
	} {
		f := open(t, config.Credentials{Type: config.TypeDefault}, getenv)
		f.wantError(t, want)
		if d := f.Describe(); strings.Contains(d, "LTAI") {
			t.Errorf("Describe = %s", d)
		}
	}
	if n := s.called() + theWorld.asked(metadataHost); n != 0 {
		t.Errorf("%d requests", n)
	}
}

func TestSTSThatCannotBeTrustedOrReached(t *testing.T) {
	stranger := httptest.NewTLSServer(say(http.StatusOK, ""))
	stranger.Config.ErrorLog = log.New(io.Discard, "", 0)
	gone := httptest.NewServer(nil)
	gone.Close()
	t.Cleanup(stranger.Close)
	pairs, _ := podEnv(t)
	for want, url := range map[string]string{
		" has a TLS certificate that is not trusted":          stranger.URL,
		" refused the connection; is it reachable from here?": gone.URL,
		" does not resolve (DNS)":                             "sts-vpc.cn-hangzhou.invalid",
	} {
		endpoint := strings.TrimPrefix(strings.TrimPrefix(url, "https://"), "http://")
		f := open(t, loaded(t, "type: oidc_role_arn\nsts_endpoint: "+endpoint, pairs), nil)
		f.wantError(t, "STS at "+endpoint+want)
	}
}

// A proxy that cannot be reached, or refuses, is named; so is the account's own in place of the environment's.
func TestProxiesOfSTS(t *testing.T) {
	refusing := httptest.NewServer(say(http.StatusProxyAuthRequired, "secret body"))
	gone := httptest.NewServer(nil)
	gone.Close()
	t.Cleanup(refusing.Close)
	newSTS(t)
	pairs, _ := podEnv(t)
	for _, c := range []struct{ proxy, want string }{
		{refusing.URL, " does not connect to STS at sts.aliyuncs.com: HTTP status 407"},
		{gone.URL, " on the way to STS at sts.aliyuncs.com refused the connection; is it reachable from here?"},
	} {
		u, err := url.Parse(strings.Replace(c.proxy, "http://", "http://user:proxy-secret@", 1))
		if err != nil {
			t.Fatal(err)
		}
		k := New(config.Credentials{}, Options{Getenv: env(pairs...), Proxy: http.ProxyURL(u)})
		if _, err = k.Key(t.Context()); err == nil || err.Error() != "the proxy "+u.Host+c.want {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
	}
}
