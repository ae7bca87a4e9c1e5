package collector

import (
	"context"
	"errors"
	"sync"
	"time"
)

// errAbandoned ends a listing that no scrape waits for any more. It is not a failure: nothing is counted, kept or logged.
var errAbandoned = errors.New("nobody waits for this listing any more")

// shared is the memory of one listing: the last complete result with its time and, while one runs, the call in flight,
// which every scrape that wants it waits for. A call lives as long as the waiter with the latest deadline.
type shared[T any] struct {
	mu       sync.Mutex
	last     T         // the last complete result
	at       time.Time // when it was complete; zero before the first
	ending   ending    // of the last listing, complete or not
	inflight *call[T]
	started  int // calls started and the newest one that is settled: an old one must not undo a newer
	settled  int
}

// ending is how and when a listing ended.
type ending struct {
	err  error
	at   time.Time
	took time.Duration // without the time in the queue
}

// call is one listing under way.
type call[T any] struct {
	number  int
	owner   *account
	cancel  context.CancelCauseFunc
	waiters int
	until   time.Time // the latest of their deadlines
	began   time.Time // when it got its slot
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
	early bool      // this waiter's deadline passed while others go on waiting
	began time.Time // with early: when the call got its slot; zero if it is still waiting for one
}

// work is how a listing is made.
type work[T any] struct {
	owner   *account       // calls are shared by scrapes of the same owner alone, whose clients they use
	enqueue func() *ticket // takes a place in the queue for a slot, before anything else can
	run     func(ctx context.Context) (T, error)
	late    func() (T, error) // called instead of run if the slot comes too late
	settled func(number int, value T, err error)
}

// join answers from memory if the last result is younger than maxAge and nothing failed since; else by the call in flight,
// or one that it starts. What it returns must be called: it waits for the answer.
func (s *shared[T]) join(ctx context.Context, maxAge time.Duration, w work[T]) (wait func() answer[T]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fresh(maxAge) {
		a := answer[T]{value: s.last, at: s.at}
		return func() answer[T] { return a }
	}
	c := s.inflight
	if c == nil || c.owner != w.owner {
		c = s.start(ctx, w)
	}
	c.waiters++
	if until, ok := ctx.Deadline(); ok && until.After(c.until) {
		c.until = until
	}
	return func() answer[T] {
		select {
		case <-c.done:
			return answer[T]{value: c.value, at: c.at, err: c.err}
		case <-ctx.Done():
			return s.leave(c, context.Cause(ctx))
		}
	}
}

// fresh needs the lock.
func (s *shared[T]) fresh(maxAge time.Duration) bool {
	return !s.at.IsZero() && s.ending.err == nil && time.Since(s.at) < maxAge
}

// start needs the lock. The call outlives the scrape that starts it if others wait longer, hence its own context.
func (s *shared[T]) start(ctx context.Context, w work[T]) *call[T] {
	own, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	s.started++
	c := &call[T]{number: s.started, owner: w.owner, cancel: cancel, done: make(chan struct{})}
	s.inflight = c
	slot := w.enqueue()
	go func() {
		defer cancel(nil)
		defer close(c.done)
		c.value, c.err = s.perform(own, c, slot, w)
		c.at = time.Now()
		if s.settle(c) {
			w.settled(c.number, c.value, c.err)
		}
	}()
	return c
}

// perform runs the work when its slot is there, unless that comes too late.
func (s *shared[T]) perform(ctx context.Context, c *call[T], slot *ticket, w work[T]) (value T, err error) {
	if err := slot.wait(ctx); err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			return w.late()
		}
		return value, errAbandoned
	}
	defer slot.release()
	if !s.begin(c) {
		return w.late()
	}
	return w.run(ctx)
}

// begin marks that a call has its slot, unless every waiter's time is up: what the deadline ends frees slots for what it
// is about to end.
func (s *shared[T]) begin(c *call[T]) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if !now.Before(c.until) {
		return false
	}
	c.began = now
	return true
}

// settle keeps a result and reports whether it counts: it was not abandoned, and no newer one is there already.
func (s *shared[T]) settle(c *call[T]) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.inflight == c {
		s.inflight = nil
	}
	if errors.Is(c.err, errAbandoned) || c.number < s.settled {
		return false
	}
	s.settled, s.ending = c.number, ending{err: c.err, at: c.at}
	if !c.began.IsZero() {
		s.ending.took = c.at.Sub(c.began)
	}
	if c.err == nil {
		s.last, s.at = c.value, c.at
	}
	return true
}

// leave takes a waiter off a call. The last one ends it: with a timeout if its deadline passed, whose counting it awaits
// so that the error shows in its own answer; else as abandoned.
func (s *shared[T]) leave(c *call[T], cause error) answer[T] {
	late := errors.Is(cause, context.DeadlineExceeded)
	s.mu.Lock()
	c.waiters--
	last, began := c.waiters == 0, c.began
	if last && s.inflight == c {
		s.inflight = nil // the next scrape starts a new listing
	}
	s.mu.Unlock()
	switch {
	case last && late:
		c.cancel(context.DeadlineExceeded)
		<-c.done
		return answer[T]{value: c.value, at: c.at, err: c.err}
	case last:
		c.cancel(errAbandoned)
		<-c.done // so that a listing never outlives the scrapes that own it
	case late:
		return answer[T]{err: context.DeadlineExceeded, early: true, began: began}
	}
	return answer[T]{err: errAbandoned}
}

// memory is the last complete result, when it was complete, and how the last listing ended, complete or not.
func (s *shared[T]) memory() (last T, at time.Time, end ending) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.last, s.at, s.ending
}

// due reports whether a listing has to be made for there to be one that is younger than maxAge.
func (s *shared[T]) due(maxAge time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.fresh(maxAge)
}
