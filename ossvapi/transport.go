package ossvapi

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"sync"
	"time"
)

const (
	handshakeTime = 10 * time.Second // to connect, and again for TLS
	readyTime     = time.Minute      // from connecting until the connection is ready for requests, proxies included
)

// TransportOptions configures Transports.
type TransportOptions struct {
	TLS      *tls.Config                           // nil: the system's roots
	Proxy    func(*http.Request) (*url.URL, error) // nil: no proxy
	MaxConns int                                   // kept open to one host of one region: what may be in flight at once
	MaxHosts int                                   // kept open to all hosts of an operation in one region, such as those of its buckets
}

// Transports are the connections of one account, those of each operation in each region apart, also where all regions are
// behind one host. What an answer that is no HTTP leaves on a connection is then read by nobody else, who would take it
// for the answer to his own request; and the hosts of the indexes, one for every bucket, drive no region's connection out.
// Transports are safe for concurrent use.
type Transports struct {
	o  TransportOptions
	mu sync.Mutex
	of map[purpose]*http.Transport
}

type purpose struct {
	op     Operation
	region string
}

// NewTransports makes transports as they are asked for.
func NewTransports(o TransportOptions) *Transports {
	return &Transports{o: o, of: map[purpose]*http.Transport{}}
}

// Of is for Options.Transport.
func (t *Transports) Of(op Operation, region string) http.RoundTripper {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := purpose{op, region}
	if t.of[p] == nil {
		t.of[p] = newTransport(t.o)
	}
	return t.of[p]
}

// CloseIdleConnections frees what no request uses.
func (t *Transports) CloseIdleConnections() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, transport := range t.of {
		transport.CloseIdleConnections()
	}
}

// newTransport returns an HTTP/1.1 transport whose connections outlive the pause between two scrapes, so that a scrape
// pays no new TLS handshake. An attempt's context bounds what the attempt waits for, but not the connecting that it
// began: net/http lets that go on for the next request, without end if the peer is silent. So that has its own bounds.
func newTransport(o TransportOptions) *http.Transport {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	if o.TLS != nil {
		config = o.TLS.Clone()
		config.MinVersion = max(config.MinVersion, tls.VersionTLS12)
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		TLSClientConfig:     config,
		Proxy:               o.Proxy,
		Protocols:           protocols,
		DialContext:         bounded((&net.Dialer{Timeout: handshakeTime}).DialContext),
		TLSHandshakeTimeout: handshakeTime,
		IdleConnTimeout:     15 * time.Minute,
		MaxIdleConnsPerHost: o.MaxConns,
		MaxIdleConns:        max(o.MaxConns, o.MaxHosts),
		DisableCompression:  true, // pages are compared byte by byte, and bodies are small
		ReadBufferSize:      64 << 10,

		MaxResponseHeaderBytes: maxHeaderBytes,

		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
			if resp.StatusCode != http.StatusOK {
				return proxyRefusal{resp.StatusCode}
			}
			return nil
		},
	}
}

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// bounded dials with a deadline for what has to follow before the connection is ready. Net/http does not bound how long a
// SOCKS proxy may be silent, and goes on waiting for it after the request has ended. connectionReady lifts the deadline.
func bounded(dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return conn, conn.SetDeadline(time.Now().Add(readyTime))
	}
}

// connectionReady lifts the deadline of bounded from a connection that is about to take its first request.
func connectionReady(info httptrace.GotConnInfo) {
	if !info.Reused {
		_ = info.Conn.SetDeadline(time.Time{}) // of a closed connection, which the request tells
	}
}

// proxyOf is the host of the proxy that a transport sends req through, empty without one.
func proxyOf(transport http.RoundTripper, req *http.Request) string {
	t, ok := transport.(*http.Transport)
	if !ok || t.Proxy == nil {
		return ""
	}
	u, err := t.Proxy(req)
	if err != nil || u == nil {
		return ""
	}
	return u.Host
}
