package ossvtest

import (
	"net/http"
	"sync"
)

// maxArrivals is how many arrivals a gate remembers that nobody has received.
const maxArrivals = 4096

// Gate holds requests until it is opened, so that a test of concurrency needs no sleep. Its Action is a fault's.
type Gate struct {
	arrived chan Request
	open    chan struct{}
	once    sync.Once
}

// NewGate returns a closed gate.
func NewGate() *Gate {
	return &Gate{arrived: make(chan Request, maxArrivals), open: make(chan struct{})}
}

// Action holds a request until the gate opens; one whose client leaves is dropped.
func (g *Gate) Action(w http.ResponseWriter, r *http.Request, next http.Handler) {
	if c, ok := r.Context().Value(callKey{}).(*call); ok {
		select {
		case g.arrived <- c.record():
		default: // nobody counts any more
		}
	}
	select {
	case <-g.open:
	case <-r.Context().Done():
		panic(http.ErrAbortHandler)
	}
	next.ServeHTTP(w, r)
}

// Arrived gives each request that has come to the gate, open or closed.
func (g *Gate) Arrived() <-chan Request { return g.arrived }

// Open lets all requests through, now and later.
func (g *Gate) Open() { g.once.Do(func() { close(g.open) }) }
