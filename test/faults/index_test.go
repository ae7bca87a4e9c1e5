package faults

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ossvector_exporter/ossvapi/ossvtest"
	"ossvector_exporter/test/simulation"
)

// startIndexes lists indexes, too, on every scrape.
func startIndexes(t *testing.T, s *suite) *exporter {
	return startIndexesWith(t, s, "index_interval: 0s")
}

// startIndexesWith lists indexes, too, with another key in the configuration of the first account.
func startIndexesWith(t *testing.T, s *suite, key string) *exporter {
	c := startSimulation(t)
	c.Account.FillIndexes(struck.region, 2)
	config := strings.Replace(twoAccounts(c.URL, 1500*time.Millisecond), "  page_size: 10\n", "  page_size: 10\n  indexes: true\n  "+key+"\n", 1)
	x := s.start(t, config, launch{})
	x.cloud = c
	return x
}

func indexes() []row {
	r := func(id string, do ossvtest.Action, reason, code, status string, tries float64) row {
		return row{id: id, do: func(t *testing.T, x *exporter) { x.strikeIndexes(t, do, reason, code, status, tries) }, says: []string{"`" + reason + "`"}}
	}
	return []row{
		r("index-denied", ossvtest.Deny(), "access_denied", "AccessDenied", "403", 1),
		r("index-hang", ossvtest.Hang(), "timeout", "", "none", 2),
		r("index-null", ossvtest.Respond(200, contentType("application/json"), "null"), "invalid_response", "", "200", 1),
		r("index-other-root", ossvtest.Respond(200, nil, `{"ListAllMyBucketsResult":{}}`), "invalid_response", "", "200", 1),
		r("index-loop", ossvtest.LoopMarker(), "invalid_response", "", "200", 1),
		r("index-gone", ossvtest.Fail(404, "NoSuchBucket", "gone"), "invalid_request", "NoSuchBucket", "404", 1),
		{id: "index-hostile-bucket", do: hostileBucket},
		{id: "index-recreated", alone: recreatedBucket},
		{id: "index-region-denied", alone: deniedRegionWithIndexes},
		{id: "bucket-limit", alone: bucketLimit},
	}
}

// recreatedBucket deletes a bucket and creates it again with other indexes, long before its indexes are due again.
func recreatedBucket(t *testing.T, s *suite) {
	x := startIndexesWith(t, s, "index_interval: 1h")
	bucket := x.cloud.Account.Buckets(struck.region)[7]
	indexes := fmt.Sprintf(`ossvector_indexes{account="%s",bucket="%s",region="%s"}`, struck.account, bucket.Name, struck.region)
	if n := x.scrape(t)[indexes]; n != 2 {
		t.Fatalf("%v indexes", n)
	}
	x.cloud.Account.Remove(struck.region, bucket.Name)
	bucket.CreationDate = "2026-03-04T05:06:07.000Z"
	x.cloud.Account.Put(struck.region, bucket)
	x.cloud.Account.PutIndexes(struck.region, bucket.Name, ossvtest.Index{Name: "of-the-new-one"})
	calls := x.cloud.Service.Count(ossvtest.Match{Operation: ossvtest.ListVectorIndexes})
	if n := x.scrape(t)[indexes]; n != 1 {
		t.Errorf("%v indexes of the bucket that was created again", n)
	}
	if n := x.cloud.Service.Count(ossvtest.Match{Operation: ossvtest.ListVectorIndexes}) - calls; n != 1 {
		t.Errorf("%d index calls", n)
	}
	x.wantUp(t, struck, x.scrape(t))
	x.end(t)
}

// deniedRegionWithIndexes refuses the listing of a region whose indexes are due: none is asked for.
func deniedRegionWithIndexes(t *testing.T, s *suite) {
	x := startIndexesWith(t, s, "index_interval: 1ns")
	x.scrape(t)
	heal := x.cloud.Service.Inject(ossvtest.Fault{
		Match: ossvtest.Match{Account: simulation.AccountID, Region: struck.region, Operation: ossvtest.ListVectorBuckets}, Do: ossvtest.Deny(),
	})
	x.scrape(t) // meets the failure with some renewals under way
	of := ossvtest.Match{Region: struck.region, Operation: ossvtest.ListVectorIndexes}
	calls := x.cloud.Service.Count(of)
	for range 5 {
		if up, _ := value(x.scrape(t), struck, "ossvector_up"); up != 0 {
			t.Error("the region is up")
		}
	}
	if n := x.cloud.Service.Count(of) - calls; n != 0 {
		t.Errorf("%d index calls for a region that is down", n)
	}
	heal()
	x.wantUp(t, struck, x.scrape(t))
	x.end(t)
}

