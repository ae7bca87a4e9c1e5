package ossvapi

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func pageHandler(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("marker") == "" {
		_, _ = io.WriteString(w, pageJSON("b", "a"))
		return
	}
	_, _ = io.WriteString(w, pageJSON("", "b"))
}

// Two scrapes, even five minutes apart, share their connections.
func TestConnectionsOutliveThePauseBetweenScrapes(t *testing.T) {
	for _, pause := range []time.Duration{time.Minute, 5 * time.Minute, 10 * time.Minute} {
		inTime(t, pause.String(), func(t *testing.T) {
			transport, p := serve(t, http.HandlerFunc(pageHandler))
			c, _ := newClient(transport)
			for range 3 {
				walk(t, c, region)
				time.Sleep(pause)
			}
			if n := p.opened.Load(); n != 1 {
				t.Errorf("%d connections for 3 listings", n)
			}
		})
	}
}

// As many connections as requests may be in flight are kept, refused answers included.
func TestConnectionsOfConcurrentListings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport, p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(80 * time.Millisecond)
			http.Error(w, "no", http.StatusForbidden)
		}))
		c, _ := newClient(transport, func(o *Options) { o.Endpoint = "http://one.example.com" })
		for range 3 {
			var group sync.WaitGroup
			for range 4 {
				group.Go(func() { _, _ = list(t.Context(), c, nil) })
			}
			group.Wait()
			time.Sleep(time.Minute)
		}
		if n := p.opened.Load(); n != 4 {
			t.Errorf("%d connections for 4 listings at a time", n)
		}
	})
}

// A peer that accepts a connection and never speaks is let go: the attempt's time ends only the attempt, not the
// connecting behind it, which would go on for ever.
func TestSilentPeersAreLetGo(t *testing.T) {
	proxied := func(*http.Request) (*url.URL, error) { return &url.URL{Scheme: "http", Host: "proxy:3128"}, nil }
	socks := func(*http.Request) (*url.URL, error) { return &url.URL{Scheme: "socks5", Host: "proxy:1080"}, nil }
	for name, o := range map[string]TransportOptions{"a service": {}, "a proxy": {Proxy: proxied}, "a SOCKS proxy": {Proxy: socks}} {
		inTime(t, name, func(t *testing.T) {
			p := newPipes()
			transport := newTransport(o)
			transport.DialContext = bounded(p.dial)
			c, seen := newClient(transport, func(o *Options) { o.Endpoint = "https://{region}.example.com" })
			closed := make(chan error, 1)
			start := time.Now()
			go func() {
				conn, err := p.Accept()
				if err == nil {
					_, err = io.Copy(io.Discard, conn)
				}
				closed <- err
			}()
			if err := failure(t, c); err.Reason != Timeout || len(seen.failures) != 1 {
				t.Errorf("got %v", err)
			}
			if err := <-closed; err != nil || time.Since(start) > time.Minute {
				t.Errorf("the connection ended after %v: %v", time.Since(start), err)
			}
		})
	}
}

func TestHeadersAreBounded(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Long", strings.Repeat("x", 1<<20))
		pageHandler(w, r)
	}))
	t.Cleanup(server.Close)
	if err := failure(t, clientOf(t, server.URL, TransportOptions{})); err.Reason != Network || err.Status != 0 {
		t.Errorf("got %v", err)
	}
}

// The body of a 101 is the bare connection, which no deadline of a request ends.
func TestSwitchingProtocolsIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var silent net.Conn
		transport, _ := serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			silent = conn
			_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n")
		}))
		c, _ := newClient(transport)
		if err := failure(t, c); err.Reason != InvalidResponse || err.Status != http.StatusSwitchingProtocols {
			t.Errorf("got %v", err)
		}
		_ = silent.Close()
	})
}

// An attempt that may take longer than a new connection is usually waited for may do so on a new connection, too.
func TestRequestTimeoutOfMinutes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		transport, p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			time.Sleep(66 * time.Second)
			pageHandler(w, r)
		}))
		transport.DialContext = bounded(p.dial)
		c, _ := newClient(transport, func(o *Options) { o.RequestTimeout = 80 * time.Second })
		walk(t, c, region)
	})
}

func TestTransportBounds(t *testing.T) {
	transport := newTransport(TransportOptions{MaxConns: 64})
	if transport.MaxIdleConnsPerHost != 64 || transport.MaxIdleConns != 64 || transport.IdleConnTimeout < 5*time.Minute {
		t.Errorf("idle connections: %d per host, %d in all, for %v",
			transport.MaxIdleConnsPerHost, transport.MaxIdleConns, transport.IdleConnTimeout)
	}
	for hosts, kept := range map[int]int{0: 8, 3: 8, 80: 80} {
		transport := NewTransports(TransportOptions{MaxConns: 8, MaxHosts: hosts}).Of(ListVectorIndexes, "a").(*http.Transport)
		if transport.MaxIdleConns != kept || transport.MaxIdleConnsPerHost != 8 {
			t.Errorf("%d hosts: %d connections, %d to each", hosts, transport.MaxIdleConns, transport.MaxIdleConnsPerHost)
		}
	}
}

// tlsServer is a server and the options that trust it.
func tlsServer(t *testing.T, newest uint16) (*httptest.Server, TransportOptions) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(pageHandler))
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: newest}
	server.Config.ErrorLog = discard()
	server.StartTLS()
	t.Cleanup(server.Close)
	roots := x509.NewCertPool()
	roots.AddCert(server.Certificate())
	return server, TransportOptions{TLS: &tls.Config{RootCAs: roots}}
}

