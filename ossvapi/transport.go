package ossvapi

import (
	"crypto/tls"
	"net/http"
	"net/url"
	"time"
)

// TransportOptions configures NewTransport.
type TransportOptions struct {
	TLS      *tls.Config                           // nil: the system's roots
	Proxy    func(*http.Request) (*url.URL, error) // nil: no proxy
	MaxConns int                                   // connections kept open per host: what may be in flight at once
}

// NewTransport returns an HTTP/1.1 transport whose connections outlive the pause between two scrapes, so that a scrape
// pays no new TLS handshake. It has no timeouts of its own: an attempt's context bounds everything.
func NewTransport(o TransportOptions) *http.Transport {
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
		IdleConnTimeout:     15 * time.Minute,
		MaxIdleConnsPerHost: o.MaxConns,
		DisableCompression:  true, // pages are compared byte by byte, and bodies are small
		ReadBufferSize:      64 << 10,
	}
}
