package ossvtest

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// Match selects requests. Empty fields match all.
type Match struct {
	Account   string // account id, of the one that owns the access key
	Region    string // of the credential scope
	Operation string
	Bucket    string
	Page      int // this page of a listing, from 1 on; the marker tells which page it is
}

// Action is what a fault does to a request: anything, next being the service or another fault.
type Action func(w http.ResponseWriter, r *http.Request, next http.Handler)

// Fault is a misbehaviour on demand. All faults that match a request apply, the one injected first outermost; they
// come before the service has verified anything, except where an Action's comment says otherwise.
type Fault struct {
	Match Match
	Times int // requests until it is used up; 0: until it is cleared
	Do    Action
}

// faults are the injected ones, in order.
type faults struct {
	mu  sync.Mutex
	all []*injected
}

type injected struct {
	Fault
	left int
}

// Inject adds a fault and returns what takes it away again.
func (s *Server) Inject(f Fault) (clearIt func()) {
	n := &injected{f, f.Times}
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.all = append(s.faults.all, n)
	return func() {
		s.faults.mu.Lock()
		defer s.faults.mu.Unlock()
		s.faults.remove(n)
	}
}

// ClearFaults takes all faults away. Requests that wait in one go on waiting.
func (s *Server) ClearFaults() {
	s.faults.mu.Lock()
	defer s.faults.mu.Unlock()
	s.faults.all = nil
}

// remove takes one fault away, the lock being held.
func (f *faults) remove(n *injected) {
	f.all = slices.DeleteFunc(f.all, func(x *injected) bool { return x == n })
}

// wrap puts the faults that a request matches around the service, and counts them down.
func (f *faults) wrap(q Match, h http.Handler) http.Handler {
	actions := f.take(q)
	for _, do := range slices.Backward(actions) {
		next := h
		h = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { do(w, r, next) })
	}
	return h
}

func (f *faults) take(q Match) []Action {
	f.mu.Lock()
	defer f.mu.Unlock()
	var actions []Action
	for _, n := range slices.Clone(f.all) {
		if !n.Match.covers(q) {
			continue
		}
		actions = append(actions, n.Do)
		if n.left--; n.left == 0 {
			f.remove(n)
		}
	}
	return actions
}

func (m Match) covers(q Match) bool {
	return (m.Account == "" || m.Account == q.Account) &&
		(m.Region == "" || m.Region == q.Region) &&
		(m.Operation == "" || m.Operation == q.Operation) &&
		(m.Bucket == "" || m.Bucket == q.Bucket) &&
		(m.Page == 0 || m.Page == q.Page)
}

// bend is how faults change the service's own answer. It is the call's, so that several add up.
type bend struct {
	skew      time.Duration
	deny      bool
	duplicate int
	foreign   []foreignBucket
	marker    func(sent, honest string) string
}

// foreignBucket is a bucket of another region than the one that is listed.
type foreignBucket struct {
	Bucket
	region string
}

// bending is the action that adds to the call's bend and lets the service answer.
func bending(change func(*bend)) Action {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		change(&callOf(r).bend)
		next.ServeHTTP(w, r)
	}
}

// next is the marker to answer with, and whether the listing claims to be truncated: always, if the marker is bent.
func (b bend) next(sent, honest string, truncated bool) (string, bool) {
	if b.marker == nil {
		return honest, truncated
	}
	return b.marker(sent, honest), true
}
