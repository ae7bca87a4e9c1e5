package collector_test

import (
	"strings"
	"testing"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

func TestEveryReasonHasItsAdvice(t *testing.T) {
	seen := map[string]ossvapi.Reason{}
	for _, reason := range append(ossvapi.Reasons(), "of another version") {
		advice := collector.Advice(&ossvapi.Error{Operation: ossvapi.ListVectorBuckets, Reason: reason})
		if len(advice) < 20 || seen[advice] != "" {
			t.Errorf("%s: %q, as for %q", reason, advice, seen[advice])
		}
		seen[advice] = reason
	}
}

// A failure of the indexes may have come to no request at all: advice about the service's answer would be a lie.
func TestAdviceForIndexesThatWereNotAsked(t *testing.T) {
	for _, c := range []struct {
		reason ossvapi.Reason
		status int
		want   string
	}{
		{ossvapi.InvalidRequest, 0, "not asked: the bucket's region is none of the account's regions, where it can be added, or its name came without"},
		{ossvapi.InvalidRequest, 400, "the service refused the request as such"},
		{ossvapi.Timeout, 0, "no turn or no complete answer in time: raise the scrape timeout or index_interval, then check the network path"},
		{ossvapi.Timeout, 200, "no complete answer in time: check the network path"},
		{ossvapi.Network, 0, "no response: check DNS"},
		{ossvapi.AccessDenied, 403, "grant oss:ListVectorIndexes on "},
	} {
		e := &ossvapi.Error{Operation: ossvapi.ListVectorIndexes, Reason: c.reason, Status: c.status}
		if got := collector.Advice(e); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s %d: %s", c.reason, c.status, got)
		}
	}
}
