package ossvapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// waits are the pauses between a script's requests, in the bubble's own time.
func (s *script) waits() []time.Duration {
	var all []time.Duration
	for i := 1; i < len(s.at); i++ {
		all = append(all, s.at[i].Sub(s.at[i-1]))
	}
	return all
}

// inTime runs f with a clock of its own, which moves only when all goroutines wait.
func inTime(t *testing.T, name string, f func(*testing.T)) {
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

func TestWhatIsRetried(t *testing.T) {
	cutOff := func(*http.Request) (*http.Response, error) {
		return response(http.StatusOK, broken(`{"ListAllMy`)), nil
	}
	noBody := func(*http.Request) (*http.Response, error) { return response(http.StatusOK, broken("")), nil }
	refused := func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }
	tests := map[string]struct {
		step   trip
		reason Reason
		status int
		again  bool
	}{
		"500":                  {answer(500, ""), ServerError, 500, true},
		"503":                  {answer(503, `{"Error":{"Code":"ServiceUnavailable"}}`), ServerError, 503, true},
		"429":                  {answer(429, ""), Throttled, 429, true},
		"throttling code":      {answer(403, `{"Error":{"Code":"QpsLimitExceeded"}}`), Throttled, 403, true},
		"no connection":        {refused, Network, 0, true},
		"no body":              {noBody, Network, 200, true},
		"body breaks off":      {cutOff, InvalidResponse, 200, true},
		"JSON ends early":      {answer(200, `{"ListAllMyBucketsResult":{"Buckets":[`), InvalidResponse, 200, true},
		"attempt takes long":   {hang, Timeout, 0, true},
		"400":                  {answer(400, "", "X-Oss-Request-Id", "5C3D"), InvalidRequest, 400, false},
		"401":                  {answer(401, "", "X-Oss-Request-Id", "5C3D"), InvalidCredentials, 401, false},
		"403":                  {answer(403, "", "X-Oss-Request-Id", "5C3D"), AccessDenied, 403, false},
		"404":                  {answer(404, `{"Error":{"Code":"NoSuchBucket"}}`), InvalidRequest, 404, false},
		"407 of a proxy":       {answer(407, ""), Network, 407, true},
		"403 of a proxy":       {answer(403, ""), InvalidResponse, 403, false},
		"wrong signature":      {answer(403, `{"Error":{"Code":"SignatureDoesNotMatch"}}`), InvalidCredentials, 403, false},
		"skew without Date":    {answer(403, `{"Error":{"Code":"RequestTimeTooSkewed"}}`), ClockSkew, 403, false},
		"skew with a bad Date": {answer(403, `{"Error":{"Code":"RequestTimeTooSkewed"}}`, "Date", "now"), ClockSkew, 403, false},
		"another root":         {answer(200, `{}`), InvalidResponse, 200, false},
		"an empty body":        {answer(200, ""), InvalidResponse, 200, false},
		"too large":            {answer(200, strings.Repeat(" ", fullBody+1)), InvalidResponse, 200, false},
		"204":                  {answer(204, ""), InvalidResponse, 204, false},
		"206":                  {answer(206, emptyPage), InvalidResponse, 206, false},
		"302":                  {answer(302, "", "Location", "http://evil.com/"), InvalidResponse, 302, false},
		"600":                  {answer(600, emptyPage), InvalidResponse, 600, false},
	}
	for name, tt := range tests {
		inTime(t, name, func(t *testing.T) {
			s := &script{steps: []trip{tt.step}}
			c, seen := newClient(s, attempts(3))
			want := 1
			if tt.again {
				want = 3
			}
			err := failure(t, c)
			if err.Reason != tt.reason || err.Status != tt.status || err.Attempts != want || err.Operation != ListVectorBuckets {
				t.Errorf("got %+v", err)
			}
			if tt.reason == Timeout && !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the cause is %v", err.Err)
			}
			if diff := cmp.Diff(slices.Repeat([]Reason{tt.reason}, want), seen.reasons()); diff != "" {
				t.Errorf("failures: %s", diff)
			}
			if diff := cmp.Diff(slices.Repeat([]int{tt.status}, want), seen.statuses()); diff != "" || len(s.at) != want {
				t.Errorf("%d requests, attempts: %s", len(s.at), diff)
			}
		})
	}
}

// Every retriable failure is cured by a good answer, and counted all the same.
func TestRetryCures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []trip{
			answer(503, ""), hang, answer(200, emptyPage[:30]), answer(429, ""), answer(200, pageJSON("", "a")),
		}}
		c, seen := newClient(s, attempts(5))
		pages, err := list(t.Context(), c, nil)
		if err != nil || len(pages) != 1 {
			t.Fatalf("%d pages, %v", len(pages), err)
		}
		if diff := cmp.Diff([]Reason{ServerError, Timeout, InvalidResponse, Throttled}, seen.reasons()); diff != "" {
			t.Error(diff)
		}
		for i, f := range seen.failures {
			if f.Attempts != i+1 {
				t.Errorf("failure %d tells of %d attempts", i, f.Attempts)
			}
		}
	})
}

