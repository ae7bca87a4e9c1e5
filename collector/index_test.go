package collector_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

// indexed is account prod with the indexes of its buckets, listed again after interval.
func indexed(api *cloud, interval time.Duration, regions ...string) collector.Account {
	a := account("prod", api, regions...)
	a.Indexes, a.IndexInterval = true, interval
	return a
}

// named are indexes without anything but a name.
func named(names ...string) indexAnswers {
	var a indexAnswers
	for _, name := range names {
		a.indexes = append(a.indexes, ossvapi.Index{Name: name})
	}
	return a
}

// indexSeries are the index series of an exposition, with what tells of their failures.
func indexSeries(text string) string {
	return only(text, "ossvector_index_", "ossvector_last_error_info")
}

func TestIndexExposition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", pages(page("cn-a", "full", "none", "odd")))
		api.setIndexes("cn-a/full", indexAnswers{delay: 20 * time.Millisecond, indexes: []ossvapi.Index{
			{
				Name: "i1", DataType: "float32", DistanceMetric: "cosine", Mode: "fast", Status: "ready", Dimension: 8,
				Created: time.Unix(1700000000, 5e8),
			},
			{Name: "i2", DataType: "float32", DistanceMetric: "new \"metric\"", Mode: "", Status: "Thawing"},
		}})
		api.setIndexes("cn-a/odd", named("bare"))
		same(t, brief(newRig(t, indexed(api, 0, "cn-a")).everything()), golden(`
			requests{cn-a 200} 1
			index_requests{cn-a 200} 3
			bucket_created_timestamp_seconds{cn-a full} 1.76732304525e+09
			bucket_created_timestamp_seconds{cn-a none} 1.76732304525e+09
			bucket_created_timestamp_seconds{cn-a odd} 1.76732304525e+09
			info{cn-a full} 1
			info{cn-a none} 1
			info{cn-a odd} 1
			buckets{cn-a} 3
			duplicate_buckets{cn-a} 0
			index_created_timestamp_seconds{cn-a full i1} 1.7000000005e+09
			index_dimension{cn-a full i1} 8
			index_failed_buckets{cn-a} 0
			ossvector_index_info{account="prod",bucket="full",data_type="float32",distance_metric="cosine",index="i1",mode="fast",region="cn-a",status="ready"} 1
			ossvector_index_info{account="prod",bucket="full",data_type="float32",distance_metric="new \"metric\"",index="i2",mode="",region="cn-a",status="Thawing"} 1
			ossvector_index_info{account="prod",bucket="odd",data_type="",distance_metric="",index="bare",mode="",region="cn-a",status=""} 1
			index_last_success_timestamp_seconds{cn-a full} 9.4668480002e+08
			index_last_success_timestamp_seconds{cn-a none} 9.466848e+08
			index_last_success_timestamp_seconds{cn-a odd} 9.466848e+08
			indexes{cn-a full} 2
			indexes{cn-a none} 0
			indexes{cn-a odd} 1
			last_success_timestamp_seconds{cn-a} 9.466848e+08
			scrape_duration_seconds{cn-a} 0
			scrape_pages{cn-a} 1
			up{cn-a} 1`))
	})
}

// What befalls indexes leaves every series of the buckets as it was.
func TestDeniedIndexesLeaveTheBuckets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", pages(page("cn-a", "one", "two")))
		without := newRig(t, account("prod", api, "cn-a")).everything()
		api.setIndexes("cn-a", indexAnswers{fails: denied})
		r := newRig(t, indexed(api, time.Hour, "cn-a"))
		text := r.everything()
		same(t, inventory(text), inventory(without))
		same(t, indexSeries(text), golden(`
			index_failed_buckets{cn-a} 2
			index_error_info{cn-a access_denied 403 AccessDenied} 1`))
		values(t, text, map[string]string{failures("cn-a", ossvapi.ListVectorIndexes, ossvapi.AccessDenied): "2"})
		same(t, r.logs.take(), `
level=warn account=prod region=cn-a msg="listing started to fail" operation=ListVectorIndexes reason=access_denied code=AccessDenied status=403 request_id=ID-1 attempts=1 duration=0s err="no permission"`)
		r.everything() // tried again at each scrape, whatever the interval
		values(t, r.everything(), map[string]string{failures("cn-a", ossvapi.ListVectorIndexes, ossvapi.AccessDenied): "6"})
		r.logs.take()
		api.setIndexes("cn-a", named("i"))
		same(t, indexSeries(r.everything()), golden(`
			index_failed_buckets{cn-a} 0
			ossvector_index_info{account="prod",bucket="one",data_type="",distance_metric="",index="i",mode="",region="cn-a",status=""} 1
			ossvector_index_info{account="prod",bucket="two",data_type="",distance_metric="",index="i",mode="",region="cn-a",status=""} 1
			index_last_success_timestamp_seconds{cn-a one} 9.466848e+08
			index_last_success_timestamp_seconds{cn-a two} 9.466848e+08`))
		same(t, r.logs.take(), `
level=info account=prod region=cn-a msg="listing recovered" operation=ListVectorIndexes reason=access_denied duration=0s`)
	})
}

