package config

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// mark stands for a secret. Half of it is as bad as the whole.
const mark = "S3cr3tM4rk"

// Each of these is refused, with the secret somewhere near the mistake.
func TestNoSecretInAnyProblem(t *testing.T) {
	for name, text := range map[string]string{
		"number":                  withCredentials("type: static", "access_key_id: a", "access_key_secret: 1e3 # "+mark),
		"list":                    withCredentials("access_key_secret: [" + mark + "]"),
		"mapping":                 withCredentials("access_key_secret: {" + mark + ": a}"),
		"tag":                     withCredentials("access_key_secret: !" + mark + " a"),
		"long tag":                withCredentials("access_key_secret: !<" + mark + "> a"),
		"bad tag":                 withCredentials("access_key_secret: !" + mark + "{ a"),
		"anchor":                  withCredentials("type: static", "access_key_secret: &"+mark),
		"alias":                   withCredentials("access_key_secret: *" + mark),
		"directive":               "%" + mark + " a\n---\n" + with("prefix: a"),
		"at sign":                 withCredentials("access_key_secret: @" + mark),
		"percent":                 withCredentials("access_key_secret: %" + mark),
		"tab":                     withCredentials("type: static\n\taccess_key_secret: " + mark),
		"colon":                   withCredentials("access_key_secret: " + mark + ": " + mark),
		"no colon":                withCredentials("access_key_secret "+mark, "type: static"),
		"no blank":                withCredentials("access_key_secret:"+mark, "type: static"),
		"only the secret":         "accounts:\n- credentials:\n    " + mark + "\n",
		"secret for credentials":  with("credentials: " + mark),
		"list of credentials":     with("credentials: [{access_key_secret: " + mark + "}]"),
		"secret as a key":         withCredentials(mark + ": a"),
		"secret as a key, twice":  withCredentials(mark+": a", mark+": b"),
		"one long key":            with("credentials: {type: static, access_key_secret:" + mark + "}"),
		"one long key outside":    "accounts: [{name: a, access_key_secret:" + mark + "}]\n",
		"one long proxy":          "accounts: [{name: a, proxy_url:http://user:" + mark + "@proxy}]\n",
		"tagged key":              withCredentials("!"+mark+" type: static", "? ["+mark+"]", ": a"),
		"at the wrong level":      with("access_key_secret: " + mark),
		"open quote":              withCredentials("access_key_secret: '" + mark),
		"open double quote":       withCredentials(`access_key_secret: "` + mark),
		"escape":                  withCredentials(`access_key_secret: "\q` + mark + `"`),
		"open brace":              with("credentials: {access_key_secret: " + mark),
		"quote around the secret": "accounts:\n- name: \"a\n  credentials:\n    access_key_secret: " + mark + "\n  \"\n  regions: [\"a\n " + mark + "\"]\n",
		"line break":              withCredentials("type: static", "access_key_secret: |", "  "+mark),
		"line break in an escape": withCredentials("type: static", `access_key_secret: "`+mark+`\n"`),
		"NUL":                     withCredentials("access_key_secret: " + mark + "\x00"),
		"NUL in an escape":        withCredentials(`access_key_secret: "` + mark + `\0"`),
		"control character":       withCredentials("access_key_secret: " + mark + "\x01"),
		"invalid UTF-8":           withCredentials("access_key_secret: " + mark + "\xff"),
		"second document":         withCredentials("access_key_secret: a") + "--- " + mark + "\n",
		"merge":                   withCredentials("<<: " + mark),
		"key id":                  withCredentials("access_key_id: " + mark + " a"),
		"unused":                  withCredentials("access_key_id: "+mark, "security_token_file: "+mark, "uri: "+mark),
		"type":                    withCredentials("type: " + mark),
		"both":                    withCredentials("type: static", "access_key_id: "+mark, "access_key_id_file: "+mark),
		"file":                    withCredentials(`access_key_id_file: "` + mark + `\n"`),
		"role":                    withCredentials("type: oidc_role_arn", "role_arn: "+mark+" a", "oidc_provider_arn: "+mark),
		"role of no ARN":          withCredentials("type: oidc_role_arn", "role_arn: "+mark, "oidc_provider_arn: a", "oidc_token_file: a"),
		"role name":               withCredentials("type: static", "role_name: "+mark),
		"role name of no form":    withCredentials("type: ecs_ram_role", "role_name: role/"+mark),
		"assumed role":            withCredentials("assume_role: {role_arn: " + mark + " a, session_name: " + mark + "!}"),
		"assumed by no ARN":       withCredentials("assume_role: {role_arn: 'acs:ram::" + mark + ":user/" + mark + "'}"),
		"assumed by its name":     withCredentials("assume_role: " + mark),
		"external id":             withCredentials("assume_role: {external_id: " + mark + "}"),
		"URI":                     withCredentials("type: credentials_uri", "uri: ftp://"+mark+"/"+mark),
		"URI that is none":        withCredentials("type: credentials_uri", "uri: http://a:%zz"+mark+"@b/"+mark),
		"STS endpoint":            withCredentials("sts_endpoint: https://" + mark),
		"STS underscore":          withCredentials("sts_endpoint: _" + mark),
		"proxy scheme":            with("proxy_url: ftp://user:" + mark + "@proxy"),
		"proxy without scheme":    with("proxy_url: user:" + mark + "@proxy:80"),
		"proxy escape":            with("proxy_url: 'http://user:%zz" + mark + "@proxy'"),
		"proxy port":              with("proxy_url: 'http://user:" + mark + "@proxy:99999'"),
		"proxy host":              with("proxy_url: 'http://user:" + mark + "@pro$xy'"),
		"proxy hash":              with("proxy_url: 'http://user:" + mark + "#a@proxy'"),
		"proxy control character": with(`proxy_url: "http://user:` + mark + `\n@proxy"`),
		"proxy list":              with("proxy_url: [" + mark + "]"),
		"proxy tag":               with("proxy_url: !" + mark + " " + mark),
		"TLS key":                 with("tls_config: {key: " + mark + "}"),
		"TLS key list":            with("tls_config: {key: [" + mark + "]}"),
		"TLS key of no cert":      with("tls_config: {cert: a, key: " + mark + "}"),
		"TLS key as a file":       with("tls_config: {cert_file: a, key_file: '-----BEGIN PRIVATE KEY----- " + mark + "'}"),
		"TLS file, open quote":    with("tls_config:\n    ca_file: 'ca.pem", "credentials: {access_key_secret: "+mark+"}", "prefix: '"),
		"endpoint user":           with("endpoint: https://user:" + mark + "@host"),
		"overlap": withCredentials("type: static", "access_key_id: "+mark, "access_key_secret: "+mark) +
			"- name: b\n  regions: [cn-hangzhou]\n  credentials: {type: static, access_key_id: " + mark + ", access_key_secret: a}\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(strings.NewReader(text), Options{Name: "config.yml"})
			switch {
			case err == nil:
				t.Error("loaded, want an error")
			case leaks(fmt.Sprintf("%v %+v %#v %q", err, err, err, err)):
				t.Errorf("the error leaks the secret: %v", err)
			}
		})
	}
}

