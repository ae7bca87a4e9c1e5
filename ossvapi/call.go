package ossvapi

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// request is one call of the API, made anew for each attempt.
type request struct {
	op     Operation
	region string
	bucket *Bucket // nil for calls that name none
	method string
	url    *url.URL
	header http.Header
	body   []byte
}

// outcome is how an attempt ended. A nil err is success.
type outcome struct {
	err     *Error
	retry   bool          // another attempt may help
	refused bool          // the key is expired or unknown: another key may help
	wait    time.Duration // the service's Retry-After
}

// call runs r with its retries and gives the body of the good answer to accept, which must not keep it. A listing that
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
		out := c.attempt(ctx, r, key, accept)
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
				return c.given(ctx, out.err)
			}
			continue
		}
		if retries++; !out.retry || retries > c.o.MaxAttempts || out.wait > maxRetryAfter {
			return out.err
		}
		if !pause(ctx, max(out.wait, intervals.NextBackOff())) {
			return c.given(ctx, out.err)
		}
	}
}

// given is what a call ends with that got no further than last: last itself, or why nobody waits for it any more.
func (c *Client) given(ctx context.Context, last *Error) error {
	if abandoned(ctx) {
		return context.Cause(ctx)
	}
	return last
}

// key awaits the signing key. Failing that, or past the deadline already, the call comes to no attempt.
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
		failure.Reason, failure.Message = Timeout, "the deadline passed before a key was at hand"
	case err == nil:
		failure.Reason, failure.Message = NoCredentials, "the source gave an empty key"
	default:
		failure.Reason, failure.Message = NoCredentials, oneLine(err.Error(), maxMessage)
	}
	c.o.Observer.Failure(failure)
	return Key{}, failure
}

// abandoned reports whether nobody waits for the answer any more: not a failure, unlike a deadline that passed.
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
