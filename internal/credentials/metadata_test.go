package credentials

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	promconfig "github.com/prometheus/common/config"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

// metadata is a simulated instance metadata service in hardened mode: nothing without a session's token.
type metadata struct {
	mu       sync.Mutex
	role     string
	fault    map[string]http.HandlerFunc // by method and path
	requests []string
}

func newMetadata(t *testing.T) *metadata {
	t.Helper()
	m := &metadata{role: "node-role", fault: map[string]http.HandlerFunc{}}
	theWorld.host(t, metadataHost, m)
	return m
}

func (m *metadata) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	const token, roles = "/latest/api/token", "/latest/meta-data/ram/security-credentials/"
	m.mu.Lock()
	defer m.mu.Unlock()
	what := r.Method + " " + r.URL.Path
	m.requests = append(m.requests, what)
	if fault := m.fault[what]; fault != nil {
		fault(w, r)
		return
	}
	switch {
	case r.Method == http.MethodPut && r.URL.Path == token && r.Header.Get("X-aliyun-ecs-metadata-token-ttl-seconds") != "":
		say(http.StatusOK, "session-token")(w, r)
	case r.Header.Get("X-Aliyun-Ecs-Metadata-Token") != "session-token":
		say(http.StatusForbidden, "<html>403 - Forbidden</html>")(w, r)
	case r.URL.Path == roles:
		say(http.StatusOK, m.role)(w, r)
	case r.URL.Path == roles+m.role:
		answer(w, http.StatusOK, map[string]string{
			"Code": "Success", "AccessKeyId": keyA.ID, "AccessKeySecret": keyA.Secret, "SecurityToken": "node-token",
			"LastUpdated": "2023-01-01T00:00:00Z", "Expiration": time.Now().Add(time.Hour).UTC().Format("2006-01-02T15:04:05Z"),
		})
	default:
		say(http.StatusNotFound, "<html>404 - Not Found</html>")(w, r)
	}
}

// set has a request, by method and path, answered otherwise; nil: as usual.
func (m *metadata) set(what string, h http.HandlerFunc) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.fault[what] = h
}

// asked is every request so far.
func (m *metadata) asked() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.requests)
}

// nodeKey is the key of the instance's role.
var nodeKey = ossvapi.Key{ID: keyA.ID, Secret: keyA.Secret, Token: "node-token"}

func TestECSRole(t *testing.T) {
	for name, c := range map[string]struct {
		role string
		env  []string
		text string
	}{
		"named by the configuration": {"node-role", nil, "the ECS instance's role node-role"},
		"named by the environment":   {"", []string{"ALIBABA_CLOUD_ECS_METADATA", "node-role"}, "the ECS instance's role node-role"},
		"named by the service":       {"", nil, "the ECS instance's role"},
	} {
		t.Run(name, func(t *testing.T) {
			m := newMetadata(t)
			f := open(t, config.Credentials{Type: config.TypeECSRAMRole, RoleName: c.role}, env(c.env...))
			f.wantKey(t, nodeKey)
			if got, want := f.Describe(), c.text; got != want {
				t.Errorf("Describe = %q, want %q", got, want)
			}
			if m.asked()[0] != "PUT /latest/api/token" {
				t.Errorf("requests: %q", m.asked())
			}
		})
	}
}

// Without the session's token the first version of the service would answer any request: it is not used.
func TestECSRoleIsAskedInHardenedModeOnly(t *testing.T) {
	const roleRequest = "GET /latest/meta-data/ram/security-credentials/node-role"
	for want, faults := range map[string]map[string]http.HandlerFunc{
		"HTTP status 403 without an error code (text/plain, 11 bytes)": {"PUT /latest/api/token": say(http.StatusForbidden, "secret body")},
		"HTTP status 404 without an error code (text/plain, 11 bytes); is a RAM role attached to the instance, and is it the one that is configured?": {
			roleRequest: say(http.StatusNotFound, "secret body")},
		"the answer holds no usable key: it is not the JSON that it should be": {roleRequest: say(http.StatusOK, "secret body")},
	} {
		m := newMetadata(t)
		m.fault = faults
		f := open(t, config.Credentials{Type: config.TypeECSRAMRole, RoleName: "node-role"}, nil)
		f.wantError(t, metadataName+": "+want)
		for i, r := range m.asked() {
			if i == 0 && r != "PUT /latest/api/token" || strings.Contains(want, "HTTP status 403") && i > 0 {
				t.Errorf("requests: %q", m.asked())
			}
		}
		m.mu.Lock()
		m.fault = nil
		m.mu.Unlock()
		f.wantKey(t, nodeKey)
	}
}

// No proxy is asked for the metadata: it would be the proxy's instance that answers. Nor does what the metadata call a role
// become any path.
func TestECSRoleIsAskedDirectly(t *testing.T) {
	m := newMetadata(t)
	proxy := func(*http.Request) (*url.URL, error) { return nil, errors.New("a proxy is asked for") }
	k := New(config.Credentials{Type: config.TypeECSRAMRole}, Options{Proxy: proxy, dial: theWorld.dial})
	if _, err := k.Key(t.Context()); err != nil {
		t.Error(err)
	}
	m.role = "../../user-data"
	f := open(t, config.Credentials{Type: config.TypeECSRAMRole}, nil)
	f.wantError(t, metadataName+": the answer is not the name of a role")
}

