package config

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestBadLabels(t *testing.T) {
	badFiles(t, []badFile{
		{"no mapping", with("labels: [a]"), one("line 4: accounts[0].labels: expected a mapping (`key: value` lines), found a list")},
		{"names", with("labels: {1a: x, 'a b': x, __a: x, bucket: x, le: x, a-b: x}"), []string{
			"line 4: accounts[0].labels: expected the name of a label: letters, digits and _, the first no digit",
			"line 4: accounts[0].labels: expected the name of a label: letters, digits and _, the first no digit",
			"line 4: accounts[0].labels.__a: names that begin with __ are Prometheus' own; choose another name",
			"line 4: accounts[0].labels.bucket: metrics have this label themselves; choose another name",
			"line 4: accounts[0].labels.le: metrics have this label themselves; choose another name",
			"line 4: accounts[0].labels: expected the name of a label: letters, digits and _, the first no digit",
		}},
		{"values", with("labels: {a: 1, b: [x], c: \"x\\ny\"}"), []string{
			"line 4: accounts[0].labels.a: expected a text, found a number; put it in quotes",
			"line 4: accounts[0].labels.b: expected a text, found a list",
			"line 4: accounts[0].labels.c: a control character or a line break is in the text; remove it",
		}},
		{"duplicate", with("labels: {team: x, team: y}"), one("line 4: accounts[0].labels: duplicate key, the first is in line 4; remove one of the two")},
		{"patterns", with("buckets: {include: ['(', x, 3], exclude: a, only: b}", "max_bucket_series: -1", "max_buckets: 0", "min_interval: -1s"), []string{
			"line 4: accounts[0].buckets.include[0]: expected a regular expression (RE2; its parser says: missing closing )), found a text",
			"line 4: accounts[0].buckets.include[2]: expected a text, found a number; put it in quotes",
			"line 4: accounts[0].buckets.exclude: expected a list (`- ` lines, or [a, b]), found a text",
			"line 4: accounts[0].buckets.only: unknown key; known are exclude, include",
			"line 5: accounts[0].max_bucket_series: expected a whole number of at least 0, found \"-1\"",
			"line 6: accounts[0].max_buckets: expected a whole number of at least 1, found \"0\"",
			"line 7: accounts[0].min_interval: expected a duration of at least 0s, found -1s",
		}},
	})
}

// Every account has every label, so that all series of a metric have the same names.
func TestLabelsOfAllAccounts(t *testing.T) {
	c := load(t, with("labels: {team: search, env: }")+
		"- {name: b, regions: [cn-hangzhou], prefix: b, labels: {env: prod}}\n- {name: c, regions: [cn-hangzhou], prefix: c}\n", Options{})
	for i, want := range []map[string]string{{"team": "search", "env": ""}, {"team": "", "env": "prod"}, {"team": "", "env": ""}} {
		equal(t, c.Accounts[i].Labels, want)
	}
}

func TestMinIntervalOfAnAccount(t *testing.T) {
	c := load(t, "scrape: {min_interval: 10s}\n"+with("min_interval: 0s")+
		"- {name: b, regions: [cn-hangzhou], prefix: b}\n- {name: c, regions: [cn-hangzhou], prefix: c, min_interval: 5s}\n", Options{})
	got := fmt.Sprint(c.Accounts[0].MinInterval, c.Accounts[1].MinInterval, c.Accounts[2].MinInterval)
	equal(t, strings.Fields(got), []string{"0s", (10 * time.Second).String(), "5s"})
}
