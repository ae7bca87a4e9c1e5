package collector

import (
	"context"
	"errors"
	"sync"
	"time"
)

// errAbandoned ends a listing that nobody waits for any more. It is no failure: nothing is counted, kept or logged.
var errAbandoned = errors.New("nobody waits for this listing any more")

// shared is the memory of one listing: the last complete result with its time and, while one runs, the listing in
// flight, which every scrape that wants it waits for. A listing lives as long as its most patient waiter.
type shared[T any] struct {
	mu      sync.Mutex
	last    T         // the last complete result
	at      time.Time // when it was complete; zero before the first
	err     error     // why the last listing failed; nil after a complete one
	ended   time.Time // when the last listing ended, either way
	flight  *flight[T]
	started int // listings started and the newest one that is settled: an old one must not undo a newer
	settled int
}

// flight is one listing under way.
type flight[T any] struct {
	number  int
	cancel  context.CancelCauseFunc
	waiters int
	until   time.Time // when the most patient of them gives up
	running bool      // its turn has come
	done    chan struct{}
	value   T // these three are set before done is closed
	at      time.Time
	err     error
}

// answer is what a waiter gets: a value with its time, or an error. A failed listing's value holds what it cost.
type answer[T any] struct {
	value T
	at    time.Time
	err   error
	early bool // this waiter's deadline passed while others go on waiting
	begun bool // with early: the listing's turn had come
}

// work is how a listing is made. It calls begin when its turn has come, and ends with the error of that: the turn may
// have come too late.
type work[T any] struct {
	run     func(ctx context.Context, begin func() error) (T, error)
	settled func(number int, value T, err error) // told of every result that counts; two may come in either order
	now     func() time.Time
}

// get answers from memory if the last result is younger than maxAge and nothing failed since; else it waits for the
// listing in flight, or starts one.
func (s *shared[T]) get(ctx context.Context, maxAge time.Duration, w work[T]) answer[T] {
	s.mu.Lock()
	if s.fresh(w.now(), maxAge) {
		defer s.mu.Unlock()
		return answer[T]{value: s.last, at: s.at}
	}
	f := s.flight
	if f == nil {
		f = s.start(ctx, w)
	}
	f.waiters++
	if until, ok := ctx.Deadline(); ok && until.After(f.until) {
		f.until = until
	}
	s.mu.Unlock()
	select {
	case <-f.done:
		return answer[T]{value: f.value, at: f.at, err: f.err}
	case <-ctx.Done():
		return s.leave(f, context.Cause(ctx))
	}
}

// fresh needs the lock.
func (s *shared[T]) fresh(now time.Time, maxAge time.Duration) bool {
	return !s.at.IsZero() && s.err == nil && now.Sub(s.at) < maxAge
}

// start needs the lock. The listing outlives the scrape that starts it if others wait longer, hence its own context.
func (s *shared[T]) start(ctx context.Context, w work[T]) *flight[T] {
	own, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	s.started++
	f := &flight[T]{number: s.started, cancel: cancel, done: make(chan struct{})}
	s.flight = f
	go s.fly(own, f, w)
	return f
}

func (s *shared[T]) fly(ctx context.Context, f *flight[T], w work[T]) {
	defer f.cancel(nil)
	defer close(f.done)
	f.value, f.err = w.run(ctx, func() error { return s.begin(f) })
	f.at = w.now()
	if s.settle(f) {
		w.settled(f.number, f.value, f.err)
	}
}

// begin marks that a listing's turn has come, unless every waiter's time is up: what the deadline ends frees slots for
// what it is about to end.
func (s *shared[T]) begin(f *flight[T]) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !time.Now().Before(f.until) {
		return context.DeadlineExceeded
	}
	f.running = true
	return nil
}

// settle keeps a result and reports whether it counts: it was not abandoned, and no newer one is there already.
func (s *shared[T]) settle(f *flight[T]) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.flight == f {
		s.flight = nil
	}
	if errors.Is(f.err, errAbandoned) || f.number < s.settled {
		return false
	}
	s.settled, s.err, s.ended = f.number, f.err, f.at
	if f.err == nil {
		s.last, s.at = f.value, f.at
	}
	return true
}

// leave takes a waiter off a flight. The last one ends it: with a timeout if its deadline passed, whose counting it
// awaits so that the error shows in its own answer; else as abandoned.
func (s *shared[T]) leave(f *flight[T], cause error) answer[T] {
	late := errors.Is(cause, context.DeadlineExceeded)
	s.mu.Lock()
	f.waiters--
	last, begun := f.waiters == 0, f.running
	if last && s.flight == f {
		s.flight = nil // whoever comes now starts anew
	}
	s.mu.Unlock()
	switch {
	case last && late:
		f.cancel(context.DeadlineExceeded)
		<-f.done
		return answer[T]{value: f.value, at: f.at, err: f.err}
	case last:
		f.cancel(errAbandoned)
		<-f.done // so that a listing never outlives the scrapes that own it
	case late:
		return answer[T]{err: context.DeadlineExceeded, early: true, begun: begun}
	}
	return answer[T]{err: errAbandoned}
}

// memory is the last complete result, when it was complete, and why the last listing failed if it did.
func (s *shared[T]) memory() (last T, at time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last, s.at, s.err
}

// failure is why the last listing failed, if it did, and when.
func (s *shared[T]) failure() (at time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.ended, s.err
}

// slots bounds what runs at the same time.
type slots chan struct{}

// takeSlot waits for a slot of either kind or for the end of ctx, whose cause it returns. The slot is to be given back.
func takeSlot(ctx context.Context, own, spare slots) (slots, error) {
	select {
	case own <- struct{}{}:
		return own, nil
	case spare <- struct{}{}:
		return spare, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (s slots) give() { <-s }
