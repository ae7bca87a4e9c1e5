package credentials

import (
	"testing"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

func TestDefaultTakesTheKeyOfTheEnvironment(t *testing.T) {
	const ali, oss = "ALIBABA_CLOUD_ACCESS_KEY_", "OSS_ACCESS_KEY_"
	for name, c := range map[string]struct {
		env  []string
		want ossvapi.Key
		text string
	}{
		"with a token": {
			[]string{ali + "ID", keyA.ID, ali + "SECRET", keyA.Secret, "ALIBABA_CLOUD_SECURITY_TOKEN", "t"},
			ossvapi.Key{ID: keyA.ID, Secret: keyA.Secret, Token: "t"},
			"the key LTAI... of the environment variable ALIBABA_CLOUD_ACCESS_KEY_ID",
		},
		"the service's": {
			[]string{oss + "ID", "short", oss + "SECRET", keyB.Secret, "OSS_SESSION_TOKEN", "t"},
			ossvapi.Key{ID: "short", Secret: keyB.Secret, Token: "t"},
			"the key ... of the environment variable OSS_ACCESS_KEY_ID",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, config.Credentials{Type: config.TypeDefault}, env(c.env...))
			s.wantKey(t, c.want)
			if got := s.Describe(); got != c.text {
				t.Errorf("Describe = %q, want %q", got, c.text)
			}
		})
	}
}

// Half a key is the configured source all the same: the whole one behind it belongs to somebody else.
func TestDefaultDoesNotFallThroughHalfAKey(t *testing.T) {
	s := open(t, config.Credentials{Type: config.TypeDefault}, env(
		"ALIBABA_CLOUD_ACCESS_KEY_ID", keyA.ID, "OSS_ACCESS_KEY_ID", keyB.ID, "OSS_ACCESS_KEY_SECRET", keyB.Secret))
	const want = "ALIBABA_CLOUD_ACCESS_KEY_ID, ALIBABA_CLOUD_ACCESS_KEY_SECRET: the access key secret is empty"
	s.wantError(t, want)
	if _, err := s.Renew(t.Context(), keyA); err == nil || err.Error() != want {
		t.Errorf("Renew: %v", err)
	}
}