func TestTLSVersions(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS10, tls.VersionTLS11, tls.VersionTLS12, tls.VersionTLS13} {
		for _, asked := range []uint16{0, tls.VersionTLS10} {
			server, o := tlsServer(t, version)
			o.TLS.MinVersion = asked
			c := clientOf(t, server.URL, o)
			_, err := list(t.Context(), c, nil)
			if version >= tls.VersionTLS12 {
				if err != nil {
					t.Errorf("%s: %v", tls.VersionName(version), err)
				}
				continue
			}
			if e := asError(t, err); e.Reason != Network || e.Status != 0 {
				t.Errorf("%s: %v", tls.VersionName(version), e)
			}
			if o.TLS.MinVersion != asked {
				t.Error("the caller's configuration has changed")
			}
		}
	}
}

func TestCertificatesAreChecked(t *testing.T) {
	server, _ := tlsServer(t, tls.VersionTLS13)
	c := clientOf(t, server.URL, TransportOptions{})
	_, err := list(t.Context(), c, nil)
	if e := asError(t, err); e.Reason != Network || !strings.Contains(e.Message, "certificate is refused: ") {
		t.Errorf("got %v", e)
	}
	server, o := tlsServer(t, tls.VersionTLS13)
	o.TLS.ServerName = "other.example.org"
	_, err = list(t.Context(), clientOf(t, server.URL, o), nil)
	if e := asError(t, err); e.Reason != Network || !strings.Contains(e.Message, "not other.example.org") {
		t.Errorf("got %v", e)
	}
	if host := (x509.HostnameError{}); !errors.As(err, &host) {
		t.Errorf("%v hides its cause", err)
	}
}

func TestHTTP2IsNotSpoken(t *testing.T) {
	server, o := tlsServer(t, tls.VersionTLS13)
	server.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ProtoMajor != 1 || r.Header.Get("Accept-Encoding") != "" {
			http.Error(w, r.Proto, http.StatusBadRequest)
			return
		}
		_, _ = io.WriteString(w, emptyPage)
	})
	walk(t, clientOf(t, server.URL, o), region)
}

// clientOf is a client over a real transport, which ends with the test.
func clientOf(t *testing.T, endpoint string, o TransportOptions, edits ...func(*Options)) *Client {
	transport := newTransport(o)
	t.Cleanup(transport.CloseIdleConnections)
	c, _ := newClient(transport, append([]func(*Options){patient, func(o *Options) { o.Endpoint = endpoint }}, edits...)...)
	return c
}

// patient is for tests on the real clock, which a busy machine must not fail.
func patient(o *Options) { o.RequestTimeout = time.Minute }

// The service reads a request on a kept connection and closes it without an answer: that was an attempt, and what
// follows it is counted like every other.
func TestConnectionThatDiedIdle(t *testing.T) {
	var asked atomic.Int32
	used := map[string]bool{} // by the client's address; requests come one by one
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if used[r.RemoteAddr] {
			panic(http.ErrAbortHandler)
		}
		used[r.RemoteAddr] = true
		if r.Method == http.MethodPost {
			_, _ = io.WriteString(w, `{"indexes":[]}`)
			return
		}
		_, _ = io.WriteString(w, emptyPage)
	}))
	t.Cleanup(server.Close)
	transport := newTransport(TransportOptions{MaxConns: 4})
	t.Cleanup(transport.CloseIdleConnections)
	c, seen := newClient(transport, func(o *Options) { o.Endpoint, o.MaxAttempts = server.URL, 2 })
	for range 3 {
		walk(t, c, region)
		if _, err := c.Indexes(t.Context(), testBucket()); err != nil {
			t.Fatal(err)
		}
	}
	if attempts, failures := len(seen.statuses()), len(seen.failures); int(asked.Load()) != attempts || failures != attempts-6 || failures == 0 {
		t.Errorf("%d requests, %d counted, %d of them as failed", asked.Load(), attempts, failures)
	}
}

// One host answers for all regions. What one of them says too much on a connection is in no other's answer, whose
// operation is another one included.
func TestRegionsShareNoConnections(t *testing.T) {
	var mu sync.Mutex
	uses := map[string]string{} // what a connection was used for, by the client's address
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, scope, _ := strings.Cut(r.Header.Get("Authorization"), "Credential=")
		use := r.Method + " " + strings.Split(scope, "/")[2]
		mu.Lock()
		defer mu.Unlock()
		if before := uses[r.RemoteAddr]; before != "" && before != use {
			t.Errorf("%s on the connection of %s", use, before)
		}
		uses[r.RemoteAddr] = use
		if r.Method == http.MethodPost {
			_, _ = io.WriteString(w, `{"indexes":[]}`)
			return
		}
		_, _ = io.WriteString(w, emptyPage)
	}))
	t.Cleanup(server.Close)
	transports := NewTransports(TransportOptions{MaxConns: 1})
	t.Cleanup(transports.CloseIdleConnections)
	c, _ := newClient(nil, patient, func(o *Options) { o.Endpoint, o.Transport = server.URL, transports.Of })
	for range 3 {
		for _, region := range []string{"cn-a", "cn-b", region} {
			walk(t, c, region)
		}
		if _, err := c.Indexes(t.Context(), testBucket()); err != nil {
			t.Fatal(err)
		}
	}
	before := len(uses) // at least one of each; net/http may open another before it has taken back the last one
	if before < 4 {
		t.Errorf("%d connections for three regions' buckets and one's indexes: %v", before, uses)
	}
	transports.CloseIdleConnections()
	walk(t, c, region)
	if len(uses) != before+1 {
		t.Errorf("%d connections after the idle ones were closed", len(uses))
	}
}
