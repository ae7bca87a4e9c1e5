package server_test

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

// inventory is what a region that lists these buckets has.
func inventory(buckets ...collector.Listed) iter.Seq[collector.Listed] { return slices.Values(buckets) }

// names makes n buckets.
func names(region string, n int) iter.Seq[collector.Listed] {
	return func(yield func(collector.Listed) bool) {
		for i := range n {
			name := fmt.Sprintf("bucket-%05d", i)
			b := collector.Listed{Bucket: ossvapi.Bucket{
				Name: name, ARN: "acs:ossvector:" + region + ":1037350000000000:" + name, Region: region, Location: "oss-" + region,
				CreationDate: "2026-02-07T18:12:43.000Z", ExtranetEndpoint: region + ".oss-vectors.aliyuncs.com",
				IntranetEndpoint: region + "-internal.oss-vectors.aliyuncs.com",
			}}
			if !yield(b) {
				return
			}
		}
	}
}

// healthy is a region that was listed 12 s before noon.
func healthy(account, name string, buckets int) collector.RegionState {
	return collector.RegionState{
		Account: account, Region: name, Listed: true, Buckets: buckets, LastSuccess: noon.Add(-12 * time.Second),
		Took: 184 * time.Millisecond, Pages: 1 + buckets/1000, Inventory: names(name, min(buckets, 20)),
	}
}

// failing is one that met f a moment ago and was last listed before.
func failing(account, name string, f collector.Failure, lastSuccess time.Time) collector.RegionState {
	r := healthy(account, name, 0)
	r.Failing, r.Listed, r.LastSuccess, r.Failures, r.Inventory = true, !lastSuccess.IsZero(), lastSuccess, []collector.Failure{f}, inventory()
	return r
}

func denied() collector.Failure {
	at := noon.Add(-12 * time.Second)
	return collector.Failure{Since: at, At: at, Error: &ossvapi.Error{
		Operation: "ListVectorBuckets", Reason: "access_denied", Code: "AccessDenied", EC: "0003-00000202", Status: 403,
		RequestID: "6A0C1F5B2E9D3C3031A4B7E2", Attempts: 1,
		Message: "You have no right to access this object because of bucket acl.",
	}}
}

// everyKind has a region in each state that a page can show.
func everyKind() []collector.RegionState {
	full := healthy("production", "cn-shanghai", 2480)
	full.Quota = 2500
	some := healthy("production", "cn-hangzhou", 37)
	some.Quota = 100
	over := healthy("production", "cn-beijing", 103)
	over.Quota = 100
	slow := failing("production", "eu-central-1", collector.Failure{
		At: noon.Add(-12 * time.Second), Error: &ossvapi.Error{Operation: "ListVectorBuckets", Reason: "timeout", Message: "no answer within 3s"},
	}, noon.Add(-47*time.Minute))
	slow.Buckets, slow.Took = 12, 9500*time.Millisecond
	indexed := healthy("search", "cn-shenzhen", 8)
	indexed.Labels = map[string]string{"team": "search", "env": "prod", "zone": ""}
	indexed.IndexesOn, indexed.Indexes = true, 31
	partly := healthy("search", "cn-wulanchabu", 5)
	partly.IndexesOn, partly.Indexes, partly.IndexFailed = true, 9, 2
	partly.Failures = []collector.Failure{{At: noon.Add(-3 * time.Minute), Error: &ossvapi.Error{
		Operation: "ListVectorIndexes", Reason: "access_denied", Code: "AccessDenied", Status: 403, RequestID: "6A0C1F5B2E9D3C3031A4B7E3",
		Message: "The bucket policy forbids it.",
	}}}
	return []collector.RegionState{
		some, full, over, slow, healthy("production", "ap-southeast-1", 0),
		failing("staging", "cn-hangzhou", denied(), time.Time{}), failing("staging", "cn-shanghai", denied(), time.Time{}),
		indexed, partly, {Account: "search", Region: "us-west-1", IndexesOn: true},
	}
}

// many is a large house: accounts of 25 regions each, in one of which every tenth account is denied.
func many(n int) []collector.RegionState {
	var all []collector.RegionState
	for a := range n {
		account := fmt.Sprintf("team-%02d", a)
		for i := range 25 {
			r := healthy(account, fmt.Sprintf("cn-region-%d", i), 40+a)
			if r.Quota = 100; a%10 == 3 && i == 7 {
				r = failing(account, r.Region, denied(), noon.Add(-3*time.Hour))
			}
			all = append(all, r)
		}
	}
	return all
}

// accountsOf are the accounts that a backend with these regions has.
func accountsOf(all []collector.RegionState) []collector.Account {
	var accounts []collector.Account
	for _, r := range all {
		if n := len(accounts); n == 0 || accounts[n-1].Name != r.Account {
			accounts = append(accounts, collector.Account{Name: r.Account})
		}
		last := &accounts[len(accounts)-1]
		last.Regions = append(last.Regions, r.Region)
	}
	return accounts
}

// showing is a backend with these regions.
func showing(all []collector.RegionState) *fake { return &fake{state: all, accounts: accountsOf(all)} }
