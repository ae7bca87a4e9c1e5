package credentials

import (
	"path/filepath"
	"testing"

	"ossvector_exporter/internal/config"
)

// What can be told without a call is told by Check, in the words of Key, and nothing is asked.
func TestCheck(t *testing.T) {
	s := newSTS(t)
	rrsa, tokenFile := podEnv(t)
	dir := write(t, "id", keyA.ID, "secret", keyA.Secret, "broken", "{", "token", "token-0")
	cli := func(name string) []string { return []string{"ALIBABA_CLOUD_CONFIG_FILE", filepath.Join(dir, name)} }
	files := fileCredentials(write(t, "id", keyA.ID, "secret", keyA.Secret))
	halfFiles := fileCredentials(write(t, "id", keyA.ID))
	for name, c := range map[string]struct {
		config config.Credentials
		env    []string
		ok     bool
	}{
		"nothing":           {config.Credentials{}, nil, false},
		"half a key":        {config.Credentials{}, []string{"OSS_ACCESS_KEY_ID", "x"}, false},
		"a key":             {config.Credentials{}, []string{"OSS_ACCESS_KEY_ID", "x", "OSS_ACCESS_KEY_SECRET", "y"}, true},
		"half of RRSA":      {config.Credentials{}, rrsa[:2], false},
		"RRSA":              {config.Credentials{}, rrsa, true},
		"no token file":     {config.Credentials{}, append(rrsa[:4:4], config.EnvOIDCTokenFile, tokenFile+"0"), false},
		"key files":         {files, nil, true},
		"a key file less":   {halfFiles, nil, false},
		"no profile file":   {config.Credentials{}, cli("none"), false},
		"a broken one":      {config.Credentials{}, cli("broken"), false},
		"credentials URI":   {config.Credentials{Type: config.TypeCredentialsURI, URI: "http://" + uriHost}, nil, true},
		"an instance's":     {config.Credentials{Type: config.TypeECSRAMRole}, nil, true},
		"role on top of it": {config.Credentials{Type: config.TypeECSRAMRole, AssumeRole: assume}, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			f := open(t, c.config, env(c.env...))
			err := f.Check()
			if (err == nil) != c.ok {
				t.Fatalf("Check: %v", err)
			}
			if err != nil {
				f.wantError(t, err.Error())
			}
		})
	}
	if n := s.called(); n != 0 {
		t.Errorf("%d calls of STS", n)
	}
}
