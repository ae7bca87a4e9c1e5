package collector_test

import (
	"bytes"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

// labelled is account name with everything that has series, and labels.
func labelled(name string, labels map[string]string) collector.Account {
	api := newCloud()
	api.set("cn-a", pages(page("cn-a", "one"), page("cn-z", "far")))
	api.set("cn-b", answers{fails: denied})
	api.setIndexes("cn-a", indexAnswers{indexes: []ossvapi.Index{{Name: "i", Dimension: 8, Created: time.Unix(1700000000, 0)}}})
	a := indexed(api, time.Hour, "cn-a", "cn-b")
	a.Name, a.Labels, a.BucketQuota, a.MaxBucketSeries = name, labels, 100, 50
	return a
}

// Every series of an account has its labels and, empty, those that another account has.
func TestLabels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, labelled("prod", map[string]string{"team": "search", "env": `a "b"`}), labelled("other", map[string]string{"zone": "1"}))
		text := r.everything()
		unique(t, text)
		families := map[string]bool{}
		for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
			if strings.HasPrefix(line, "#") {
				continue
			}
			name, _, _ := strings.Cut(line, "{")
			families[name] = true
			want := []string{`env="a \"b\""`, `team="search"`, `zone=""`}
			if strings.Contains(line, `account="other"`) {
				want = []string{`env=""`, `team=""`, `zone="1"`}
			}
			for _, label := range want {
				if !strings.Contains(line, label) {
					t.Errorf("no %s in %s", label, line)
				}
			}
		}
		if len(families) != 22 { // three of them are the histogram's
			t.Errorf("%d names of series, of which all were wanted: %v", len(families), families)
		}
		if s := r.State(all)[0]; fmt.Sprint(s.Labels) != `map[env:a "b" team:search zone:]` {
			t.Errorf("the state has %v", s.Labels)
		}
	})
}

// A reload that changes labels changes them on all series, of what is kept and of counters that go on too: those of an
// account that is itself unchanged as well.
func TestLabelsAfterAReload(t *testing.T) {
	for _, fromMemory := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) { labelsAfterAReload(t, fromMemory) })
	}
}

func labelsAfterAReload(t *testing.T, fromMemory bool) {
	kept := configured(labelled("prod", map[string]string{"team": "search"}), "same")
	kept.API.(*cloud).set("cn-a", pages(page("cn-a", "one")))
	kept.Close = nil
	if fromMemory {
		kept.MinInterval = time.Minute
	}
	r := newRig(t, kept, labelled("other", nil))
	r.everything()
	r.apply(settings(kept, labelled("other", map[string]string{"zone": "1"})))
	text := r.scrape(collector.Selection{Account: "prod"})
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if !strings.HasPrefix(line, "#") && !strings.Contains(line, `team="search",zone=""`) {
			t.Errorf("labels of old: %s", line)
		}
	}
	values(t, text, map[string]string{
		`ossvector_api_errors_total{account="prod",operation="ListVectorBuckets",reason="access_denied",region="cn-b",team="search",zone=""}`: "2",
		`ossvector_indexes{account="prod",bucket="one",region="cn-a",team="search",zone=""}`:                                                  "1",
	})
	if n := kept.API.(*cloud).listed("cn-a"); (n == 1) != fromMemory {
		t.Errorf("%d listings", n)
	}
	r.apply(settings(kept))
	text = r.everything()
	if strings.Contains(text, "zone") {
		t.Error("a label is left that no account has any more")
	}
}

