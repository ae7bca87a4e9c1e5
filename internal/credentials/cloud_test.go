package credentials

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// world is what lies behind the proxy that the tests run behind: simulated services under their real names, over TLS
// with the test's own authority, by HTTPS_PROXY and SSL_CERT_FILE.
type world struct {
	proxy *httptest.Server
	cert  tls.Certificate

	mu     sync.Mutex
	hosts  map[string]http.Handler // by host name
	tls    *httptest.Server
	counts map[string]int // requests by host name
	ends   sync.WaitGroup // tunnels
}

// theWorld is set up once, since the library's process reads the environment once.
var theWorld = newWorld()

func newWorld() *world {
	return &world{hosts: map[string]http.Handler{}, counts: map[string]int{}}
}

// start sets the environment up; dir gets the authority's certificate.
func (w *world) start(dir string) error {
	if err := w.makeCertificate(filepath.Join(dir, "ca.pem")); err != nil {
		return err
	}
	w.tls = httptest.NewUnstartedServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { w.serve(rw, r, r.Host) }))
	w.tls.TLS = &tls.Config{Certificates: []tls.Certificate{w.cert}, MinVersion: tls.VersionTLS12}
	w.tls.StartTLS()
	w.proxy = httptest.NewServer(http.HandlerFunc(w.forward))
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		if err := os.Setenv(name, w.proxy.URL); err != nil {
			return err
		}
	}
	return os.Setenv("SSL_CERT_FILE", filepath.Join(dir, "ca.pem"))
}

func (w *world) stop() {
	w.tls.CloseClientConnections()
	w.tls.Close()
	w.proxy.Close()
	w.ends.Wait()
}

func (w *world) makeCertificate(file string) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "the test's authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
		DNSNames:    []string{"sts.aliyuncs.com", "*.cn-hangzhou.aliyuncs.com", "signin.example.com"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return err
	}
	w.cert = tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
	return os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600)
}

// host puts a simulated service under a name until the test ends.
func (w *world) host(t *testing.T, name string, h http.Handler) {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hosts[name], w.counts[name] = h, 0
	t.Cleanup(func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.hosts, name)
		w.tls.CloseClientConnections()
	})
}

// dial leads to the simulated services by their names, and else to where the address says.
func (w *world) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	switch {
	case strings.HasSuffix(host, ".invalid"):
		return nil, &net.OpError{Op: "dial", Net: network, Err: &net.DNSError{Err: "no such host", Name: host, IsNotFound: true}}
	case host != "127.0.0.1" && port == "443":
		address = w.tls.Listener.Addr().String()
	case host != "127.0.0.1" && port == "80":
		address = w.proxy.Listener.Addr().String()
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// asked is how many requests a name has had in this test.
func (w *world) asked(name string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.counts[name]
}

// serve answers as the named host, or drops the connection of one that does not exist.
func (w *world) serve(rw http.ResponseWriter, r *http.Request, name string) {
	w.mu.Lock()
	h := w.hosts[name]
	w.counts[name]++
	w.mu.Unlock()
	if h == nil {
		panic(http.ErrAbortHandler)
	}
	h.ServeHTTP(rw, r)
}

// forward is the proxy: plain requests are answered here, tunnels lead to the TLS server.
func (w *world) forward(rw http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		w.serve(rw, r, r.Host)
		return
	}
	up, err := (&net.Dialer{}).DialContext(r.Context(), "tcp", w.tls.Listener.Addr().String())
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	down, buffered, err := rw.(http.Hijacker).Hijack()
	if err != nil {
		panic(err)
	}
	_, _ = io.WriteString(down, "HTTP/1.1 200 OK\r\n\r\n")
	w.ends.Add(2)
	pipe := func(to net.Conn, from io.Reader) {
		defer w.ends.Done()
		_, _ = io.Copy(to, from)
		_ = to.Close()
	}
	go pipe(up, buffered)
	go pipe(down, up)
}
