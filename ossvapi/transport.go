package ossvapi

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

const (
	handshakeTime  = 10 * time.Second // to connect, and again for TLS
	firstByteTime  = time.Minute      // at least, of a new connection's peer, a proxy that opens a tunnel included
	maxHeaderBytes = 256 << 10        // of one answer
)

// TransportOptions configures Transports.
type TransportOptions struct {
	TLS       *tls.Config                           // nil: the system's roots
	Proxy     func(*http.Request) (*url.URL, error) // nil: no proxy
	MaxConns  int                                   // kept open to one host of one region: what may be in flight at once
	MaxHosts  int                                   // kept open to the hosts that the buckets of one region have for their indexes
	FirstByte time.Duration                         // how long a new connection may be silent; at least a minute
}

func (o TransportOptions) patience() time.Duration { return max(firstByteTime, o.FirstByte) }

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
		if op == ListVectorIndexes {
			t.of[p].MaxIdleConns = max(t.o.MaxConns, t.o.MaxHosts)
		}
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
		DialContext:         dial(o.patience()),
		TLSHandshakeTimeout: handshakeTime,
		IdleConnTimeout:     15 * time.Minute,
		MaxIdleConnsPerHost: o.MaxConns,
		MaxIdleConns:        o.MaxConns,
		DisableCompression:  true, // pages are compared byte by byte, and bodies are small
		ReadBufferSize:      64 << 10,

		MaxResponseHeaderBytes: maxHeaderBytes,
	}
}

func dial(firstByte time.Duration) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{Timeout: handshakeTime}).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return impatient(conn, firstByte)
	}
}

// unheard is a new connection, which ends unless its peer says something in time. A proxy that is asked for a tunnel is
// waited for by nobody else.
type unheard struct {
	net.Conn
	heard bool
}

func impatient(conn net.Conn, firstByte time.Duration) (net.Conn, error) {
	return &unheard{Conn: conn}, conn.SetReadDeadline(time.Now().Add(firstByte))
}

// Read implements net.Conn. The first bytes lift the bound.
func (c *unheard) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 && !c.heard {
		c.heard = true
		_ = c.SetReadDeadline(time.Time{}) // of a closed connection, which the next Read tells
	}
	return n, err
}
