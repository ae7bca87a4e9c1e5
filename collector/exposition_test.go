package collector_test

import (
	"testing"
	"testing/synctest"
	"time"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

func TestWholeExposition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		api.set("cn-a", answers{pages: []*ossvapi.Page{page("cn-a", "one", "two"), page("cn-a", "three")}, delay: 40 * time.Millisecond})
		a := account("prod", api, "cn-a")
		a.BucketQuota = 100
		same(t, newRig(t, a).everything(), wholeExposition)
	})
}

const wholeExposition = `
# HELP ossvector_api_errors_total Failed attempts, including those that succeeded on retry, and failures before any attempt.
# TYPE ossvector_api_errors_total counter
ossvector_api_errors_total{account="prod",operation="ListVectorBuckets",reason="access_denied",region="cn-a"} 0
ossvector_api_errors_total{account="prod",operation="ListVectorBuckets",reason="clock_skew",region="cn-a"} 0
ossvector_api_errors_total{account="prod",operation="ListVectorBuckets",reason="invalid_credentials",region="cn-a"} 0
ossvector_api_errors_total{account="prod",operation="ListVectorBuckets",reason="invalid_request",region="cn-a"} 0
ossvector_api_errors_total{account="prod",operation="ListVectorBuckets",reason="invalid_response",region="cn-a"} 0
ossvector_api_errors_total{account="prod",operation="ListVectorBuckets",reason="network",region="cn-a"} 0
ossvector_api_errors_total{account="prod",operation="ListVectorBuckets",reason="no_credentials",region="cn-a"} 0
ossvector_api_errors_total{account="prod",operation="ListVectorBuckets",reason="server_error",region="cn-a"} 0
ossvector_api_errors_total{account="prod",operation="ListVectorBuckets",reason="throttled",region="cn-a"} 0
ossvector_api_errors_total{account="prod",operation="ListVectorBuckets",reason="timeout",region="cn-a"} 0
# HELP ossvector_api_request_duration_seconds Duration of an HTTP attempt, body included.
# TYPE ossvector_api_request_duration_seconds histogram
ossvector_api_request_duration_seconds_bucket{account="prod",operation="ListVectorBuckets",region="cn-a",le="0.025"} 0
ossvector_api_request_duration_seconds_bucket{account="prod",operation="ListVectorBuckets",region="cn-a",le="0.05"} 2
ossvector_api_request_duration_seconds_bucket{account="prod",operation="ListVectorBuckets",region="cn-a",le="0.1"} 2
ossvector_api_request_duration_seconds_bucket{account="prod",operation="ListVectorBuckets",region="cn-a",le="0.25"} 2
ossvector_api_request_duration_seconds_bucket{account="prod",operation="ListVectorBuckets",region="cn-a",le="0.5"} 2
ossvector_api_request_duration_seconds_bucket{account="prod",operation="ListVectorBuckets",region="cn-a",le="1"} 2
ossvector_api_request_duration_seconds_bucket{account="prod",operation="ListVectorBuckets",region="cn-a",le="2.5"} 2
ossvector_api_request_duration_seconds_bucket{account="prod",operation="ListVectorBuckets",region="cn-a",le="5"} 2
ossvector_api_request_duration_seconds_bucket{account="prod",operation="ListVectorBuckets",region="cn-a",le="10"} 2
ossvector_api_request_duration_seconds_bucket{account="prod",operation="ListVectorBuckets",region="cn-a",le="+Inf"} 2
ossvector_api_request_duration_seconds_sum{account="prod",operation="ListVectorBuckets",region="cn-a"} 0.08
ossvector_api_request_duration_seconds_count{account="prod",operation="ListVectorBuckets",region="cn-a"} 2
# HELP ossvector_api_requests_total HTTP attempts by status; none without a response.
# TYPE ossvector_api_requests_total counter
ossvector_api_requests_total{account="prod",operation="ListVectorBuckets",region="cn-a",status="200"} 2
# HELP ossvector_bucket_created_timestamp_seconds When the vector bucket was created, as Unix time.
# TYPE ossvector_bucket_created_timestamp_seconds gauge
ossvector_bucket_created_timestamp_seconds{account="prod",bucket="one",region="cn-a"} 1.76732304525e+09
ossvector_bucket_created_timestamp_seconds{account="prod",bucket="two",region="cn-a"} 1.76732304525e+09
ossvector_bucket_created_timestamp_seconds{account="prod",bucket="three",region="cn-a"} 1.76732304525e+09
# HELP ossvector_bucket_info A vector bucket, always 1; creation_date is as returned by the API.
# TYPE ossvector_bucket_info gauge
ossvector_bucket_info{account="prod",arn="acs:ossvector:cn-a:1037350000000000:one",bucket="one",creation_date="2026-01-02T03:04:05.250Z",extranet_endpoint="cn-a.ex",intranet_endpoint="cn-a.in",location="oss-cn-a",region="cn-a",resource_group_id="rg-1"} 1
ossvector_bucket_info{account="prod",arn="acs:ossvector:cn-a:1037350000000000:two",bucket="two",creation_date="2026-01-02T03:04:05.250Z",extranet_endpoint="cn-a.ex",intranet_endpoint="cn-a.in",location="oss-cn-a",region="cn-a",resource_group_id="rg-1"} 1
ossvector_bucket_info{account="prod",arn="acs:ossvector:cn-a:1037350000000000:three",bucket="three",creation_date="2026-01-02T03:04:05.250Z",extranet_endpoint="cn-a.ex",intranet_endpoint="cn-a.in",location="oss-cn-a",region="cn-a",resource_group_id="rg-1"} 1
# HELP ossvector_bucket_quota Vector buckets that the account may create in the region, as configured.
# TYPE ossvector_bucket_quota gauge
ossvector_bucket_quota{account="prod",region="cn-a"} 100
# HELP ossvector_buckets Vector buckets in the region.
# TYPE ossvector_buckets gauge
ossvector_buckets{account="prod",region="cn-a"} 3
# HELP ossvector_duplicate_buckets Entries of the region's listing left out because the same bucket was listed already.
# TYPE ossvector_duplicate_buckets gauge
ossvector_duplicate_buckets{account="prod",region="cn-a"} 0
# HELP ossvector_last_success_timestamp_seconds When the region was last listed completely, as Unix time.
# TYPE ossvector_last_success_timestamp_seconds gauge
ossvector_last_success_timestamp_seconds{account="prod",region="cn-a"} 9.4668480008e+08
# HELP ossvector_scrape_duration_seconds How long the region's listing took, excluding time queued for a slot.
# TYPE ossvector_scrape_duration_seconds gauge
ossvector_scrape_duration_seconds{account="prod",region="cn-a"} 0.08
# HELP ossvector_scrape_pages Pages in the region's listing.
# TYPE ossvector_scrape_pages gauge
ossvector_scrape_pages{account="prod",region="cn-a"} 2
# HELP ossvector_up Whether the listing used for this scrape was complete.
# TYPE ossvector_up gauge
ossvector_up{account="prod",region="cn-a"} 1
`