func leaks(s string) bool {
	s = strings.ToLower(s)
	return strings.Contains(s, strings.ToLower(mark[:5])) || strings.Contains(s, strings.ToLower(mark[5:])) ||
		strings.Contains(s, fmt.Sprintf("%x", mark))
}

func TestNoSecretFromTheEnvironment(t *testing.T) {
	text := withCredentials("type: oidc_role_arn")
	_, err := Load(strings.NewReader(text), Options{Getenv: func(string) string { return mark + "\n" }})
	const want = "line 5: accounts[0].credentials.%s: the environment variable ALIBABA_CLOUD_%s holds a control character " +
		"or a line break; correct it"
	equal(t, strings.Split(fmt.Sprint(err), "\n"), []string{
		fmt.Sprintf(want, "role_arn", "ROLE_ARN"),
		fmt.Sprintf(want, "oidc_provider_arn", "OIDC_PROVIDER_ARN"),
		fmt.Sprintf(want, "oidc_token_file", "OIDC_TOKEN_FILE"),
	})
}

// secretive has a secret in every place that may hold one.
func secretive(t *testing.T) *Config {
	t.Helper()
	cert, key := keyPair(t)
	return load(t, with("proxy_url: http://user:"+mark+"@proxy", fmt.Sprintf("tls_config: {cert: %q, key: %q}", cert, mark+"\n"+key),
		"credentials: {type: static, access_key_id: LTAI0, access_key_secret: "+mark+", security_token: "+mark+"}")+
		"- name: b\n  regions: [cn-hangzhou]\n  proxy_url: socks5://"+mark+"@proxy\n"+
		"  credentials: {type: credentials_uri, uri: 'http://127.0.0.1/"+mark+"'}\n", Options{})
}

func TestNoSecretIsPrinted(t *testing.T) {
	c := secretive(t)
	for _, v := range []any{c, *c, c.Accounts, c.Accounts[0], &c.Accounts[1], c.Accounts[0].Credentials,
		&c.Accounts[0].Credentials, c.Accounts[1].Credentials, []any{c.Accounts[0]}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%10.3v"} {
			if got := fmt.Sprintf(verb, v); leaks(got) || strings.Contains(got, "PANIC") {
				t.Errorf("%s of %T: %s", verb, v, got)
			}
		}
	}
	if got := fmt.Sprintf("%+v", c.Accounts[0]); !strings.Contains(got, "access_key_secret: <secret>") ||
		!strings.Contains(got, "proxy_url: http://<secret>@proxy") || !strings.Contains(got, "name: a") {
		t.Errorf("%s, want the secrets masked and the rest shown", got)
	}
}

func TestNoSecretIsMarshalled(t *testing.T) {
	c := secretive(t)
	for name, marshal := range map[string]func(any) ([]byte, error){"yaml": yaml.Marshal, "json": json.Marshal} {
		for _, v := range []any{c, c.Accounts[0], &c.Accounts[1], c.Accounts[0].Credentials} {
			got, err := marshal(v)
			if err != nil || leaks(string(got)) || !strings.Contains(string(got), "secret") {
				t.Errorf("%s of %T: %s, %v", name, v, got, err)
			}
		}
	}
	if got := string(c.Accounts[0].Credentials.AccessKeySecret); got != mark {
		t.Errorf("after all this the secret is %s, want it whole", got)
	}
}
