package credentials

// Each test here shows what the bare library does, and that it does not come through this package.

import (
	"context"
	"errors"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aliyun/credentials-go/credentials/providers"

	"ossvector_exporter/internal/config"
)

// childEndpoint makes a process of this test binary the child of TestConcurrentUse.
const childEndpoint = "CREDENTIALS_TEST_CHILD_ENDPOINT"

// podEnv is the environment of a pod with RRSA, and its token file.
func podEnv(t *testing.T) (pairs []string, tokenFile string) {
	t.Helper()
	tokenFile = filepath.Join(write(t, "token", "token-0"), "token")
	return []string{config.EnvRoleARN, podRole, config.EnvOIDCProviderARN, podProvider, config.EnvOIDCTokenFile, tokenFile}, tokenFile
}

// setenv puts pairs into the environment of the process, for the bare library.
func setenv(t *testing.T, pairs []string) {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	for i := 0; i < len(pairs); i += 2 {
		t.Setenv(pairs[i], pairs[i+1])
	}
}

// bareOIDC is the library's own provider of the pod's role.
func bareOIDC(t *testing.T, tokenFile, endpoint string) providers.CredentialsProvider {
	t.Helper()
	p, err := providers.NewOIDCCredentialsProviderBuilder().WithRoleArn(podRole).WithOIDCProviderARN(podProvider).
		WithOIDCTokenFilePath(tokenFile).WithSTSEndpoint(endpoint).Build()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestStickyChain(t *testing.T) {
	pairs, _ := podEnv(t)
	setenv(t, pairs)
	s := newSTS(t)
	s.set(func(s *sts) { s.fault = say(http.StatusServiceUnavailable, "") })
	theWorld.host(t, metadataHost, say(http.StatusNotFound, ""))

	bare := providers.NewDefaultCredentialsProvider()
	if _, err := bare.GetCredentials(); err == nil {
		t.Fatal("the bare chain has a key without STS")
	}
	if theWorld.asked(metadataHost) == 0 {
		t.Fatal("the bare chain did not ask the instance metadata: the hazard is gone")
	}
	theWorld.host(t, metadataHost, say(http.StatusNotFound, "")) // counts from 0

	ours := open(t, config.Credentials{Type: config.TypeDefault}, os.Getenv)
	ours.wantError(t, "STS AssumeRoleWithOIDC: the answer holds no usable key")
	s.set(func(s *sts) { s.fault = nil })
	ours.mustKey(t)
	if n := theWorld.asked(metadataHost); n != 0 {
		t.Errorf("%d requests to the instance metadata", n)
	}
	if _, err := bare.GetCredentials(); err == nil {
		t.Error("the bare chain came back to RRSA: the hazard is gone")
	}
}

// child is the other process of TestConcurrentUse: many goroutines on one provider of the library's.
func child() {
	p, err := providers.NewOIDCCredentialsProviderBuilder().WithRoleArn(podRole).WithOIDCProviderARN(podProvider).
		WithOIDCTokenFilePath(os.Getenv("CREDENTIALS_TEST_CHILD_TOKEN")).WithSTSEndpoint(os.Getenv(childEndpoint)).Build()
	if err != nil {
		panic(err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { _, _ = p.GetCredentials() })
	}
	wg.Wait()
}

// A data race cannot be shown in the process of the test, which would fail by it; the detector is in the child too if
// it is here.
func TestConcurrentUse(t *testing.T) {
	s := newSTS(t)
	pairs, tokenFile := podEnv(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), childEndpoint+"="+publicSTS, "CREDENTIALS_TEST_CHILD_TOKEN="+tokenFile)
	// All callers are inside before the first is answered, as in a scrape.
	barrier := newGate(t)
	s.set(func(s *sts) { s.before = barrier.wait })
	go func() {
		for range 4 {
			<-barrier.entered
		}
		barrier.open()
	}()
	out, err := cmd.CombinedOutput()
	if s.called() != 4 {
		t.Fatalf("the bare library called STS %d times for 4 callers: %v %s", s.called(), err, out)
	}
	if raceEnabled && !strings.Contains(string(out), "DATA RACE") {
		t.Errorf("no data race in the bare library: the hazard is gone\n%s", out)
	}

	s.set(func(s *sts) { s.before, s.calls = nil, nil })
	ours := open(t, config.Credentials{Type: config.TypeDefault}, env(pairs...))
	everybody(t, 100, func() error { _, err := ours.Key(t.Context()); return err })
	if n := s.called(); n != 1 {
		t.Errorf("%d calls of STS for 100 callers", n)
	}
}

