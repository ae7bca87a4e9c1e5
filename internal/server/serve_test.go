package server_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/exporter-toolkit/web"
	"golang.org/x/crypto/bcrypt"

	"ossvector_exporter/internal/server"
)

// running is a Serve in the background.
type running struct {
	addresses []string
	lines     *logs
	done      chan error
	stop      context.CancelFunc
	once      sync.Once
}

// serving is how a test wants to be served; zero fields are the defaults.
type serving struct {
	listeners     int
	config        string // of the web configuration file; empty: none
	header, grace time.Duration
}

// serve starts and waits until every listener is up; their ports are those that the system gives.
func serve(t *testing.T, h http.Handler, s serving) *running {
	t.Helper()
	file := ""
	if s.config != "" {
		file = filepath.Join(t.TempDir(), "web.yml")
		write(t, file, []byte(s.config))
	}
	var listen []string
	for range max(1, s.listeners) {
		listen = append(listen, "127.0.0.1:0")
	}
	reader, writer := io.Pipe()
	r := &running{lines: &logs{}, done: make(chan error, 1)}
	var ctx context.Context
	ctx, r.stop = context.WithCancel(t.Context())
	off := false
	flags := &web.FlagConfig{WebListenAddresses: &listen, WebSystemdSocket: &off, WebConfigFile: &file}
	go func() {
		l := slog.New(slog.NewTextHandler(io.MultiWriter(r.lines, writer), &slog.HandlerOptions{Level: slog.LevelDebug}))
		r.done <- server.ServeBriefly(ctx, h, flags, l, s.header, s.grace)
		writer.Close()
	}()
	r.await(t, reader, len(listen))
	t.Cleanup(func() { r.end(t) })
	return r
}

// await reads the log until n listeners have told their addresses and that they serve, and drains it from then on.
func (r *running) await(t *testing.T, log io.Reader, n int) {
	t.Helper()
	address := regexp.MustCompile(`msg="Listening on" address=(\S+)`)
	lines, ready := bufio.NewScanner(log), 0
	for (len(r.addresses) < n || ready < n) && lines.Scan() {
		if m := address.FindStringSubmatch(lines.Text()); m != nil {
			r.addresses = append(r.addresses, m[1])
		}
		if strings.Contains(lines.Text(), `msg="TLS is `) {
			ready++
		}
	}
	if len(r.addresses) < n {
		t.Fatalf("not serving:\n%s", r.lines)
	}
	go func() { _, _ = io.Copy(io.Discard, log) }()
}

// end stops the server, once, and expects no error.
func (r *running) end(t *testing.T) {
	t.Helper()
	r.once.Do(func() {
		r.stop()
		if err := <-r.done; err != nil {
			t.Errorf("Serve: %v", err)
		}
	})
}

