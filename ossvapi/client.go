// Package ossvapi is a small typed client of the OSS vector bucket API: it signs, asks, retries, walks every page,
// decodes and classifies, and it refuses whatever the API does not promise rather than read it as "no buckets".
//
// The vendor's signer is used and its client is not: that one reads several kinds of nonsense as an empty listing. Facts
// about the API are from the vendor's documentation of ListVectorBuckets and ListVectorIndexes.
package ossvapi

import (
	"bytes"
	"hash/maphash"
	"net/http"
	"sync"
	"time"
)

const (
	maxBody        = 4 << 20  // bytes of an answer; a full page has about a tenth
	maxErrorBody   = 64 << 10 // bytes of an error answer that are looked at
	maxPages       = 10_000   // of one listing
	maxRetryAfter  = 5 * time.Second
	firstInterval  = 100 * time.Millisecond // between attempts, doubled each time and jittered by half
	longestBackoff = 5 * time.Second
)

// Observer is told of every HTTP attempt and of every failure. It is called by many goroutines at once.
type Observer interface {
	// Attempt reports an HTTP attempt, its body included; status is 0 if no answer came.
	Attempt(op Operation, region string, status int, took time.Duration)
	// Failure reports a failed attempt, also one that a retry cures, or a failure that came to no attempt.
	Failure(err *Error)
}

// Options says whose buckets are listed and how. All but Endpoint, InternalRegions, Prefix and ResourceGroupID are
// required.
type Options struct {
	Keys            Keys
	Endpoint        string   // URL in which {region} is replaced; empty: the service's own endpoints
	InternalRegions []string // regions reached by their -internal endpoint, unless Endpoint is set
	Prefix          string   // only buckets whose names start with it
	ResourceGroupID string
	PageSize        int                                       // 1..1000
	RequestTimeout  time.Duration                             // of one attempt, headers and body
	MaxAttempts     int                                       // per page, the first included
	Transport       func(Operation, string) http.RoundTripper // of an operation in a region, as Transports has them
	Observer        Observer
	UserAgent       string
}

// Client lists the vector buckets of one account. It is safe for concurrent use.
type Client struct {
	o      Options
	bodies sync.Pool    // *bytes.Buffer
	seed   maphash.Seed // secret to this process: no answer can be made to hash like another
	mu     sync.Mutex
	skew   map[string]time.Duration // by region: the service's clock less ours, learnt from refusals
}

// New returns a client for one account. The options are taken as validated.
func New(o Options) *Client {
	return &Client{
		o:      o,
		bodies: sync.Pool{New: func() any { return new(bytes.Buffer) }},
		seed:   maphash.MakeSeed(),
		skew:   map[string]time.Duration{},
	}
}

// clockSkew is what to add to our clock when a request to region is signed. It is kept by region, so that one lying
// region cannot spoil another's signatures.
func (c *Client) clockSkew(region string) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.skew[region]
}

// learnSkew takes the service's clock from an answer's Date header and reports whether there was one.
func (c *Client) learnSkew(region string, h http.Header) bool {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skew[region] = time.Until(date)
	return true
}
