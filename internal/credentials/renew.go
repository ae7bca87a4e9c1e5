package credentials

import (
	"context"
	"time"

	"github.com/go-kit/log/level"

	"ossvector_exporter/ossvapi"
)

const (
	// goodFor is how long a key counts as good after a provider gave it out: a provider gives out a temporary key only
	// while more than this is left of it.
	goodFor = 3 * time.Minute
	// askAfter is the age from which a good key is requested again in the background. Providers answer from memory while
	// they can, so asking costs next to nothing, and asking early leaves the most time to get over a failure.
	askAfter = 10 * time.Second
	// retryAfter spaces the calls that fail while the key is still good.
	retryAfter = 5 * time.Second
)

// cachedKey is a key and when the call that gave it out began.
type cachedKey struct {
	key ossvapi.Key
	at  time.Time
}

// call is one call of the provider. Its result may be read once done is closed.
type call struct {
	fresh bool // asks past every cache
	done  chan struct{}
	key   ossvapi.Key
	err   error
}

// await returns the call's result, or the context's error if that comes first; the call goes on then.
func (c *call) await(ctx context.Context) (ossvapi.Key, error) {
	select {
	case <-c.done:
		return c.key, c.err
	case <-ctx.Done():
		return ossvapi.Key{}, ctx.Err()
	}
}

// good returns the cached key while it counts as good, else nil.
func (k *Keys) good() *cachedKey {
	c := k.cached.Load()
	if c == nil || time.Since(c.at) >= k.source.goodFor {
		return nil
	}
	return c
}

// renewAhead asks the provider again in the background once the key has some age. It does not wait for the lock: its
// holder is already renewing. Under the lock it looks again, because by then c may have been replaced.
func (k *Keys) renewAhead(ctx context.Context, c *cachedKey) {
	now := time.Now()
	if now.Sub(c.at) < askAfter || k.closed.Load() || !k.mu.TryLock() {
		return
	}
	defer k.mu.Unlock()
	if k.call == nil && k.cached.Load() == c && now.Sub(k.failed) >= retryAfter {
		k.launch(ctx, false)
	}
}

// start returns the call in flight, else a new one. If by now there is a good key other than the refused one, it returns
// a finished call with that key: many callers find the same key too old, and one of them may come when another's call is
// over already.
func (k *Keys) start(ctx context.Context, fresh bool, refused ossvapi.Key) *call {
	k.mu.Lock()
	defer k.mu.Unlock()
	if c := k.good(); c != nil && (!fresh || c.key != refused) {
		done := &call{done: make(chan struct{}), key: c.key}
		close(done.done)
		return done
	}
	if k.call == nil {
		k.launch(ctx, fresh)
	}
	return k.call
}

// launch starts a call; k.mu is locked. The call outlives the context of the caller that started it, because others may
// wait for it too; it ends by its own timeouts.
func (k *Keys) launch(ctx context.Context, fresh bool) {
	k.call = &call{fresh: fresh, done: make(chan struct{})}
	go k.run(context.WithoutCancel(ctx), k.call)
}

func (k *Keys) run(ctx context.Context, c *call) {
	began := time.Now()
	c.key, c.err = k.source.provider.key(ctx, c.fresh)
	if c.err == nil {
		k.cached.Store(&cachedKey{key: c.key, at: began})
	}
	k.report(c)
	k.mu.Lock()
	if c.err != nil {
		k.failed = began
	}
	k.call = nil
	k.mu.Unlock()
	close(c.done) // after the unlock, so that a waiter may start the next call immediately
}

// report logs a streak of failures that no caller sees, because the key is still good, and its end. Every other failure
// is the callers', who log it.
func (k *Keys) report(c *call) {
	switch {
	case c.err == nil && k.warned:
		k.warned = false
		_ = level.Info(k.logger).Log("msg", "the key can be renewed again")
	case c.err != nil && !c.fresh && !k.warned && k.good() != nil:
		k.warned = true
		_ = level.Warn(k.logger).Log("msg", "the key could not be renewed; the one in force is good for some minutes", "err", c.err)
	}
}