// everybody calls f in n goroutines at once and fails for the first error.
func everybody(t *testing.T, n int, f func() error) {
	t.Helper()
	errs := make(chan error, n)
	start := make(chan struct{})
	for range n {
		go func() {
			<-start
			errs <- f()
		}()
	}
	close(start)
	var first error
	for range n {
		if err := <-errs; first == nil {
			first = err
		}
	}
	if first != nil {
		t.Fatal(first)
	}
}

func TestBlockingWithoutAContext(t *testing.T) {
	s := newSTS(t)
	pairs, tokenFile := podEnv(t)
	hang := newGate(t)
	s.set(func(s *sts) { s.before = hang.wait })

	ours := open(t, config.Credentials{Type: config.TypeDefault}, env(pairs...))
	t.Cleanup(hang.open)
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-hang.entered; cancel() }()
	if _, err := ours.Key(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("Key = %v, want the context's error", err)
	}

	bare := make(chan struct{})
	go func() { defer close(bare); _, _ = bareOIDC(t, tokenFile, publicSTS).GetCredentials() }()
	<-hang.entered
	select {
	case <-bare:
		t.Error("the bare library gave up: the hazard is gone")
	default:
	}
	hang.open()
	<-bare
	if k := ours.mustKey(t); k != issued(1) {
		t.Errorf("the flight that was left alone came to nothing: %v", k)
	}
}

func TestFileContentsInErrors(t *testing.T) {
	secrets := []string{"LTAIexampleA", "secret-of-A"}
	const broken = `{"current": "x", "profiles": [{"name": "x", "mode": "AK", "access_key_id": "LTAIexampleA", "access_key_secret": "secret-of-A"`
	file := filepath.Join(write(t, "config.json", broken), "config.json")
	bare, err := providers.NewCLIProfileCredentialsProviderBuilder().WithProfileFile(file).Build()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bare.GetCredentials(); err == nil || !strings.Contains(err.Error(), secrets[1]) {
		t.Errorf("the bare library's error has no secret in it, the hazard is gone: %v", err)
	}

	ours := open(t, config.Credentials{Type: config.TypeDefault}, env("ALIBABA_CLOUD_CONFIG_FILE", file))
	_, err = ours.Key(t.Context())
	if err == nil {
		t.Fatal("a broken file gives a key")
	}
	_, again := ours.Renew(t.Context(), keyB)
	wantNoSecret(t, secrets, err.Error(), again.Error(), ours.Describe(), ours.log.String())
}

func TestResponseBodiesInErrors(t *testing.T) {
	s := newSTS(t)
	s.set(func(s *sts) { s.fault = stsError(http.StatusUnauthorized, "AuthenticationFail.NoPermission") })
	pairs, tokenFile := podEnv(t)
	const secret = "the-service's-secret"
	if _, err := bareOIDC(t, tokenFile, publicSTS).GetCredentials(); err == nil || !strings.Contains(err.Error(), secret) {
		t.Errorf("the bare library's error has no response in it, the hazard is gone: %v", err)
	}
	ours := open(t, config.Credentials{Type: config.TypeDefault}, env(pairs...))
	ours.wantError(t, "STS AssumeRoleWithOIDC: AuthenticationFail.NoPermission; "+
		"do the role's trust policy and the OIDC provider fit this service account?")
}

func TestAnswersThatPanic(t *testing.T) {
	s := newSTS(t)
	s.set(func(s *sts) {
		s.fault = say(http.StatusOK, `{"Credentials": {"AccessKeyId": "STS.x", "AccessKeySecret": "y", "SecurityToken": "z"}}`)
	})
	pairs, tokenFile := podEnv(t)
	func() {
		defer func() {
			if recover() == nil {
				t.Error("the bare library does not panic: the hazard is gone")
			}
		}()
		_, _ = bareOIDC(t, tokenFile, publicSTS).GetCredentials()
	}()
	ours := open(t, config.Credentials{Type: config.TypeDefault}, env(pairs...))
	ours.wantError(t, "STS AssumeRoleWithOIDC: the answer lacks a part, such as the expiry")
}

// A profile with half a key must not become the key of the environment.
func TestGapsFilledFromTheEnvironment(t *testing.T) {
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", keyB.ID)
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", keyB.Secret)
	const half = `{"current": "x", "profiles": [{"name": "x", "mode": "AK"}]}`
	file := filepath.Join(write(t, "config.json", half), "config.json")
	bare, err := providers.NewCLIProfileCredentialsProviderBuilder().WithProfileFile(file).Build()
	if err != nil {
		t.Fatal(err)
	}
	if c, err := bare.GetCredentials(); err != nil || c.AccessKeyId != keyB.ID {
		t.Errorf("the bare library does not take the environment's key, the hazard is gone: %v", err)
	}
	ours := open(t, config.Credentials{Type: config.TypeDefault}, env("ALIBABA_CLOUD_CONFIG_FILE", file))
	ours.wantError(t, "the CLI's profile: the access key id is empty")
}
