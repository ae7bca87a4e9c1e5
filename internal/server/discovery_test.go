package server_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ossvector_exporter/collector"
)

// record serves one request without a network, for what only a handler can be given.
func record(t testing.TB, h http.Handler, target string, change ...func(*http.Request)) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)
	path, query, _ := strings.Cut(target, "?")
	r.URL.Path, r.URL.RawQuery = path, query
	for _, c := range change {
		c(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestDiscovery(t *testing.T) {
	got := get(t, start(t, options(&fake{})), "/discovery", "Host", "exporter.example:10073")
	want := `[{"targets":["exporter.example:10073"],"labels":{"__metrics_path__":"/probe","__param_account":"production","__param_region":"cn-hangzhou","__scheme__":"http","instance":"exporter.example:10073/production/cn-hangzhou"}},` +
		`{"targets":["exporter.example:10073"],"labels":{"__metrics_path__":"/probe","__param_account":"production","__param_region":"cn-shanghai","__scheme__":"http","instance":"exporter.example:10073/production/cn-shanghai"}},` +
		`{"targets":["exporter.example:10073"],"labels":{"__metrics_path__":"/probe","__param_account":"staging","__param_region":"cn-hangzhou","__scheme__":"http","instance":"exporter.example:10073/staging/cn-hangzhou"}}]` + "\n"
	if d := cmp.Diff(want, got.body); d != "" || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("%s, -want +got:\n%s", got.header.Get("Content-Type"), d)
	}
}

func TestDiscoveryHasTheLabelsOfAccounts(t *testing.T) {
	f := &fake{accounts: []collector.Account{{Name: "a", Regions: []string{"cn-a"}, Labels: map[string]string{"team": "search"}}}}
	wantContains(t, get(t, start(t, options(f)), "/discovery").body, `"instance":"`, `"__meta_ossvector_label_team":"search"`)
}

func TestDiscoveryOfNothingIsAList(t *testing.T) {
	if got := get(t, start(t, options(&fake{accounts: []collector.Account{}})), "/discovery"); got.body != "[]\n" {
		t.Errorf("%q", got.body)
	}
}

func TestDiscoveryBehindAProxy(t *testing.T) {
	ts := start(t, options(&fake{}))
	for forwarded, want := range map[string]string{"https": "https", "HTTPS, http": "https", "http": "http", "": "http", "javascript": "http"} {
		body := get(t, ts, "/discovery", "X-Forwarded-Proto", forwarded, "X-Forwarded-Host", "other").body
		wantContains(t, body, `"__scheme__":"`+want+`"`)
		wantWithout(t, body, "other", "javascript")
	}
}

func TestDiscoveryHost(t *testing.T) {
	h := handler(t, options(&fake{}))
	for host, ok := range map[string]bool{
		"localhost": true, "a-b.example_1:80": true, "10.0.0.1:10073": true, "[::1]:10073": true, "[2001:db8::1]": true, "x:65535": true,
		"": false, ":80": false, "x:": false, "x:0": false, "x:65536": false, "x:http": false, "x:-1": false, "::1": false, "[::1": false,
		"[fe80::1%25eth0]:80": false, "[localhost]:80": false, "[10.0.0.1]": false, "a/b": false, "a b": false, "<x>": false, "a@b": false,
		"ä": false, "x?y": false, strings.Repeat("x", 254): false,
	} {
		w := record(t, h, "/discovery", func(r *http.Request) { r.Host = host })
		var groups []struct{ Targets []string }
		err := json.Unmarshal(w.Body.Bytes(), &groups)
		if ok && (err != nil || groups[0].Targets[0] != host) {
			t.Errorf("%q: %v %s", host, err, w.Body)
		}
		if !ok && (w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "Host header")) {
			t.Errorf("%q: %d %s", host, w.Code, w.Body)
		}
	}
}
