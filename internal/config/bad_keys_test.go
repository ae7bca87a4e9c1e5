package config

import "testing"

func TestBadKeys(t *testing.T) {
	badFiles(t, []badFile{
		{"unknown at the top", "scrap:\naccounts:\n- name: a\n  regions: [cn-hangzhou]\n", one("line 1: scrap: unknown key; did you mean scrape?")},
		{"anchors' keys below the top", "x-a: {b: [c]}\nscrape: {x-b: c}\n" + with("x-c: d"), []string{
			"line 2: scrape.x-b: unknown key; known are max_concurrency, min_interval, timeout",
			"line 6: accounts[0].x-c: unknown key; known are " + accountKeys,
		}},
		{"unknown below", with("regoins: [cn-a]"), one("line 4: accounts[0].regoins: unknown key; did you mean regions?")},
		{"with dashes", "scrape:\n  max-concurrency: 3\naccounts:\n- name: a\n  regions: [cn-hangzhou]\n", one("line 2: scrape.max-concurrency: unknown key; did you mean max_concurrency?")},
		{"of another mapping", with("role_arn: a", "timeout: 3s", "scrape: {}"), []string{
			"line 4: accounts[0].role_arn: unknown key; it belongs under accounts[].credentials or under accounts[].credentials.assume_role",
			"line 5: accounts[0].timeout: unknown key; it belongs under scrape",
			"line 6: accounts[0].scrape: unknown key; it belongs at the top level",
		}},
		{"like no other", with("colour: blue"), one("line 4: accounts[0].colour: unknown key; known are " + accountKeys)},
		{"not fit to be shown", with("'a colour': blue"), []string{
			"line 4: accounts[0]: a key that is not known (it is not shown here, as it may be a secret); known are " + accountKeys,
		}},
		{"not a word", with("1: 2"), one("line 4: accounts[0].1: unknown key; known are " + accountKeys)},
		{"a list as a key", with("? [a]", ": b"), one("line 4: accounts[0]: expected a key, found a list; write `key: value`")},
		{"no key", with(": b"), one("line 4: accounts[0]: expected a key, found nothing; write `key: value`")},
		{"a value as no mapping at all", "scrape: 30s\naccounts:\n- name: a\n  regions: [cn-hangzhou]\n", one("line 1: scrape: expected a mapping (`key: value` lines), found a text")},
		{"list for a mapping", "scrape: []\naccounts:\n- name: a\n  regions: [cn-hangzhou]\n", one("line 1: scrape: expected a mapping (`key: value` lines), found a list")},
		{"tagged mapping", "scrape: !thing {}\naccounts:\n- name: a\n  regions: [cn-hangzhou]\n", one("line 1: scrape: expected a mapping (`key: value` lines), found a value with a YAML tag (!)")},
		{"tagged list", "accounts: !!set [a]\n", one("line 1: accounts: expected a list (`- ` lines, or [a, b]), found a value with a YAML tag (!)")},
		{"duplicate", with("prefix: a", "prefix: b"), one("line 5: accounts[0].prefix: duplicate key, the first is in line 4; remove one of the two")},
		{"duplicate at the top", "accounts:\n- name: a\n  regions: [cn-hangzhou]\naccounts: []\n", one("line 4: accounts: duplicate key, the first is in line 1; remove one of the two")},
		{"duplicate that is not known", with("x y: a", "x y: b"), []string{
			"line 4: accounts[0]: a key that is not known (it is not shown here, as it may be a secret); known are " + accountKeys,
			"line 5: accounts[0]: duplicate key, the first is in line 4; remove one of the two",
		}},
		{"two merge keys", with("<<: {prefix: a}", "<<: {page_size: 3}"), one("line 5: accounts[0].<<: duplicate key, the first is in line 4; remove one of the two")},
		{"merge of a text", with("<<: text"), one("line 4: accounts[0]: expected a mapping, or a list of mappings, after the merge key (<<), found a text; write <<: *name, with an anchor &name on a mapping")},
		{"merge of a list of texts", with("<<: [{prefix: a}, 3]"), one("line 4: accounts[0]: expected a mapping, or a list of mappings, after the merge key (<<), found a number; write <<: *name, with an anchor &name on a mapping")},
		{"merge of itself", "accounts:\n- &a\n  name: a\n  regions: [cn-hangzhou]\n  <<: *a\n", one("line 2: accounts[0]: a merge key (<<) leads back to the mapping it stands in; merge another one")},
		{"mistake in a merged mapping", with("<<: {page_size: 0, prefix: a, prefix: b}"), []string{
			"line 4: accounts[0].prefix: duplicate key, the first is in line 4; remove one of the two",
			"line 4: accounts[0].page_size: expected a whole number from 1 to 1000, found \"0\"",
		}},
		{"quoted merge key", with("'<<': {page_size: 1}"), []string{
			"line 4: accounts[0]: a key that is not known (it is not shown here, as it may be a secret); known are " + accountKeys,
		}},
	})
}
