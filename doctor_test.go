package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ossvector_exporter/internal/doctor"
	"ossvector_exporter/ossvapi/ossvtest"
)

// ward is a simulated service with one account, and the configuration of an exporter that lists it.
type ward struct {
	t       *testing.T
	service *ossvtest.Server
	account *ossvtest.Account
	server  *httptest.Server
	extra   string // more keys of the account
	creds   string // more keys of its credentials
	key     ossvtest.Key
	stderr  io.Writer // nil: a buffer that is searched for secrets
}

func newWard(t *testing.T, o ossvtest.Options) *ward {
	t.Helper()
	w := &ward{t: t, service: ossvtest.New(o), key: ossvtest.Key{ID: "LTAI-simulated", Secret: "simulated-secret"}}
	w.account = w.service.AddAccount("1037350000000000", w.key)
	w.account.Put("cn-hangzhou", ossvtest.Bucket{Name: "docs"}, ossvtest.Bucket{Name: "images"})
	w.account.PutIndexes("cn-hangzhou", "docs", ossvtest.Index{Name: "first"})
	w.serve(httptest.NewServer(w.service))
	return w
}

// serve is where the configuration leads.
func (w *ward) serve(s *httptest.Server) {
	w.server = s
	w.t.Cleanup(s.Close)
}

// file writes bytes into the test's folder.
func (w *ward) file(name string, content []byte) string {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		w.t.Fatal(err)
	}
	return path
}

func (w *ward) doctor(flags ...string) (report string, err error) {
	w.t.Helper()
	config := fmt.Sprintf(`scrape: {timeout: 20s}
accounts:
- name: production
  regions: [cn-hangzhou, cn-shanghai]
  endpoint: %s
  indexes: true
  max_attempts: 2
  credentials: {type: static, access_key_id: %s, access_key_secret: %s, security_token: "%s"%s}
%s`, w.server.URL, w.key.ID, w.key.Secret, w.key.Token, w.creds, w.extra)
	var stdout, stderr bytes.Buffer
	flags = append([]string{"--doctor", "--config.file=" + w.file("config.yml", []byte(config))}, flags...)
	var errors io.Writer = &stderr
	if w.stderr != nil {
		errors = w.stderr
	}
	err = run(w.t.Context(), flags, &stdout, errors)
	for _, secret := range []string{w.key.Secret, w.key.ID} {
		if strings.Contains(stdout.String()+stderr.String(), secret) {
			w.t.Errorf("%s in\n%s%s", secret, stdout.String(), stderr.String())
		}
	}
	if stderr.Len() > 0 && err == nil {
		w.t.Errorf("standard error: %s", stderr.String())
	}
	return stdout.String(), err
}

// certificateUntil is a server certificate of an authority of its own for the loopback.
func certificateUntil(t *testing.T, end time.Time) (tls.Certificate, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test Authority"}, NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: end,
		IsCA: true, BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

// tlsFrom serves over TLS by a certificate that ends then, and trusts its authority.
func (w *ward) tlsFrom(end time.Time) {
	w.t.Helper()
	certificate, authority := certificateUntil(w.t, end)
	s := httptest.NewUnstartedServer(w.service)
	s.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12}
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	w.serve(s)
	w.extra = "  tls_config: {ca_file: " + w.file("ca.pem", authority) + "}\n"
}

// proxy answers instead of the service.
func (w *ward) proxy(status int, contentType, body string) {
	s := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", contentType)
		rw.WriteHeader(status)
		_, _ = rw.Write([]byte(body))
	}))
	w.t.Cleanup(s.Close)
	w.extra = "  proxy_url: " + strings.Replace(s.URL, "http://", "http://user:proxy-password@", 1) + "\n"
}

// sts is a role to assume, from an STS that answers so.
func (w *ward) sts(handler http.HandlerFunc) {
	s := httptest.NewUnstartedServer(handler)
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	w.t.Cleanup(s.Close)
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	w.extra = "  tls_config: {ca_file: " + w.file("ca.pem", authority) + "}\n"
	w.role(s.Listener.Addr().String())
}

func (w *ward) role(host string) {
	w.creds = ", sts_endpoint: \"" + host + "\", assume_role: {role_arn: \"acs:ram::1037350000000000:role/reader\"}"
}

// wardState is a state in which the doctor may find a configuration.
type wardState struct {
	name    string
	options ossvtest.Options
	prepare func(w *ward)
	well    bool
}

