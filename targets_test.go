package main

import (
	"encoding/pem"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"
	commonconfig "github.com/prometheus/common/config"

	"ossvector_exporter/collector"
	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

// A file that goes between the check of the configuration and its use is reported all the same.
func TestTargetsWithoutTheirFile(t *testing.T) {
	c := collector.New(log.NewNopLogger())
	defer c.Close()
	_, err := targets(&config.Config{Accounts: []config.Account{
		{Name: "a", Regions: []string{"cn-hangzhou"}},
		{Name: "b", Regions: []string{"cn-hangzhou"}, TLSConfig: commonconfig.TLSConfig{CAFile: "none.pem"}},
	}}, c.Observer, log.NewNopLogger())
	const text = "accounts[1].tls_config: unable to read CA cert: unable to read file none.pem: open none.pem: " +
		"no such file or directory; check the file or the PEM that it names"
	if err == nil || err.Error() != text {
		t.Errorf("got  %v\nwant %s", err, text)
	}
}

// The account's proxy and authorities are for its calls of STS, too.
func TestProxyAndAuthoritiesOfSTS(t *testing.T) {
	refusing := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"Code": "NoPermission"}`)
	})
	proxy, sts := httptest.NewServer(refusing), httptest.NewTLSServer(refusing)
	defer proxy.Close()
	defer sts.Close()
	proxyURL, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	host := sts.Listener.Addr().String()
	ca := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: sts.Certificate().Raw}))
	for _, c := range []struct {
		want    string
		account config.Account
	}{
		{"the proxy " + proxyURL.Host + " does not connect to STS at " + host + ": HTTP status 403",
			config.Account{ProxyURL: commonconfig.URL{URL: proxyURL}}},
		{"STS at " + host + ": AssumeRole: NoPermission; allow sts:AssumeRole to the caller and the caller in the role's trust policy",
			config.Account{TLSConfig: commonconfig.TLSConfig{CA: ca}}},
	} {
		c.account.Name, c.account.Regions = "a", []string{"cn-hangzhou"}
		c.account.PageSize, c.account.MaxAttempts, c.account.RequestTimeout = 10, 1, time.Minute
		c.account.Credentials = config.Credentials{
			Type: config.TypeStatic, AccessKeyID: "LTAIexample", AccessKeySecret: "secret", STSEndpoint: host,
			AssumeRole: &config.AssumeRole{RoleARN: "acs:ram::1037350000000000:role/reader"},
		}
		observer := collector.New(log.NewNopLogger())
		t.Cleanup(observer.Close)
		built, err := target(c.account, observer.Observer("a"), log.NewNopLogger())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(built.Close)
		for _, err := range built.API.Buckets(t.Context(), "cn-hangzhou", nil) {
			var e *ossvapi.Error
			if !errors.As(err, &e) || e.Message != c.want {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		}
	}
}

// What is logged of an account's credentials names the account.
func TestLinesOfCredentialsNameTheirAccount(t *testing.T) {
	var gone atomic.Bool
	source := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if gone.Load() {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, `{"AccessKeyId": "LTAIexample", "AccessKeySecret": "secret", "SecurityToken": "token", "Expiration": "2000-01-01T00:03:30Z"}`)
	}))
	defer source.Close()
	synctest.Test(t, func(t *testing.T) { // begins in the year 2000
		var lines console
		c, err := newClient(config.Account{
			Name: "a", Regions: []string{"cn-hangzhou"},
			Credentials: config.Credentials{Type: config.TypeCredentialsURI, URI: commonconfig.Secret(source.URL)},
		}, nil, nil, log.NewLogfmtLogger(&lines))
		if err != nil {
			t.Fatal(err)
		}
		defer c.close()
		for range 2 { // the second time the key is renewed in the background
			if _, err := c.keys.Key(t.Context()); err != nil {
				t.Fatal(err)
			}
			gone.Store(true)
			time.Sleep(time.Minute)
			synctest.Wait()
		}
		want(t, lines.String(), "account=a ", "the key could not be renewed")
	})
}

// What is known of an account outlives a reload of the same file, and one that changes nothing but how long a scrape may
// last or an answer from memory may do. Any other change of the account's configuration starts it anew.
func TestReloadKeepsWhatIsKnown(t *testing.T) {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ListAllMyBucketsResult": {"Buckets": []}}`)
	}))
	defer api.Close()
	c := collector.New(log.NewNopLogger())
	defer c.Close()
	reload := func(scrape, account string) {
		t.Helper()
		file := filepath.Join(t.TempDir(), "config.yml")
		write(t, file, "scrape: {"+scrape+"}\naccounts:\n- name: a\n  regions: [cn-hangzhou]\n  endpoint: "+api.URL+
			"\n  labels: {team: x}\n  credentials: {type: static, access_key_id: LTAI-id, access_key_secret: secret}\n  "+account)
		load := func() (*config.Config, error) { return config.LoadFile(file, os.Getenv) }
		if _, err := apply(c, load, log.NewNopLogger()); err != nil {
			t.Fatal(err)
		}
	}
	known := func() bool {
		t.Helper()
		states := c.State(collector.Selection{})
		if len(states) != 1 {
			t.Fatalf("%d regions", len(states))
		}
		return states[0].Listed
	}
	reload("", "")
	if _, err := c.Gatherer(t.Context(), collector.Selection{}, 0).Gather(); err != nil || !known() {
		t.Fatal("the region was not listed", err)
	}
	for _, scrape := range []string{"", "timeout: 20s", "max_concurrency: 3", "min_interval: 10s"} {
		if reload(scrape, ""); !known() {
			t.Errorf("a reload with %q forgot what was known", scrape)
		}
	}
	if reload("", "min_interval: 20s"); !known() {
		t.Error("a reload with another min_interval forgot what was known")
	}
	if reload("", "page_size: 10"); known() {
		t.Error("an account that changed is taken for the old one")
	}
}

// A bucket's whole name is what an expression matches; without expressions there is no filter.
func TestBucketFilters(t *testing.T) {
	got, err := accountSettings(config.Account{Buckets: config.Buckets{Include: []string{"a.*", "b|c", "(?i)d"}, Exclude: []string{"ab"}}})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"ax": true, "b": true, "c": true, "D": true, "A": false, "xb": false, "bc": false, "cx": false} {
		if got.Include.MatchString(name) != want {
			t.Errorf("include matches %q: %t", name, !want)
		}
	}
	if !got.Exclude.MatchString("ab") || got.Exclude.MatchString("abc") {
		t.Errorf("exclude %v", got.Exclude)
	}
	if got, err := accountSettings(config.Account{}); err != nil || got.Include != nil || got.Exclude != nil {
		t.Errorf("without a filter: %v, %v, %v", got.Include, got.Exclude, err)
	}
}
