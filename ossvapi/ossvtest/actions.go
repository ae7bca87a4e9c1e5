package ossvtest

import (
	"cmp"
	"context"
	"maps"
	"math"
	"net/http"
	"sync"
	"time"
)

// Latency answers d later, or never if the client leaves first.
func Latency(d time.Duration) Action {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if !wait(r.Context(), d) {
			panic(http.ErrAbortHandler)
		}
		next.ServeHTTP(w, r)
	}
}

// Hang never answers: the connection stays open until the client leaves.
func Hang() Action { return Latency(math.MaxInt64) }

// HangUp closes the connection without an answer. Mind that net/http's client by itself sends a GET anew, without
// telling, if that happens on a connection that it had used before.
func HangUp() Action {
	return func(http.ResponseWriter, *http.Request, http.Handler) { panic(http.ErrAbortHandler) }
}

// Respond answers with exactly this instead of the service. The header is added to the service's usual one; a nil
// value takes a usual one away.
func Respond(status int, header http.Header, body string) Action {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		maps.Copy(w.Header(), header)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body)) // the client is gone, or has it
	}
}

// Fail answers with an error of the service.
func Fail(status int, code, message string) Action {
	return failing(&serviceError{status: status, code: code, message: message}, "")
}

// Throttle answers 429 or 503 with the code QpsLimitExceeded and with a Retry-After header unless that is empty.
func Throttle(status int, retryAfter string) Action {
	return failing(&serviceError{status, "QpsLimitExceeded", "Please reduce your request rate.", "0004-00000302"}, retryAfter)
}

func failing(e *serviceError, retryAfter string) Action {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		c := callOf(r)
		c.server.fail(w, c, e)
	}
}

// Deny answers a request that is otherwise in order with AccessDenied.
func Deny() Action { return bending(func(b *bend) { b.deny = true }) }

// Skew sets the service's clock d ahead (or back), as its Date header tells and its verification feels.
func Skew(d time.Duration) Action { return bending(func(b *bend) { b.skew += d }) }

// Duplicate lists the first n entries of a page once more at its end.
func Duplicate(n int) Action { return bending(func(b *bend) { b.duplicate += n }) }

// Foreign lists buckets of another region at the end of a page.
func Foreign(region string, buckets ...Bucket) Action {
	return bending(func(b *bend) {
		for _, added := range buckets {
			b.foreign = append(b.foreign, foreignBucket{added, region})
		}
	})
}

// LoopMarker claims that there is more, after the very marker that was sent. The first page, for which none was sent,
// has an honest NextMarker, or "again" where there would be none.
func LoopMarker() Action {
	return NextMarker(func(sent, honest string) string { return cmp.Or(sent, honest, "again") })
}

// MissingMarker claims that there is more but does not say where.
func MissingMarker() Action { return NextMarker(func(string, string) string { return "" }) }

// NextMarker claims that there is more after the marker (or token) that next gives, of the one sent and the honest one.
// An empty result leaves it out.
func NextMarker(next func(sent, honest string) string) Action {
	return bending(func(b *bend) { b.marker = next })
}

// Gate blocks requests until it is opened, so that a test of concurrency needs no sleep. Its Action is a fault's.
type Gate struct {
	arrived chan struct{}
	open    chan struct{}
	once    sync.Once
}

// NewGate returns a closed gate.
func NewGate() *Gate { return &Gate{arrived: make(chan struct{}, 1<<12), open: make(chan struct{})} }

// Action blocks a request until the gate opens; one whose client leaves is dropped.
func (g *Gate) Action(w http.ResponseWriter, r *http.Request, next http.Handler) {
	select {
	case g.arrived <- struct{}{}:
	default: // nobody counts any more
	}
	select {
	case <-g.open:
	case <-r.Context().Done():
		panic(http.ErrAbortHandler)
	}
	next.ServeHTTP(w, r)
}

// Arrived tells of each request that has come to the gate, open or closed.
func (g *Gate) Arrived() <-chan struct{} { return g.arrived }

// Open lets all requests through, now and later.
func (g *Gate) Open() { g.once.Do(func() { close(g.open) }) }

// wait waits for d to pass, and reports false if the client leaves first.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
