package ossvapi

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
)

const password = "hunter2-hunter2"

func discard() *log.Logger { return log.New(io.Discard, "", 0) }

// proxy is an HTTP proxy that wants a password, tunnels to one address whatever is asked, and counts.
type proxy struct {
	target  string
	tunnels atomic.Int32
	plain   atomic.Int32
	plainTo http.HandlerFunc
}

func (p *proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !strings.HasPrefix(r.Header.Get("Proxy-Authorization"), "Basic ") {
		http.Error(w, "who are you?", http.StatusProxyAuthRequired)
		return
	}
	if r.Method != http.MethodConnect {
		p.plain.Add(1)
		p.plainTo(w, r)
		return
	}
	p.tunnels.Add(1)
	p.tunnel(r.Context(), w)
}

func (p *proxy) tunnel(ctx context.Context, w http.ResponseWriter) {
	there, err := new(net.Dialer).DialContext(ctx, "tcp", p.target)
	if err != nil {
		http.Error(w, "", http.StatusBadGateway)
		return
	}
	defer func() { _ = there.Close() }()
	here, early, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer func() { _ = here.Close() }()
	_, _ = io.WriteString(here, "HTTP/1.1 200 Connection established\r\n\r\n")
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(there, early) // the server may have read ahead
		_ = there.Close()
	}()
	_, _ = io.Copy(here, there)
	_ = here.Close()
	<-done
}

// through gives a proxy's address with a user, if any.
func through(t *testing.T, h http.Handler, user *url.Userinfo) func(*http.Request) (*url.URL, error) {
	server := httptest.NewUnstartedServer(h)
	server.Config.ErrorLog = discard()
	server.Start()
	t.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.User = user
	return http.ProxyURL(u)
}

func TestProxyForTLS(t *testing.T) {
	server, o := tlsServer(t, tls.VersionTLS13)
	p := &proxy{target: server.Listener.Addr().String()}
	o.Proxy = through(t, p, url.UserPassword("me", password))
	transport := newTransport(o)
	c, _ := newClient(transport, patient, func(o *Options) { o.Endpoint = "https://example.com" }) // as the certificate says
	walk(t, c, region)
	walk(t, c, region)
	if p.tunnels.Load() != 1 || p.plain.Load() != 0 {
		t.Errorf("%d tunnels, %d plain requests", p.tunnels.Load(), p.plain.Load())
	}
	transport.CloseIdleConnections()
}

func TestProxyForPlainHTTP(t *testing.T) {
	var asked string
	p := &proxy{plainTo: func(w http.ResponseWriter, r *http.Request) {
		asked = r.RequestURI
		_, _ = io.WriteString(w, emptyPage)
	}}
	c := clientOf(t, "http://{region}.example.com", TransportOptions{Proxy: through(t, p, url.UserPassword("me", password))})
	walk(t, c, region)
	if asked != "http://cn-shanghai.example.com/?max-keys=1000" {
		t.Errorf("asked for %s", asked)
	}
}

// Whatever goes wrong with a proxy, its password is in no text and no cause.
func TestProxyErrorsLeakNothing(t *testing.T) {
	quoting := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 407 not with %s or %v\r\n\r\n", password, r.Header)
		_ = conn.Close()
	})
	malformed := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = fmt.Fprintf(conn, "%s %s\r\n\r\n", password, r.Header.Get("Authorization"))
		_ = conn.Close()
	})
	user := url.UserPassword("me", password)
	fixed := func(u *url.URL, err error) func(*http.Request) (*url.URL, error) {
		return func(*http.Request) (*url.URL, error) { return u, err }
	}
	_, unparsable := url.Parse(fmt.Sprintf("http://me:%s@[proxy", password))
	tests := map[string]func(*http.Request) (*url.URL, error){
		"refused":       through(t, &proxy{}, nil),
		"quoting":       through(t, quoting, user),
		"malformed":     through(t, malformed, user),
		"no host":       fixed(&url.URL{Scheme: "http", User: user}, nil),
		"other scheme":  fixed(&url.URL{Scheme: "gopher", User: user, Host: "127.0.0.1:1"}, nil),
		"unparsable":    fixed(nil, unparsable),
		"quoting error": fixed(nil, errors.New("invalid proxy address http://me:"+password+"@proxy")),
		"not there":     fixed(&url.URL{Scheme: "http", User: user, Host: "127.0.0.1:1"}, nil),
		"SOCKS":         fixed(&url.URL{Scheme: "socks5", User: user, Host: "127.0.0.1:1"}, nil),
	}
	for name, through := range tests {
		for _, endpoint := range []string{"https://{region}.example.com", "http://{region}.example.com"} {
			t.Run(name+" "+endpoint[:5], func(t *testing.T) {
				err := failure(t, clientOf(t, endpoint, TransportOptions{Proxy: through}))
				if err.Reason != Network && err.Status != http.StatusProxyAuthRequired {
					t.Errorf("got %v", err)
				}
				for cause := error(err); cause != nil; cause = errors.Unwrap(cause) {
					shown := fmt.Sprintf("%v %+v %s", cause, cause, texts(err))
					if strings.Contains(shown, password) || strings.Contains(shown, "Credential=") {
						t.Errorf("%T shows it: %s", cause, shown)
					}
				}
			})
		}
	}
}

// A proxy that refuses is named, and said to be one.
func TestProxyRefusalsNameTheProxy(t *testing.T) {
	proxy := through(t, &proxy{}, nil)
	u, _ := proxy(nil)
	for endpoint, want := range map[string]string{
		"https://{region}.example.com": "the proxy refuses the tunnel: 407 Proxy Authentication Required",
		"http://{region}.example.com":  "407 without an error of OSS: text/plain, 13 bytes; the answer does not come from OSS",
	} {
		err := failure(t, clientOf(t, endpoint, TransportOptions{Proxy: proxy}))
		if err.Reason != Network || err.Proxy != u.Host || err.Host != "cn-shanghai.example.com" || err.Message != want {
			t.Errorf("%s: got %+v", endpoint, err)
		}
	}
	gone := http.ProxyURL(&url.URL{Scheme: "http", User: url.UserPassword("me", password), Host: "127.0.0.1:1"})
	if err := failure(t, clientOf(t, "https://{region}.example.com", TransportOptions{Proxy: gone})); err.Proxy != "127.0.0.1:1" ||
		!strings.HasPrefix(err.Message, "proxyconnect tcp: dial tcp 127.0.0.1:1: ") {
		t.Errorf("got %+v", err)
	}
}
