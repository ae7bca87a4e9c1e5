package ossvtest

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"sync/atomic"
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
func Hang() Action {
	return func(_ http.ResponseWriter, r *http.Request, _ http.Handler) {
		<-r.Context().Done()
		panic(http.ErrAbortHandler)
	}
}

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

// Fail answers with an error of the service, in the server's ErrorShape.
func Fail(status int, code, message string) Action {
	return failing(&serviceError{status: status, code: code, message: message}, "")
}

// Throttle answers 429 or 503 with the code QpsLimitExceeded and with a Retry-After header unless that is empty.
func Throttle(status int, retryAfter string) Action {
	return failing(errThrottled(status), retryAfter)
}

func failing(e *serviceError, retryAfter string) Action {
	return func(w http.ResponseWriter, r *http.Request, _ http.Handler) {
		c, ok := r.Context().Value(callKey{}).(*call)
		if !ok {
			panic("ossvtest: the request's context was replaced by an action")
		}
		if retryAfter != "" {
			w.Header().Set("Retry-After", retryAfter)
		}
		c.server.fail(w, c, e)
	}
}

// Limit throttles what exceeds n requests at a time.
func Limit(n int) Action {
	var now atomic.Int64
	refuse := Throttle(http.StatusTooManyRequests, "")
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		defer now.Add(-1)
		if now.Add(1) > int64(n) {
			refuse(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	}
}

// Every does something to each n-th request that it meets and leaves the others alone.
func Every(n int, do Action) Action {
	var met atomic.Int64
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if met.Add(1)%int64(n) == 0 {
			do(w, r, next)
			return
		}
		next.ServeHTTP(w, r)
	}
}

// Deny answers a request that is otherwise in order with AccessDenied.
func Deny() Action { return twisting(func(t *twist) { t.deny = true }) }

// Skew sets the service's clock d ahead (or back), as its Date header tells and its verification feels.
func Skew(d time.Duration) Action { return twisting(func(t *twist) { t.skew += d }) }

// Duplicate lists the first n entries of a page once more at its end.
func Duplicate(n int) Action { return twisting(func(t *twist) { t.duplicate += n }) }

// Overlap lists the last n entries of the page before once more at a page's beginning.
func Overlap(n int) Action { return twisting(func(t *twist) { t.overlap += n }) }

// Foreign lists buckets of another region at the end of a page.
func Foreign(region string, buckets ...Bucket) Action {
	return twisting(func(t *twist) {
		for _, b := range buckets {
			t.foreign = append(t.foreign, foreignBucket{b, region})
		}
	})
}

// LoopMarker claims that there is more, after the very marker that was sent. The first page, for which none was sent,
// has an honest NextMarker, or "again" where there would be none.
func LoopMarker() Action {
	return NextMarker(func(sent, honest string) string { return or(or(sent, honest), "again") })
}

// MissingMarker claims that there is more but does not say where.
func MissingMarker() Action { return NextMarker(func(string, string) string { return "" }) }

// Endless claims after each page that there is more, by a marker that is always a new one.
func Endless() Action {
	var n atomic.Int64
	return NextMarker(func(string, string) string { return fmt.Sprintf("zzz-%012d", n.Add(1)) })
}

// NextMarker claims that there is more after the marker (or token) that next gives, of the one sent and the honest one.
// An empty result leaves it out.
func NextMarker(next func(sent, honest string) string) Action {
	return twisting(func(t *twist) { t.marker = next })
}

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
