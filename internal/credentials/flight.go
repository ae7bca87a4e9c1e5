package credentials

import (
	"context"
	"time"

	"github.com/go-kit/log/level"

	"ossvector_exporter/ossvapi"
)

const (
	// goodFor is how long a key counts as good after the library gave it out: it gives out a key only while more than
	// this is left of it.
	goodFor = 3 * time.Minute
	// askAfter is the age from which a good key is asked for again beside the requests. The library answers from its
	// cache while it can, so asking costs next to nothing, and asking early leaves the most time to get over a failure.
	askAfter = 10 * time.Second
	// retryAfter spaces the attempts that fail while the key is still good.
	retryAfter = 5 * time.Second
)

// held is a key and when the call that gave it out began.
type held struct {
	key ossvapi.Key
	at  time.Time
}

// flight is one call of the provider. Its result may be read once done is closed.
type flight struct {
	forced bool // the provider was built anew for it
	done   chan struct{}
	key    ossvapi.Key
	err    error
}

// await gives the flight's result, or the context's error if that comes first; the flight goes on then.
func (f *flight) await(ctx context.Context) (ossvapi.Key, error) {
	select {
	case <-f.done:
		return f.key, f.err
	case <-ctx.Done():
		return ossvapi.Key{}, ctx.Err()
	}
}

// good gives the held key while it counts as good, else nil.
func (s *Source) good() *held {
	h := s.held.Load()
	if h == nil || s.now().Sub(h.at) >= s.from.hold {
		return nil
	}
	return h
}

// renewAhead asks the provider again in the background once the key has some age. It never waits, not for the lock
// either: whoever holds that is doing the same.
func (s *Source) renewAhead(h *held) {
	now := s.now()
	if now.Sub(h.at) < askAfter || s.closed.Load() || !s.mu.TryLock() {
		return
	}
	defer s.mu.Unlock()
	if s.flight == nil && now.Sub(s.failed) >= retryAfter {
		s.launch(false)
	}
}

// start gives the flight that is under way, forced or not, and else a new one. If by now there is a good key other than
// the refused one, it gives a flight that has landed with it: many callers find the same key too old, and one of them
// may come here when another's flight is over already.
func (s *Source) start(forced bool, refused ossvapi.Key) *flight {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.good(); h != nil && (!forced || h.key != refused) {
		return landed(h.key)
	}
	if s.flight == nil {
		s.launch(forced)
	}
	return s.flight
}

func landed(key ossvapi.Key) *flight {
	f := &flight{done: make(chan struct{}), key: key}
	close(f.done)
	return f
}

// launch starts a flight; s.mu is held. The goroutine ends with the provider's call, which has timeouts of its own.
func (s *Source) launch(forced bool) {
	s.flight = &flight{forced: forced, done: make(chan struct{})}
	go s.fly(s.flight)
}

func (s *Source) fly(f *flight) {
	began := s.now()
	f.key, f.err = s.ask(f.forced)
	if f.err == nil {
		s.held.Store(&held{key: f.key, at: began})
	}
	s.report(f)
	s.mu.Lock()
	if f.err != nil {
		s.failed = began
	}
	s.flight = nil
	s.mu.Unlock()
	close(f.done) // when nothing is held any more: who waited may ask again at once
}

// ask calls the provider. One that failed is thrown away: some of the library's keep what they failed on.
func (s *Source) ask(forced bool) (ossvapi.Key, error) {
	if forced || s.provider == nil {
		p, err := s.from.build()
		if err != nil {
			s.provider = nil
			return ossvapi.Key{}, err
		}
		s.provider = p
	}
	c, err := s.provider.GetCredentials()
	if err != nil {
		s.provider = nil
		return ossvapi.Key{}, err
	}
	return keyOf(c), nil
}

// report logs a streak of failures that nobody else sees, because the key is still good, and its end. Every other
// failure is the callers', who log it.
func (s *Source) report(f *flight) {
	switch {
	case f.err == nil && s.warned:
		s.warned = false
		_ = level.Info(s.logger).Log("msg", "the key can be renewed again")
	case f.err != nil && !f.forced && !s.warned && s.good() != nil:
		s.warned = true
		_ = level.Warn(s.logger).Log("msg", "the key could not be renewed; the one in force is good for some minutes", "err", f.err)
	}
}
