package collector_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/synctest"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

// unique fails the test if an exposition holds a series twice.
func unique(t testing.TB, text string) {
	t.Helper()
	if twice := firstTwice(text); twice != "" {
		t.Errorf("series exported twice: %s", twice)
	}
}

// firstTwice is a series that an exposition holds twice, or empty.
func firstTwice(text string) string {
	seen := map[string]bool{}
	for _, line := range strings.Split(text, "\n") {
		end := strings.LastIndexByte(line, ' ')
		if end < 0 || strings.HasPrefix(line, "#") {
			continue
		}
		if seen[line[:end]] {
			return line[:end]
		}
		seen[line[:end]] = true
	}
	return ""
}

// Whatever the regions list, in whatever order, no series comes twice and nothing is lost.
func TestNoSeriesTwiceInRandomInventories(t *testing.T) {
	const seeds = 100
	for seed := range uint64(seeds) {
		synctest.Test(t, func(t *testing.T) {
			random := rand.New(rand.NewPCG(seed, 1))
			api := newCloud()
			polled := []string{"cn-a", "cn-b", "cn-c"}[:1+random.IntN(3)]
			api.setIndexes("cn-a", indexAnswers{indexes: []ossvapi.Index{{Name: "i", Dimension: 1}}})
			want, entries := map[string]bool{}, 0
			for _, region := range polled {
				a := randomPages(random)
				api.set(region, a)
				for _, p := range a.pages {
					for _, b := range p.Buckets {
						want[b.Region+"/"+b.Name] = true
						entries++
					}
				}
			}
			a := account("prod", api, polled...)
			a.Indexes = random.IntN(2) == 0
			text := newRig(t, a).everything()
			unique(t, text)
			checkNothingLost(t, text, want, entries)
			if t.Failed() {
				t.Logf("seed %d", seed)
			}
		})
	}
}

// creationDates tell a bucket from one that was deleted and created again under its name.
var creationDates = []string{"2026-01-02T03:04:05Z", "2026-02-02T03:04:05Z"}

// randomPages is a listing with everything that one should not hold.
func randomPages(random *rand.Rand) answers {
	var a answers
	for range 1 + random.IntN(3) {
		p := &ossvapi.Page{}
		for range random.IntN(5) {
			region := []string{"cn-a", "cn-b", "cn-c", "cn-z"}[random.IntN(4)]
			b := bucket(region, fmt.Sprintf("b%d", random.IntN(6)))
			b.CreationDate = creationDates[random.IntN(len(creationDates))]
			p.Buckets = append(p.Buckets, b)
		}
		a.pages = append(a.pages, p)
	}
	return a
}

// checkNothingLost adds up what is exported, and what is said to be left out of it.
func checkNothingLost(t *testing.T, text string, want map[string]bool, entries int) {
	t.Helper()
	names := infoNames(text)
	for _, name := range names {
		if !want[name] {
			t.Errorf("%s is exported but not listed", name)
		}
	}
	if len(names) != len(want) {
		t.Errorf("%d buckets exported, want %d", len(names), len(want))
	}
	if buckets := sum(text, "ossvector_buckets{"); buckets != len(want) {
		t.Errorf("ossvector_buckets add up to %d, want %d", buckets, len(want))
	}
	if left := sum(text, "ossvector_duplicate_buckets{"); left != entries-len(want) {
		t.Errorf("ossvector_duplicate_buckets add up to %d, want %d", left, entries-len(want))
	}
}

// sum adds up the values of whole numbers that begin with prefix.
func sum(text, prefix string) int {
	total := 0
	for _, line := range strings.Split(text, "\n") {
		if strings.HasPrefix(line, prefix) {
			var n int
			_, _ = fmt.Sscan(line[strings.LastIndexByte(line, ' ')+1:], &n)
			total += n
		}
	}
	return total
}

