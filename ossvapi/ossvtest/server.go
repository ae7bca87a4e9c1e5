// Package ossvtest is a simulated OSS vector service: an http.Handler that lists vector buckets and vector indexes as
// Alibaba Cloud documents it, for tests and for the exporter's demo. It verifies signatures, tokens and clocks, pages
// honestly, and misbehaves on demand (see Fault). One Server serves any number of accounts and regions on one listener:
// the account is the one that owns the access key, the region the one of the credential scope.
//
// It shares no code with the client under test and none with the vendor's SDK, whose unchanged client works against it.
//
// Where it may differ from the service, whose documentation is silent or which could not be asked:
//   - A regional endpoint lists the buckets of its own region; Options.WholeAccount makes it list all of them.
//   - NextMarker and nextToken are the last name listed; Options.OpaqueMarkers makes them unreadable. Either kind is
//     accepted at any time.
//   - An account without buckets gets an empty array, and a bucket without indexes too.
//   - The resource group filter compares the bucket's own group; a bucket without one is in no group.
//   - The wording of messages, the EC numbers, and which of several mistakes in one request is reported first.
//   - Error codes beyond the common ones, of ListVectorIndexes above all, are those of the neighbouring operations.
//   - Only header signatures with UNSIGNED-PAYLOAD are accepted; a signed URL counts as an anonymous request.
//   - Other operations than the two are answered with 501 NotImplemented. There are no quotas and no policies: a key
//     may do everything but what Key.Deny names.
package ossvtest

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// The operations that the service knows, as the vendor names them.
const (
	ListVectorBuckets = "ListVectorBuckets"
	ListVectorIndexes = "ListVectorIndexes"
)

// Options are a server's fixed traits. The zero value is the service as documented.
type Options struct {
	Now           func() time.Time // the service's clock; default time.Now
	Seed          uint64           // of generated inventories and request ids
	PlainNames    bool             // buckets are listed by their plain names, not by ARN
	WholeAccount  bool             // each regional endpoint lists the buckets of all regions
	OpaqueMarkers bool             // NextMarker and nextToken do not show the name they stand for
	Errors        ErrorShape       // how errors are written
}

// Server is the simulated service. All its methods, and those of its accounts, may be called at any time by any
// goroutine; requests see each call's effect as a whole or not at all.
type Server struct {
	opts   Options
	faults faults
	stats  stats
	ids    atomic.Uint64

	mu       sync.RWMutex
	accounts map[string]*Account // by account id
	keys     map[string]owned    // by access key id
}

// owned is a key with the account that it belongs to.
type owned struct {
	Key
	account *Account
}

var _ http.Handler = (*Server)(nil)

// New returns a service without accounts.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Server{opts: o, accounts: map[string]*Account{}, keys: map[string]owned{}}
}

// ServeHTTP answers one request: first the faults that it matches, then the service itself.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := s.read(r)
	seen := &recorder{ResponseWriter: w}
	end := s.stats.begin(c.record())
	defer func() { end(seen.status) }()

	s.stamp(w.Header(), c.id, s.opts.Now())
	r = r.WithContext(context.WithValue(r.Context(), callKey{}, c))
	honest := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, c) })
	s.faults.wrap(c.record(), honest).ServeHTTP(seen, r)
}

// stamp sets what every answer of the service carries.
func (s *Server) stamp(h http.Header, id string, now time.Time) {
	h.Set("Server", "AliyunOSS")
	h.Set("Date", now.UTC().Format(http.TimeFormat))
	h.Set("X-Oss-Request-Id", id)
}

// answer is the service without faults, but for the twist that they put into the request's context.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, c *call) {
	t := twistOf(r.Context())
	now := s.opts.Now().Add(t.skew)
	s.stamp(w.Header(), c.id, now)
	if e := s.refuse(r, c, now); e != nil {
		s.fail(w, c, e)
		return
	}
	if t.deny {
		s.fail(w, c, errDenied())
		return
	}
	body, e := s.perform(c, t)
	if e != nil {
		s.fail(w, c, e)
		return
	}
	body.write(w)
}

// perform runs the operation for a request that has the right to it.
func (s *Server) perform(c *call, t twist) (*payload, *serviceError) {
	switch c.operation {
	case ListVectorBuckets:
		return s.listBuckets(c, t)
	case ListVectorIndexes:
		return s.listIndexes(c, t)
	}
	return nil, errNotImplemented()
}

// requestID numbers the requests; the seed makes those of two servers differ.
func (s *Server) requestID() string {
	return fmt.Sprintf("%08X%016X", uint32(s.opts.Seed), s.ids.Add(1)) //nolint:gosec // cut off on purpose
}

// recorder remembers the status of the answer, for the log of requests.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the first status.
func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write notes the status that an unannounced body implies.
func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController flush.
func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }
