package credentials

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"ossvector_exporter/internal/config"
)

// podEnv is the environment of a pod with RRSA, and its token file.
func podEnv(t *testing.T) (pairs []string, tokenFile string) {
	t.Helper()
	tokenFile = filepath.Join(write(t, "token", "token-0"), "token")
	return []string{config.EnvRoleARN, podRole, config.EnvOIDCProviderARN, podProvider, config.EnvOIDCTokenFile, tokenFile}, tokenFile
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

func TestCallersDoNotWaitLongerThanTheirContext(t *testing.T) {
	f, s, _ := pod(t)
	hang := newGate(t)
	s.set(func(s *stsServer) { s.before = hang.wait })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-hang.entered; cancel() }()
	if _, err := f.Key(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("Key = %v, want the context's error", err)
	}
	hang.open()
	f.idle()
	f.wantKey(t, issued(1)) // of the call that was left alone
	if n := s.called(); n != 1 {
		t.Errorf("%d calls of STS", n)
	}
}

// What the service says of a refusal may hold anything, and never the next source is tried.
func TestARefusalIsNotQuotedNorPassedOver(t *testing.T) {
	f, s, _ := pod(t)
	newMetadata(t)
	s.set(func(s *stsServer) { s.fault = stsError(401, "AuthenticationFail.NoPermission") })
	f.wantError(t, "STS at sts.aliyuncs.com: AssumeRoleWithOIDC: AuthenticationFail.NoPermission; "+
		"do the role's trust policy and the OIDC provider fit this service account?")
	if n := theWorld.asked(metadataHost); n != 0 {
		t.Errorf("%d requests to the instance metadata", n)
	}
	s.set(func(s *stsServer) { s.fault = nil })
	f.mustKey(t)
}
