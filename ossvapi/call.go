package ossvapi

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	maxRetryAfter  = 5 * time.Second
	firstInterval  = 100 * time.Millisecond // between attempts, doubled each time and jittered by half
	longestBackoff = 5 * time.Second
)

// request is one call of the API, signed anew for each attempt. An operation that lists is walked with one request, whose
// page is set before each call.
type request struct {
	op      Operation
	region  string
	bucket  *Bucket // nil for calls that name none
	method  string
	url     *url.URL
	header  http.Header
	body    []byte
	entries int                    // asked for at once; the answer's bound depends on it
	page    func(*request, string) // makes it the request for the page after a marker
	marker  string                 // the answer's member that has the next one
}

// maxBody is how many bytes a good answer may have.
func (r *request) maxBody() int { return bodyBase + bodyPerEntry*r.entries }

// walkPages calls r page by page until accept returns no marker of a next page, and yields what accept makes of each; an error is
// the last. Accept must not keep the body; a page that it refuses may come again.
func walkPages[P any](ctx context.Context, c *Client, r *request, accept func(body []byte) (P, string, error)) iter.Seq2[P, error] {
	return func(yield func(P, error) bool) {
		asked := map[string]bool{}
		var page, none P
		for marker, next := "", ""; len(asked) < maxPages; marker = next {
			asked[marker] = true
			r.page(r, marker)
			err := c.call(ctx, r, func(body []byte) (err error) {
				if page, next, err = accept(body); err == nil && next != "" && asked[next] {
					return shapeError(fmt.Sprintf("the listing does not advance, %s was asked for before: %q", r.marker, next))
				}
				return err
			})
			if err != nil {
				yield(none, err)
				return
			}
			if !yield(page, nil) || next == "" {
				return
			}
		}
		yield(none, c.failed(&Error{
			Operation: r.op, Region: r.region, Host: r.url.Host, Reason: InvalidResponse, Status: http.StatusOK,
			Message: "the listing has more than " + grouped(maxPages) + " pages",
		}))
	}
}

// outcome is how an attempt ended. A nil err is success.
type outcome struct {
	err     *Error
	retry   bool          // another attempt may help
	refused bool          // the key is expired or unknown: another key may help
	wait    time.Duration // the service's Retry-After
}

// call runs r with its retries and passes the body of the good answer to accept, which must not keep it. A listing that
// nobody waits for any more (ctx cancelled for another cause than a deadline) ends with that cause and is no failure;
// any other error is an *Error.
func (c *Client) call(ctx context.Context, r *request, accept func(body []byte) error) error {
	intervals := backoff.ExponentialBackOff{
		InitialInterval: firstInterval, RandomizationFactor: 0.5, Multiplier: 2, MaxInterval: longestBackoff,
	}
	renewed := false
	for attempts, retries := 1, 1; ; attempts++ {
		key, err := c.key(ctx, r, attempts)
		if err != nil {
			return err
		}
		out := c.attempt(ctx, r, key, attempts, accept)
		if out.err == nil {
			return nil
		}
		if abandoned(ctx) {
			return context.Cause(ctx)
		}
		out.err.Attempts = attempts
		c.o.Observer.Failure(out.err)
		if out.refused && !renewed {
			renewed = true
			if _, err := c.o.Keys.Renew(ctx, key); err != nil {
				return causeOr(ctx, out.err)
			}
			continue
		}
		if retries++; !out.retry || retries > c.o.MaxAttempts || out.wait > maxRetryAfter {
			return out.err
		}
		if !pause(ctx, max(out.wait, intervals.NextBackOff())) {
			return causeOr(ctx, out.err)
		}
	}
}

// causeOr is the error of a call that ends after the error last: last itself, or the cause if the call was abandoned.
func causeOr(ctx context.Context, last *Error) error {
	if abandoned(ctx) {
		return context.Cause(ctx)
	}
	return last
}

// key awaits the signing key. Without one, or past the deadline already, the call makes no attempt.
func (c *Client) key(ctx context.Context, r *request, attempt int) (Key, error) {
	key, err := Key{}, ctx.Err()
	if err == nil {
		key, err = c.o.Keys.Key(ctx)
	}
	if err == nil && key.ID != "" && key.Secret != "" && ctx.Err() == nil {
		return key, nil
	}
	if abandoned(ctx) {
		return Key{}, context.Cause(ctx)
	}
	failure := &Error{Operation: r.op, Region: r.region, Attempts: attempt - 1, Err: err}
	switch {
	case ctx.Err() != nil:
		failure.Reason, failure.Message = Timeout, "the deadline passed before a key was available"
	case err == nil:
		failure.Reason, failure.Message = NoCredentials, "the source returned an empty key"
	default:
		failure.Reason, failure.Message = NoCredentials, oneLine(err.Error(), maxMessage)
	}
	return Key{}, c.failed(failure)
}

// unasked is the failure of a call that was never made. A region without the form of one may come out of a response, so
// it gets no further.
func (c *Client) unasked(op Operation, region, why string) error {
	if !ValidRegion(region) {
		region = ""
	}
	return c.failed(&Error{Operation: op, Region: region, Reason: InvalidRequest, Message: why})
}

// failed reports a failure without an attempt.
func (c *Client) failed(err *Error) error {
	c.o.Observer.Failure(err)
	return err
}

// abandoned reports whether the caller has stopped waiting, which, unlike a passed deadline, is not a failure.
func abandoned(ctx context.Context) bool {
	return ctx.Err() != nil && !errors.Is(context.Cause(ctx), context.DeadlineExceeded)
}

// pause waits for d and reports whether the context lasted that long.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil // both at the same moment: the context is over
	case <-ctx.Done():
		return false
	}
}
