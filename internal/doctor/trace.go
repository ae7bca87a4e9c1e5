package doctor

import (
	"cmp"
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"sync"
	"time"

	"ossvector_exporter/ossvapi"
)

// Trace records what the HTTP requests of one account meet on their way: addresses, connections, certificates, clocks. It is
// safe for concurrent use.
type Trace struct {
	proxy func(*http.Request) (*url.URL, error)

	mu    sync.Mutex
	steps map[step]*Connection
}

// step is an operation in a region: each has connections of its own.
type step struct {
	op     ossvapi.Operation
	region string
}

// Connection is what the attempts of an operation in a region met, the last attempt's where they differ. Zero values were
// not met: a connection without TLS has no certificate, an address needs no lookup.
type Connection struct {
	Host        string       `json:"host,omitempty"`      // asked, with the port if the endpoint names one
	Proxy       string       `json:"proxy,omitempty"`     // host of the proxy that was used
	Addresses   []string     `json:"addresses,omitempty"` // of the host, or of the proxy
	Connect     float64      `json:"connect_seconds,omitempty"`
	TLS         float64      `json:"tls_seconds,omitempty"`
	Certificate *Certificate `json:"certificate,omitempty"`
	ClockOffset *float64     `json:"clock_offset_seconds,omitempty"` // the service's clock less ours, to the second
	Status      int          `json:"status,omitempty"`
	RequestID   string       `json:"request_id,omitempty"`

	dialed, shook time.Time // when connecting and the TLS handshake began
}

// Certificate is the one that a server showed, whether it was accepted or not.
type Certificate struct {
	Issuer   string    `json:"issuer"`
	NotAfter time.Time `json:"not_after"`
}

// NewTrace returns a trace of requests that go through the proxies that proxy names.
func NewTrace(proxy func(*http.Request) (*url.URL, error)) *Trace {
	return &Trace{proxy: proxy, steps: map[step]*Connection{}}
}

var _ ossvapi.Observer = (*Trace)(nil)

// Attempt implements ossvapi.Observer.
func (t *Trace) Attempt(a ossvapi.Attempt) {
	t.record(step{a.Operation, a.Region}, func(c *Connection) { c.Status, c.RequestID = a.Status, a.RequestID })
}

// Failure implements ossvapi.Observer. The call that failed returns its last failure, so nothing is kept here.
func (t *Trace) Failure(*ossvapi.Error) {}

// Transport wraps the transports of an account, for ossvapi.Options.Transport.
func (t *Trace) Transport(
	next func(ossvapi.Operation, string) http.RoundTripper,
) func(ossvapi.Operation, string) http.RoundTripper {
	return func(op ossvapi.Operation, region string) http.RoundTripper {
		return roundTripper(func(r *http.Request) (*http.Response, error) {
			return t.roundTrip(step{op, region}, next(op, region), r)
		})
	}
}

type roundTripper func(*http.Request) (*http.Response, error)

// RoundTrip implements http.RoundTripper.
func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (t *Trace) roundTrip(s step, next http.RoundTripper, r *http.Request) (*http.Response, error) {
	t.record(s, func(c *Connection) {
		c.Host = r.URL.Host
		if proxy, err := t.proxy(r); err == nil && proxy != nil {
			c.Proxy = proxy.Host // a URL may hold a password
		}
	})
	began := time.Now()
	response, err := next.RoundTrip(r.WithContext(httptrace.WithClientTrace(r.Context(), t.hooks(s))))
	if err != nil {
		return nil, err
	}
	t.record(s, func(c *Connection) { c.answered(response, began) })
	return response, nil
}

// answered compares the service's clock with the middle of the request.
func (c *Connection) answered(r *http.Response, began time.Time) {
	date, err := http.ParseTime(r.Header.Get("Date"))
	if err != nil {
		return
	}
	middle := began.Add(time.Since(began) / 2)
	offset := date.Sub(middle).Truncate(time.Second).Seconds() // Date has no fraction
	c.ClockOffset = &offset
}

// hooks record the steps of a connection. net/http may call them after the request has ended.
func (t *Trace) hooks(s step) *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		DNSDone: func(info httptrace.DNSDoneInfo) {
			t.record(s, func(c *Connection) {
				for _, address := range info.Addrs {
					if text := address.String(); !slices.Contains(c.Addresses, text) {
						c.Addresses = append(c.Addresses, text)
					}
				}
			})
		},
		ConnectStart: func(string, string) { t.record(s, func(c *Connection) { c.dialed = time.Now() }) },
		ConnectDone: func(_, _ string, err error) {
			t.record(s, func(c *Connection) {
				if err == nil {
					c.Connect = time.Since(c.dialed).Seconds()
				}
			})
		},
		TLSHandshakeStart: func() { t.record(s, func(c *Connection) { c.shook = time.Now() }) },
		TLSHandshakeDone: func(state tls.ConnectionState, err error) {
			t.record(s, func(c *Connection) {
				if err == nil {
					c.TLS = time.Since(c.shook).Seconds()
				}
				c.Certificate = certificate(state, err)
			})
		},
	}
}

// certificate is the server's own, which a handshake that refuses it carries in its error.
func certificate(state tls.ConnectionState, err error) *Certificate {
	chain := state.PeerCertificates
	var refused *tls.CertificateVerificationError
	if errors.As(err, &refused) {
		chain = refused.UnverifiedCertificates
	}
	if len(chain) == 0 {
		return nil
	}
	return &Certificate{Issuer: cmp.Or(chain[0].Issuer.CommonName, chain[0].Issuer.String()), NotAfter: chain[0].NotAfter.UTC()}
}

func (t *Trace) record(s step, change func(*Connection)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.steps[s] == nil {
		t.steps[s] = &Connection{}
	}
	change(t.steps[s])
}

// of returns a copy of what is recorded.
func (t *Trace) of(op ossvapi.Operation, region string) Connection {
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.steps[step{op, region}]
	if c == nil {
		return Connection{}
	}
	found := *c
	found.Addresses = slices.Clone(c.Addresses)
	slices.Sort(found.Addresses)
	return found
}