func TestDuplicatesAndForeignEntries(t *testing.T) {
	for name, s := range map[string]struct {
		regions []string
		answers map[string]answers
		sel     collector.Selection
		want    string
	}{
		"over two pages": {
			[]string{"cn-a"}, map[string]answers{"cn-a": pages(page("cn-a", "one", "two"), page("cn-a", "two", "zwei"))},
			collector.Selection{}, `
				info{cn-a one} 1
				info{cn-a two} 1
				info{cn-a zwei} 1
				buckets{cn-a} 3
				duplicate_buckets{cn-a} 1
				up{cn-a} 1`,
		},
		"every regional endpoint lists the whole account": {
			[]string{"cn-b", "cn-a"}, map[string]answers{
				"cn-a": pages(mixed(bucket("cn-a", "one"), bucket("cn-b", "two"))),
				"cn-b": pages(mixed(bucket("cn-a", "one"), bucket("cn-b", "two"))),
			}, collector.Selection{}, `
				info{cn-b two} 1
				info{cn-a one} 1
				buckets{cn-a} 1
				buckets{cn-b} 1
				duplicate_buckets{cn-a} 2
				duplicate_buckets{cn-b} 0
				up{cn-a} 1
				up{cn-b} 1`,
		},
		"the same name in two regions is two buckets": {
			[]string{"cn-a", "cn-b"}, map[string]answers{
				"cn-a": pages(page("cn-a", "one")), "cn-b": pages(mixed(bucket("cn-b", "one"), bucket("cn-a", "one"))),
			}, collector.Selection{}, `
				info{cn-a one} 1
				info{cn-b one} 1
				buckets{cn-a} 1
				buckets{cn-b} 1
				duplicate_buckets{cn-a} 0
				duplicate_buckets{cn-b} 1
				up{cn-a} 1
				up{cn-b} 1`,
		},
		"a failed region's buckets in another's listing": {
			[]string{"cn-a", "cn-b"}, map[string]answers{
				"cn-a": {fails: overloaded}, "cn-b": pages(mixed(bucket("cn-a", "one"), bucket("cn-b", "two"), bucket("cn-a", "one"))),
			}, collector.Selection{}, `
				info{cn-b two} 1
				buckets{cn-b} 1
				duplicate_buckets{cn-b} 0
				up{cn-a} 0
				up{cn-b} 1`,
		},
		"buckets of a region that is not polled": {
			[]string{"cn-a"}, map[string]answers{"cn-a": pages(mixed(bucket("cn-z", "far"), bucket("cn-a", "one"), bucket("cn-z", "far")))},
			collector.Selection{}, `
				info{cn-a one} 1
				info{cn-z far} 1
				buckets{cn-a} 1
				buckets{cn-z} 1
				duplicate_buckets{cn-a} 1
				up{cn-a} 1`,
		},
		"one region selected": {
			[]string{"cn-a", "cn-b"}, map[string]answers{
				"cn-a": pages(mixed(bucket("cn-a", "one"), bucket("cn-b", "two"), bucket("cn-z", "far"), bucket("cn-b", "two"))),
				"cn-b": pages(page("cn-b", "two")),
			}, collector.Selection{Account: "prod", Region: "cn-a"}, `
				info{cn-a one} 1
				buckets{cn-a} 1
				duplicate_buckets{cn-a} 0
				up{cn-a} 1`,
		},
		"an account that does not exist": {
			[]string{"cn-a"}, map[string]answers{"cn-a": pages(page("cn-a", "one"))}, collector.Selection{Account: "none"}, ``,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newCloud()
				for region, a := range s.answers {
					api.set(region, a)
				}
				text := newRig(t, account("prod", api, s.regions...)).scrape(s.sel)
				got := only(text, "ossvector_buckets", "ossvector_bucket_info", "ossvector_duplicate", "ossvector_up")
				same(t, got, golden(s.want))
				unique(t, text)
			})
		})
	}
}
