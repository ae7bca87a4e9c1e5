// Package ossvapi is a typed client of the OSS vector bucket API: it signs, sends, retries, walks every page, decodes and
// classifies, and it refuses whatever the API does not promise rather than read it as "no buckets".
//
// The vendor's signer is used and its client is not: that one reads several malformed answers as an empty listing. Facts
// about the API are from the vendor's documentation of ListVectorBuckets and ListVectorIndexes.
package ossvapi

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"hash/maphash"
	"net/http"
	"sync"
	"time"
)

// Bounds of what one region can cost.
const (
	maxPages          = 10_000    // of one listing
	defaultMaxBuckets = 100_000   // of one listing
	maxIndexes        = 10_000    // of one bucket
	maxText           = 1 << 10   // bytes of one text of an answer
	bodyBase          = 64 << 10  // bytes of an answer, and
	bodyPerEntry      = 1 << 10   // bytes more for each entry asked for
	maxErrorBody      = 64 << 10  // bytes of an error answer that are looked at
	maxHeaderBytes    = 256 << 10 // of one answer
)

// Key is what a request is signed with. It is never logged: format it nowhere.
type Key struct {
	ID, Secret, Token string
}

// Keys supplies an account's signing key. It is called before every attempt, concurrently by many goroutines, so it answers
// from memory as a rule; what may block it does elsewhere and awaits with the context. Its errors carry no secret: their
// text reaches logs and pages.
type Keys interface {
	// Key returns the key in force. An error that is the context's own means timeout, any other one no_credentials.
	Key(ctx context.Context) (Key, error)
	// Renew returns a key other than the one that the service refused as expired or unknown, or an error if the source
	// has no other.
	Renew(ctx context.Context, refused Key) (Key, error)
}

// Observer is notified of every HTTP attempt and every failure. It is called concurrently by many goroutines.
type Observer interface {
	// Attempt reports an HTTP attempt that has ended.
	Attempt(a Attempt)
	// Failure reports a failed attempt, also one that a retry cures, or a failure without an attempt.
	Failure(err *Error)
}

// Attempt is one HTTP attempt. No secret is in it. What is a Stringer costs something only if it is read, which may be done
// until the observer returns.
type Attempt struct {
	Operation   Operation
	Region      string // the region asked
	Number      int    // of the call's attempts, from 1 on
	Method      string
	URL         fmt.Stringer
	Status      int // 0 without an answer
	RequestID   string
	EC          string
	ContentType string
	Size        int           // bytes of the body that were read
	Duration    time.Duration // body included
	Body        fmt.Stringer  // the first KB on one line, of what was refused or not understood; else nil
}

// Options says whose buckets are listed and how. All but Endpoint, InternalRegions, Prefix, ResourceGroupID and MaxBuckets
// are required.
type Options struct {
	Keys            Keys
	Endpoint        string   // URL in which {region} is replaced; empty: the service's own endpoints
	InternalRegions []string // regions reached by their -internal endpoint, unless Endpoint is set
	Prefix          string   // only buckets whose names start with it
	ResourceGroupID string
	PageSize        int                                       // 1..1000
	MaxBuckets      int                                       // of one region; a listing with more is refused; 0: 100,000
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
	skew   sync.Map     // by region, time.Duration: the service's clock less ours, learnt from refusals
}

// New returns a client for one account. The options are taken as validated.
func New(o Options) *Client {
	o.MaxBuckets = cmp.Or(o.MaxBuckets, defaultMaxBuckets)
	return &Client{
		o:      o,
		bodies: sync.Pool{New: func() any { return new(bytes.Buffer) }},
		seed:   maphash.MakeSeed(),
	}
}

// clockSkew is what to add to our clock when a request to region is signed. It is kept by region, so that one lying
// region cannot spoil another's signatures.
func (c *Client) clockSkew(region string) time.Duration {
	learnt, _ := c.skew.Load(region)
	skew, _ := learnt.(time.Duration)
	return skew
}

// learnSkew takes the service's clock from an answer's Date header and reports whether there was one.
func (c *Client) learnSkew(region string, h http.Header) bool {
	date, err := http.ParseTime(h.Get("Date"))
	if err != nil {
		return false
	}
	c.skew.Store(region, time.Until(date))
	return true
}