// bucketLimit lets a region have more buckets than may have series.
func bucketLimit(t *testing.T, s *suite) {
	x := startIndexesWith(t, s, "max_bucket_series: 1")
	before := x.cloud.Service.Count(ossvtest.Match{Region: struck.region, Operation: ossvtest.ListVectorIndexes})
	from := x.logSize()
	for range 2 {
		got := x.scrape(t)
		buckets, _ := value(got, struck, "ossvector_buckets")
		filtered, _ := value(got, struck, "ossvector_filtered_buckets")
		if series := samplesOf(got, struck, "ossvector_bucket_info"); buckets < 2 || filtered != buckets || len(series) != 0 {
			t.Errorf("%v buckets, %v filtered, %d series", buckets, filtered, len(series))
		}
	}
	if n := x.cloud.Service.Count(ossvtest.Match{Region: struck.region, Operation: ossvtest.ListVectorIndexes}) - before; n != 0 {
		t.Errorf("%d index calls", n)
	}
	if lines := x.lines(from, "more buckets than max_bucket_series", x.field("region", struck.region)); len(lines) > 1 {
		t.Errorf("warned %d times: %q", len(lines), lines)
	}
	x.logged(t, 0, "level=warn", "more buckets than max_bucket_series", x.field("account", struck.account), x.field("region", struck.region))
	x.end(t)
}

// strikeIndexes lets the index listing of one bucket fail: that bucket shows none, all else stays as it is.
func (x *exporter) strikeIndexes(t *testing.T, do ossvtest.Action, reason, code, status string, tries float64) {
	from, bucket := x.logSize(), x.cloud.Account.Buckets(struck.region)[7].Name
	mine := fmt.Sprintf(`bucket="%s"`, bucket)
	before := x.scrape(t)
	heal := x.cloud.Service.Inject(ossvtest.Fault{
		Match: ossvtest.Match{Account: simulation.AccountID, Operation: ossvtest.ListVectorIndexes, Bucket: bucket}, Do: do,
	})
	after := x.scrape(t)
	wantOthers(t, before, after, struck)
	wantErrors(t, struck, before, after, map[string]float64{reason: tries})
	want := fmt.Sprintf(`ossvector_last_error_info{account="%s",code="%s",operation="ListVectorIndexes",reason="%s",region="%s",status="%s"}`,
		struck.account, code, reason, struck.region, status)
	if after[want] != 1 {
		t.Errorf("no %s: %v", want, samplesOf(after, struck, "ossvector_last_error_info"))
	}
	if n, _ := value(after, struck, "ossvector_index_failed_buckets"); n != 1 {
		t.Errorf("%v buckets failed", n)
	}
	for series, v := range steady(before, struck) {
		now, there := after[series]
		index := strings.HasPrefix(metric(series), "ossvector_index")
		switch {
		case index && strings.Contains(series, mine):
			if there {
				t.Errorf("%s is still there", series)
			}
		case strings.Contains(series, "error") || metric(series) == "ossvector_index_failed_buckets":
		case now != v:
			t.Errorf("%s went from %v to %v", series, v, now)
		}
	}
	x.logged(t, from, "level=warn", `msg="listing started to fail"`, "operation=ListVectorIndexes", "reason="+reason)
	if row := x.pageRow(t, struck); !strings.Contains(row, ">Indexes failing<") || !strings.Contains(row, "not listed in 1 bucket") {
		t.Errorf("the page: %s", row)
	}
	heal()
	wantSame(t, "after healing", state(before, struck), state(x.scrape(t), struck))
	x.logged(t, from, "level=info", `msg="listing recovered"`, "operation=ListVectorIndexes")
}

// hostileBucket lists a bucket whose name would lead a signed request elsewhere: none is sent.
func hostileBucket(t *testing.T, x *exporter) {
	before := x.scrape(t)
	name := "127.0.0.1:1/x?"
	x.cloud.Account.Put(struck.region, ossvtest.Bucket{Name: name})
	after := x.scrape(t)
	x.cloud.Account.Remove(struck.region, name)
	if n, _ := value(after, struck, "ossvector_index_failed_buckets"); n != 1 {
		t.Errorf("%v buckets failed", n)
	}
	wantErrors(t, struck, before, after, map[string]float64{})
	if sent := x.cloud.Service.Count(ossvtest.Match{Bucket: name}); sent != 0 {
		t.Errorf("%d requests", sent)
	}
	x.wantUp(t, struck, x.scrape(t))
}