func write(t *testing.T, file string, b []byte) {
	t.Helper()
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func client(t *testing.T, config *tls.Config) *http.Client {
	t.Helper()
	tr := &http.Transport{TLSClientConfig: config, ForceAttemptHTTP2: true}
	t.Cleanup(tr.CloseIdleConnections)
	return &http.Client{Transport: tr}
}

func TestServeOnSeveralAddresses(t *testing.T) {
	r := serve(t, handler(t, options(&fake{})), serving{listeners: 3})
	c := client(t, nil)
	for _, a := range r.addresses {
		wantContains(t, request(t, c, "GET", "http://"+a+"/metrics").body, "ossvector_up 1")
	}
	c.CloseIdleConnections()
	r.end(t)
	for _, a := range r.addresses {
		if conn, err := net.Dial("tcp", a); err == nil {
			conn.Close()
			t.Errorf("%s is still open", a)
		}
	}
}

func TestServeFailsWhole(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	broken := filepath.Join(t.TempDir(), "web.yml")
	write(t, broken, []byte("tls_server_config: {cert_file: none.crt, key_file: none.key}\n"))
	none, on, off := "", true, false
	for name, c := range map[string]struct {
		listen []string
		config *string
		socket *bool
		want   string
	}{
		"an address that is taken": {[]string{"127.0.0.1:0", taken.Addr().String()}, &none, &off, "cannot serve on " + taken.Addr().String()},
		"no certificate":           {[]string{"127.0.0.1:0"}, &broken, &off, "none.crt"},
		"no address":               {nil, &none, &off, "no web listen address"},
		"no systemd socket":        {[]string{"127.0.0.1:0"}, &none, &on, "systemd passed no socket"},
	} {
		t.Run(name, func(t *testing.T) {
			flags := &web.FlagConfig{WebListenAddresses: &c.listen, WebSystemdSocket: c.socket, WebConfigFile: c.config}
			err := server.Serve(t.Context(), http.NotFoundHandler(), flags, slog.New(slog.DiscardHandler))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestServeNothingWithoutContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	none, off, listen := "", false, []string{"127.0.0.1:0"}
	flags := &web.FlagConfig{WebListenAddresses: &listen, WebSystemdSocket: &off, WebConfigFile: &none}
	if err := server.Serve(ctx, http.NotFoundHandler(), flags, slog.New(slog.DiscardHandler)); err != nil {
		t.Error(err)
	}
}

// certificate writes the one of httptest, which is for 127.0.0.1, and returns the pool that trusts it.
func certificate(t *testing.T) (config string, pool *x509.CertPool) {
	t.Helper()
	ts := httptest.NewTLSServer(http.NotFoundHandler())
	defer ts.Close()
	secret, err := x509.MarshalPKCS8PrivateKey(ts.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "tls.crt"), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ts.Certificate().Raw}))
	write(t, filepath.Join(dir, "tls.key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}))
	pool = x509.NewCertPool()
	pool.AddCert(ts.Certificate())
	return "tls_server_config: {cert_file: " + dir + "/tls.crt, key_file: " + dir + "/tls.key}\n", pool
}

func TestTLSAndBasicAuth(t *testing.T) {
	config, pool := certificate(t)
	hash, err := bcrypt.GenerateFromPassword([]byte("geheim"), bcrypt.MinCost)
	if err != nil {
		t.Fatal(err)
	}
	config += "basic_auth_users: {prom: '" + string(hash) + "'}\n" +
		"http_server_config: {headers: {X-Frame-Options: sameorigin, Strict-Transport-Security: max-age=60}}\n"
	r := serve(t, handler(t, options(&fake{})), serving{config: config, listeners: 2})
	c := client(t, &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12})
	for _, a := range r.addresses {
		for _, path := range []string{
			"/", "/metrics", "/metrics/exporter", "/probe?account=staging", "/discovery", "/api/v1/buckets", "/-/healthy",
			"/-/ready", "/-/reload", "/nothing", "/debug/pprof/",
		} {
			if got := request(t, c, "GET", "https://"+a+path); got.status != http.StatusUnauthorized {
				t.Errorf("%s without a password: %d", path, got.status)
			}
		}
		auth := []string{"Authorization", "Basic cHJvbTpnZWhlaW0="}
		got := request(t, c, "GET", "https://"+a+"/metrics", auth...)
		wantContains(t, got.body, "ossvector_up 1")
		if got.header.Get("X-Frame-Options") != "sameorigin" || got.header.Get("Strict-Transport-Security") != "max-age=60" {
			t.Errorf("the file's headers are overruled: %v", got.header)
		}
		wantContains(t, request(t, c, "GET", "https://"+a+"/discovery", auth...).body, `"__scheme__":"https"`, `"targets":["`+a+`"]`)
	}
	plain := request(t, client(t, nil), "GET", "http://"+r.addresses[0]+"/metrics")
	if plain.status != http.StatusBadRequest {
		t.Errorf("HTTP to HTTPS: %d", plain.status)
	}
}

func TestScrapeInFlightFinishes(t *testing.T) {
	g := newGate()
	r := serve(t, handler(t, options(&fake{gather: g.gather})), serving{listeners: 2})
	c := client(t, nil)
	got := make(chan reply, 1)
	go func() { got <- request(t, c, "GET", "http://"+r.addresses[0]+"/metrics") }()
	<-g.enter
	r.stop()
	for { // both listeners close at once, the one without a scrape too
		conn, err := net.Dial("tcp", r.addresses[1])
		if err != nil {
			break
		}
		conn.Close()
	}
	close(g.open)
	answer := <-got
	if answer.status != 200 {
		t.Errorf("%d", answer.status)
	}
	wantContains(t, answer.body, "ossvector_up 1")
	r.end(t)
}

func TestScrapeThatNeverEndsIsCutOff(t *testing.T) {
	g := newGate()
	defer close(g.open)
	r := serve(t, handler(t, options(&fake{gather: g.gather})), serving{grace: 20 * time.Millisecond})
	c := client(t, nil)
	failed := make(chan error, 1)
	go func() {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+r.addresses[0]+"/metrics", http.NoBody)
		if err == nil {
			var resp *http.Response
			if resp, err = c.Do(req); err == nil {
				resp.Body.Close()
			}
		}
		failed <- err
	}()
	<-g.enter
	r.end(t)
	if <-failed == nil {
		t.Error("answered")
	}
	wantContains(t, r.lines.String(), "requests in flight were cut off")
}

// talk sends raw bytes and returns all that comes back until the server closes the connection.
func talk(t *testing.T, address, send string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	_, _ = io.WriteString(conn, send)
	answer, err := io.ReadAll(conn)
	if err != nil && !strings.Contains(err.Error(), "reset by peer") {
		t.Fatal(err)
	}
	return string(answer)
}

func TestHostileRequests(t *testing.T) {
	f := &fake{}
	lasting, brief := serve(t, handler(t, options(f)), serving{}), serve(t, handler(t, options(f)), serving{header: 30 * time.Millisecond})
	for name, c := range map[string]struct{ send, want string }{
		"no request at all":       {"", ""},
		"a header without an end": {"GET /metrics HTTP/1.1\r\nHost: x\r\nX-Slow: ", ""},
		"too long a header":       {"GET /metrics HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 80<<10) + "\r\n\r\n", "431 Request Header Fields Too Large"},
		"too long a query":        {"GET /probe?account=" + strings.Repeat("x", 80<<10) + " HTTP/1.1\r\nHost: x\r\n\r\n", "431 Request Header Fields Too Large"},
		"a body":                  {"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello", "413 Request Entity Too Large"},
		"a body that never comes": {"POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 500000\r\n\r\n", "413 Request Entity Too Large"},
		"a body of unknown size":  {"POST /-/reload HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n", "413 Request Entity Too Large"},
		"no HTTP":                 {"\x16\x03\x01\x02\x00\r\n\r\n", "400 Bad Request"},
		"a bad host":              {"GET /metrics HTTP/1.1\r\nHost: a b<\r\n\r\n", "400 Bad Request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := lasting
			if c.want == "" {
				r = brief
			}
			got := talk(t, r.addresses[0], c.send)
			if !strings.Contains(got, c.want) || c.want == "" && got != "" {
				t.Errorf("answer %.300q, want %q", got, c.want)
			}
		})
	}
	t.Cleanup(func() {
		if _, _, calls := f.last(); calls != 0 {
			t.Errorf("%d scrapes", calls)
		}
	})
}

func TestConnectionErrorsAreLogged(t *testing.T) {
	config, _ := certificate(t)
	r := serve(t, handler(t, options(&fake{})), serving{config: config})
	talk(t, r.addresses[0], "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
	conn, err := net.Dial("tcp", r.addresses[0]) // as a TCP health check does
	if err != nil {
		t.Fatal(err)
	}
	conn.Close()
	c := client(t, &tls.Config{MinVersion: tls.VersionTLS12}) // trusts nobody
	if resp, err := c.Get("https://" + r.addresses[0] + "/"); err == nil {
		resp.Body.Close()
		t.Error("trusted")
	}
	r.end(t)
	wantContains(t, r.lines.String(), `level=WARN msg="connection failed" err="http: TLS handshake error from 127.0.0.1`)
	for line := range strings.Lines(r.lines.String()) {
		if strings.Contains(line, "EOF") && !strings.Contains(line, "level=DEBUG") {
			t.Errorf("a health check is news: %s", line)
		}
	}
}

// serveForSystemd is the child of TestSystemdSockets: it serves on the sockets that it was started with.
func serveForSystemd() bool {
	if os.Getenv("TEST_SYSTEMD_CHILD") == "" {
		return false
	}
	os.Setenv("LISTEN_PID", strconv.Itoa(os.Getpid())) // as systemd does between fork and exec
	on, none := true, ""
	flags := &web.FlagConfig{WebSystemdSocket: &on, WebConfigFile: &none}
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "by systemd") })
	ctx, stop := context.WithCancel(context.Background())
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); stop() }()
	if err := server.Serve(ctx, h, flags, slog.New(slog.DiscardHandler)); err != nil {
		panic(err)
	}
	return true
}

func TestSystemdSockets(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	child := exec.CommandContext(t.Context(), self)
	child.Env = append(os.Environ(), "TEST_SYSTEMD_CHILD=1", "LISTEN_FDS=2")
	child.Stderr = &logs{}
	stdin, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	var addresses []string
	for range 2 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		file, err := l.(*net.TCPListener).File()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { file.Close() })
		child.ExtraFiles = append(child.ExtraFiles, file)
		addresses = append(addresses, l.Addr().String())
		l.Close()
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	c := client(t, nil)
	for _, a := range addresses {
		if got := request(t, c, "GET", "http://"+a+"/"); got.body != "by systemd" {
			t.Errorf("%s: %q", a, got.body)
		}
	}
	stdin.Close()
	if err := child.Wait(); err != nil {
		t.Errorf("%v\n%s", err, child.Stderr)
	}
}
