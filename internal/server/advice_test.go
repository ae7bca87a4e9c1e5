package server_test

import (
	"strings"
	"testing"

	"ossvector_exporter/internal/server"
)

func TestEveryReasonHasAdvice(t *testing.T) {
	seen := map[string]string{}
	for _, reason := range []string{
		"clock_skew", "throttled", "invalid_credentials", "access_denied", "server_error", "invalid_request", "invalid_response",
		"timeout", "network", "no_credentials", "of another version",
	} {
		said := text(page(t, []server.Region{failing("a", "cn-a", server.Failure{Operation: "ListVectorBuckets", Reason: reason, At: noon}, noon)}))
		words := strings.ToUpper(reason[:1]) + strings.ReplaceAll(reason[1:], "_", " ") + ": "
		_, after, found := strings.Cut(said, words)
		advice, _, _ := strings.Cut(after, " ListVectorBuckets in ")
		if !found || len(advice) < 20 || seen[advice] != "" {
			t.Errorf("%s: %q, as for %q", reason, advice, seen[advice])
		}
		seen[advice] = reason
	}
}

// A failure of the indexes may have come to no request at all: advice about the service's answer would be a lie.
func TestAdviceForIndexesThatWereNotAsked(t *testing.T) {
	failure := func(reason string, status int) server.Failure {
		return server.Failure{Operation: "ListVectorIndexes", Reason: reason, Status: status, At: noon}
	}
	for _, c := range []struct {
		failure server.Failure
		want    string
	}{
		{failure("invalid_request", 0), "not asked: the bucket's region is none of the account's regions, where it can be added, or its name came without"},
		{failure("invalid_request", 400), "the service refused the request as such"},
		{failure("timeout", 0), "no turn or no complete answer in time: raise the scrape timeout or index_interval, then check the network path"},
		{failure("timeout", 200), "no complete answer in time: check the network path"},
		{failure("network", 0), "no response: check DNS"},
	} {
		r := healthy("a", "cn-a", 1)
		r.IndexesOn, r.IndexFailedBuckets, r.Failures = true, 1, []server.Failure{c.failure}
		wantContains(t, text(page(t, []server.Region{r})), ": "+c.want)
		wantContains(t, get(t, start(t, options(showing([]server.Region{r}))), "/api/v1/buckets").body, `"advice":"`+c.want)
	}
}

func TestProblemsWithOtherAdviceStandApart(t *testing.T) {
	var all []server.Region
	for name, status := range map[string]int{"cn-a": 0, "cn-b": 400, "cn-c": 400} {
		r := healthy("a", name, 1)
		r.IndexesOn, r.IndexFailedBuckets = true, 1
		r.Failures = []server.Failure{{Operation: "ListVectorIndexes", Reason: "invalid_request", Status: status, At: noon}}
		all = append(all, r)
	}
	said := text(page(t, all))
	for want, times := range map[string]int{"Invalid request: not asked": 2, "Invalid request: the service refused": 3} {
		if n := strings.Count(said, want); n != times { // once of all, and once in each region's row
			t.Errorf("%d times %q in: %s", n, want, said)
		}
	}
}
