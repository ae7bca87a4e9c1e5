package config

import (
	"fmt"
	"regexp"

	"go.yaml.in/yaml/v4"
)

var regionForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)

// regions reads a list of region ids, each once.
func regions(target *[]string) func(value) {
	return func(v value) {
		first := map[string]string{}
		for _, e := range v.elements() {
			r, err := region(e)
			if path, dup := first[r]; dup && err == nil {
				err = fmt.Errorf("%s is in the list already, at %s; remove one of the two", r, path)
			}
			if err != nil {
				e.problem("%v", err)
				continue
			}
			first[r] = e.path
			*target = append(*target, r)
		}
	}
}

func region(v value) (string, error) {
	r := v.node.Value
	if v.node.Kind != yaml.ScalarNode || v.node.ShortTag() != "!!str" || !regionForm.MatchString(r) || len(r) > 63 {
		return "", fmt.Errorf("expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, "+
			"at most 63 characters), found %s", v.found())
	}
	return r, nil
}

// check holds an account's values against each other.
func (a placed) check() {
	if a.lacks("name") {
		a.at("name").problem("expected a name; it becomes the account label")
	}
	if a.lacksAny("regions") {
		a.at("regions").problem("expected at least one region, such as [cn-hangzhou]")
	}
	if a.Indexes && !a.PerBucketMetrics {
		a.at("indexes").problem("indexes are series of single buckets, which per_bucket_metrics: false leaves out; " +
			"set one of the two the other way")
	}
	a.checkInternal()
}

// checkInternal wants every internal region among the regions, as they are written: a misspelt one there is told there.
func (a placed) checkInternal() {
	listed := map[string]bool{}
	for _, v := range a.list("regions") {
		listed[v.node.Value] = true
	}
	for _, v := range a.list("internal_regions") {
		if r := v.node.Value; len(listed) > 0 && !listed[r] && regionForm.MatchString(r) {
			v.problem("%s is not in regions; add it there, or remove it here", r)
		}
	}
}

// warnings notes what works and is probably not meant.
func (a placed) warnings(s Scrape) {
	if a.RequestTimeout >= s.Timeout {
		a.at("request_timeout").warn("%s is not below scrape.timeout (%s), so a request that hangs is never tried again",
			a.RequestTimeout, s.Timeout)
	}
	if len(a.Regions) > s.MaxConcurrency {
		a.at("regions").warn("%d regions are more than scrape.max_concurrency (%d), so slow regions can hold up others",
			len(a.Regions), s.MaxConcurrency)
	}
	if a.BucketQuota > 0 && (a.Prefix != "" || a.ResourceGroupID != "") {
		a.at("bucket_quota").warn("the quota counts all buckets of the account and region, but prefix or " +
			"resource_group_id leave some out")
	}
}

// checkNames wants each account's name once.
func (d *decoder) checkNames(accounts []placed) {
	first := map[string]string{}
	for _, a := range accounts {
		path, dup := first[a.Name]
		switch {
		case a.Name == "":
		case dup:
			a.at("name").problem("%s has this name already; names become the account label, so give each its own", path)
		default:
			first[a.Name] = a.path
		}
	}
}
