package config

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestAnchorsAndMergeKeys(t *testing.T) {
	text := `
x-anything: [&group {resource_group_id: rg-1}, !odd x]
scrape: {timeout: &long 40s}
accounts:
- &a
  name: a
  regions: &regions [cn-hangzhou, &sh cn-shanghai]
  page_size: 10
  max_attempts: 5
  prefix: from a
  credentials: &key {type: static, access_key_id: LTAI0, access_key_secret: s}
- &b
  prefix: from b        # explicit keys win, wherever the merge key stands
  <<: *a
  name: b
  bucket_quota: 7
- <<: [{page_size: 20, prefix: from a list}, *b, *a]   # earlier ones win
  name: c
  index_interval: *long
  internal_regions: [*sh]
  <<: 
- name: d
  <<: *group
  regions: *regions
  credentials:
    <<: *key
    access_key_id: LTAI1
`
	text = strings.Replace(text, "  <<: \n", "", 1)
	c := load(t, text, Options{})
	type row struct {
		Name, Prefix, Key           string
		Page, Attempts, Quota, List int
		Interval                    time.Duration
	}
	var got []row
	for _, a := range c.Accounts {
		got = append(got, row{a.Name, a.Prefix, a.Credentials.AccessKeyID, a.PageSize, a.MaxAttempts, a.BucketQuota,
			len(a.Regions), a.IndexInterval})
	}
	equal(t, got, []row{
		{"a", "from a", "LTAI0", 10, 5, 0, 2, 5 * time.Minute},
		{"b", "from b", "LTAI0", 10, 5, 7, 2, 5 * time.Minute},
		{"c", "from a list", "LTAI0", 20, 5, 7, 2, 40 * time.Second},
		{"d", "", "LTAI1", 1000, 3, 0, 2, 5 * time.Minute},
	})
	equal(t, c.Accounts[3].ResourceGroupID, "rg-1")
	equal(t, c.Accounts[2].InternalRegions, []string{"cn-shanghai"})
}

func TestProblemBehindAnAlias(t *testing.T) {
	_, err := Load(strings.NewReader("accounts:\n- &a\n  name: a\n  regions: [x]\n- <<: *a\n  name: b\n"), Options{})
	form := "expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, at most 63 characters), found \"x\""
	want := "line 4: accounts[0].regions[0]: " + form + "\nline 4: accounts[1].regions[0]: " + form
	if got := fmt.Sprint(err); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// The bombs are files of a few kilobytes that mean billions of values. They end at once, with one problem.
func TestAliasBombs(t *testing.T) {
	many := func(s string, n int) string { return strings.Repeat(s+", ", n) + s }
	var nested strings.Builder
	nested.WriteString("scrape: {<<: &m0 {a0: 1}}\naccounts:\n")
	for i := range 100 {
		fmt.Fprintf(&nested, "- &m%d {<<: [%s], a%d: 1}\n", i+1, many(fmt.Sprintf("*m%d", i), 99), i+1)
	}
	for name, text := range map[string]string{
		"accounts that share regions": "accounts:\n- &a {name: a, regions: [" + many("cn-a", 99) + "]}\n" +
			strings.Repeat("- *a\n", 100),
		"regions":    "accounts:\n- {name: a, regions: [" + many("cn-a", 5000) + "]}\n",
		"keys":       "accounts:\n- &a {" + manyKeys(100) + "}\n" + strings.Repeat("- *a\n", 100),
		"labels":     "accounts:\n- &a {name: a, labels: {" + manyKeys(100) + "}}\n" + strings.Repeat("- *a\n", 100),
		"merge keys": nested.String(),
		"wide merge": "accounts:\n- &a {" + manyKeys(100) + "}\n- <<: [" + many("*a", 100) + "]\n",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Load(strings.NewReader(text), Options{Name: "c.yml", limit: 5000})
			want := "c.yml: the file, with its aliases and merge keys followed, has more than 5000 values; " +
				"write fewer accounts and regions"
			if got := fmt.Sprint(err); got != want {
				t.Errorf("got %.300s, want %s", got, want)
			}
		})
	}
}

func manyKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "k%d: 1, ", i)
	}
	return b.String()
}

func TestLargeFile(t *testing.T) {
	text := with("prefix: a") + strings.Repeat("#", maxSize)
	_, err := Load(strings.NewReader(text), Options{Name: "c.yml"})
	if want := "c.yml: the file is larger than 16 MiB; is this the right file?"; fmt.Sprint(err) != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// Thousands of accounts with labels, and of regions, take no time that grows with their square.
func TestManyAccounts(t *testing.T) {
	var b, regions strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&regions, "cn-%d, ", i)
	}
	fmt.Fprintf(&b, "accounts:\n- {name: all, prefix: p, regions: [%s], internal_regions: [%[1]s]}\n", regions.String())
	for i := range 5_000 {
		fmt.Fprintf(&b, "- {name: a%d, regions: [cn-1], labels: {l%d: x}, credentials: {assume_role: {role_arn: acs:ram::1:role/r%d}}}\n", i, i%10, i)
	}
	c, err := Load(strings.NewReader(b.String()), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Accounts) != 5_001 || len(c.Accounts[0].Labels) != 10 || len(c.Accounts[0].InternalRegions) != 10_000 {
		t.Errorf("%d accounts", len(c.Accounts))
	}
}