// denied is what a region answers whose key may not list it.
var denied = &ossvapi.Error{
	Reason: ossvapi.AccessDenied, Code: "AccessDenied", Status: 403, RequestID: "ID-1", Message: "no permission",
}

// overloaded is what a region answers that cannot.
var overloaded = &ossvapi.Error{Reason: ossvapi.ServerError, Status: 502, Message: "bad gateway"}

// scenario is what the regions of account prod answer and what a scrape of them shows.
type scenario struct {
	regions []string
	answers map[string]answers
	change  func(*collector.Account)
	sel     collector.Selection
	want    string
}

func (s scenario) run(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		for region, a := range s.answers {
			api.set(region, a)
		}
		a := account("prod", api, s.regions...)
		if s.change != nil {
			s.change(&a)
		}
		text := newRig(t, a).scrape(s.sel)
		matches(t, text, s.want)
		unique(t, text)
	})
}

func TestExposition(t *testing.T) {
	for name, s := range map[string]scenario{
		"an empty region is healthy": {
			regions: []string{"cn-a"}, answers: map[string]answers{"cn-a": pages(page("cn-a"))},
			want: `
				requests{cn-a 200} 1
				buckets{cn-a} 0
				duplicate_buckets{cn-a} 0
				last_success_timestamp_seconds{cn-a} 9.466848e+08
				scrape_duration_seconds{cn-a} 0
				scrape_pages{cn-a} 1
				up{cn-a} 1`,
		},
		"a denied region": {
			regions: []string{"cn-a"}, answers: map[string]answers{"cn-a": {fails: denied}},
			change: func(a *collector.Account) { a.BucketQuota = 5 },
			want: `
				errors{cn-a access_denied} 1
				requests{cn-a 403} 1
				bucket_quota{cn-a} 5
				error_info{cn-a access_denied 403 AccessDenied} 1
				scrape_duration_seconds{cn-a} 0
				scrape_pages{cn-a} 0
				up{cn-a} 0`,
		},
		"without series per bucket": {
			regions: []string{"cn-a"}, answers: map[string]answers{"cn-a": pages(page("cn-a", "one"), page("cn-a", "two"))},
			change: func(a *collector.Account) { a.PerBucket = false },
			want: `
				requests{cn-a 200} 2
				buckets{cn-a} 2
				duplicate_buckets{cn-a} 0
				last_success_timestamp_seconds{cn-a} 9.466848e+08
				scrape_duration_seconds{cn-a} 0
				scrape_pages{cn-a} 2
				up{cn-a} 1`,
		},
	} {
		t.Run(name, s.run)
	}
}