func wards() []wardState {
	return []wardState{
		{"all well", ossvtest.Options{}, func(w *ward) { w.tlsFrom(time.Date(2999, 1, 2, 0, 0, 0, 0, time.UTC)) }, true},
		{"no DNS", ossvtest.Options{}, func(w *ward) { w.server.URL = "http://{region}.oss-vectors.invalid" }, false},
		{"refused", ossvtest.Options{}, func(w *ward) { w.server.Close() }, false},
		{"unknown authority", ossvtest.Options{}, func(w *ward) { w.tlsFrom(time.Date(2999, 1, 2, 0, 0, 0, 0, time.UTC)); w.extra = "" }, false},
		{"expired certificate", ossvtest.Options{}, func(w *ward) { w.tlsFrom(time.Now().Add(-24 * time.Hour)) }, false},
		{"proxy wants a password", ossvtest.Options{}, func(w *ward) { w.proxy(407, "text/plain", "who are you?") }, false},
		{"proxy refuses", ossvtest.Options{}, func(w *ward) { w.proxy(403, "text/html", "<html>Blocked by policy</html>") }, false},
		{"wrong key", ossvtest.Options{}, func(w *ward) { w.key.Secret = "another-secret" }, false},
		{"expired token", ossvtest.Options{}, func(w *ward) {
			w.key.Token = "simulated-token"
			expired := w.key
			expired.Expires = time.Now().Add(-time.Minute)
			w.account.SetKeys(expired)
		}, false},
		{"denied by policy", ossvtest.Options{}, func(w *ward) {
			w.service.Inject(ossvtest.Fault{Do: ossvtest.Deny()})
		}, false},
		{"allowed by nothing", ossvtest.Options{}, func(w *ward) {
			limited := w.key
			limited.Deny = []string{ossvtest.ListVectorBuckets}
			w.account.SetKeys(limited)
		}, false},
		{"clock off by an hour", ossvtest.Options{Now: func() time.Time { return time.Now().Add(time.Hour) }}, func(*ward) {}, true},
		{"STS down", ossvtest.Options{}, func(w *ward) { w.role("sts-vpc.cn-hangzhou.invalid") }, false},
		{"STS denies", ossvtest.Options{}, func(w *ward) {
			w.sts(func(rw http.ResponseWriter, _ *http.Request) {
				rw.WriteHeader(http.StatusForbidden)
				_, _ = rw.Write([]byte(`{"Code":"NoPermission","Message":"You are not authorized to do this action.","RequestId":"6894B13B-6D71-4EF5-88FA-F32781734A7F"}`))
			})
		}, false},
		{"indexes denied", ossvtest.Options{}, func(w *ward) {
			limited := w.key
			limited.Deny = []string{ossvtest.ListVectorIndexes}
			w.account.SetKeys(limited)
		}, false},
		{"endpoint lists the account", ossvtest.Options{WholeAccount: true}, func(*ward) {}, true},
	}
}

// same replaces what differs from run to run.
func same(report string) string {
	for _, r := range []struct{ expression, by string }{
		{`[0-9.]+ (ms|s)\b`, "TIME"}, {`127\.0\.0\.1:[0-9]+`, "127.0.0.1:PORT"}, {`request id [0-9A-F-]+`, "request id ID"},
		{`until [0-9-]+`, "until DAY"}, {`[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+(Z|[+-][0-9:]+)`, "TIME"}, {`(59m5[0-9]|1h0m[0-9])s`, "1h0m0s"},
		{`version [^)]+\)`, "version VERSION)"},
	} {
		report = regexp.MustCompile(r.expression).ReplaceAllString(report, r.by)
	}
	return report
}

func TestDoctor(t *testing.T) {
	for _, c := range wards() {
		t.Run(c.name, func(t *testing.T) {
			w := newWard(t, c.options)
			c.prepare(w)
			report, err := w.doctor()
			if d := cmp.Diff(wantReports()[c.name], same(report)); d != "" {
				t.Errorf("-want +got:\n%s\n%s", d, same(report))
			}
			if (err == nil) != c.well {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestDoctorForMachines(t *testing.T) {
	w := newWard(t, ossvtest.Options{})
	w.service.Inject(ossvtest.Fault{Match: ossvtest.Match{Region: "cn-shanghai"}, Do: ossvtest.Deny()})
	report, err := w.doctor("--doctor.format=json", "--doctor.redact")
	if err == nil {
		t.Error("well")
	}
	var got doctor.Report
	if err := json.Unmarshal([]byte(report), &got); err != nil {
		t.Fatalf("%v: %s", err, report)
	}
	region := got.Accounts[0].Regions[0]
	if got.OK || len(got.Problems) != 1 || got.Problems[0].EC != "0003-00000201" || region.Buckets != 2 || region.Indexes.Bucket != "bucket-1" ||
		got.Accounts[0].Credentials.Key != "key-1" || region.Status != 200 || region.RequestID == "" {
		t.Errorf("%s", report)
	}
	for _, private := range []string{"1037350000000000", "docs", "LTAI"} {
		if strings.Contains(report, private) {
			t.Errorf("%s in %s", private, report)
		}
	}
}

func TestDoctorOfABadConfiguration(t *testing.T) {
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), []string{"--doctor", "--config.file=nowhere.yml"}, &stdout, &stderr)
	if err == nil || !strings.Contains(stderr.String(), "nowhere.yml") || stdout.Len() > 0 {
		t.Errorf("%v\n%s%s", err, stdout.String(), stderr.String())
	}
}