// Buckets whose indexes cannot be asked for are failed ones without a request; the others keep their series.
func TestBucketsThatCannotBeAsked(t *testing.T) {
	plain := bucket("cn-a", "plain")
	plain.AccountID, plain.ARN = "", ""
	evil := bucket("cn-a", "evil.example.com/#")
	for name, tt := range map[string]struct {
		buckets []ossvapi.Bucket
		want    string
	}{
		"no account id in the name": {[]ossvapi.Bucket{bucket("cn-a", "good"), plain}, `
			index_failed_buckets{cn-a} 1
			ossvector_index_info{account="prod",bucket="good",data_type="",distance_metric="",index="i",mode="",region="cn-a",status=""} 1
			index_last_success_timestamp_seconds{cn-a good} 9.466848e+08
			index_error_info{cn-a invalid_request none} 1`},
		"a name that would steer the request": {[]ossvapi.Bucket{evil, bucket("cn-a", "good")}, `
			index_failed_buckets{cn-a} 1
			ossvector_index_info{account="prod",bucket="good",data_type="",distance_metric="",index="i",mode="",region="cn-a",status=""} 1
			index_last_success_timestamp_seconds{cn-a good} 9.466848e+08
			index_error_info{cn-a invalid_request none} 1`},
		"a region that is not configured": {[]ossvapi.Bucket{bucket("cn-a", "good"), bucket("cn-z", "far"), bucket("cn-z", "farther")}, `
			index_failed_buckets{cn-a} 0
			index_failed_buckets{cn-z} 2
			ossvector_index_info{account="prod",bucket="good",data_type="",distance_metric="",index="i",mode="",region="cn-a",status=""} 1
			index_last_success_timestamp_seconds{cn-a good} 9.466848e+08
			index_error_info{cn-z invalid_request none} 1`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newCloud()
				api.set("cn-a", pages(mixed(tt.buckets...)))
				api.setIndexes("cn-a", named("i"))
				text := newRig(t, indexed(api, 0, "cn-a")).everything()
				same(t, indexSeries(text), golden(tt.want))
				unique(t, text)
				if n := sum(text, `ossvector_api_requests_total{account="prod",operation="ListVectorIndexes"`); n != 1 {
					t.Errorf("%d requests, want 1", n)
				}
				if n := sum(text, "ossvector_api_errors_total"); n != 0 {
					t.Errorf("%d errors counted", n)
				}
			})
		})
	}
}

// What the deadline cuts off has failed; it is no bucket without indexes.
func TestIndexesAtTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		var names []string
		for n := range 40 {
			names = append(names, fmt.Sprintf("b%02d", n))
		}
		api.set("cn-a", pages(page("cn-a", names...)))
		api.setIndexes("cn-a", indexAnswers{delay: 6 * time.Second})
		r := newRig(t, indexed(api, 0, "cn-a"))
		start := time.Now()
		text := r.everything()
		if took := time.Since(start); took != 10*time.Second {
			t.Errorf("the scrape took %v", took)
		}
		if most := api.mostInFlight(ossvapi.ListVectorIndexes); most != 16 {
			t.Errorf("%d index listings at the same time, want 16", most)
		}
		// 16 are done after 6 s, 16 are cut off, and the turn of the others never came.
		values(t, text, map[string]string{
			"ossvector_up" + of("cn-a"):                                  "1",
			"ossvector_index_failed_buckets" + of("cn-a"):                "24",
			failures("cn-a", ossvapi.ListVectorIndexes, ossvapi.Timeout): "16",
		})
		same(t, only(text, "ossvector_last_error_info"), golden("index_error_info{cn-a timeout none} 1"))
		if n := strings.Count(text, "\nossvector_indexes{"); n != 16 {
			t.Errorf("%d buckets have indexes", n)
		}
		api.setIndexes("cn-a", indexAnswers{}) // whatever became of them, all are tried again
		values(t, r.everything(), map[string]string{"ossvector_index_failed_buckets" + of("cn-a"): "0"})
	})
}
