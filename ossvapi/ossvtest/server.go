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
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// Options are a server's fixed traits. The zero value is the service as documented.
type Options struct {
	Now           func() time.Time // the service's clock; default time.Now
	Seed          uint64           // of generated inventories and request ids
	PlainNames    bool             // buckets are listed by their plain names, not by ARN
	WholeAccount  bool             // each regional endpoint lists the buckets of all regions
	OpaqueMarkers bool             // NextMarker and nextToken do not show the name they stand for
}

// Server is the simulated service. All its methods, and those of its accounts, may be called at any time by any
// goroutine; requests see each call's effect as a whole or not at all.
type Server struct {
	opts     Options
	faults   faults
	ids      atomic.Uint64
	inFlight atomic.Int64

	mu       sync.RWMutex
	accounts map[string]*Account // by account id
	keys     map[string]owned    // by access key id
	counts   map[Match]int       // requests by account, region, operation, bucket and page
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
	return &Server{opts: o, accounts: map[string]*Account{}, keys: map[string]owned{}, counts: map[Match]int{}}
}

// ServeHTTP answers one request: first the faults that it matches, then the service itself.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := s.parse(r)
	q := c.record()
	s.inFlight.Add(1)
	defer s.inFlight.Add(-1)
	s.mu.Lock()
	s.counts[q]++
	s.mu.Unlock()
	s.stamp(w.Header(), c.id, s.opts.Now())
	r = r.WithContext(context.WithValue(r.Context(), callKey{}, c))
	honest := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.answer(w, r, c) })
	s.faults.wrap(q, honest).ServeHTTP(w, r)
}

// stamp sets what every answer of the service carries.
func (s *Server) stamp(h http.Header, id string, now time.Time) {
	h.Set("Server", "AliyunOSS")
	h.Set("Date", now.UTC().Format(http.TimeFormat))
	h.Set("X-Oss-Request-Id", id)
}

// answer is the service without faults, except for how they bend the call.
func (s *Server) answer(w http.ResponseWriter, r *http.Request, c *call) {
	now := s.opts.Now().Add(c.bend.skew)
	s.stamp(w.Header(), c.id, now)
	e := s.refuse(r, c, now)
	if e == nil && c.bend.deny {
		e = forbidden("AccessDenied", "Access denied by bucket policy.", "0003-00000201") // as a policy denies
	}
	var body [][]byte
	if e == nil && c.name == "" {
		e = &serviceError{http.StatusNotImplemented, "NotImplemented", "The simulated service does not know this operation.", "0017-00000101"}
	}
	if e == nil {
		body, e = s.list(c)
	}
	if e != nil {
		s.fail(w, c, e)
		return
	}
	write(w, http.StatusOK, body...)
}

// write sends a body of JSON to a client that may be gone.
func write(w http.ResponseWriter, status int, body ...[]byte) {
	size := 0
	for _, part := range body {
		size += len(part)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(size))
	w.WriteHeader(status)
	for _, part := range body {
		_, _ = w.Write(part) //nolint:gosec // JSON
	}
}

// requestID numbers the requests; the seed makes those of two servers differ.
func (s *Server) requestID() string {
	return fmt.Sprintf("%08X%016X", uint32(s.opts.Seed), s.ids.Add(1)) //nolint:gosec // cut off on purpose
}

// Count is how many requests have come that match, those that were refused or never answered included.
func (s *Server) Count(m Match) int {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := 0
	for q, v := range s.counts {
		if m.covers(q) {
			n += v
		}
	}
	return n
}

// InFlight is how many requests are being answered now.
func (s *Server) InFlight() int { return int(s.inFlight.Load()) }