// A filter leaves series and index listings of single buckets out, never the counts, and says how many.
func TestFilter(t *testing.T) {
	for name, tt := range map[string]struct {
		include, exclude string
		limit            int
		others           bool // the listing holds other regions' buckets, and some twice
		want             string
	}{
		"include":            {include: "^(?:a.*)$", want: "cn-a/a1 cn-a/a2"},
		"exclude":            {exclude: "^(?:a1|b)$", want: "cn-a/a2 cn-a/c"},
		"both":               {include: "^(?:a.*)$", exclude: "^(?:.*2)$", want: "cn-a/a1"},
		"none":               {include: "^(?:z)$", want: ""},
		"at the limit":       {limit: 4, want: "cn-a/a1 cn-a/a2 cn-a/b cn-a/c"},
		"beyond the limit":   {limit: 3, want: ""},
		"within by a filter": {limit: 2, include: "^(?:a.*)$", want: "cn-a/a1 cn-a/a2"},
		"beyond in spite":    {limit: 1, include: "^(?:a.*)$", want: ""},
		"others":             {include: "^(?:a.*)$", others: true, want: "cn-a/a1 cn-a/a2 cn-z/a9"},
		"others left out":    {exclude: "^(?:a9)$", others: true, want: "cn-a/a1 cn-a/a2 cn-a/b cn-a/c"},
		"others at a limit":  {limit: 4, others: true, want: "cn-a/a1 cn-a/a2 cn-a/b cn-a/c cn-z/a9"},
		"others beyond":      {limit: 3, others: true, want: "cn-z/a9"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newCloud()
				all := page("cn-a", "a1", "a2", "b", "c")
				if tt.others {
					all.Buckets = append(all.Buckets, bucket("cn-z", "a9"), bucket("cn-a", "a1"))
				}
				api.set("cn-a", pages(all))
				a := indexed(api, 0, "cn-a")
				a.MaxBucketSeries = tt.limit
				if tt.include != "" {
					a.Include = regexp.MustCompile(tt.include)
				}
				if tt.exclude != "" {
					a.Exclude = regexp.MustCompile(tt.exclude)
				}
				r := newRig(t, a)
				text := r.everything()
				if got := strings.Join(infoNames(text), " "); got != tt.want {
					t.Errorf("series of %q, want %q", got, tt.want)
				}
				ours := strings.Count(tt.want, "cn-a/")
				values(t, text, map[string]string{
					"ossvector_buckets" + of("cn-a"):                 "4",
					"ossvector_filtered_buckets" + of("cn-a"):        fmt.Sprint(4 - ours),
					"ossvector_index_failed_buckets" + of("cn-a"):    "0",
					"ossvector_last_error_info" + of("cn-a"):         "absent",
					"ossvector_bucket_created" + of("cn-a"):          "absent",
					"ossvector_duplicate_buckets" + of("cn-a"):       map[bool]string{false: "0", true: "1"}[tt.others],
					"ossvector_scrape_duration_seconds" + of("cn-a"): "0",
				})
				if n := fmt.Sprint(strings.Count(tt.want, "cn-z/")); tt.others && value(text, "ossvector_index_failed_buckets"+of("cn-z")) != n {
					t.Errorf("not %s buckets of cn-z are told of", n)
				}
				for _, family := range []string{"ossvector_bucket_created_timestamp_seconds", "ossvector_indexes"} {
					if n := strings.Count(text, "\n"+family+`{`) - strings.Count(text, "\n"+family+`{account="prod",bucket="a9"`); n != ours {
						t.Errorf("%d series of %s, want %d", n, family, ours)
					}
				}
				if n := indexCalls(text); n != ours {
					t.Errorf("%d index calls, want %d", n, ours)
				}
				s := r.State(collector.Selection{})[0]
				shown := 0
				for range s.Inventory {
					shown++
				}
				if s.Buckets != 4 || shown != 4 || s.Filtered != 4-ours || s.IndexFailed != 0 {
					t.Errorf("state %+v with %d buckets", s, shown)
				}
				warned := r.logs.take()
				if beyond := tt.limit > 0 && ours == 0; strings.Contains(warned, "max_bucket_series") != beyond {
					t.Errorf("logged %q", warned)
				}
			})
		})
	}
}

// A region beyond the limit is one warning, and one line when it is within it again. Its series come back as a whole.
func TestLimitIsToldOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		a := account("prod", api, "cn-a")
		a.MaxBucketSeries = 2
		r := newRig(t, a)
		for n, want := range []string{
			"",
			`level=warn account=prod region=cn-a buckets=3 max_bucket_series=2 msg="more buckets than max_bucket_series: they get no series of their own"`,
			"",
			`level=info account=prod region=cn-a buckets=2 max_bucket_series=2 msg="no more buckets than max_bucket_series: they get series of their own"`,
		} {
			api.set("cn-a", pages(page("cn-a", []string{"one", "two", "zwo"}[:[]int{2, 3, 3, 2}[n]]...)))
			text := r.everything()
			same(t, r.logs.take(), want)
			if got, want := len(infoNames(text)), []int{2, 0, 0, 2}[n]; got != want {
				t.Errorf("series of %d buckets, want %d", got, want)
			}
		}
	})
}

// A native histogram stands beside the classic one.
func TestNativeHistogram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", slow(300*time.Millisecond, "cn-a", "one"))
		families, err := newRig(t, labelled("x", map[string]string{"zone": "1"}), account("prod", api, "cn-a")).Gatherer(t.Context(), collector.Selection{Account: "prod"}, 0).Gather()
		if err != nil {
			t.Fatal(err)
		}
		h := family(t, families, "ossvector_api_request_duration_seconds")[0].GetHistogram()
		if len(h.GetBucket()) < 9 || h.Schema == nil || len(h.GetPositiveSpan()) != 1 || h.GetSampleCount() != 1 {
			t.Errorf("histogram %v", h)
		}
	})
}

// At debug each attempt is a line, with what came where it was refused.
func TestAttemptsAreLogged(t *testing.T) {
	r := newRig(t, account("prod", newCloud(), "cn-a"))
	observer := r.Observer("prod")
	observer.Attempt(ossvapi.Attempt{
		Operation: ossvapi.ListVectorBuckets, Region: "cn-a", Number: 2, Method: "GET", URL: &url.URL{Scheme: "https", Host: "h", Path: "/", RawQuery: "max-keys=10"}, Status: 403,
		RequestID: "ID", EC: "0003-00000201", ContentType: "text/html", Size: 3, Duration: time.Second, Body: bytes.NewBufferString("no!"),
	})
	observer.Attempt(ossvapi.Attempt{Operation: ossvapi.ListVectorIndexes, Region: "cn-a", Number: 1, Method: "POST", URL: &url.URL{Scheme: "https", Host: "h"}})
	same(t, r.logs.attempts.String(), `
level=debug account=prod msg=attempt region=cn-a operation=ListVectorBuckets status=403 request_id=ID ec=0003-00000201 attempt=2 duration=1s method=GET url="https://h/?max-keys=10" content_type=text/html size=3 body=no!
level=debug account=prod msg=attempt region=cn-a operation=ListVectorIndexes status=none request_id= ec= attempt=1 duration=0s method=POST url=https://h content_type= size=0`)
}
