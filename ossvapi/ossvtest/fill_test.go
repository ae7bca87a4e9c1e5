package ossvtest_test

import (
	"regexp"
	"slices"
	"sync"
	"testing"
	"time"

	"ossvector_exporter/ossvapi/ossvtest"
)

// TestFillIsSeeded holds that an inventory depends on seed, account and region alone, not on how it was ordered.
func TestFillIsSeeded(t *testing.T) {
	fill := func(seed uint64, account, region string, parts ...int) (all []ossvtest.Bucket) {
		a := ossvtest.New(ossvtest.Options{Seed: seed}).AddAccount(account)
		for _, n := range parts {
			all = append(all, a.Fill(region, n)...)
		}
		return all
	}
	want := fill(1, accountID, hangzhou, 30)
	if got := fill(1, accountID, hangzhou, 10, 20); !slices.Equal(got, want) {
		t.Errorf("in two parts: %v, want %v", got, want)
	}
	for name, other := range map[string][]ossvtest.Bucket{
		"seed": fill(2, accountID, hangzhou, 30), "account": fill(1, otherID, hangzhou, 30), "region": fill(1, accountID, shanghai, 30),
	} {
		if slices.Equal(other, want) {
			t.Errorf("another %s gives the same buckets", name)
		}
	}
}

// TestFillIsPlausible checks generated things against what the service documents of them.
func TestFillIsPlausible(t *testing.T) {
	a := ossvtest.New(ossvtest.Options{}).AddAccount(accountID)
	a.Fill(hangzhou, 500)
	a.FillIndexes(hangzhou, 2)
	name := regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,30}[a-z0-9]$`)
	seen, statuses := map[string]bool{}, map[string]bool{}
	for _, b := range a.Buckets(hangzhou) {
		if _, err := time.Parse(time.RFC3339, b.CreationDate); err != nil || !name.MatchString(b.Name) || seen[b.Name] {
			t.Errorf("%+v: %v", b, err)
		}
		seen[b.Name] = true
		indexes := a.Indexes(hangzhou, b.Name)
		if len(indexes) != 2 {
			t.Errorf("%s: %d indexes", b.Name, len(indexes))
		}
		for _, x := range indexes {
			statuses[x.Status] = true
			if x.CreateTime <= b.CreationDate {
				t.Errorf("an index of %s in a bucket of %s", x.CreateTime, b.CreationDate)
			}
		}
	}
	if len(seen) != 500 || len(statuses) != 3 {
		t.Errorf("%d buckets, statuses %v", len(seen), statuses)
	}
}

func TestInventoryChanges(t *testing.T) {
	a := ossvtest.New(ossvtest.Options{}).AddAccount(accountID)
	put(a, hangzhou, "b", "a")
	if !a.PutIndexes(hangzhou, "a", ossvtest.Index{Name: "y"}, ossvtest.Index{Name: "x"}) ||
		a.PutIndexes(hangzhou, "none", ossvtest.Index{Name: "y"}) || a.PutIndexes("cn-none", "a") {
		t.Error("indexes: existing buckets are confused with others")
	}
	a.Put(hangzhou, ossvtest.Bucket{Name: "a", ResourceGroupID: "rg"}) // keeps its indexes
	if got := a.Indexes(hangzhou, "a"); len(got) != 2 || got[0].Name != "x" {
		t.Errorf("indexes %v", got)
	}
	want := []ossvtest.Bucket{{Name: "a", ResourceGroupID: "rg"}, {Name: "b"}}
	if got := a.Buckets(hangzhou); !slices.Equal(got, want) || len(a.Buckets("cn-empty")) > 0 || a.Indexes("cn-empty", "a") != nil {
		t.Errorf("buckets %v", got)
	}
}

// TestChangesAreAtomic moves a pair of buckets back and forth while others list: each listing has one pair, whole.
func TestChangesAreAtomic(t *testing.T) {
	_, a, url := serve(t, ossvtest.Options{Now: noon, PlainNames: true})
	put(a, hangzhou, "a", "b")
	var asks []raw
	for range 40 {
		asks = append(asks, raw{key: key()})
	}
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			for _, q := range asks {
				_, body := q.send(t, url)
				if _, names := decode(t, body); names != "a b" && names != "a b x y" {
					t.Errorf("listed %s", names)
				}
			}
		})
	}
	for range 100 {
		a.Put(hangzhou, ossvtest.Bucket{Name: "x"}, ossvtest.Bucket{Name: "y"})
		a.PutIndexes(hangzhou, "x", ossvtest.Index{Name: "i"})
		a.SetKeys(key())
		a.Remove(hangzhou, "y", "x")
	}
	group.Wait()
}
