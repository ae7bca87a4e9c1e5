package collector_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
)

// golden writes out the short forms in a golden text: {cn-a} are the labels of region cn-a of account prod, {cn-a one}
// those of its bucket one, and info, error_info, requests and errors are the series that they begin the names of.
func golden(text string) string {
	series := regexp.MustCompile(`^(\w+)\{([^}=]*)\} (.*)$`)
	var lines []string
	for _, line := range strings.Split(strings.TrimSpace(text), "\n") {
		line = strings.TrimSpace(line)
		if m := series.FindStringSubmatch(line); m != nil {
			line = longForm(m[1], strings.Split(m[2], " ")) + " " + m[3]
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

func longForm(name string, args []string) string {
	account := "prod"
	region := args[0]
	if before, after, found := strings.Cut(args[0], "/"); found {
		account, region = before, after
	}
	args = append(args[1:], "", "", "", "")
	operation := "ListVectorBuckets"
	if short, found := strings.CutPrefix(name, "index_"); found && (short == "errors" || short == "requests" || short == "error_info") {
		operation, name = "ListVectorIndexes", short
	}
	switch name {
	case "info":
		return fmt.Sprintf(`ossvector_bucket_info{account="%s",arn="acs:ossvector:%s:%s:%s",bucket="%s",`+
			`creation_date="2026-01-02T03:04:05.250Z",extranet_endpoint="%s.ex",intranet_endpoint="%s.in",`+
			`location="oss-%s",region="%s",resource_group_id="rg-1"}`,
			account, region, owner, args[0], args[0], region, region, region, region)
	case "requests":
		return fmt.Sprintf(`ossvector_api_requests_total{account="%s",operation="%s",region="%s",status="%s"}`,
			account, operation, region, args[0])
	case "errors":
		return fmt.Sprintf(`ossvector_api_errors_total{account="%s",operation="%s",reason="%s",region="%s"}`,
			account, operation, args[0], region)
	case "error_info":
		return fmt.Sprintf(`ossvector_last_error_info{account="%s",code="%s",operation="%s",reason="%s",region="%s",status="%s"}`,
			account, strings.Trim(args[2], "-"), operation, args[0], region, args[1])
	}
	if args[0] == "" {
		return fmt.Sprintf(`ossvector_%s{account="%s",region="%s"}`, name, account, region)
	}
	if args[1] == "" {
		return fmt.Sprintf(`ossvector_%s{account="%s",bucket="%s",region="%s"}`, name, account, args[0], region)
	}
	return fmt.Sprintf(`ossvector_%s{account="%s",bucket="%s",index="%s",region="%s"}`, name, account, args[0], args[1], region)
}

// matches compares the brief of an exposition with a golden text.
func matches(t testing.TB, got, want string) {
	t.Helper()
	same(t, brief(got), golden(want))
}
