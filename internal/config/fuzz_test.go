package config

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
)

// FuzzLoad holds what is promised of any file: no panic; either problems of one line each, or a configuration that
// fulfils what the rest of the program relies on.
func FuzzLoad(f *testing.F) {
	example, err := os.ReadFile(exampleFile)
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{
		string(example), with("page_size: 0"), withCredentials("type: static", "access_key_id: &a b", "access_key_secret: *a"),
		"accounts:\n- &a {name: a, regions: [cn-a]}\n- {<<: [*a], name: b, prefix: p}\n", "a: &a [*a]\n<<: *a\n",
		"scrape: {timeout: 1e3}\n---\n", "\ufeffaccounts: !!seq [~, ? a]\r\n", "\xff\xfea", "%YAML 1.1\n---\n{}\n",
		with("endpoint: http://{region}.example.com:80", "proxy_url: http://a:b@c", "tls_config: {min_version: TLS12}"),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Load(bytes.NewReader(data), Options{Name: "c.yml"})
		if err != nil {
			checkProblems(t, err)
			return
		}
		if len(c.Accounts) == 0 || c.Scrape.Timeout <= 0 || c.Scrape.MaxConcurrency < 1 || c.Scrape.MinInterval < 0 {
			t.Errorf("loaded as %+v", c)
		}
		text, err := yaml.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Load(bytes.NewReader(text), Options{Name: "c.yml"}); err != nil {
			t.Errorf("printed, it does not load again: %v\n%s", err, text)
		}
		names := map[string]bool{}
		for _, a := range c.Accounts {
			checkAccount(t, a)
			names[a.Name] = true
		}
		if len(names) != len(c.Accounts) {
			t.Errorf("names are not unique: %v", names)
		}
	})
}

func checkProblems(t *testing.T, err error) {
	t.Helper()
	var ps Problems
	if !errors.As(err, &ps) || len(ps) == 0 {
		t.Fatalf("%T, want Problems", err)
	}
	for _, p := range ps {
		if s := p.String(); strings.ContainsAny(s, "\r\n\x00") || !strings.HasPrefix(s, "c.yml:") || !utf8.ValidString(s) {
			t.Errorf("not a line of text: %q", s)
		}
	}
}

func checkAccount(t *testing.T, a Account) {
	t.Helper()
	ok := a.Name != "" && len(a.Regions) > 0 && a.PageSize >= 1 && a.PageSize <= 1000 && a.RequestTimeout > 0 &&
		a.MaxAttempts >= 1 && a.BucketQuota >= 0 && a.IndexInterval >= 0 && a.Credentials.Type != "" &&
		!strings.ContainsFunc(a.ResourceGroupID, func(r rune) bool { return r < 0x20 || r > 0x7e }) && a.TLSConfig.Validate() == nil
	for _, r := range a.Regions {
		ok = ok && regionForm.MatchString(r)
		if a.Endpoint != "" {
			req, err := http.NewRequest(http.MethodGet, strings.ReplaceAll(a.Endpoint, "{region}", r), nil)
			ok = ok && err == nil && req.URL.Host != "" && req.URL.Path == ""
		}
	}
	if !ok {
		t.Errorf("loaded as %+v", a)
	}
}
