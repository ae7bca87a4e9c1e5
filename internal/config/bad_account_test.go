package config

import "testing"

func TestBadAccount(t *testing.T) {
	badFiles(t, []badFile{
		{"none", `scrape:
`, []string{
			"line 1: accounts: expected at least one account; add one with its name and regions",
		}},
		{"null", `accounts:
`, []string{
			"line 1: accounts: expected at least one account; add one with its name and regions",
		}},
		{"empty list", `accounts: []
`, []string{
			"line 1: accounts: expected at least one account; add one with its name and regions",
		}},
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
		{"name with a blank", `accounts:
- name: ' a'
  regions: [cn-hangzhou]
`, []string{
			"line 2: accounts[0].name: expected at most 128 characters, no control character or line break among them and no blank at either end",
		}},
		{"name with a Chinese blank", "accounts:\n- name: a\u3000\n  regions: [cn-hangzhou]\n", []string{
			"line 2: accounts[0].name: expected at most 128 characters, no control character or line break among them and no blank at either end",
		}},
		{"name with a line break", `accounts:
- name: "a\nb"
  regions: [cn-hangzhou]
`, []string{
			"line 2: accounts[0].name: expected at most 128 characters, no control character or line break among them and no blank at either end",
		}},
		{"long name", `accounts:
- name: nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn
  regions: [cn-hangzhou]
`, []string{
			"line 2: accounts[0].name: expected at most 128 characters, no control character or line break among them and no blank at either end",
		}},
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
			"line 3: accounts[0].regions[0]: expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, at most 63 characters), found \"cn_hangzhou\"",
			"line 3: accounts[0].regions[1]: expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, at most 63 characters), found \"Hangzhou\"",
			"line 3: accounts[0].regions[2]: expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, at most 63 characters), found an empty text",
			"line 3: accounts[0].regions[3]: expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, at most 63 characters), found \"cn\"",
			"line 3: accounts[0].regions[4]: expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, at most 63 characters), found \"cn-\"",
			"line 3: accounts[0].regions[5]: expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, at most 63 characters), found \"-cn\"",
			"line 3: accounts[0].regions[6]: expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, at most 63 characters), found \"cn--a\"",
			"line 3: accounts[0].regions[7]: expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, at most 63 characters), found a text",
			"line 3: accounts[0].regions[8]: expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, at most 63 characters), found a text",
		}},
		{"region by another name", with("internal_regions: [oss-cn-beijing, cn-hangzhou-internal, oss-cn-hangzhou-internal, oss-x, oss]"), []string{
			"line 4: accounts[0].internal_regions[0]: this is OSS's own name of a region; write cn-beijing, found \"oss-cn-beijing\"",
			"line 4: accounts[0].internal_regions[1]: this is the name of an endpoint; write cn-hangzhou, and name it in internal_regions too, found \"cn-hangzhou-internal\"",
			"line 4: accounts[0].internal_regions[2]: this is the name of an endpoint; write cn-hangzhou, and name it in internal_regions too, found \"oss-cn-hangzhou-internal\"",
			"line 4: accounts[0].internal_regions[4]: expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, at most 63 characters), found \"oss\"",
			"line 4: accounts[0].internal_regions[3]: oss-x is not in regions; add it there, or remove it here",
		}},
		{"duplicate regions", `accounts:
- name: a
  regions: [cn-hangzhou, cn-shanghai, cn-hangzhou]
`, []string{
			"line 3: accounts[0].regions[2]: cn-hangzhou is in the list already, at accounts[0].regions[0]; remove one of the two",
		}},
		{"internal region that is not listed", with("internal_regions: [cn-hangzhou, cn-shanghai]"), []string{
			"line 4: accounts[0].internal_regions[1]: cn-shanghai is not in regions; add it there, or remove it here",
		}},
		{"internal region of no regions", `accounts:
- name: a
  internal_regions: [cn-hangzhou]
`, []string{
			"line 2: accounts[0].regions: expected at least one region, such as [cn-hangzhou]",
		}},
		{"internal region forms", with("internal_regions: [cn-hangzhou, cn-hangzhou, cn_x]"), []string{
			"line 4: accounts[0].internal_regions[2]: expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, at most 63 characters), found \"cn_x\"",
			"line 4: accounts[0].internal_regions[1]: cn-hangzhou is in the list already, at accounts[0].internal_regions[0]; remove one of the two",
		}},
		{"prefix with a control character", with("prefix: \"a\\tb\""), []string{
			"line 4: accounts[0].prefix: a control character or a line break is in the text; remove it",
		}},
		{"resource group with a blank", with("resource_group_id: rg a"), []string{
			"line 4: accounts[0].resource_group_id: a blank, a line break or a character outside ASCII is in the text; remove it",
		}},
		{"resource group outside ASCII", with("resource_group_id: rg-ä"), []string{
			"line 4: accounts[0].resource_group_id: a blank, a line break or a character outside ASCII is in the text; remove it",
		}},
		{"page size 0", with("page_size: 0"), []string{
			"line 4: accounts[0].page_size: expected a whole number from 1 to 1000, found \"0\"",
		}},
		{"page size too large", with("page_size: 1001"), []string{
			"line 4: accounts[0].page_size: expected a whole number from 1 to 1000, found \"1001\"",
		}},
		{"no timeout", with("request_timeout: 0"), []string{
			"line 4: accounts[0].request_timeout: expected a duration above 0s, found 0s",
		}},
		{"no attempts", with("max_attempts: 0"), []string{
			"line 4: accounts[0].max_attempts: expected a whole number of at least 1, found \"0\"",
		}},
		{"negative quota", with("bucket_quota: -1"), []string{
			"line 4: accounts[0].bucket_quota: expected a whole number of at least 0, found \"-1\"",
		}},
		{"negative index interval", with("index_interval: -5m"), []string{
			"line 4: accounts[0].index_interval: expected a duration of at least 0s, found -5m0s",
		}},
		{"indexes without buckets", with("per_bucket_metrics: false", "indexes: true"), []string{
			"line 5: accounts[0].indexes: indexes are series of single buckets, which per_bucket_metrics: false leaves out; set one of the two the other way",
		}},
		{"indexes beside a mistake", with("per_bucket_metrics: maybe", "indexes: true"), []string{
			"line 4: accounts[0].per_bucket_metrics: expected true or false, found \"maybe\"",
		}},
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
			"line 4: accounts[1].regions[0]: expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, at most 63 characters), found \"x\"",
			"line 4: accounts[1].regions[2]: expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, at most 63 characters), found \"y\"",
			"line 5: accounts[1].page_size: expected a whole number from 1 to 1000, found \"z\"; write it in plain digits",
			"line 6: accounts[2].regions: expected a list (`- ` lines, or [a, b]), found a text",
			"line 6: accounts[2].name: expected a name; it becomes the account label",
			"line 7: accounts[2].max_attempts: expected a whole number of at least 1, found \"0\"",
			"line 8: accounts[2].colour: unknown key; known are bucket_quota, buckets, credentials, endpoint, index_interval, indexes, internal_regions, labels, max_attempts, max_bucket_series, max_buckets, min_interval, name, page_size, per_bucket_metrics, prefix, proxy_url, regions, request_timeout, resource_group_id, tls_config",
		}},
	})
}
