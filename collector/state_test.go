package collector_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

// stateNames are the buckets of a state's inventory.
func stateNames(s collector.RegionState) []string {
	var names []string
	for l := range s.Inventory {
		names = append(names, l.Bucket.Region+"/"+l.Bucket.Name)
	}
	return names
}

// sameState compares all but the inventory.
func sameState(t *testing.T, got, want collector.RegionState) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(collector.RegionState{}, "Inventory"), cmpopts.IgnoreFields(ossvapi.Error{}, "Err")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		api := newCloud()
		api.set("cn-a", answers{pages: []*ossvapi.Page{page("cn-a", "one", "two"), page("cn-a", "two")}, delay: time.Second})
		api.set("cn-b", answers{pages: []*ossvapi.Page{mixed(bucket("cn-a", "one"), bucket("cn-b", "three"))}, delay: time.Second})
		a := account("prod", api, "cn-a", "cn-b")
		a.BucketQuota = 9
		r := newRig(t, a)

		never := collector.RegionState{Account: "prod", Region: "cn-a", Quota: 9}
		sameState(t, r.State(all)[0], never)
		if names := stateNames(r.State(all)[0]); names != nil {
			t.Errorf("an inventory before the first listing: %v", names)
		}

		r.everything()
		listed := collector.RegionState{
			Account: "prod", Region: "cn-a", Quota: 9, Listed: true, Buckets: 2, Pages: 2,
			LastSuccess: start.Add(2 * time.Second), Took: 2 * time.Second,
		}
		states := r.State(all)
		sameState(t, states[0], listed)
		same(t, cmp.Diff([]string{"cn-a/one", "cn-a/two"}, stateNames(states[0])), "")
		same(t, cmp.Diff([]string{"cn-b/three"}, stateNames(states[1])), "")

		api.set("cn-a", answers{pages: []*ossvapi.Page{page("cn-a", "one")}, fails: denied})
		r.everything()
		wait(t.Context(), time.Minute)
		r.everything()
		failing := listed
		failing.Failing = true
		failing.Took, failing.Pages = 0, 1 // of the refused listing, which comes at once
		failing.Failures = []collector.Failure{{
			Error: &ossvapi.Error{
				Operation: ossvapi.ListVectorBuckets, Region: "cn-a", Reason: ossvapi.AccessDenied, Code: "AccessDenied",
				Status: 403, RequestID: "ID-1", Attempts: 1, Message: "no permission",
			},
			Since: start.Add(2 * time.Second), At: start.Add(2*time.Second + time.Second + time.Minute), Pages: 1,
		}}
		sameState(t, r.State(all)[0], failing)
		same(t, cmp.Diff([]string{"cn-a/one", "cn-a/two"}, stateNames(r.State(all)[0])), "")
	})
}

// Whoever reads an inventory may stop at any bucket.
func TestStateInventoryEndsEarly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		r := newRig(t, account("prod", api, "cn-a"))
		for _, p := range []*ossvapi.Page{page("cn-a", "one", "two"), page("cn-a", "one", "two", "two")} {
			api.set("cn-a", pages(p))
			r.everything()
			n := 0
			for range r.State(all)[0].Inventory {
				n++
				break
			}
			if n != 1 {
				t.Errorf("%d buckets", n)
			}
		}
	})
}

func TestAccountsAndSelections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, account("prod", newCloud(), "cn-b", "cn-a"), account("other", newCloud(), "cn-a"))
		var places []string
		for _, a := range r.Accounts() {
			for _, region := range a.Regions {
				places = append(places, a.Name+"/"+region)
			}
		}
		same(t, cmp.Diff([]string{"prod/cn-b", "prod/cn-a", "other/cn-a"}, places), "")
		for _, tt := range []struct {
			sel  collector.Selection
			want []string
		}{
			{all, []string{"prod/cn-b", "prod/cn-a", "other/cn-a"}},
			{collector.Selection{Account: "prod"}, []string{"prod/cn-b", "prod/cn-a"}},
			{collector.Selection{Region: "cn-a"}, []string{"prod/cn-a", "other/cn-a"}},
			{collector.Selection{Account: "other", Region: "cn-b"}, nil},
		} {
			var got []string
			for _, s := range r.State(tt.sel) {
				got = append(got, s.Account+"/"+s.Region)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("%+v: -want +got:\n%s", tt.sel, diff)
			}
		}
	})
}
