package credentials

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

func TestSTSEndpoint(t *testing.T) {
	const own, region, vpc = "ALIBABA_CLOUD_STS_ENDPOINT", "ALIBABA_CLOUD_STS_REGION", "ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED"
	for _, c := range []struct {
		configured, region string
		vpc                bool
		env                []string
		want               string
	}{
		{want: "sts.aliyuncs.com"},
		{env: []string{region, "cn-hangzhou"}, want: "sts.cn-hangzhou.aliyuncs.com"},
		{env: []string{region, "cn-hangzhou", vpc, "True"}, want: "sts-vpc.cn-hangzhou.aliyuncs.com"},
		{env: []string{region, "cn-hangzhou", vpc, "no"}, want: "sts.cn-hangzhou.aliyuncs.com"},
		{env: []string{vpc, "true"}, want: "sts.aliyuncs.com"}, // as the library does
		{env: []string{region, "cn-hangzhou", own, "sts.example.com"}, want: "sts.example.com"},
		{configured: "sts.here:8443", env: []string{own, "sts.example.com"}, want: "sts.here:8443"},
		{configured: "https://sts.here/", want: "sts.here"},
		{configured: "[::1]:443", want: "[::1]:443"},
		{region: "cn-beijing", env: []string{region, "cn-hangzhou"}, want: "sts.cn-beijing.aliyuncs.com"},
		{region: "cn-beijing", vpc: true, want: "sts-vpc.cn-beijing.aliyuncs.com"},
	} {
		got, err := stsHost(c.configured, c.region, c.vpc, env(c.env...))
		if err != nil || got != c.want {
			t.Errorf("%+v: %q, %v", c, got, err)
		}
	}
	for _, pair := range [][]string{{own, "http://sts-secret"}, {own, "sts-secret_x"}, {region, "sts-secret/?"}} {
		_, err := stsHost("", "", false, env(pair...))
		if name := pair[0]; err == nil || !strings.HasPrefix(err.Error(), name+" is not a host name") || strings.Contains(err.Error(), "sts-secret") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, typ := range []string{config.TypeOIDCRoleARN, config.TypeStatic} {
		open(t, config.Credentials{
			Type: typ, STSEndpoint: "user@sts", AccessKeyID: keyA.ID, AccessKeySecret: "s", AssumeRole: &config.AssumeRole{RoleARN: otherRole},
		}, nil).wantError(t, "credentials.sts_endpoint is not a host name, as in sts-vpc.cn-hangzhou.aliyuncs.com")
	}
}

// assume is the role that the tests take on top of a source.
var assume = &config.AssumeRole{RoleARN: otherRole, SessionName: "me", ExternalID: "ext-1"}

func TestAssumeRoleOnTopOfAnySource(t *testing.T) {
	rrsa, _ := podEnv(t)
	theWorld.host(t, uriHost, say(http.StatusOK, `{"AccessKeyId":"`+keyA.ID+`","AccessKeySecret":"`+keyA.Secret+
		`","SecurityToken":"node-token","Expiration":"2999-01-01T00:00:00Z"}`))
	newMetadata(t)
	profile := filepath.Join(write(t, "c", `{"current":"x","profiles":[{"name":"x","mode":"AK","access_key_id":"`+keyA.ID+
		`","access_key_secret":"`+keyA.Secret+`"}]}`), "c")
	static := config.Credentials{Type: config.TypeStatic, AccessKeyID: keyA.ID, AccessKeySecret: "secret-of-A"}
	for name, c := range map[string]struct {
		config config.Credentials
		env    []string
		base   ossvapi.Key
	}{
		"the static key LTAI... of the configuration": {static, nil, keyA},
		"the static key in the configured files":      {fileCredentials(write(t, "id", keyA.ID, "secret", keyA.Secret)), nil, keyA},
		"the key LTAI... of the environment variable OSS_ACCESS_KEY_ID": {
			config.Credentials{}, []string{"OSS_ACCESS_KEY_ID", keyA.ID, "OSS_ACCESS_KEY_SECRET", keyA.Secret}, keyA},
		"role " + podRole + " by RRSA":            {loaded(t, "type: oidc_role_arn", rrsa), nil, issued(1)},
		"the credentials URI at keys.example.com": {config.Credentials{Type: config.TypeCredentialsURI, URI: "http://" + uriHost}, nil, nodeKey},
		"the CLI's profile file":                  {config.Credentials{}, []string{"ALIBABA_CLOUD_CONFIG_FILE", profile}, keyA},
		"the ECS instance's role":                 {config.Credentials{Type: config.TypeECSRAMRole}, nil, nodeKey},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSTS(t)
			s.keys[keyA.ID] = c.base
			c.config.AssumeRole = assume
			f := open(t, c.config, env(c.env...))
			k := f.mustKey(t)
			call := s.last(t)
			if n := s.called(); k != issued(n) || call.Get("Action") != "AssumeRole" || call.Get("AccessKeyId") != c.base.ID {
				t.Errorf("key %v after %d calls, the last %v", k, n, call)
			}
			if call.Get("RoleArn") != otherRole || call.Get("RoleSessionName") != "me" || call.Get("ExternalId") != "ext-1" {
				t.Errorf("asked for %v", call)
			}
			if got, want := f.Describe(), name+", then role "+otherRole+" by assume_role"; got != want {
				t.Errorf("Describe = %q, want %q", got, want)
			}
		})
	}
}

// The base key's trouble is told as its own, and a base key that rotates in its files is used at once.
func TestAssumeRoleOverKeyFiles(t *testing.T) {
	s := newSTS(t)
	dir := write(t, "id", "LTAIunknown0", "secret", keyA.Secret)
	c := fileCredentials(dir)
	c.AssumeRole = &config.AssumeRole{RoleARN: "not-an-arn"}
	f := open(t, c, nil)
	f.wantError(t, "STS at sts.aliyuncs.com: AssumeRole: InvalidAccessKeyId.NotFound; the key that assumes the role is unknown or disabled")
	rewrite(t, filepath.Join(dir, "id"), keyA.ID)
	f.mustKey(t)
	if got := s.last(t).Get("RoleSessionName"); got != "ossvector_exporter" {
		t.Errorf("session name %q", got)
	}
	first := f.mustKey(t)
	rewrite(t, filepath.Join(dir, "id"), keyB.ID)
	rewrite(t, filepath.Join(dir, "secret"), keyB.Secret)
	f.age(goodFor)
	if second := f.mustKey(t); second == first {
		t.Error("still the role's key of the old base key")
	}
	remove(t, filepath.Join(dir, "id"))
	f.age(goodFor)
	f.wantError(t, "the file of credentials.access_key_id_file, "+filepath.Join(dir, "id")+", does not exist")
	if got, want := f.Describe(), "the static key in the configured files, then a role by assume_role"; got != want {
		t.Errorf("Describe = %q, want %q", got, want)
	}
}
