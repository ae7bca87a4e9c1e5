package server_test

import (
	"fmt"
	"iter"
	"slices"
	"time"

	"ossvector_exporter/internal/server"
)

// inventory is what a region that lists these buckets has.
func inventory(buckets ...server.Bucket) iter.Seq[server.Bucket] { return slices.Values(buckets) }

// names makes n buckets.
func names(region string, n int) iter.Seq[server.Bucket] {
	return func(yield func(server.Bucket) bool) {
		for i := range n {
			name := fmt.Sprintf("bucket-%05d", i)
			b := server.Bucket{
				Name: name, ARN: "acs:ossvector:" + region + ":1037350000000000:" + name, Region: region, Location: "oss-" + region,
				CreationDate: "2026-02-07T18:12:43.000Z", ExtranetEndpoint: region + ".oss-vectors.aliyuncs.com",
				IntranetEndpoint: region + "-internal.oss-vectors.aliyuncs.com",
			}
			if !yield(b) {
				return
			}
		}
	}
}

// healthy is a region that was listed 12 s before noon.
func healthy(account, name string, buckets int) server.Region {
	return server.Region{
		Account: account, Name: name, State: server.StateUp, Buckets: buckets, LastSuccess: noon.Add(-12 * time.Second),
		Duration: 184 * time.Millisecond, Pages: 1 + buckets/1000, Inventory: names(name, min(buckets, 20)),
	}
}

// failing is one that met f a moment ago and was last listed before.
func failing(account, name string, f server.Failure, lastSuccess time.Time) server.Region {
	r := healthy(account, name, 0)
	r.State, r.LastSuccess, r.Failures, r.Inventory = server.StateFailing, lastSuccess, []server.Failure{f}, inventory()
	return r
}

func denied() server.Failure {
	return server.Failure{
		Operation: "ListVectorBuckets", Reason: "access_denied", Code: "AccessDenied", Status: 403, RequestID: "6A0C1F5B2E9D3C3031A4B7E2",
		Message: "You have no right to access this object because of bucket acl.", At: noon.Add(-12 * time.Second),
	}
}

// everyKind has a region in each state that a page can show.
func everyKind() []server.Region {
	full := healthy("production", "cn-shanghai", 2480)
	full.Quota = 2500
	some := healthy("production", "cn-hangzhou", 37)
	some.Quota = 100
	over := healthy("production", "cn-beijing", 103)
	over.Quota = 100
	slow := failing("production", "eu-central-1", server.Failure{
		Operation: "ListVectorBuckets", Reason: "timeout", Message: "no answer within 3s", At: noon.Add(-12 * time.Second),
	}, noon.Add(-47*time.Minute))
	slow.Buckets, slow.Duration = 12, 9500*time.Millisecond
	indexed := healthy("search", "cn-shenzhen", 8)
	indexed.IndexesOn, indexed.Indexes = true, 31
	partly := healthy("search", "cn-wulanchabu", 5)
	partly.IndexesOn, partly.Indexes, partly.IndexFailedBuckets = true, 9, 2
	partly.Failures = []server.Failure{{
		Operation: "ListVectorIndexes", Reason: "access_denied", Code: "AccessDenied", Status: 403, RequestID: "6A0C1F5B2E9D3C3031A4B7E3",
		Message: "The bucket policy forbids it.", At: noon.Add(-3 * time.Minute),
	}}
	return []server.Region{
		some, full, over, slow, healthy("production", "ap-southeast-1", 0),
		failing("staging", "cn-hangzhou", denied(), time.Time{}), failing("staging", "cn-shanghai", denied(), time.Time{}),
		indexed, partly, {Account: "search", Name: "us-west-1", IndexesOn: true},
	}
}

// many is a large house: accounts of 25 regions each, in one of which every tenth account is denied.
func many(n int) []server.Region {
	var all []server.Region
	for a := range n {
		account := fmt.Sprintf("team-%02d", a)
		for i := range 25 {
			r := healthy(account, fmt.Sprintf("cn-region-%d", i), 40+a)
			if r.Quota = 100; a%10 == 3 && i == 7 {
				r = failing(account, r.Name, denied(), noon.Add(-3*time.Hour))
			}
			all = append(all, r)
		}
	}
	return all
}

// targetsOf are the targets that a backend with these regions has.
func targetsOf(all []server.Region) []server.Target {
	var targets []server.Target
	for _, r := range all {
		if n := len(targets); n == 0 || targets[n-1].Account != r.Account {
			targets = append(targets, server.Target{Account: r.Account})
		}
		last := &targets[len(targets)-1]
		last.Regions = append(last.Regions, r.Name)
	}
	return targets
}

// showing is a backend with these regions.
func showing(all []server.Region) *fake { return &fake{regions: all, targets: targetsOf(all)} }
