package server_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"ossvector_exporter/internal/server"
)

func TestMethodsAndPaths(t *testing.T) {
	o := options(&fake{})
	o.EnableLifecycle, o.EnablePprof = true, true
	o.Reload = func() error { return nil }
	ts := start(t, o)
	for path, allow := range map[string]string{
		"/": "GET, HEAD", "/metrics": "GET, HEAD", "/metrics/exporter": "GET, HEAD",
		"/probe?account=staging": "GET, HEAD", "/discovery": "GET, HEAD", "/api/v1/buckets": "GET, HEAD",
		"/config": "GET, HEAD", "/runbooks": "GET, HEAD",
		"/-/healthy": "GET, HEAD", "/-/ready": "GET, HEAD", "/-/reload": "POST",
		"/debug/pprof/": "GET, HEAD", "/debug/pprof/cmdline": "GET, HEAD", "/debug/pprof/heap?debug=1": "GET, HEAD",
		"/debug/pprof/symbol": "GET, HEAD",
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get"} {
			got := request(t, ts.Client(), method, ts.URL+path)
			want := http.StatusMethodNotAllowed
			for _, m := range strings.Split(allow, ", ") {
				if m == method {
					want = http.StatusOK
				}
			}
			if got.status != want {
				t.Errorf("%s %s: %d, want %d", method, path, got.status, want)
			}
			if want == http.StatusMethodNotAllowed && got.header.Get("Allow") != allow {
				t.Errorf("%s %s: Allow %q, want %q", method, path, got.header.Get("Allow"), allow)
			}
		}
	}
}

func TestUnknownPaths(t *testing.T) {
	ts := start(t, options(&fake{}))
	for _, path := range []string{
		"/nothing", "/metrics/", "/metrics/other", "/probe/x?account=staging", "/-/", "/-/quit", "/api/v1/", "/api/v2/buckets",
		"/debug/pprof/", "/debug/pprof/cmdline", "/favicon.ico", "/index.html", "/%2e%2e/etc/passwd",
	} {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			if got := request(t, ts.Client(), method, ts.URL+path); got.status != http.StatusNotFound {
				t.Errorf("%s %s: %d, want 404", method, path, got.status)
			}
		}
	}
}

func TestSecurityHeadersEverywhere(t *testing.T) {
	ts := start(t, options(&fake{}))
	for _, path := range []string{"/", "/metrics", "/nothing", "/probe", "/discovery", "/api/v1/buckets", "/-/ready", "/-/reload"} {
		got := get(t, ts, path)
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "deny", "Referrer-Policy": "same-origin", "Cache-Control": "no-store",
		} {
			if got.header.Get(name) != want {
				t.Errorf("%s: %s %q, want %q", path, name, got.header.Get(name), want)
			}
		}
		policy := got.header.Get("Content-Security-Policy")
		wantContains(t, policy, "default-src 'none'", "frame-ancestors 'none'", "style-src 'sha256-")
		wantWithout(t, policy, "script-src", "unsafe", "http", "*")
	}
}

func TestTelemetryPath(t *testing.T) {
	for path, want := range map[string]string{
		"metrics":                      `must begin with "/"`,
		"/{path}":                      "without { and }",
		"/metrics/{$}":                 "without { and }",
		"/a b":                         "letters, digits",
		"/a?b":                         "letters, digits",
		"/a%2Fb":                       "letters, digits",
		"/ä":                           "letters, digits",
		"/a\n":                         "letters, digits",
		"/metrics/":                    `clean path: "/metrics"`,
		"//metrics":                    `clean path: "/metrics"`,
		"/a/../b":                      `clean path: "/b"`,
		"/metrics/exporter":            "another page",
		"/probe":                       "another page",
		"/discovery":                   "another page",
		"/api/v1/buckets":              "another page",
		"/config":                      "another page",
		"/runbooks":                    "another page",
		"/-/healthy":                   "another page",
		"/-/ready":                     "another page",
		"/-/reload":                    "another page",
		"/debug/pprof":                 "another page",
		"/debug/pprof/heap":            "another page",
		"/" + strings.Repeat("{", 500): `{{{" must be a path`,
	} {
		o := options(&fake{})
		o.TelemetryPath = path
		_, err := server.New(o)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "--web.telemetry-path ") {
			t.Errorf("%q: %v, want %s", path, err, want)
		}
		if err != nil && len(err.Error()) > 300 {
			t.Errorf("%q: a text of %d bytes", path, len(err.Error()))
		}
	}
}

