package credentials

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

// cliSecrets are what the profiles of the tests hold and nobody may show.
var cliSecrets = []string{"LTAIexampleA", "secret-of-A", "sts-token-of-A", "sso-token", "odd-mode", "policy-x"}

// profiles is a CLI file with the given profiles, whose current one is profile-x.
func profiles(list ...string) string {
	return `{"current": "profile-x", "profiles": [` + strings.Join(list, ",") + `], "meta_path": ""}`
}

// profileX is the profile profile-x with a key and more fields.
func profileX(mode, more string) string {
	return `{"name": "profile-x", "mode": "` + mode + `", "access_key_id": "LTAIexampleA", "access_key_secret": "secret-of-A"` + more + `}`
}

// openCLI is a source over a CLI file in the home folder.
func openCLI(t *testing.T, content string, pairs ...string) (fixture, string) {
	t.Helper()
	home := write(t)
	file := filepath.Join(home, ".aliyun", "config.json")
	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	rewrite(t, file, content)
	return open(t, config.Credentials{Type: config.TypeDefault}, env(append(pairs, "HOME", home)...)), file
}

func TestCLIProfiles(t *testing.T) {
	tokenFile := filepath.Join(write(t, "token", "token-0"), "token")
	const roleX = `, "ram_role_arn": "` + otherRole + `", "ram_session_name": "cli-session", "expired_seconds": 900, ` +
		`"external_id": "ext-2", "policy": "policy-x"`
	soon := strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10)
	for name, c := range map[string]struct {
		content string
		env     []string
		want    ossvapi.Key
		asked   map[string]string // of STS in its last call
	}{
		"AK":       {profiles(profileX("AK", "")), nil, keyA, nil},
		"StsToken": {profiles(profileX("StsToken", `, "sts_token": "t"`)), nil, ossvapi.Key{ID: keyA.ID, Secret: keyA.Secret, Token: "t"}, nil},
		"the profile of the environment": {
			profiles(profileX("Odd", ""), `{"name":"other","mode":"AK","access_key_id":"LTAIexampleB","access_key_secret":"secret-of-B"}`),
			[]string{"ALIBABA_CLOUD_PROFILE", "other"}, keyB, nil,
		},
		"RamRoleArn":          {profiles(profileX("RamRoleArn", roleX)), nil, issued(1), map[string]string{"AccessKeyId": keyA.ID, "DurationSeconds": "900"}},
		"RamRoleArn in a VPC": {profiles(profileX("RamRoleArn", roleX+`, "sts_region": "cn-hangzhou", "enable_vpc": true`)), nil, issued(1), nil},
		"ChainableRamRoleArn": {
			profiles(`{"name": "profile-x", "mode": "ChainableRamRoleArn", "source_profile": "base"`+roleX+`}`, `null`,
				`{"name": "base", "mode": "AK", "access_key_id": "LTAIexampleB", "access_key_secret": "secret-of-B"}`),
			nil, issued(1), map[string]string{"AccessKeyId": keyB.ID},
		},
		"OIDC": {
			profiles(fmt.Sprintf(`{"name": "profile-x", "mode": "OIDC", "ram_role_arn": %q, "oidc_provider_arn": %q, "oidc_token_file": %q}`,
				otherRole, podProvider, tokenFile)),
			nil, issued(1), map[string]string{"Action": "AssumeRoleWithOIDC", "OIDCToken": "token-0", "RoleSessionName": "ossvector_exporter"},
		},
		"OIDC with a token": {
			profiles(fmt.Sprintf(`{"name": "profile-x", "mode": "OIDC", "ram_role_arn": %q, "oidc_provider_arn": %q, "oidc_token": "token-0"}`,
				otherRole, podProvider)),
			[]string{"ALIBABA_CLOUD_ROLE_SESSION_NAME", "env-session"}, issued(1), map[string]string{"RoleSessionName": "env-session"},
		},
		"CloudSSO": {
			profiles(`{"name": "profile-x", "mode": "CloudSSO", "cloud_sso_sign_in_url": "https://signin.example.com/x/login", ` +
				`"cloud_sso_account_id": "1", "cloud_sso_access_config": "ac-1", "access_token": "sso-token", "cloud_sso_access_token_expire": ` + soon + `}`),
			nil, ossvapi.Key{ID: "STS.sso", Secret: "s", Token: "t"}, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newSTS(t)
			if strings.Contains(name, "VPC") {
				theWorld.host(t, "sts-vpc.cn-hangzhou.aliyuncs.com", s)
				theWorld.host(t, publicSTS, http.HandlerFunc(hangUp))
			}
			theWorld.host(t, "signin.example.com", http.HandlerFunc(cloudSSO))
			f, _ := openCLI(t, c.content, c.env...)
			f.wantKey(t, c.want)
			for name, want := range c.asked {
				if got := s.last(t).Get(name); got != want {
					t.Errorf("%s = %q, want %q", name, got, want)
				}
			}
			wantNoSecret(t, cliSecrets, f.Describe(), f.log.String())
		})
	}
}

