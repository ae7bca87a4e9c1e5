package ossvapi

import (
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

const skewed = `{"Error":{"Code":"RequestTimeTooSkewed","Message":"The difference is too large."}}`

// clocks is a service whose regions have clocks of their own, and which refuses what was signed by another clock.
type clocks struct {
	mu     sync.Mutex
	offset map[string]time.Duration // by host
}

func (s *clocks) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	region, _, _ := strings.Cut(r.URL.Host, ".")
	now := time.Now().Add(s.offset[region]).UTC()
	signed, err := time.Parse("20060102T150405Z", r.Header.Get("X-Oss-Date"))
	if err != nil {
		return nil, err
	}
	if now.Sub(signed).Abs() > 15*time.Minute {
		return answer(403, skewed, "Date", now.Format(http.TimeFormat))(r)
	}
	return answer(200, emptyPage)(r)
}

func (s *clocks) set(region string, offset time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset[region] = offset
}

// walk lists a region and wants no error.
func walk(t *testing.T, c *Client, region string) {
	t.Helper()
	for _, err := range c.Buckets(t.Context(), region, nil) {
		if err != nil {
			t.Error(err)
		}
	}
}

func TestClockSkewIsLearntAndKeptByRegion(t *testing.T) {
	for _, offset := range []time.Duration{time.Hour, -time.Hour, 200 * 24 * time.Hour} {
		inTime(t, offset.String(), func(t *testing.T) {
			s := &clocks{offset: map[string]time.Duration{"cn-a": offset}}
			c, seen := newClient(s, attempts(2))
			walk(t, c, "cn-a")
			if diff := cmp.Diff([]int{403, 200}, seen.statuses()); diff != "" {
				t.Errorf("first listing: %s", diff)
			}
			walk(t, c, "cn-a")
			walk(t, c, "cn-b") // whose clock is right: nothing of cn-a's may spoil its signatures
			if diff := cmp.Diff([]int{403, 200, 200, 200}, seen.statuses()); diff != "" {
				t.Errorf("later listings: %s", diff)
			}
			if diff := cmp.Diff([]Reason{ClockSkew}, seen.reasons()); diff != "" {
				t.Error(diff)
			}
			s.set("cn-a", 0)
			walk(t, c, "cn-a")
			walk(t, c, "cn-a")
			if diff := cmp.Diff([]int{403, 200, 200, 200, 403, 200, 200}, seen.statuses()); diff != "" {
				t.Errorf("after the clock was set: %s", diff)
			}
		})
	}
}

// With one attempt there is no retry, but the next listing is right.
func TestClockSkewIsLearntForTheNextListing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &clocks{offset: map[string]time.Duration{region: time.Hour}}
		c, _ := newClient(s)
		if err := failure(t, c); err.Reason != ClockSkew || err.Code != "RequestTimeTooSkewed" || err.Attempts != 1 {
			t.Errorf("got %+v", err)
		}
		walk(t, c, region)
	})
}

// A service that always finds the clock skewed is given up after the attempts that there are.
func TestClockSkewWithoutEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{steps: []trip{answer(403, skewed, "Date", time.Now().UTC().Format(http.TimeFormat))}}
		c, _ := newClient(s, attempts(3))
		if err := failure(t, c); err.Reason != ClockSkew || len(s.at) != 3 {
			t.Errorf("%d requests, %+v", len(s.at), err)
		}
	})
}

// Dates beyond all measure break nothing.
func TestAbsurdDates(t *testing.T) {
	for _, date := range []string{"Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT"} {
		c, _ := newClient(&script{steps: []trip{answer(403, skewed, "Date", date), answer(200, emptyPage)}}, attempts(2))
		walk(t, c, region)
	}
}

// The race detector watches: nothing else guards these.
func TestClockSkewIsGuarded(t *testing.T) {
	c, _ := newClient(nil)
	header := http.Header{"Date": {"Mon, 02 Jan 2006 15:04:05 GMT"}}
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for range 100 {
				if i%2 == 0 && !c.learnSkew(region, header) {
					t.Error("nothing learnt")
				}
				_ = c.clockSkew(region)
			}
		})
	}
	group.Wait()
}
