package config

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// Each of these pairs is two different things to look at.
func TestNoOverlap(t *testing.T) {
	static := "credentials: {type: static, access_key_id: %s, access_key_secret: s}"
	for name, pair := range map[string][2]string{
		"other regions":   {"prefix: ''", "regions: [cn-shanghai]"},
		"other prefix":    {"prefix: a", "prefix: b"},
		"other group":     {"resource_group_id: a", "resource_group_id: b"},
		"other endpoint":  {"endpoint: https://a", "endpoint: https://b"},
		"other port":      {"endpoint: https://a:1", "endpoint: https://a:2"},
		"other key":       {fmt.Sprintf(static, "a"), fmt.Sprintf(static, "b")},
		"other file":      {"credentials: {type: static, access_key_id_file: a, access_key_secret: s}", "credentials: {type: static, access_key_id_file: b, access_key_secret: s}"},
		"other type":      {"credentials: {type: ecs_ram_role}", "credentials: {type: default}"},
		"other URI":       {"credentials: {type: credentials_uri, uri: 'http://a'}", "credentials: {type: credentials_uri, uri: 'http://b'}"},
		"one role on top": {"credentials: {assume_role: {role_arn: acs:ram::1:role/a}}", "prefix: ''"},
		"other roles":     {"credentials: {assume_role: {role_arn: acs:ram::1:role/a}}", "credentials: {assume_role: {role_arn: acs:ram::1:role/b}}"},
	} {
		t.Run(name, func(t *testing.T) {
			second := "- name: b\n  " + pair[1] + "\n"
			if !strings.Contains(second, "regions") {
				second += "  regions: [cn-hangzhou]\n"
			}
			load(t, with(pair[0])+second, Options{})
		})
	}
}

// What the environment makes of type default counts, not that the types have other names.
func TestOverlapThroughTheEnvironment(t *testing.T) {
	rrsa := map[string]string{EnvRoleARN: "acs:ram::1:role/r", EnvOIDCProviderARN: "provider", EnvOIDCTokenFile: "token"}
	static := "credentials: {type: static, access_key_id: LTAI0, access_key_secret: s}"
	for name, c := range map[string]struct {
		env   map[string]string
		other string
		want  bool
	}{
		"key":               {map[string]string{"ALIBABA_CLOUD_ACCESS_KEY_ID": "LTAI0", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "s"}, static, true},
		"key for OSS":       {map[string]string{"OSS_ACCESS_KEY_ID": "LTAI0", "OSS_ACCESS_KEY_SECRET": "s"}, static, true},
		"another key":       {map[string]string{"OSS_ACCESS_KEY_ID": "LTAI1", "OSS_ACCESS_KEY_SECRET": "s"}, static, false},
		"half a key":        {map[string]string{"OSS_ACCESS_KEY_ID": "LTAI0"}, static, false},
		"RRSA":              {rrsa, "credentials: {type: oidc_role_arn}", true},
		"RRSA, as a role":   {rrsa, "credentials: {assume_role: {role_arn: acs:ram::1:role/r}}", true},
		"RRSA, other role":  {rrsa, "credentials: {type: oidc_role_arn, role_arn: acs:ram::1:role/other}", false},
		"half of RRSA":      {map[string]string{EnvRoleARN: "acs:ram::1:role/r"}, "credentials: {assume_role: {role_arn: acs:ram::1:role/r}}", false},
		"RRSA but a file":   {map[string]string{EnvRoleARN: "acs:ram::1:role/r", EnvOIDCProviderARN: "provider"}, "credentials: {assume_role: {role_arn: acs:ram::1:role/r}}", false},
		"RRSA but an ARN":   {map[string]string{EnvRoleARN: "acs:ram::1:role/r", EnvOIDCTokenFile: "token"}, "credentials: {assume_role: {role_arn: acs:ram::1:role/r}}", false},
		"nothing, and ours": {nil, static, false},
	} {
		t.Run(name, func(t *testing.T) {
			text := with("prefix: ''") + "- name: b\n  regions: [cn-hangzhou]\n  " + c.other + "\n"
			_, err := Load(strings.NewReader(text), Options{Getenv: func(k string) string { return c.env[k] }})
			if got := strings.Contains(fmt.Sprint(err), "accounts[0] lists this region"); got != c.want || err != nil != c.want {
				t.Errorf("got %v, want an overlap: %t", err, c.want)
			}
		})
	}
}

// Two accounts of one type are told apart by a key of it, whatever the type is. The instance has one role only.
func TestEveryTypeTellsAccountsApart(t *testing.T) {
	d := &decoder{Options: Options{Getenv: func(string) string { return "" }}}
	for _, typ := range CredentialTypes()[1:] {
		seen := map[string]bool{d.identity(Credentials{Type: TypeDefault}): true}
		for _, text := range []string{"a", "b"} {
			c := Credentials{Type: typ}
			for _, f := range fieldsOf(reflect.ValueOf(&c).Elem()) {
				if f.tag.Get("only") == typ {
					f.target.SetString(text)
				}
			}
			seen[d.identity(c)] = true
		}
		want := 3
		if typ == TypeECSRAMRole {
			want = 2
		}
		if len(seen) != want {
			t.Errorf("default and two accounts of type %s have the identities %q", typ, slices.Collect(maps.Keys(seen)))
		}
	}
}