func TestTelemetryElsewhere(t *testing.T) {
	for path, gone := range map[string]string{"/oss/vector-metrics_1.0~": "/metrics", "/": "/metrics", "/metrics": "/oss"} {
		o := options(&fake{})
		o.TelemetryPath = path
		ts := start(t, o)
		wantContains(t, get(t, ts, path).body, "ossvector_up 1", "ossvector_exporter_own 0")
		wantContains(t, get(t, ts, "/metrics/exporter").body, "ossvector_exporter_own 0")
		if got := get(t, ts, gone); got.status != http.StatusNotFound {
			t.Errorf("telemetry at %s: %s gives %d", path, gone, got.status)
		}
		if path != "/" {
			wantContains(t, get(t, ts, "/").body, `href="`+strings.TrimPrefix(path, "/")+`"`)
		}
	}
}

func TestNewRefusesNegativeOffset(t *testing.T) {
	o := options(&fake{})
	o.TimeoutOffset, o.TelemetryPath = -time.Second, "metrics"
	_, err := server.New(o)
	if err == nil {
		t.Fatal("no error")
	}
	wantContains(t, err.Error(), "--web.timeout-offset -1s is negative", "--web.telemetry-path") // both at once
}

func TestNewRefusesASecondHandlerOnTheSameRegistry(t *testing.T) {
	o := options(&fake{})
	handler(t, o)
	if _, err := server.New(o); err == nil {
		t.Error("two handlers would count into one another's metrics")
	}
}

func TestReload(t *testing.T) {
	calls := 0
	var fails error
	o := options(&fake{})
	o.EnableLifecycle = true
	o.Reload = func() error { calls++; return fails }
	ts := start(t, o)
	if got := request(t, ts.Client(), "POST", ts.URL+"/-/reload"); got.status != 200 || calls != 1 {
		t.Errorf("%d after %d calls: %s", got.status, calls, got.body)
	}
	fails = errors.New("config.yml: accounts[1].regions[0]: <nonsense>")
	got := request(t, ts.Client(), "POST", ts.URL+"/-/reload")
	want := "reload failed, the old configuration is kept: config.yml: accounts[1].regions[0]: <nonsense>\n"
	if got.status != 500 || got.body != want || got.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestReloadIsOffByDefault(t *testing.T) {
	o := options(&fake{})
	o.Reload = func() error { t.Error("called"); return nil }
	ts := start(t, o)
	if got := request(t, ts.Client(), "POST", ts.URL+"/-/reload"); got.status != http.StatusForbidden {
		t.Errorf("%d %s", got.status, got.body)
	}
}

func TestReadyOnceConfigurationIsLoaded(t *testing.T) {
	var status server.ConfigStatus
	o := options(&fake{})
	o.ConfigStatus = func() server.ConfigStatus { return status }
	ts := start(t, o)
	if got := get(t, ts, "/-/ready"); got.status != http.StatusServiceUnavailable {
		t.Errorf("not loaded: %d", got.status)
	}
	if got := get(t, ts, "/-/healthy"); got.status != http.StatusOK {
		t.Errorf("healthy: %d", got.status)
	}
	status = server.ConfigStatus{LoadedAt: noon, FailedAt: noon, Error: "broken"} // the old configuration works on
	if got := get(t, ts, "/-/ready"); got.status != http.StatusOK {
		t.Errorf("loaded: %d", got.status)
	}
}