// The attempts are counted per page.
func TestEachPageHasItsOwnAttempts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bad := answer(503, "")
		c, _ := newClient(&script{steps: []trip{
			bad, answer(200, pageJSON("b", "a")), bad, answer(200, pageJSON("c", "b")), bad, answer(200, pageJSON("", "c")),
		}}, attempts(2))
		if pages, err := list(t.Context(), c, nil); err != nil || len(pages) != 3 {
			t.Errorf("%d pages, %v", len(pages), err)
		}
	})
}

// The pauses double from 100 ms, each half shorter or longer by chance.
func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		base := []time.Duration{100, 200, 400, 800, 1600, 3200, 5000, 5000}
		seen := map[time.Duration]bool{}
		for range 20 {
			s := &script{steps: []trip{answer(503, "")}}
			c, _ := newClient(s, attempts(len(base)+1))
			_ = failure(t, c)
			for i, wait := range s.waits() {
				if want := base[i] * time.Millisecond; wait < want/2 || wait > want*3/2+1 {
					t.Errorf("pause %d took %v, want about %v", i, wait, want)
				}
				seen[wait] = true
			}
		}
		if len(seen) < 100 {
			t.Errorf("160 pauses of %d lengths: no jitter", len(seen))
		}
	})
}

func TestRetryAfter(t *testing.T) {
	in := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	tests := map[string]struct {
		value func() string
		wait  time.Duration // 0: as without the header
		final bool
	}{
		"seconds":       {func() string { return "2" }, 2 * time.Second, false},
		"5 seconds":     {func() string { return "5" }, 5 * time.Second, false},
		"6 seconds":     {func() string { return "6" }, 0, true},
		"absurd":        {func() string { return "99999999999999999999999999" }, 0, true},
		"all of uint64": {func() string { return "18446744073709551615" }, 0, true},
		"a date":        {func() string { return in(3 * time.Second) }, 3 * time.Second, false},
		"a date by its limit": {
			func() string { return in(5 * time.Second) }, 5 * time.Second, false,
		},
		"a late date":  {func() string { return in(time.Hour) }, 0, true},
		"absurd date":  {func() string { return "Fri, 31 Dec 9999 23:59:59 GMT" }, 0, true},
		"a past date":  {func() string { return in(-time.Hour) }, 0, false},
		"0":            {func() string { return "0" }, 0, false},
		"negative":     {func() string { return "-10" }, 0, false},
		"a fraction":   {func() string { return "7.5" }, 0, false},
		"words":        {func() string { return "tomorrow" }, 0, false},
		"empty":        {func() string { return "" }, 0, false},
		"seconds, RFC": {func() string { return "0004" }, 4 * time.Second, false},
	}
	for name, tt := range tests {
		for _, status := range []int{429, 503} {
			inTime(t, fmt.Sprint(name, " ", status), func(t *testing.T) {
				s := &script{steps: []trip{answer(status, "", "Retry-After", tt.value()), answer(200, emptyPage)}}
				c, _ := newClient(s, attempts(2))
				_, err := list(t.Context(), c, nil)
				if tt.final {
					if e := asError(t, err); e.Status != status || len(s.at) != 1 || time.Since(s.at[0]) != 0 {
						t.Errorf("%d requests, %v", len(s.at), err)
					}
					return
				}
				if err != nil || len(s.at) != 2 {
					t.Fatalf("%d requests, %v", len(s.at), err)
				}
				if wait := s.waits()[0]; tt.wait == 0 && (wait < 50*time.Millisecond || wait > 151*time.Millisecond) ||
					tt.wait != 0 && wait != tt.wait {
					t.Errorf("waited %v, want %v", wait, tt.wait)
				}
			})
		}
	}
}

// A date is the service's, so it is read by the service's clock.
func TestRetryAfterDateByTheServicesClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		theirs := time.Now().Add(-3 * time.Hour).UTC()
		s := &script{steps: []trip{
			answer(503, "", "Date", theirs.Format(http.TimeFormat),
				"Retry-After", theirs.Add(4*time.Second).Format(http.TimeFormat)),
			answer(200, emptyPage),
		}}
		c, _ := newClient(s, attempts(2))
		if _, err := list(t.Context(), c, nil); err != nil {
			t.Fatal(err)
		}
		if wait := s.waits()[0]; wait != 4*time.Second {
			t.Errorf("waited %v, want 4s", wait)
		}
	})
}
