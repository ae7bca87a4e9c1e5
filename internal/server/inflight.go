package server

import (
	"net/http"
	"sync"
)

// whole is the share of a scrape of everything.
const whole = 1 << 20

// inFlight admits requests while the sum of their shares and their number stay below the limits. Shares let many small
// probes run where few scrapes of everything may: a bad hour of one cloud region must not refuse the others' probes.
type inFlight struct {
	maxShare, maxCount int64

	mu           sync.Mutex
	share, count int64
}

// enter reports whether there is room; if so, leave must be called with the same share.
func (f *inFlight) enter(share int64) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.share+share > f.maxShare || f.count >= f.maxCount {
		return false
	}
	f.share += share
	f.count++
	return true
}

func (f *inFlight) leave(share int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.share -= share
	f.count--
}

// shareOf is the part of all configured regions that sel selects, at least 1 and at most whole.
func shareOf(targets []Target, sel Selection) int64 {
	var all, selected int64
	for _, t := range targets {
		for _, region := range t.Regions {
			all++
			if (sel.Account == "" || sel.Account == t.Account) && (sel.Region == "" || sel.Region == region) {
				selected++
			}
		}
	}
	if all == 0 {
		return whole
	}
	return max(1, whole*selected/all)
}

// limitPages bounds the requests for h and its like.
func (s *server) limitPages(h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.pages.enter(whole) {
			tooMany(w)
			return
		}
		defer s.pages.leave(whole)
		h(w, r)
	})
}

func tooMany(w http.ResponseWriter) {
	w.Header().Set("Retry-After", "5")
	http.Error(w, "too many requests in flight, try again later", http.StatusServiceUnavailable)
}