func cloudSSO(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/cloud-credentials" || r.Header.Get("Authorization") != "Bearer sso-token" {
		say(http.StatusUnauthorized, "sso-token")(w, r)
		return
	}
	answer(w, http.StatusOK, map[string]any{"CloudCredential": map[string]string{
		"AccessKeyId": "STS.sso", "AccessKeySecret": "s", "SecurityToken": "t", "Expiration": "2999-01-01T00:00:00Z",
	}, "RequestId": "r"})
}

func TestCLIProfilesThatGiveNoKey(t *testing.T) {
	newSTS(t)
	newMetadata(t)
	const (
		modes = "profile profile-x of the CLI's file @FILE has a mode that the exporter does not support; these it does: " +
			"AK, StsToken, RamRoleArn, ChainableRamRoleArn, OIDC, CloudSSO"
		none = " of the CLI's file @FILE is not there; ALIBABA_CLOUD_PROFILE, the file's `current` or a source_profile asks for it"
		sick = "the CLI's profile file, @FILE, is not the JSON that it should be: write it anew with `aliyun configure`"
		role = `, "ram_role_arn": "` + otherRole + `"`
	)
	chain := func(from, to string) string {
		return `{"name": "` + from + `", "mode": "ChainableRamRoleArn", "source_profile": "` + to + `"` + role + `}`
	}
	for _, c := range []struct{ content, want string }{
		{"", "the CLI's profile file, @FILE, is empty"},
		{`{"current": "profile-x", "profiles": [` + profileX("AK", ""), sick},
		{`{"current": 1, "profiles": "secret-of-A"}`, sick},
		{"null", "the CLI's file @FILE has no `current` and ALIBABA_CLOUD_PROFILE is not set: choose a profile by one of them"},
		{profiles(), "profile profile-x" + none},
		{`{"current": "profile-x", "profiles": null}`, "profile profile-x" + none},
		{`{"current": "LTAIexampleA"}`, "profile <secret>" + none},
		{profiles(chain("profile-x", "gone")), "profile gone" + none},
		{profiles(chain("profile-x", "")), "profile profile-x of the CLI's file @FILE has no source_profile"},
		{profiles(chain("profile-x", "profile-x")), "profile profile-x of the CLI's file @FILE is in a circle of source_profile, or more than five deep"},
		{profiles(chain("profile-x", "b"), chain("b", "profile-x")), "profile b of the CLI's file @FILE is in a circle of source_profile, or more than five deep"},
		{profiles(chain("profile-x", "b"), chain("b", "c"), chain("c", "d"), chain("d", "e"), chain("e", "f"), chain("f", "g"),
			`{"name": "g", "mode": "AK", "access_key_id": "LTAIexampleA", "access_key_secret": "s"}`),
			"profile f of the CLI's file @FILE is in a circle of source_profile, or more than five deep"},
		{profiles(profileX("CloudSSO", `, "cloud_sso_sign_in_url": "http://signin.example.com/"`)),
			"profile profile-x of the CLI's file @FILE has no cloud_sso_sign_in_url with https and a host"},
		{profiles(profileX("odd-mode", "")), modes},
		{profiles(profileX("External", `, "process_command": "touch secret-of-A"`)), modes},
		{profiles(profileX("OAuth", "")), modes},
		{profiles(profileX("EcsRamRole", "")),
			"profile profile-x of the CLI's file @FILE asks for the role of the ECS instance, which is only taken by credentials.type ecs_ram_role"},
		{profiles(`{"name": "profile-x", "mode": "AK", "access_key_id": "LTAIexampleA"}`), "profile profile-x of the CLI's file @FILE is unusable: the access key secret is empty"},
		{profiles(profileX("StsToken", "")), "profile profile-x of the CLI's file @FILE has no sts_token"},
		{profiles(profileX("RamRoleArn", "")), "profile profile-x of the CLI's file @FILE has no ram_role_arn"},
		{profiles(`{"name": "profile-x", "mode": "RamRoleArn"` + role + `}`), "profile profile-x of the CLI's file @FILE is unusable: the access key id is empty"},
		{profiles(profileX("RamRoleArn", role+`, "expired_seconds": 1`)), "profile profile-x of the CLI's file @FILE has an expired_seconds below 900"},
		{profiles(profileX("RamRoleArn", role+`, "sts_region": "secret-of-A/?"`)),
			"ALIBABA_CLOUD_STS_REGION is not a host name, as in sts-vpc.cn-hangzhou.aliyuncs.com"},
		{profiles(profileX("OIDC", role)), "profile profile-x of the CLI's file @FILE has no oidc_provider_arn"},
		{profiles(profileX("OIDC", role+`, "sts_region": "secret-of-A/?"`)),
			"ALIBABA_CLOUD_STS_REGION is not a host name, as in sts-vpc.cn-hangzhou.aliyuncs.com"},
		{profiles(profileX("OIDC", role+`, "oidc_provider_arn": "x", "oidc_token_file": "/nowhere"`)), "the OIDC token file, /nowhere, does not exist"},
		{profiles(profileX("OIDC", role+`, "oidc_provider_arn": "x", "oidc_token": "x", "expired_seconds": 1`)),
			"profile profile-x of the CLI's file @FILE has an expired_seconds below 900"},
		{profiles(profileX("CloudSSO", `, "access_token": "sso-token", "cloud_sso_sign_in_url": "https://signin.example.com/", "cloud_sso_access_token_expire": 1`)),
			"profile profile-x of the CLI's file @FILE has a CloudSSO login that has expired: log in again with the CLI"},
	} {
		f, file := openCLI(t, c.content)
		f.wantError(t, strings.ReplaceAll(c.want, "@FILE", file))
		wantNoSecret(t, cliSecrets, c.want, f.Describe(), f.log.String())
	}
	if n := theWorld.asked(metadataHost); n != 0 {
		t.Errorf("%d requests to the instance metadata", n)
	}
}