func ecsAnswer(secret string) string {
	data, err := json.Marshal(map[string]string{
		"Code": "Success", "AccessKeyId": keyA.ID, "AccessKeySecret": secret, "SecurityToken": "t", "Expiration": "2999-01-01T00:00:00Z",
	})
	if err != nil {
		panic(err)
	}
	return string(data)
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

func TestECSRoleRefusals(t *testing.T) {
	m := newMetadata(t)
	f := open(t, config.Credentials{Type: config.TypeECSRAMRole}, env("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true"))
	f.wantError(t, "the instance metadata is switched off by ALIBABA_CLOUD_ECS_METADATA_DISABLED")
	if len(m.asked()) > 0 {
		t.Errorf("requests: %q", m.asked())
	}
	for _, role := range []string{"../../secret", "secret/role"} {
		f := open(t, config.Credentials{Type: config.TypeECSRAMRole}, env("ALIBABA_CLOUD_ECS_METADATA", role))
		f.wantError(t, "credentials.role_name or ALIBABA_CLOUD_ECS_METADATA is not the name of a role (a name, not an ARN)")
	}
}

const uriHost = "keys.example.com"

func TestCredentialsURI(t *testing.T) {
	const uri = "http://" + uriHost + "/keys?token=uri-secret"
	secrets := []string{"uri-secret", keyA.ID, keyA.Secret, "secret body"}
	theWorld.host(t, uriHost, say(http.StatusOK, ecsAnswer(keyA.Secret)))
	for name, f := range map[string]fixture{
		"by type":        open(t, config.Credentials{Type: config.TypeCredentialsURI, URI: promconfig.Secret(uri)}, nil),
		"by environment": open(t, config.Credentials{Type: config.TypeDefault}, env("ALIBABA_CLOUD_CREDENTIALS_URI", uri)),
	} {
		t.Run(name, func(t *testing.T) {
			want := ossvapi.Key{ID: keyA.ID, Secret: keyA.Secret, Token: "t"}
			f.wantKey(t, want)
			if got, want := f.Describe(), "the credentials URI at keys.example.com"; got != want {
				t.Errorf("Describe = %q, want %q", got, want)
			}
			_, err := f.Renew(t.Context(), want)
			if err == nil || err.Error() != "the service refused the key, and the credentials URI at keys.example.com has no other: "+
				"replace it there, and reload if it is in the configuration" {
				t.Errorf("Renew: %v", err)
			}
		})
	}
	theWorld.host(t, uriHost, say(http.StatusOK, ecsAnswer("secret body")))
	f := open(t, config.Credentials{Type: config.TypeCredentialsURI, URI: promconfig.Secret(uri)}, nil)
	_, err := f.Key(t.Context())
	wantNoSecret(t, secrets, errorText(err), f.Describe(), f.log.String())
	if err == nil {
		t.Error("a key with a blank in it is taken")
	}
}

func TestCredentialsURIThatIsNone(t *testing.T) {
	for _, uri := range []string{"", "uri-secret", "ftp://uri-secret", "http:///uri-secret", "http://uri-secret\x7f", "://uri-secret"} {
		open(t, config.Credentials{Type: config.TypeCredentialsURI, URI: promconfig.Secret(uri)}, nil).
			wantError(t, "credentials.uri is not a URL with http or https and a host")
		if uri == "" {
			continue
		}
		f := open(t, config.Credentials{Type: config.TypeDefault}, env("ALIBABA_CLOUD_CREDENTIALS_URI", uri))
		f.wantError(t, "ALIBABA_CLOUD_CREDENTIALS_URI is not a URL with http or https and a host")
	}
}

// The order of the default sources, each of which hides what comes after it, failing or not.
func TestOrderOfTheDefaultSources(t *testing.T) {
	newMetadata(t)
	rrsa, _ := podEnv(t)
	home := t.TempDir()
	if err := os.Mkdir(filepath.Join(home, ".aliyun"), 0o700); err != nil {
		t.Fatal(err)
	}
	rewrite(t, filepath.Join(home, ".aliyun", "config.json"), "broken")
	present := []string{"ALIBABA_CLOUD_ECS_METADATA", "node-role"}
	for _, c := range []struct { // the last comes first
		text string
		env  []string
	}{
		{"none found", nil},
		{"the credentials URI at keys.example.com", []string{"ALIBABA_CLOUD_CREDENTIALS_URI", "http://" + uriHost}},
		{"the CLI's profile file", []string{"HOME", home}},
		{"role " + podRole + " by RRSA", rrsa},
		{"the key LTAI... of the environment variable OSS_ACCESS_KEY_ID", []string{"OSS_ACCESS_KEY_ID", keyA.ID, "OSS_ACCESS_KEY_SECRET", "x"}},
		{"the key LTAI... of the environment variable ALIBABA_CLOUD_ACCESS_KEY_ID",
			[]string{"ALIBABA_CLOUD_ACCESS_KEY_ID", keyA.ID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "x"}},
	} {
		present = append(present, c.env...)
		if got := open(t, config.Credentials{Type: config.TypeDefault}, env(present...)).Describe(); got != c.text {
			t.Errorf("Describe = %q, want %q", got, c.text)
		}
	}
	_, err := open(t, config.Credentials{Type: config.TypeDefault}, env(present[:2]...)).Key(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "no credentials: none of ") ||
		!strings.HasSuffix(err.Error(), "set credentials.type, then reload (a variable needs a restart)") || len(err.Error()) > 300 {
		t.Errorf("without a source: %v", err)
	}
	if n := theWorld.asked(metadataHost); n != 0 {
		t.Errorf("%d requests to the instance metadata", n)
	}
}
