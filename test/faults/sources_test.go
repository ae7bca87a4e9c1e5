package faults

import (
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// keyServer is what credentials_uri asks: each account has a path of its own, which fails in its way until it is healed.
type keyServer struct {
	*httptest.Server
	mu  sync.Mutex
	bad map[string]http.HandlerFunc
}

func (k *keyServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("account")
	k.mu.Lock()
	bad := k.bad[name]
	k.mu.Unlock()
	if bad != nil {
		bad(w, r)
		return
	}
	good := key(name)
	fmt.Fprintf(w, `{"Code":"Success","AccessKeyId":%q,"AccessKeySecret":%q,"SecurityToken":%q,"Expiration":%q}`,
		good.ID, good.Secret, good.Token, time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
}

// says answers with a status and a text.
func says(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

func badKeys() map[string]http.HandlerFunc {
	s := secret("uri")
	return map[string]http.HandlerFunc{
		"source-error":   says(500, "no: "+s),
		"source-html":    says(200, "<html>"+s),
		"source-empty":   says(200, ""),
		"source-null":    says(200, "null"),
		"source-no-key":  says(200, `{"Code":"Success","AccessKeyId":"","AccessKeySecret":"`+s+`"}`),
		"source-refuses": says(200, `{"Code":"Forbidden","Message":"`+s+`"}`),
		"source-cut": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "500")
			_, _ = io.WriteString(w, `{"Code":"Success","AccessKeyId":"LTAI","AccessKeySecret":"`+s)
		},
		"source-closed": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"source-hangs":  func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
	}
}

// startSources has an account for each row that gets its key from the key server.
func startSources(t *testing.T, s *suite) *exporter {
	keys := &keyServer{bad: badKeys()}
	keys.Server = httptest.NewServer(keys)
	t.Cleanup(keys.Close)
	t.Cleanup(keys.CloseClientConnections)
	x := &exporter{cloud: startSimulation(t)}
	var b strings.Builder
	fmt.Fprintf(&b, "scrape: {timeout: %s}\naccounts:\n", deadline)
	for _, r := range append(sources(), row{id: "calm"}) {
		if r.alone != nil {
			continue
		}
		x.account(r.id)
		fmt.Fprintf(&b, "- name: %s\n  regions: [%s]\n  endpoint: %s\n  request_timeout: 10s\n  credentials: {type: credentials_uri, uri: \"%s/%s?account=%[1]s\"}\n",
			r.id, struck.region, x.cloud.URL, keys.URL, secret("path"))
	}
	started := s.start(t, b.String(), launch{})
	started.cloud, started.keys = x.cloud, keys
	return started
}

func sources() []row {
	rows := []row{{id: "source-hangs", do: sourceHangs}}
	for _, id := range []string{
		"source-error", "source-html", "source-empty", "source-null", "source-no-key", "source-refuses", "source-cut", "source-closed",
	} {
		rows = append(rows, row{id: id, strikes: []strike{{
			at: regionKey{id, struck.region}, fresh: true, inject: healedAt(id), reason: "no_credentials", status: "none",
			errors: map[string]float64{"no_credentials": 1},
		}}})
	}
	return append(rows,
		row{id: "source-hangs-at-the-end", alone: sourceHangsAtTheEnd},
		row{id: "source-none", alone: func(t *testing.T, s *suite) { sourceless(t, s, "{}", "") }},
		row{id: "source-profile-broken", alone: func(t *testing.T, s *suite) {
			home := t.TempDir()
			must(t, os.Mkdir(filepath.Join(home, ".aliyun"), 0o700))
			text := `{"current":"default","profiles":[{"name":"default","mode":"AK","access_key_secret":"` + secret("profile") + `"`
			must(t, os.WriteFile(filepath.Join(home, ".aliyun", "config.json"), []byte(text), 0o600))
			sourceless(t, s, "{type: default}", "HOME="+home)
		}},
		row{id: "source-token-file-missing", alone: func(t *testing.T, s *suite) {
			sourceless(t, s, "{type: oidc_role_arn, role_arn: 'acs:ram::1037350000000000:role/x', "+
				"oidc_provider_arn: 'acs:ram::1037350000000000:oidc-provider/x', oidc_token_file: none}", "")
		}},
		row{id: "source-sts-refuses", alone: stsRefuses},
	)
}

// stsRefuses has STS refuse a role at 200 scrapes: nothing is left behind, and another account is well all the while.
func stsRefuses(t *testing.T, s *suite) {
	sts := httptest.NewTLSServer(says(http.StatusForbidden, `{"Code":"NoPermission","Message":"`+secret("sts")+`"}`))
	t.Cleanup(sts.Close)
	cloud := startSimulation(t)
	good := twoAccounts(cloud.URL, 10*time.Second)
	host := sts.Listener.Addr().String()
	role := strings.TrimSuffix(inline("struck"), "}") +
		fmt.Sprintf(", sts_endpoint: %q, assume_role: {role_arn: 'acs:ram::1037350000000000:role/x'}}\n  tls_config: {ca_file: ca.pem}", host)
	dir := t.TempDir()
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: sts.Certificate().Raw})
	must(t, os.WriteFile(filepath.Join(dir, "ca.pem"), ca, 0o600))
	x := s.start(t, strings.Replace(good, inline("struck"), role, 1), launch{dir: dir})
	x.cloud = cloud
	x.strike(t, strike{
		fresh: true, anew: true, reason: "no_credentials", status: "none", errors: map[string]float64{"no_credentials": 1},
		log: "STS at " + host + ": AssumeRole: NoPermission",
		inject: func(*testing.T, *exporter) func() {
			_, before, _ := x.usage(t)
			for range 200 {
				x.wantUp(t, regionKey{"other", struck.region}, x.scrape(t))
			}
			if _, after, _ := x.usage(t); after > before+10 {
				t.Errorf("%d descriptors before 200 refusals, %d after", before, after)
			}
			return func() {
				x.configure(t, good)
				x.reload(t, http.StatusOK)
			}
		},
	})
	x.visitAll(t)
	x.end(t)
}