func TestCLIFileIsReadAgain(t *testing.T) {
	f, file := openCLI(t, profiles(profileX("AK", "")))
	f.wantKey(t, keyA)
	rewrite(t, file, profiles(`{"name": "profile-x", "mode": "AK", "access_key_id": "LTAIexampleB", "access_key_secret": "secret-of-B"}`))
	f.age(askAfter)
	f.wantKey(t, keyA)
	f.idle()
	f.wantKey(t, keyB)
	rewrite(t, file, "{")
	f.age(goodFor)
	f.wantError(t, "the CLI's profile file, "+file+", is not the JSON that it should be: write it anew with `aliyun configure`")
}

func TestWhenTheCLIIsConfigured(t *testing.T) {
	uri := []string{"ALIBABA_CLOUD_CREDENTIALS_URI", "http://" + uriHost}
	file := filepath.Join(write(t, "config.json", "{"), "config.json")
	home := t.TempDir()
	const cli, other = "the CLI's profile file", "the credentials URI at keys.example.com"
	for want, cases := range map[string][][]string{
		cli: {
			{"ALIBABA_CLOUD_CONFIG_FILE", file},
			{"ALIBABA_CLOUD_CONFIG_FILE", filepath.Join(home, "gone")}, // asked for, so not passed over
			{"HOME", home, "ALIBABA_CLOUD_PROFILE", "x"},
			{"ALIBABA_CLOUD_PROFILE", "x"},
		},
		other: {
			{},
			{"HOME", home},
			{"ALIBABA_CLOUD_CONFIG_FILE", file, "ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "TRUE"},
		},
	} {
		for _, c := range cases {
			f := open(t, config.Credentials{}, env(append(c, uri...)...))
			if got := f.Describe(); got != want {
				t.Errorf("%q: %s, want %s", c, got, want)
			}
		}
	}
	f := open(t, config.Credentials{}, env("ALIBABA_CLOUD_PROFILE", "x"))
	f.wantError(t, "the CLI's profile file does not exist")
}
