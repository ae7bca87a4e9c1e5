package credentials

import (
	"encoding/json"
	"fmt"
	"net/http"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"

	"ossvector_exporter/internal/config"
)

// recorder answers every request of a source with a key, and remembers what it was asked.
type recorder struct {
	mu    sync.Mutex
	asked strings.Builder
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var body strings.Builder
	_ = req.ParseForm()
	if req.Header.Get("Content-Type") == "application/json" {
		var v any
		_ = json.NewDecoder(req.Body).Decode(&v)
		fmt.Fprint(&body, v)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	fmt.Fprintln(&r.asked, req.Host, req.URL.Path, req.Form, req.Header, body.String())
	key := json.RawMessage(ecsAnswer(keyA.Secret))
	member := map[string]any{"Credentials": key, "CloudCredential": key}
	_ = json.Unmarshal(key, &member)
	answer(w, http.StatusOK, member)
}

// asksFor is what a source of this configuration is asked for and answers, as one text.
func asksFor(t *testing.T, c config.Credentials, hosts []string, pairs ...string) string {
	t.Helper()
	r := &recorder{}
	for _, host := range append(hosts, publicSTS, metadataHost) {
		theWorld.host(t, host, r)
	}
	k := open(t, c, env(pairs...)).mustKey(t)
	return fmt.Sprintln(r.asked.String(), k.ID, k.Secret, k.Token)
}

// valueOf is a value of a key's own that has the form that its tag asks for, and the part of it that must arrive.
func valueOf(t *testing.T, form string, n int) (value, part string) {
	t.Helper()
	part = fmt.Sprintf("value-%d", n)
	switch form {
	case "file":
		return filepath.Join(write(t, "file", part), "file"), part
	case "url":
		return "http://" + uriHost + "/" + part, part
	case "sts_host":
		return part + ".cn-hangzhou.aliyuncs.com", part
	case "role_arn":
		return "acs:ram::1037350000000000:role/" + part, part
	case "visible", "role_name", "session":
		return part, part
	}
	t.Fatalf("a form that this test does not know: %q", form)
	return "", ""
}

// fill sets every text of a mapping of the configuration that take wants, and tells the parts that must arrive, by key.
func fill(t *testing.T, v reflect.Value, take func(reflect.StructTag) bool) map[string]string {
	t.Helper()
	parts := map[string]string{}
	for i := range v.NumField() {
		tag := v.Type().Field(i).Tag
		if v.Field(i).Kind() == reflect.String && tag.Get("oneof") == "" && take(tag) {
			value, part := valueOf(t, tag.Get("form"), 100*v.NumField()+i)
			v.Field(i).SetString(value)
			parts[tag.Get("yaml")] = part
		}
	}
	return parts
}

// Every key of the credentials arrives in the requests of the type that reads it, or in the signing key. A new one fails
// this test until it is wired.
func TestEveryKeyArrives(t *testing.T) {
	arrived, wanted := map[string]bool{}, map[string]bool{}
	for i := range reflect.TypeFor[config.Credentials]().NumField() {
		f := reflect.TypeFor[config.Credentials]().Field(i)
		if f.Name != "Type" && f.Name != "AssumeRole" {
			wanted[f.Tag.Get("yaml")] = true
		}
	}
	for _, name := range config.CredentialTypes() {
		for _, files := range []bool{false, true} { // a value is inline or in a file
			c := config.Credentials{Type: name}
			parts := fill(t, reflect.ValueOf(&c).Elem(), func(tag reflect.StructTag) bool {
				only := tag.Get("only")
				return only == "" || only == name && (only != config.TypeStatic || (tag.Get("form") == "file") == files)
			})
			role := &config.AssumeRole{}
			ofRole := fill(t, reflect.ValueOf(role).Elem(), func(reflect.StructTag) bool { return true })
			var pairs []string
			if name == config.TypeDefault {
				pairs = []string{"OSS_ACCESS_KEY_ID", "x", "OSS_ACCESS_KEY_SECRET", "x"}
			}
			hosts := []string{uriHost, c.STSEndpoint}
			got := asksFor(t, c, hosts, pairs...)
			c.AssumeRole = role
			assumed := asksFor(t, c, hosts, pairs...)
			for key, part := range parts {
				if strings.Contains(got+assumed, part) {
					arrived[key] = true
				} else {
					t.Errorf("type %s: %s does not arrive in\n%s%s", name, key, got, assumed)
				}
			}
			for key, part := range ofRole {
				if !strings.Contains(assumed, part) {
					t.Errorf("type %s: assume_role.%s does not arrive in\n%s", name, key, assumed)
				}
			}
		}
	}
	if len(arrived) != len(wanted) {
		t.Errorf("%v arrive, want %v", arrived, wanted)
	}
}

// Every member of a profile of the CLI arrives in the requests of a mode that reads it, or in the signing key.
func TestEveryMemberOfAProfileArrives(t *testing.T) {
	const current, base = "the-current-one", "its-base"
	values := map[string]any{ // of members that need a form of their own
		"name": current, "source_profile": base, "expired_seconds": 1077, "sts_region": "cn-hangzhou", "enable_vpc": true,
		"cloud_sso_sign_in_url": "https://signin.example.com/x", "cloud_sso_access_token_expire": 1 << 40,
		"oidc_token_file": filepath.Join(write(t, "token", "value-of-oidc_token_file"), "token"), "oidc_token": "",
	}
	parts := map[string]string{
		"name": "LTAI", "source_profile": "id-of-the-base", "expired_seconds": "1077", "enable_vpc": "sts-vpc.", "sts_region": "cn-hangzhou",
		"cloud_sso_sign_in_url": "signin.example.com", "cloud_sso_access_token_expire": "Bearer", "mode": "AssumeRole",
		"oidc_token_file": "value-of-oidc_token_file",
	}
	all := map[string]any{}
	for i := range reflect.TypeFor[profile]().NumField() {
		name := reflect.TypeFor[profile]().Field(i).Tag.Get("json")
		if all[name] = values[name]; values[name] == nil {
			all[name] = "value-of-" + name + "."
		}
		if parts[name] == "" {
			parts[name] = "value-of-" + name + "."
		}
	}
	all["access_key_id"], parts["access_key_id"] = "LTAI-value", "LTAI-value"
	got := ""
	for _, mode := range []string{"AK", "StsToken", "RamRoleArn", "ChainableRamRoleArn", "OIDC", "OIDC with a token", "CloudSSO"} {
		if mode == "OIDC with a token" {
			all["oidc_token"] = "value-of-oidc_token."
		}
		all["mode"], _, _ = strings.Cut(mode, " ")
		content, err := json.Marshal(map[string]any{"current": current, "profiles": []any{
			all, map[string]string{"name": base, "mode": "AK", "access_key_id": "id-of-the-base", "access_key_secret": "x"},
		}})
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(write(t, "config.json", string(content)), "config.json")
		got += asksFor(t, config.Credentials{}, []string{"sts-vpc.cn-hangzhou.aliyuncs.com", "signin.example.com"}, "ALIBABA_CLOUD_CONFIG_FILE", file)
	}
	for name, part := range parts {
		if !strings.Contains(got, part) {
			t.Errorf("%s does not arrive in\n%s", name, got)
		}
	}
}
