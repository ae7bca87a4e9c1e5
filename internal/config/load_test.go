package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/prometheus/common/config"
	"go.yaml.in/yaml/v4"
)

// equal compares configurations; config.URL has an embedded pointer that cmp does not look through by itself.
func equal(t *testing.T, got, want any) {
	t.Helper()
	if d := cmp.Diff(want, got, cmpopts.IgnoreUnexported(url.Userinfo{})); d != "" {
		t.Errorf("-want +got\n%s", d)
	}
}

// load loads what must be right.
func load(t *testing.T, text string, o Options) *Config {
	t.Helper()
	c, err := Load(strings.NewReader(text), o)
	if agree(t, text, err); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefaults(t *testing.T) {
	want := &Config{
		Scrape: Scrape{Timeout: 30 * time.Second, MaxConcurrency: 64},
		Accounts: []Account{{
			Name:             "a",
			Regions:          []string{"cn-hangzhou"},
			PageSize:         1000,
			RequestTimeout:   3 * time.Second,
			MaxAttempts:      3,
			MaxBuckets:       100_000,
			PerBucketMetrics: true,
			IndexInterval:    5 * time.Minute,
			Credentials:      Credentials{Type: TypeDefault},
		}},
	}
	nulls := "endpoint:\n  prefix: ~\n  page_size:\n  request_timeout:\n  indexes:\n  per_bucket_metrics: null\n" +
		"  proxy_url:\n  tls_config:\n  internal_regions:\n  credentials:"
	empty := "endpoint: ''\n  prefix: ''\n  resource_group_id: ''\n  proxy_url: ''\n  internal_regions: []\n" +
		"  tls_config: {ca: '', min_version: ''}\n  credentials: {type: '', role_arn: '', uri: '', access_key_id: ''," +
		" access_key_secret_file: '', assume_role: }"
	for name, text := range map[string]string{
		"left out":       with("prefix: ''"),
		"null":           "scrape:\n" + with(nulls),
		"null in scrape": "scrape: {timeout: , max_concurrency: ~, min_interval: null}\n" + with("prefix:"),
		"empty":          "scrape: {}\n" + with(empty),
	} {
		t.Run(name, func(t *testing.T) { equal(t, load(t, text, Options{}), want) })
	}
}

func TestEveryKey(t *testing.T) {
	t.Chdir(t.TempDir())
	cert, key := keyPair(t)
	certFile, err := filepath.Abs("cert.pem")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{certFile: cert, "etc/ca.pem": cert} {
		if err := errors.Join(os.MkdirAll("etc", 0o700), os.WriteFile(name, []byte(text), 0o600)); err != nil {
			t.Fatal(err)
		}
	}
	text := fmt.Sprintf(`
scrape: {timeout: 1m30s, max_concurrency: 2, min_interval: 10s}
accounts:
- name: Ünïcode name
  regions: [cn-hangzhou, us-east-1]
  internal_regions: [us-east-1]
  endpoint: http://{region}.example.com:8080
  prefix: logs-
  resource_group_id: rg-1
  page_size: 1
  request_timeout: 250ms
  max_attempts: 1
  max_buckets: 7
  bucket_quota: 100
  max_bucket_series: 9
  buckets: {include: [a.*, b], exclude: [ab]}
  labels: {team: search, _env: ''}
  min_interval: 0
  per_bucket_metrics: yes
  indexes: on
  index_interval: 0
  proxy_url: socks5://user:word@proxy:1080
  tls_config: {ca_file: ca.pem, cert_file: %s, key: %q, server_name: s, insecure_skip_verify: true,
    min_version: TLS12, max_version: TLS13}
  credentials:
    type: static
    access_key_id: LTAI0
    access_key_secret_file: keys/secret
    security_token: token
    sts_endpoint: sts.example.com:443
    assume_role: {role_arn: 'acs:ram::1037350000000000:role/a', session_name: me, external_id: you}
`, certFile, key)
	want := &Config{
		Scrape: Scrape{Timeout: 90 * time.Second, MaxConcurrency: 2, MinInterval: 10 * time.Second},
		Accounts: []Account{{
			Name:             "Ünïcode name",
			Regions:          []string{"cn-hangzhou", "us-east-1"},
			InternalRegions:  []string{"us-east-1"},
			Endpoint:         "http://{region}.example.com:8080",
			Prefix:           "logs-",
			ResourceGroupID:  "rg-1",
			PageSize:         1,
			RequestTimeout:   250 * time.Millisecond,
			MaxAttempts:      1,
			MaxBuckets:       7,
			BucketQuota:      100,
			MaxBucketSeries:  9,
			Buckets:          Buckets{Include: []string{"a.*", "b"}, Exclude: []string{"ab"}},
			Labels:           map[string]string{"team": "search", "_env": ""},
			PerBucketMetrics: true,
			Indexes:          true,
			ProxyURL: config.URL{URL: &url.URL{
				Scheme: "socks5", User: url.UserPassword("user", "word"), Host: "proxy:1080",
			}},
			TLSConfig: config.TLSConfig{
				CAFile: "etc/ca.pem", CertFile: certFile, Key: config.Secret(key), ServerName: "s", InsecureSkipVerify: true,
				MinVersion: config.TLSVersions["TLS12"], MaxVersion: config.TLSVersions["TLS13"],
			},
			Credentials: Credentials{
				Type:                TypeStatic,
				AccessKeyID:         "LTAI0",
				AccessKeySecretFile: "etc/keys/secret",
				SecurityToken:       "token",
				STSEndpoint:         "sts.example.com:443",
				AssumeRole: &AssumeRole{
					RoleARN: "acs:ram::1037350000000000:role/a", SessionName: "me", ExternalID: "you",
				},
			},
		}},
		Warnings: []string{"line 14: accounts[0].bucket_quota: the quota counts all buckets of the account and region, " +
			"but prefix or resource_group_id leave some out"},
	}
	got := load(t, text, Options{Dir: "etc"})
	equal(t, got, want)
	if p, _ := got.Accounts[0].ProxyURL.User.Password(); p != "word" {
		t.Errorf("password %q, want it as it was given", p)
	}
	t.Run("printed", func(t *testing.T) { loadsAgain(t, got, want) })
}

// loadsAgain prints a configuration and reads that: every key has come back, but secrets are masked, a proxy's left out and file names
// absolute.
func loadsAgain(t *testing.T, got, want *Config) {
	text, err := yaml.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	a := &want.Accounts[0]
	a.ProxyURL.User, a.TLSConfig.Key, a.Credentials.SecurityToken = nil, maskedText, maskedText
	for _, name := range []*string{&a.TLSConfig.CAFile, &a.Credentials.AccessKeySecretFile} {
		if *name, err = filepath.Abs(*name); err != nil {
			t.Fatal(err)
		}
	}
	again := load(t, string(text), Options{Dir: "elsewhere"})
	if len(again.Mistakes) != strings.Count(string(text), maskedText) || len(again.Warnings) != 1 {
		t.Errorf("%q %q of\n%s", again.Mistakes, again.Warnings, text)
	}
	again.Mistakes, again.Warnings = want.Mistakes, want.Warnings // their lines are others
	equal(t, again, want)
}

func TestBoundaries(t *testing.T) {
	for _, text := range []string{
		with("prefix: a", "resource_group_id: b", "bucket_quota: 0"),
		with("page_size: 1000", "request_timeout: 1ns", "index_interval: 0s", "bucket_quota: +5"),
		with("page_size: !!int 5", "prefix: !!str 5"),
		with("resource_group_id: '!~'", "prefix: ü \ufffd"),
		with("endpoint: HTTPS://[::1]:65535", "proxy_url: http://user@proxy/"),
		with("endpoint: http://127.0.0.1", "tls_config: {min_version: TLS12}"),
		with("endpoint: https://{region}.example.com."),
		withCredentials("type: credentials_uri", "uri: http://user:word@127.0.0.1:1/path?token=a"),
		withCredentials("assume_role: {role_arn: acs:ram::1:role/a, session_name: a@b.c-d_}"),
		"\ufeff" + with("prefix: a"),
		strings.ReplaceAll(with("prefix: a"), "\n", "\r\n"),
		"---\n" + with("prefix: a") + "...\n",
		"accounts:\n- name: " + strings.Repeat("n", 128) + "\n  regions: [cn-" + strings.Repeat("x", 60) + "]\n",
	} {
		equal(t, load(t, text, Options{}).Warnings, []string(nil))
	}
	t.Run("words", func(t *testing.T) { load(t, with("indexes: No"), Options{}) })
}

func TestWarnings(t *testing.T) {
	text := "scrape: {timeout: 2s, max_concurrency: 1}\n" +
		with("resource_group_id: rg-1", "bucket_quota: 3") +
		"- name: b\n  regions: [cn-shanghai, cn-beijing]\n  request_timeout: 2s\n" +
		"- name: c\n  regions: [cn-qingdao]\n  request_timeout: 1999ms\n  bucket_quota: 3\n"
	got := load(t, text, Options{Name: "config.yml"}).Warnings
	equal(t, got, []string{
		"config.yml:3: accounts[0].request_timeout: 3s is not below scrape.timeout (2s), so a request that hangs is never tried again",
		"config.yml:6: accounts[0].bucket_quota: the quota counts all buckets of the account and region, but prefix or resource_group_id leave some out",
		"config.yml:8: accounts[1].regions: 2 regions are more than scrape.max_concurrency (1), so slow regions can hold up others",
		"config.yml:9: accounts[1].request_timeout: 2s is not below scrape.timeout (2s), so a request that hangs is never tried again",
	})
}

// What cannot be meant but lets the rest run is told apart: a check makes errors of it.
func TestMistakes(t *testing.T) {
	c := load(t, with("prefix: ${PREFIX}", "resource_group_id: $(GROUP)", "endpoint: https://{region}.example.com",
		"buckets: {include: ['a${x}']}", "labels: {a: '${b', c: '$d'}", "proxy_url: http://$(USER):x@proxy",
		"credentials: {type: static, access_key_id: '${KEY_ID}', access_key_secret: <secret>}"), Options{})
	const variable = "a variable stands in it, and the exporter expands none; expand it before the exporter reads the file, or put the value " +
		"into a file of its own"
	equal(t, c.Mistakes, []string{
		"line 4: accounts[0].prefix: " + variable, "line 5: accounts[0].resource_group_id: " + variable,
		"line 9: accounts[0].proxy_url: " + variable, "line 10: accounts[0].credentials.access_key_id: " + variable,
		"line 10: accounts[0].credentials.access_key_secret: a secret is masked here; put the secret back",
	})
}

func TestProblemsHavePlaces(t *testing.T) {
	_, err := Load(strings.NewReader("scrape: {timeout: 0s}\naccounts: []\n"), Options{Name: "config.yml"})
	var ps Problems
	if !errors.As(err, &ps) {
		t.Fatalf("%T, want Problems", err)
	}
	equal(t, ps, Problems{
		{"config.yml", 1, "scrape.timeout", "expected a duration above 0s, found 0s"},
		{"config.yml", 2, "accounts", "expected at least one account; add one with its name and regions"},
	})
}

func TestLoadFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "config.yml")
	text := withCredentials("type: oidc_role_arn", "role_arn: acs:ram::1:role/a", "oidc_token_file: token")
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := LoadFile(name, func(key string) string { return "value of " + key })
	if err != nil {
		t.Fatal(err)
	}
	equal(t, c.Accounts[0].Credentials, Credentials{
		Type:            TypeOIDCRoleARN,
		RoleARN:         "acs:ram::1:role/a",
		OIDCProviderARN: "value of ALIBABA_CLOUD_OIDC_PROVIDER_ARN",
		OIDCTokenFile:   filepath.Join(dir, "token"),
	})
}

func TestUnreadable(t *testing.T) {
	dir := t.TempDir()
	missing := filepath.Join(dir, "config.yml")
	fromFile := func(path string) error {
		_, err := LoadFile(path, nil)
		return err
	}
	fromReader := func(err error) error {
		_, err = Load(io.MultiReader(strings.NewReader("accounts:"), iotest.ErrReader(err)), Options{Name: "config.yml"})
		return err
	}
	const remedy = "; name the right one with --config.file"
	for _, c := range []struct {
		err  error
		want string
	}{
		{fromFile(missing), missing + ": the configuration file does not exist" + remedy},
		{fromFile(dir), dir + ": the configuration file cannot be read: is a directory" + remedy},
		{fromFile("a\x00b"), "a\x00b: the configuration file cannot be read: invalid argument" + remedy},
		{fromReader(&fs.PathError{Err: fs.ErrPermission}),
			"config.yml: the configuration file may not be read by the user that the exporter runs as" + remedy},
		{fromReader(errors.New("disk on fire")), "config.yml: the configuration file cannot be read: disk on fire" + remedy},
	} {
		if got := c.err.Error(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}
