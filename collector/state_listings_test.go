package collector_test

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"ossvector_exporter/ossvapi"
)

// shownBy are the inventories of all regions by region and name, sorted.
func (r *rig) shownBy() string {
	var names []string
	for _, s := range r.State(all) {
		own := stateNames(s)
		if len(own) != s.Buckets {
			r.t.Errorf("%s counts %d buckets and shows %v", s.Region, s.Buckets, own)
		}
		names = append(names, own...)
	}
	slices.Sort(names)
	return fmt.Sprint(names)
}

// Where every endpoint lists the whole account, a region that fails says nothing about the others, and the others'
// listings say nothing about it: it is shown as it was when it was last listed completely.
func TestStateOfListingsOfTheWholeAccount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		r := newRig(t, account("prod", api, "cn-a", "cn-b"))
		everywhere := func(buckets ...ossvapi.Bucket) {
			api.set("cn-a", pages(mixed(buckets...)))
			api.set("cn-b", pages(mixed(buckets...)))
		}
		everywhere(bucket("cn-a", "kept"), bucket("cn-b", "gone"), bucket("cn-b", "kept"))
		r.everything()
		same(t, r.shownBy(), "[cn-a/kept cn-b/gone cn-b/kept]")

		wait(t.Context(), time.Minute)
		everywhere(bucket("cn-a", "new"), bucket("cn-b", "kept"))
		api.set("cn-a", answers{fails: denied})
		same(t, fmt.Sprint(infoNames(r.everything())), "[cn-b/kept]")
		same(t, r.shownBy(), "[cn-a/kept cn-b/kept]")

		wait(t.Context(), time.Minute)
		everywhere(bucket("cn-a", "new"), bucket("cn-b", "kept"))
		r.everything()
		same(t, r.shownBy(), "[cn-a/new cn-b/kept]")
	})
}

// While no region fails, the page shows what the metrics show: buckets that only another region's listing holds too.
func TestStateAgreesWithTheMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		r := newRig(t, account("prod", api, "cn-a", "cn-b", "cn-c"))
		api.set("cn-a", pages(mixed(bucket("cn-a", "one"), bucket("cn-b", "far"), bucket("cn-c", "farther"))))
		api.set("cn-b", pages(page("cn-b", "two"), mixed(bucket("cn-a", "one"))))
		api.set("cn-c", answers{fails: denied}) // never listed: nothing of it is shown
		same(t, fmt.Sprint(infoNames(r.everything())), "[cn-a/one cn-b/far cn-b/two]")
		same(t, r.shownBy(), "[cn-a/one cn-b/far cn-b/two]")

		api.set("cn-c", pages(page("cn-c")))
		same(t, fmt.Sprint(infoNames(r.everything())), "[cn-a/one cn-b/far cn-b/two cn-c/farther]")
		same(t, r.shownBy(), "[cn-a/one cn-b/far cn-b/two cn-c/farther]")
	})
}
