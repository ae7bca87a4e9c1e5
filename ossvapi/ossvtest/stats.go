package ossvtest

import (
	"slices"
	"sync"
)

// maxLog bounds the log of requests; a constant number of the newest is kept.
const maxLog = 10_000

// Request is one request as it came in, verified or not.
type Request struct {
	ID              string // request id
	Account         string // of the access key; empty if that is unknown
	Region          string // of the credential scope
	Operation       string // empty if the service does not know it
	Bucket          string // plain name
	Page            int    // of the listing, from 1 on
	Host            string // less the port
	KeyID           string
	Prefix          string
	Marker          string // or nextToken, as sent
	Limit           int    // max-keys or maxResults in force
	ResourceGroupID string
	Status          int // of the answer; 0 while there is none, and if there never was one
}

// stats counts requests and remembers the newest.
type stats struct {
	mu     sync.Mutex
	counts map[Match]int // by account, region, operation, bucket and page
	now    map[lane]int  // in flight
	max    map[lane]int
	log    []*Request
}

// lane is what concurrency is counted by; an empty operation stands for all.
type lane struct{ account, operation string }

// begin notes a request and returns what notes its end.
func (s *stats) begin(q Request) (end func(status int)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.counts == nil {
		s.counts, s.now, s.max = map[Match]int{}, map[lane]int{}, map[lane]int{}
	}
	s.counts[Match{Account: q.Account, Region: q.Region, Operation: q.Operation, Bucket: q.Bucket, Page: q.Page}]++
	lanes := []lane{{q.Account, q.Operation}, {q.Account, ""}}
	for _, l := range lanes {
		s.now[l]++
		s.max[l] = max(s.max[l], s.now[l])
	}
	if len(s.log) >= maxLog {
		s.log = append(s.log[:0:0], s.log[maxLog/2:]...)
	}
	s.log = append(s.log, &q)
	return func(status int) {
		s.mu.Lock()
		defer s.mu.Unlock()
		q.Status = status
		for _, l := range lanes {
			s.now[l]--
		}
	}
}

// Count is how many requests have come that match, those that were refused or never answered included.
func (s *Server) Count(m Match) int {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	n := 0
	for k, v := range s.stats.counts {
		if m.covers(Request{Account: k.Account, Region: k.Region, Operation: k.Operation, Bucket: k.Bucket, Page: k.Page}) {
			n += v
		}
	}
	return n
}

// InFlight is how many requests of an account are being answered now; an empty operation means all.
func (s *Server) InFlight(account, operation string) int {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	return s.stats.now[lane{account, operation}]
}

// MaxInFlight is the largest number of requests of an account that were being answered at one time; an empty operation
// means all.
func (s *Server) MaxInFlight(account, operation string) int {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	return s.stats.max[lane{account, operation}]
}

// Requests returns the newest requests, oldest first: at least the last 5,000.
func (s *Server) Requests() []Request {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	all := make([]Request, 0, len(s.stats.log))
	for _, q := range s.stats.log {
		all = append(all, *q)
	}
	return slices.Clip(all)
}

// ResetStats forgets all counts and the log. Requests in flight are still counted as such.
func (s *Server) ResetStats() {
	s.stats.mu.Lock()
	defer s.stats.mu.Unlock()
	clear(s.stats.counts)
	clear(s.stats.max)
	for l, n := range s.stats.now {
		s.stats.max[l] = n
	}
	s.stats.log = nil
}
