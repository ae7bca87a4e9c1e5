package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	commonconfig "github.com/prometheus/common/config"

	"ossvector_exporter/collector"
	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

// filled sets every field to a value of its own and tells of each, by its path.
func filled(t *testing.T, v reflect.Value, path string, n *int, tell func(path string, v reflect.Value)) {
	t.Helper()
	*n++
	text := fmt.Sprintf("value-%d", *n)
	switch p := v.Addr().Interface().(type) {
	case *time.Duration:
		*p = time.Duration(*n) * time.Hour
	case *commonconfig.URL:
		p.URL = &url.URL{Scheme: "http", Host: text}
	case *commonconfig.TLSConfig:
		p.ServerName = text // the library makes a tls.Config of all of it
	case *map[string]string:
		*p = map[string]string{"label": text}
	case *[]string:
		*p = []string{text}
	default:
		switch v.Kind() {
		case reflect.String:
			v.SetString(text)
		case reflect.Int:
			v.SetInt(int64(*n))
		case reflect.Bool:
			v.SetBool(true)
		case reflect.Struct:
			for i := range v.NumField() {
				filled(t, v.Field(i), path+"."+v.Type().Field(i).Name, n, tell)
			}
			return
		case reflect.Pointer:
			v.Set(reflect.New(v.Type().Elem()))
			filled(t, v.Elem(), path, n, tell)
			return
		default:
			t.Fatalf("%s has a type that this test does not know: %s", path, v.Type())
		}
	}
	tell(path, v)
}

// arrived is what the wiring makes of a configuration, by the same paths where the names are others.
func arrived(t *testing.T, s config.Scrape, a config.Account) map[string]any {
	t.Helper()
	account, err := accountSettings(a)
	if err != nil {
		t.Fatal(err)
	}
	connections, err := transportOptions(a)
	if err != nil {
		t.Fatal(err)
	}
	proxy, err := connections.Proxy(&http.Request{URL: &url.URL{Scheme: "https", Host: "x"}})
	if err != nil {
		t.Fatal(err)
	}
	api, settings := apiOptions(a), scrapeSettings(s)
	return map[string]any{
		".Scrape.Timeout": settings.Timeout, ".Scrape.MaxConcurrency": settings.MaxConcurrency,
		".Name": account.Name, ".Regions": account.Regions, ".InternalRegions": api.InternalRegions, ".Endpoint": api.Endpoint,
		".Prefix": api.Prefix, ".ResourceGroupID": api.ResourceGroupID, ".PageSize": api.PageSize, ".RequestTimeout": api.RequestTimeout,
		".MaxAttempts": api.MaxAttempts, ".MaxBuckets": api.MaxBuckets, ".BucketQuota": account.BucketQuota,
		".PerBucketMetrics": account.PerBucket, ".MaxBucketSeries": account.MaxBucketSeries,
		".Buckets.Include": account.Include.String(), ".Buckets.Exclude": account.Exclude.String(), ".Labels": account.Labels,
		".MinInterval": account.MinInterval, ".Indexes": account.Indexes, ".IndexInterval": account.IndexInterval,
		".ProxyURL": proxy.String(), ".TLSConfig": connections.TLS.ServerName,
	}
}

// Every key of the configuration arrives where it works. A new one fails this test until it is wired.
func TestEveryKeyArrives(t *testing.T) {
	var (
		s        config.Scrape
		a        config.Account
		n        int
		wants    = map[string]string{}
		resolved = map[string]bool{".Scrape.MinInterval": true} // resolved by config into the accounts' own
	)
	tell := func(path string, v reflect.Value) {
		text := fmt.Sprint(v.Interface())
		switch p := v.Addr().Interface().(type) {
		case *commonconfig.URL:
			text = p.String()
		case *commonconfig.TLSConfig:
			text = p.ServerName
		}
		wants[path] = text
	}
	filled(t, reflect.ValueOf(&s).Elem(), ".Scrape", &n, tell)
	filled(t, reflect.ValueOf(&a).Elem(), "", &n, tell)
	got := arrived(t, s, a)
	for path, want := range wants {
		if resolved[path] || strings.HasPrefix(path, ".Credentials.") { // a test of internal/credentials sees those arrive
			continue
		}
		value, known := got[path]
		text := fmt.Sprint(value)
		if strings.HasPrefix(path, ".Buckets.") {
			want = "^(?:" + strings.Trim(want, "[]") + ")$"
		}
		if !known || text != want && !strings.Contains(text, strings.Trim(want, "^$")) {
			t.Errorf("%s: %v arrives, want %s", path, value, want)
		}
	}
	if len(wants) < 30 {
		t.Errorf("%d keys only", len(wants))
	}
}

// An account's identity, by which a reload finds out whether it changed, has every key but the one that may change.
func TestIdentityHasEveryKey(t *testing.T) {
	var (
		n     int
		paths []string
		base  config.Account
	)
	filled(t, reflect.ValueOf(&base).Elem(), "", &n, func(path string, _ reflect.Value) { paths = append(paths, path) })
	for i, path := range paths {
		var other config.Account
		n, at := 0, 0
		filled(t, reflect.ValueOf(&other).Elem(), "", &n, func(_ string, v reflect.Value) {
			if at == i {
				v.SetZero()
			}
			at++
		})
		if same := reflect.DeepEqual(identity(base), identity(other)); same != (path == ".MinInterval") {
			t.Errorf("%s: the same account %t", path, same)
		}
	}
}

