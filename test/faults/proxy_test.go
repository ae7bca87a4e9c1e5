package faults

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// startProxies has a proxy before each account; those of rows named proxy-tunnel-* lead to a service over TLS.
func startProxies(t *testing.T, s *suite) *exporter {
	var secured *front
	return behindFronts(t, s, proxies(),
		func(x *exporter) func(net.Conn) {
			x.ca = newAuthority(t)
			config := &tls.Config{Certificates: []tls.Certificate{x.ca.leaf(t, certificate{})}}
			secured = newFront(t, overTLS(config, passTo(x.cloudAddr())))
			return proxy(x.cloudAddr())
		},
		func(x *exporter, name string) string {
			more := "  endpoint: " + x.cloud.URL + "\n"
			if strings.HasPrefix(name, "proxy-tunnel-") {
				more = fmt.Sprintf("  endpoint: https://%s\n  tls_config: {ca_file: %s}\n", secured.addr, x.ca.file)
			}
			return more + fmt.Sprintf("  proxy_url: http://user:%s@%s\n", secret("proxy"), x.fronts[name].addr)
		})
}

// proxy opens tunnels, and hands other requests to the simulated service, which takes a proxy's form of them.
func proxy(cloud string) func(net.Conn) {
	return func(conn net.Conn) {
		from := bufio.NewReader(conn)
		if first, err := from.Peek(7); err != nil || string(first) != "CONNECT" {
			passTo(cloud)(buffered{conn, from})
			return
		}
		r, err := http.ReadRequest(from)
		if err != nil || r.Header.Get("Proxy-Authorization") == "" {
			return
		}
		if _, err := io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n"); err == nil {
			passTo(r.Host)(conn)
		}
	}
}

// buffered is a connection of which some was read already.
type buffered struct {
	net.Conn
	from *bufio.Reader
}

func (b buffered) Read(p []byte) (int, error) { return b.from.Read(p) }

func proxies() []row {
	const denied = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"
	return []row{
		{id: "proxy-refused", strikes: []strike{{at: regionKey{"proxy-refused", struck.region}, inject: func(t *testing.T, x *exporter) func() {
			return x.fronts["proxy-refused"].refuse(t)
		}, reason: "network", status: "none", tries: 2, log: "connection refused"}}},
		broken("proxy-407", speaks(false, denied), "network", "407", 2),
		broken("proxy-502", speaks(false, "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"), "server_error", "502", 2),
		unreachable("proxy-garbage", speaks(false, "\x00\x01garbage\r\n\r\n")),
		unreachable("proxy-closes", func(net.Conn) {}),
		broken("proxy-silent", silent, "timeout", "none", 2),
		broken("proxy-login-page", speaks(false, "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"), "invalid_response", "200", 1),
		unreachable("proxy-tunnel-407", speaks(false, denied)),
		unreachable("proxy-tunnel-403", speaks(false, "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")),
		broken("proxy-tunnel-silent", silent, "timeout", "none", 2),
		unreachable("proxy-tunnel-garbage", speaks(false, "garbage\r\n\r\n")),
		unreachable("proxy-tunnel-closes", speaks(false, "HTTP/1.1 200 OK\r\n\r\n")),
	}
}
