package ossvtest

import (
	"context"
	"net/http"
	"time"
)

// twist is how faults bend the service's own answer. It travels in the request's context, so that several add up.
type twist struct {
	skew      time.Duration
	deny      bool
	duplicate int
	overlap   int
	foreign   []foreignBucket
	marker    func(sent, honest string) string
}

// foreignBucket is a bucket of another region than the one that is listed.
type foreignBucket struct {
	Bucket
	region string
}

type twistKey struct{}

func twistOf(ctx context.Context) twist {
	t, _ := ctx.Value(twistKey{}).(twist)
	return t
}

// twisting is the action that adds to the request's twist and lets the service answer.
func twisting(change func(*twist)) Action {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		t := twistOf(r.Context())
		change(&t)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), twistKey{}, t)))
	}
}

// next is the marker to answer with, and whether the listing claims to be truncated: always, if the marker is bent.
func (t twist) next(sent, honest string, truncated bool) (string, bool) {
	if t.marker == nil {
		return honest, truncated
	}
	return t.marker(sent, honest), true
}
