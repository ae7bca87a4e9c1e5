package config

import (
	"strings"
	"testing"
)

func TestBadAccount(t *testing.T) {
	badValues(t, []badValue{
		{"prefix with a control character", "prefix: \"a\\tb\"", "a control character or a line break is in the text; remove it"},
		{"resource group with a blank", "resource_group_id: rg a", "a blank, a line break or a character outside ASCII is in the text; remove it"},
		{"resource group outside ASCII", "resource_group_id: rg-ä", "a blank, a line break or a character outside ASCII is in the text; remove it"},
		{"page size 0", "page_size: 0", "expected a whole number from 1 to 1000, found \"0\""},
		{"page size too large", "page_size: 1001", "expected a whole number from 1 to 1000, found \"1001\""},
		{"no timeout", "request_timeout: 0", "expected a duration above 0s, found 0s"},
		{"no attempts", "max_attempts: 0", "expected a whole number of at least 1, found \"0\""},
		{"negative quota", "bucket_quota: -1", "expected a whole number of at least 0, found \"-1\""},
		{"negative index interval", "index_interval: -5m", "expected a duration of at least 0s, found -5m0s"},
	})
	badFiles(t, []badFile{
		{"none", "scrape:\n", one("line 1: accounts: expected at least one account; add one with its name and regions")},
		{"null", "accounts:\n", one("line 1: accounts: expected at least one account; add one with its name and regions")},
		{"empty list", "accounts: []\n", one("line 1: accounts: expected at least one account; add one with its name and regions")},
		{"empty account", `accounts: [{}]
`, []string{
			"line 1: accounts[0].name: expected a name; it becomes the account label",
			"line 1: accounts[0].regions: expected at least one region, such as [cn-hangzhou]",
		}},
		{"empty values", `accounts:
- name: ''
  regions: []
`, []string{
			"line 2: accounts[0].name: expected a name; it becomes the account label",
			"line 3: accounts[0].regions: expected at least one region, such as [cn-hangzhou]",
		}},
		{"name with a blank", "accounts:\n- name: ' a'\n  regions: [cn-hangzhou]\n", one("line 2: accounts[0].name: " + wantName)},
		{"name with a Chinese blank", "accounts:\n- name: a\u3000\n  regions: [cn-hangzhou]\n", one("line 2: accounts[0].name: " + wantName)},
		{"name with a line break", "accounts:\n- name: \"a\\nb\"\n  regions: [cn-hangzhou]\n", one("line 2: accounts[0].name: " + wantName)},
		{"long name", "accounts:\n- name: " + strings.Repeat("n", 129) + "\n  regions: [cn-hangzhou]\n", one("line 2: accounts[0].name: " + wantName)},
		{"same name", `accounts:
- name: a
  regions: [cn-hangzhou]
- name: a
  regions: [cn-shanghai]
- name: a
  regions: [cn-beijing]
`, []string{
			"line 4: accounts[1].name: accounts[0] has this name already; names become the account label, so give each its own",
			"line 6: accounts[2].name: accounts[0] has this name already; names become the account label, so give each its own",
		}},
		{"region forms", `accounts:
- name: a
  regions: [cn_hangzhou, Hangzhou, '', cn, cn-, -cn, cn--a, 'cn hangzhou', cn-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx]
`, []string{
			"line 3: accounts[0].regions[0]: " + wantRegion + ", found \"cn_hangzhou\"",
			"line 3: accounts[0].regions[1]: " + wantRegion + ", found \"Hangzhou\"",
			"line 3: accounts[0].regions[2]: " + wantRegion + ", found an empty text",
			"line 3: accounts[0].regions[3]: " + wantRegion + ", found \"cn\"",
			"line 3: accounts[0].regions[4]: " + wantRegion + ", found \"cn-\"",
			"line 3: accounts[0].regions[5]: " + wantRegion + ", found \"-cn\"",
			"line 3: accounts[0].regions[6]: " + wantRegion + ", found \"cn--a\"",
			"line 3: accounts[0].regions[7]: " + wantRegion + ", found a text",
			"line 3: accounts[0].regions[8]: " + wantRegion + ", found a text",
		}},
		{"region by another name", with("internal_regions: [oss-cn-beijing, cn-hangzhou-internal, oss-cn-hangzhou-internal, oss-x, oss]"), []string{
			"line 4: accounts[0].internal_regions[0]: this is OSS's own name of a region; write cn-beijing, found \"oss-cn-beijing\"",
			"line 4: accounts[0].internal_regions[1]: this is the name of an endpoint; write cn-hangzhou, and name it in internal_regions too, found \"cn-hangzhou-internal\"",
			"line 4: accounts[0].internal_regions[2]: this is the name of an endpoint; write cn-hangzhou, and name it in internal_regions too, found \"oss-cn-hangzhou-internal\"",
			"line 4: accounts[0].internal_regions[4]: " + wantRegion + ", found \"oss\"",
			"line 4: accounts[0].internal_regions[3]: oss-x is not in regions; add it there, or remove it here",
		}},
		{"duplicate regions", "accounts:\n- name: a\n  regions: [cn-hangzhou, cn-shanghai, cn-hangzhou]\n", one("line 3: accounts[0].regions[2]: cn-hangzhou is in the list already, at accounts[0].regions[0]; remove one of the two")},
		{"internal region that is not listed", with("internal_regions: [cn-hangzhou, cn-shanghai]"), one("line 4: accounts[0].internal_regions[1]: cn-shanghai is not in regions; add it there, or remove it here")},
		{"internal region of no regions", "accounts:\n- name: a\n  internal_regions: [cn-hangzhou]\n", one("line 2: accounts[0].regions: expected at least one region, such as [cn-hangzhou]")},
		{"internal region forms", with("internal_regions: [cn-hangzhou, cn-hangzhou, cn_x]"), []string{
			"line 4: accounts[0].internal_regions[2]: " + wantRegion + ", found \"cn_x\"",
			"line 4: accounts[0].internal_regions[1]: cn-hangzhou is in the list already, at accounts[0].internal_regions[0]; remove one of the two",
		}},
		{"indexes without buckets", with("per_bucket_metrics: false", "indexes: true"), one("line 5: accounts[0].indexes: indexes are series of single buckets, which per_bucket_metrics: false leaves out; set one of the two the other way")},
		{"indexes beside a mistake", with("per_bucket_metrics: maybe", "indexes: true"), one("line 4: accounts[0].per_bucket_metrics: expected true or false, found \"maybe\"")},
		{"one mistake hides no other", `accounts:
- 3
- name: b
  regions: [x, cn-hangzhou, y]
  page_size: z
- regions: cn-hangzhou
  max_attempts: 0
  colour: blue
`, []string{
			"line 2: accounts[0]: expected a mapping (`key: value` lines), found a number",
			"line 4: accounts[1].regions[0]: " + wantRegion + ", found \"x\"",
			"line 4: accounts[1].regions[2]: " + wantRegion + ", found \"y\"",
			"line 5: accounts[1].page_size: expected a whole number from 1 to 1000, found \"z\"; write it in plain digits",
			"line 6: accounts[2].regions: expected a list (`- ` lines, or [a, b]), found a text",
			"line 6: accounts[2].name: expected a name; it becomes the account label",
			"line 7: accounts[2].max_attempts: expected a whole number of at least 1, found \"0\"",
			"line 8: accounts[2].colour: unknown key; known are " + accountKeys,
		}},
	})
}
