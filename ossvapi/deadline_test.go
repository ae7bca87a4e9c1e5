package ossvapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// within is a context of the bubble with a deadline.
func within(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// stuck is a source that blocks until the context is done, or, if it has no manners, for a minute.
func stuck(manners bool) fakeKeys {
	return fakeKeys{key: func(ctx context.Context) (Key, error) {
		if manners {
			<-ctx.Done()
			return Key{}, ctx.Err()
		}
		time.Sleep(time.Minute)
		return testKey(), nil
	}}
}

func TestDeadlines(t *testing.T) {
	const deadline = 2 * time.Second
	busy := answer(503, "", "Retry-After", "3")
	tests := map[string]struct {
		keys     Keys
		step     trip
		reason   Reason
		attempts int
		took     time.Duration
	}{
		"during an attempt":         {always(testKey()), hang, Timeout, 1, deadline},
		"during a pause":            {always(testKey()), busy, ServerError, 1, deadline},
		"while waiting for a key":   {stuck(true), busy, Timeout, 0, deadline},
		"before a late key":         {stuck(false), busy, Timeout, 0, time.Minute},
		"during a renewal":          {renewing(waitDone), answer(403, expired), InvalidCredentials, 1, deadline},
		"before a late renewal":     {renewing(waitMinute), answer(403, expired), InvalidCredentials, 1, time.Minute},
		"while a body drips":        {always(testKey()), drip(`{"ListAllMyBucketsResult":{}}`), Timeout, 1, deadline},
		"while an error body drips": {always(testKey()), drip403, InvalidResponse, 1, deadline},
	}
	for name, tt := range tests {
		inTime(t, name, func(t *testing.T) {
			for range 5 { // what happens at the same moment has no order
				c, seen := newClient(tt.step, attempts(5), func(o *Options) { o.Keys, o.RequestTimeout = tt.keys, time.Hour })
				start := time.Now()
				pages, err := list(within(t, deadline), c, nil)
				if e := asError(t, err); e.Reason != tt.reason || e.Attempts != tt.attempts || len(pages) > 0 {
					t.Fatalf("got %+v", e)
				}
				if diff := cmp.Diff([]Reason{tt.reason}, seen.reasons()); diff != "" || len(seen.statuses()) != tt.attempts {
					t.Fatalf("%d attempts, failures: %s", len(seen.statuses()), diff)
				}
				if took := time.Since(start); took != tt.took {
					t.Fatalf("took %v, want %v", took, tt.took)
				}
			}
		})
	}
}

const expired = `{"Error":{"Code":"SecurityTokenExpired"}}`

// renewing is a source whose renewal waits.
func renewing(wait func(context.Context)) fakeKeys {
	k := always(testKey())
	k.renew = func(ctx context.Context, _ Key) (Key, error) {
		wait(ctx)
		return testKey(), ctx.Err()
	}
	return k
}

func waitDone(ctx context.Context) { <-ctx.Done() }

func waitMinute(context.Context) { time.Sleep(time.Minute) }

// dripping is a body that gives a byte a second, as long as its request lasts.
type dripping struct {
	ctx  context.Context
	text string
}

func (d *dripping) Read(p []byte) (int, error) {
	select {
	case <-d.ctx.Done():
		return 0, d.ctx.Err()
	case <-time.After(time.Second):
	}
	n := copy(p, d.text[:1])
	d.text = d.text[1:]
	return n, nil
}

func (d *dripping) Close() error { return nil }

func drip(text string) trip {
	return func(r *http.Request) (*http.Response, error) {
		return response(http.StatusOK, &dripping{r.Context(), text}), nil
	}
}

func drip403(r *http.Request) (*http.Response, error) {
	return response(http.StatusForbidden, &dripping{r.Context(), expired}), nil
}

// Of a pause and a context that end at the same moment, the context counts.
func TestPauseOfAContextThatIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := cancelled(t, nil)
		for range 100 {
			if pause(ctx, 0) {
				t.Fatal("the call goes on")
			}
		}
		if start := time.Now(); !pause(t.Context(), time.Second) || time.Since(start) != time.Second {
			t.Errorf("a pause of a second took %v", time.Since(start))
		}
	})
}

// A body that drips is cut off by the attempt's time, counted with its whole duration, and tried again.
func TestDripIsCutOffByTheAttemptsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []trip{drip(emptyPage), answer(200, emptyPage)}}
		c, seen := newClient(s, attempts(2))
		if _, err := list(t.Context(), c, nil); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]Reason{Timeout}, seen.reasons()); diff != "" || seen.attempts[0].Duration != 3*time.Second {
			t.Errorf("attempts %+v, failures: %s", seen.attempts, diff)
		}
	})
}

// A deadline that has passed before anything was asked is a timeout without an attempt.
func TestDeadlinePassedAlready(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, seen := newClient(answer(200, emptyPage))
		_, err := list(within(t, -time.Second), c, nil)
		if e := asError(t, err); e.Reason != Timeout || e.Attempts != 0 || len(seen.statuses()) != 0 || len(seen.failures) != 1 {
			t.Errorf("got %+v, attempts %v, failures %v", e, seen.statuses(), seen.failures)
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v is no DeadlineExceeded", err)
		}
	})
}

// A listing that nobody waits for any more ends at once with that cause, and is no failure.
func TestAbandoned(t *testing.T) {
	const after = 500 * time.Millisecond
	tests := map[string]struct {
		keys     Keys
		step     trip
		failures []Reason // those before
	}{
		"during an attempt":       {always(testKey()), hang, nil},
		"during a pause":          {always(testKey()), answer(503, "", "Retry-After", "3"), []Reason{ServerError}},
		"while waiting for a key": {stuck(true), hang, nil},
		"during a renewal":        {renewing(waitDone), answer(403, expired), []Reason{InvalidCredentials}},
		"while a body drips":      {always(testKey()), drip(emptyPage), nil},
	}
	for name, tt := range tests {
		inTime(t, name, func(t *testing.T) {
			c, seen := newClient(tt.step, attempts(5), func(o *Options) { o.Keys = tt.keys })
			ctx, cancel := context.WithCancelCause(t.Context())
			gone := errors.New("the last waiter hung up")
			time.AfterFunc(after, func() { cancel(gone) })
			start := time.Now()
			pages, err := list(ctx, c, nil)
			if !errors.Is(err, gone) || len(pages) > 0 || time.Since(start) != after {
				t.Errorf("%d pages, %v after %v", len(pages), err, time.Since(start))
			}
			if diff := cmp.Diff(tt.failures, seen.reasons()); diff != "" {
				t.Errorf("failures: %s", diff)
			}
		})
	}
}

// A plain cancellation is no failure either.
func TestAbandonedBeforeItBegan(t *testing.T) {
	for cause, want := range map[error]error{io.EOF: io.EOF, nil: context.Canceled} {
		c, seen := newClient(answer(200, emptyPage))
		_, err := list(cancelled(t, cause), c, nil)
		if !errors.Is(err, want) || len(seen.statuses())+len(seen.failures) > 0 {
			t.Errorf("%v, attempts %v, failures %v", err, seen.statuses(), seen.failures)
		}
	}
}
