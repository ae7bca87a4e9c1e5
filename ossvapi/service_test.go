package ossvapi

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ossvector_exporter/ossvapi/ossvtest"
)

const (
	testAccount = "1037350000000000"
	ten         = 10 // buckets of the region, on pages of 3
)

// simulated is the service with ten buckets, in a bubble, and a client of it.
func simulated(t *testing.T, do ossvtest.Action, times int) (*Client, *record) {
	service := ossvtest.New(ossvtest.Options{Seed: 1})
	k := testKey()
	a := service.AddAccount(testAccount, ossvtest.Key{ID: k.ID, Secret: k.Secret, Token: k.Token})
	a.Fill(region, ten)
	transport, _ := serve(t, service)
	if do != nil {
		service.Inject(ossvtest.Fault{Match: ossvtest.Match{Page: 3}, Times: times, Do: do})
	}
	return newClient(transport, attempts(3), func(o *Options) { o.PageSize = 3 })
}

// What goes wrong on the third page once is cured by a retry, unless it is final; what stays wrong fails the listing.
func TestFaultsOfTheThirdPage(t *testing.T) {
	tests := map[string]struct {
		do     ossvtest.Action
		reason Reason
		cured  bool
	}{
		"throttled":         {ossvtest.Throttle(429, ""), Throttled, true},
		"throttled by 503":  {ossvtest.Throttle(503, "1"), Throttled, true},
		"told to wait long": {ossvtest.Throttle(429, "60"), Throttled, false},
		"busy":              {ossvtest.Fail(503, "ServiceUnavailable", "busy"), ServerError, true},
		"hangs":             {ossvtest.Hang(), Timeout, true},
		"slow":              {ossvtest.Latency(4 * time.Second), Timeout, true},
		"drips":             {ossvtest.Drip(1, time.Second), Timeout, true},
		"breaks off":        {ossvtest.CutOff(100), InvalidResponse, true},
		"breaks off early":  {ossvtest.CutOff(0), Network, true},
		"ends early":        {ossvtest.Truncate(100), InvalidResponse, true},
		"says nothing":      {ossvtest.Truncate(0), InvalidResponse, false},
		"too large":         {ossvtest.Huge(fullBody), InvalidResponse, false},
		"clock ahead":       {ossvtest.Skew(time.Hour), ClockSkew, false}, // true again when the fault is over
		"denied":            {ossvtest.Deny(), AccessDenied, false},
		"no such thing":     {ossvtest.Fail(404, "NoSuchBucket", "no"), InvalidRequest, false},
		"loops":             {ossvtest.LoopMarker(), InvalidResponse, false},
		"no marker":         {ossvtest.MissingMarker(), InvalidResponse, false},
	}
	for name, tt := range tests {
		inTime(t, name+", once", func(t *testing.T) {
			c, seen := simulated(t, tt.do, 1)
			pages, err := list(t.Context(), c, nil)
			if tt.cured && (err != nil || len(names(pages)) != ten) || !tt.cured && tt.reason != ClockSkew && err == nil {
				t.Errorf("%d buckets, %v", len(names(pages)), err)
			}
			if got := seen.reasons(); len(got) == 0 || got[0] != tt.reason {
				t.Errorf("failures %v, want %s", got, tt.reason)
			}
		})
		inTime(t, name+", always", func(t *testing.T) {
			c, _ := simulated(t, tt.do, 0)
			pages, err := list(t.Context(), c, nil)
			if tt.reason == ClockSkew {
				if err != nil || len(names(pages)) != ten {
					t.Errorf("the skew was not learnt: %v", err)
				}
				return
			}
			if e := asError(t, err); e.Reason != tt.reason || len(pages) != 2 || e.Attempts == 0 {
				t.Errorf("%d pages, %+v", len(pages), e)
			}
		})
	}
}

// Entries that a page repeats, and those of other regions, come as they are: what to make of them is the caller's.
func TestRepeatedAndForeignEntries(t *testing.T) {
	for name, do := range map[string]ossvtest.Action{
		"repeated": ossvtest.Duplicate(1),
		"foreign":  ossvtest.Foreign("us-west-1", ossvtest.Bucket{Name: "far-away"}),
	} {
		inTime(t, name, func(t *testing.T) {
			c, _ := simulated(t, do, 0)
			pages, err := list(t.Context(), c, nil)
			if err != nil || len(names(pages)) != ten+1 {
				t.Fatalf("%d buckets, %v", len(names(pages)), err)
			}
			regions := map[string]int{}
			for _, p := range pages {
				for _, b := range p.Buckets {
					regions[b.Region]++
				}
			}
			want := map[string]int{region: ten + 1}
			if name == "foreign" {
				want = map[string]int{region: ten, "us-west-1": 1}
			}
			if diff := cmp.Diff(want, regions); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A bucket of the listing is asked for its indexes by what the listing says of it.
func TestIndexesOfAListedBucket(t *testing.T) {
	inTime(t, "by its host", func(t *testing.T) {
		c, _ := simulated(t, nil, 0)
		for _, page := range mustList(t, c, nil) {
			for _, b := range page.Buckets {
				if got, err := c.Indexes(t.Context(), b); err != nil || len(got) != 0 || !Addressable(b) {
					t.Errorf("%+v: %v, %v", b, got, err)
				}
			}
		}
		_, err := c.Indexes(t.Context(), Bucket{Name: "not-there", AccountID: testAccount, Region: region})
		if e := asError(t, err); e.Status != 404 || e.Reason != InvalidRequest || e.Code == "" {
			t.Errorf("got %+v", e)
		}
	})
}