// Configuration and API agree on what a region is, and on the host where nothing else is configured: two accounts that ask the
// same host for the same region are refused.
func TestRegionsAreThoseOfTheAPI(t *testing.T) {
	load := func(format string, args ...any) error {
		_, err := config.Load(strings.NewReader(fmt.Sprintf("accounts:\n- "+format, args...)), config.Options{})
		return err
	}
	for _, r := range []string{"cn-hangzhou", "a-b", "cn", "cn_x", "Cn-x", "cn--x", "-cn-x", "cn-x-", "cn-1", "cn-" + strings.Repeat("x", 60), "cn-" + strings.Repeat("x", 61)} {
		if err := load("{name: a, regions: [%s]}", r); (err == nil) != ossvapi.ValidRegion(r) {
			t.Errorf("%s: %v, valid for the API: %t", r, err, ossvapi.ValidRegion(r))
		}
	}
	for _, internal := range []string{"", "cn-hangzhou"} {
		asked := &hostRecorder{}
		api := ossvapi.New(ossvapi.Options{
			InternalRegions: []string{internal}, PageSize: 1, MaxAttempts: 1, RequestTimeout: time.Minute, Keys: oneKey{}, Observer: noObserver{},
			Transport: func(ossvapi.Operation, string) http.RoundTripper { return asked },
		})
		for _, err := range api.Buckets(t.Context(), "cn-hangzhou", nil) {
			if err == nil {
				t.Error("an answer")
			}
		}
		err := load("{name: a, regions: [cn-hangzhou]}\n- {name: b, regions: [cn-hangzhou], endpoint: 'https://%s'}", asked.host)
		if asked.host == "" || err == nil || !strings.Contains(err.Error(), "accounts[0] lists this region") {
			t.Errorf("%q beside the default: %v", asked.host, err)
		}
	}
}

// hostRecorder remembers what host a request is for, and sends none.
type hostRecorder struct{ host string }

func (h *hostRecorder) RoundTrip(r *http.Request) (*http.Response, error) {
	h.host = r.URL.Host
	return nil, http.ErrHandlerTimeout
}

// oneKey is a key to sign with.
type oneKey struct{}

func (oneKey) Key(context.Context) (ossvapi.Key, error) {
	return ossvapi.Key{ID: "LTAIexample", Secret: "secret"}, nil
}

func (oneKey) Renew(context.Context, ossvapi.Key) (ossvapi.Key, error) {
	return ossvapi.Key{}, http.ErrHandlerTimeout
}

type noObserver struct{}

func (noObserver) Attempt(ossvapi.Attempt) {}
func (noObserver) Failure(*ossvapi.Error)  {}

// Every flag reaches the value that the program reads, and every one of the server's its options.
func TestEveryFlagArrives(t *testing.T) {
	values := map[string]string{ // of flags whose value is no text
		"web.timeout-offset": "77s", "config.auto-reload-interval": "77s", "web.max-requests": "77", "log.level": "debug", "log.format": "json",
		"doctor.format": "json", "web.listen-address": "127.0.0.1:77",
	}
	answered := map[string]bool{"help": true, "help-long": true, "help-man": true, "completion-bash": true,
		"completion-script-bash": true, "completion-script-zsh": true, "version": true}
	unset, err := parseFlags(nil, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	before := flagValues(unset)
	for _, flag := range flagNames(t) {
		if answered[flag.Name] {
			continue
		}
		arg := "--" + flag.Name
		if !flag.IsBoolFlag() {
			value := values[flag.Name]
			if value == "" {
				value = "/text"
			}
			arg += "=" + value
		}
		f, err := parseFlags([]string{arg}, io.Discard, io.Discard)
		if err != nil {
			t.Errorf("%s: %v", arg, err)
			continue
		}
		if flagValues(f) == before {
			t.Errorf("%s changes nothing", arg)
		}
	}
	f, err := parseFlags([]string{"--web.telemetry-path=/x", "--web.timeout-offset=77s", "--web.enable-lifecycle", "--web.enable-pprof",
		"--web.max-requests=78"}, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	own := prometheus.NewRegistry()
	o := serverOptions(f, collector.New(log.NewNopLogger()), own, log.NewNopLogger())
	if o.TelemetryPath != "/x" || o.TimeoutOffset != 77*time.Second || !o.EnableLifecycle || !o.EnablePprof || o.MaxRequests != 78 ||
		o.Exporter != own || o.Registry != own || o.Version == "" {
		t.Errorf("the server's options are %+v", o)
	}
}

// flagValues are all values of a command line, as one text.
func flagValues(f *flags) string {
	toolkit := *f.web
	f.web = nil
	return fmt.Sprintf("%+v %v %v %v", *f, *toolkit.WebListenAddresses, *toolkit.WebConfigFile, *toolkit.WebSystemdSocket)
}

// flagNames are all flags that --help tells of.
func flagNames(t *testing.T) []*kingpin.FlagModel {
	t.Helper()
	app := kingpin.New(program, "")
	(&flags{}).declare(app)
	if n := len(app.Model().Flags); n < 20 {
		t.Fatalf("%d flags", n)
	}
	return app.Model().Flags
}