// healedAt has the key server answer well from the healing on.
func healedAt(id string) func(*testing.T, *exporter) func() {
	return func(_ *testing.T, x *exporter) func() {
		return func() {
			x.keys.mu.Lock()
			defer x.keys.mu.Unlock()
			x.keys.bad[id] = nil
		}
	}
}

// sourceHangs comes first, as the others would wait for the deadline with it: it has the scraper's own deadline pass.
func sourceHangs(t *testing.T, x *exporter) {
	p := regionKey{"source-hangs", struck.region}
	began := time.Now()
	s, err := x.scrapeFor(t, "/metrics", "2")
	must(t, err)
	if took := time.Since(began); took > 2*time.Second+slack {
		t.Errorf("it took %s", took)
	}
	want := fmt.Sprintf(`ossvector_api_errors_total{account="%s",operation="ListVectorBuckets",reason="timeout",region="%s"}`, p.account, p.region)
	if s[want] != 1 {
		t.Errorf("%v", samplesOf(s, p, "ossvector_last_error_info"))
	}
	x.wantUp(t, regionKey{"calm", struck.region}, s)
	healedAt(p.account)(t, x)()
	x.keys.CloseClientConnections()
	eventually(t, "recovery", func() bool {
		up, _ := value(x.scrape(t), p, "ossvector_up")
		return up == 1
	})
}

// sourceless starts with an account that has no key and goes on with one: a reload heals it.
func sourceless(t *testing.T, s *suite, source, env string) {
	cloud := startSimulation(t)
	good := twoAccounts(cloud.URL, 10*time.Second)
	x := s.start(t, strings.Replace(good, inline("struck"), source, 1), launch{env: strings.Fields(env)})
	x.cloud = cloud
	x.strike(t, strike{
		fresh: true, anew: true, reason: "no_credentials", status: "none", errors: map[string]float64{"no_credentials": 1},
		inject: func(*testing.T, *exporter) func() {
			return func() {
				x.configure(t, good)
				x.reload(t, http.StatusOK)
			}
		},
	})
	x.visitAll(t)
	x.end(t)
}

// sourceHangsAtTheEnd asks for the end while the source of the keys hangs and no scrape waits for it any more.
func sourceHangsAtTheEnd(t *testing.T, s *suite) {
	x := startSources(t, s)
	if _, err := x.scrapeFor(t, "/metrics", "1"); err != nil {
		t.Error(err)
	}
	began := time.Now()
	x.end(t)
	if took := time.Since(began); took > 2*slack {
		t.Errorf("the end took %s", took)
	}
}
