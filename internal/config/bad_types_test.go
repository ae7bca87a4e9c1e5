package config

import "testing"

func TestBadTypes(t *testing.T) {
	badFiles(t, []badFile{
		{"number for a text", with("prefix: 12"), []string{
			"line 4: accounts[0].prefix: expected a text, found a number; put it in quotes",
		}},
		{"decimal number for a text", with("prefix: 1e3"), []string{
			"line 4: accounts[0].prefix: expected a text, found a number; put it in quotes",
		}},
		{"boolean for a text", with("prefix: true"), []string{
			"line 4: accounts[0].prefix: expected a text, found true or false; put it in quotes",
		}},
		{"date for a text", with("prefix: 2024-01-01"), []string{
			"line 4: accounts[0].prefix: expected a text, found a date; put it in quotes",
		}},
		{"list for a text", with("prefix: [a]"), []string{
			"line 4: accounts[0].prefix: expected a text, found a list",
		}},
		{"mapping for a text", with("prefix: {a: b}"), []string{
			"line 4: accounts[0].prefix: expected a text, found a mapping",
		}},
		{"tagged text", with("prefix: !thing a"), []string{
			"line 4: accounts[0].prefix: expected a text, found a value with a YAML tag (!)",
		}},
		{"binary text", with("prefix: !!binary aGk="), []string{
			"line 4: accounts[0].prefix: expected a text, found a value with a YAML tag (!)",
		}},
		{"quoted number", with("page_size: \"3\""), []string{
			"line 4: accounts[0].page_size: expected a number, found a text; remove the quotes",
		}},
		{"octal", with("page_size: 0777"), []string{
			"line 4: accounts[0].page_size: expected a whole number from 1 to 1000, found \"0777\"; write it in plain digits",
		}},
		{"hexadecimal", with("page_size: 0x10"), []string{
			"line 4: accounts[0].page_size: expected a whole number from 1 to 1000, found \"0x10\"; write it in plain digits",
		}},
		{"underscores", with("page_size: 1_000"), []string{
			"line 4: accounts[0].page_size: expected a whole number from 1 to 1000, found \"1_000\"; write it in plain digits",
		}},
		{"exponent", with("page_size: 1e3"), []string{
			"line 4: accounts[0].page_size: expected a whole number from 1 to 1000, found \"1e3\"; write it in plain digits",
		}},
		{"fraction", with("page_size: 1.5"), []string{
			"line 4: accounts[0].page_size: expected a whole number from 1 to 1000, found \"1.5\"; write it in plain digits",
		}},
		{"text for a number", with("page_size: many"), []string{
			"line 4: accounts[0].page_size: expected a whole number from 1 to 1000, found \"many\"; write it in plain digits",
		}},
		{"list for a number", with("page_size: [3]"), []string{
			"line 4: accounts[0].page_size: expected a whole number from 1 to 1000, found a list; write it in plain digits",
		}},
		{"tagged number", with("page_size: !thing 3"), []string{
			"line 4: accounts[0].page_size: expected a whole number from 1 to 1000, found a value with a YAML tag (!); write it in plain digits",
		}},
		{"number that is too long for one", with("bucket_quota: 99999999999999999999"), []string{
			"line 4: accounts[0].bucket_quota: expected a whole number of at least 0, found \"99999999999999999999\"; write it in plain digits",
		}},
		{"number for a boolean", with("indexes: 1"), []string{
			"line 4: accounts[0].indexes: expected true or false, found \"1\"",
		}},
		{"quoted boolean", with("indexes: 'true'"), []string{
			"line 4: accounts[0].indexes: expected true or false, found a text; write true or false without quotes",
		}},
		{"text for a boolean", with("indexes: maybe"), []string{
			"line 4: accounts[0].indexes: expected true or false, found \"maybe\"",
		}},
		{"list for a boolean", with("indexes: []"), []string{
			"line 4: accounts[0].indexes: expected true or false, found a list",
		}},
		{"tagged boolean", with("indexes: !thing true"), []string{
			"line 4: accounts[0].indexes: expected true or false, found a value with a YAML tag (!)",
		}},
		{"number for a duration", with("request_timeout: 30"), []string{
			"line 4: accounts[0].request_timeout: expected a duration such as 30s, found a number without a unit; write 30s, if seconds are meant",
		}},
		{"fraction for a duration", with("request_timeout: 1.5"), []string{
			"line 4: accounts[0].request_timeout: expected a duration such as 30s, found a number without a unit; write 1.5s, if seconds are meant",
		}},
		{"text for a duration", with("request_timeout: soon"), []string{
			"line 4: accounts[0].request_timeout: expected a duration such as 30s, found \"soon\"; write it as Go does (300ms, 30s, 5m, 1h30m)",
		}},
		{"days", with("request_timeout: 1d"), []string{
			"line 4: accounts[0].request_timeout: expected a duration such as 30s, found \"1d\"; write it as Go does (300ms, 30s, 5m, 1h30m)",
		}},
		{"empty duration", with("request_timeout: ''"), []string{
			"line 4: accounts[0].request_timeout: expected a duration such as 30s, found an empty text; write it as Go does (300ms, 30s, 5m, 1h30m)",
		}},
		{"boolean for a duration", with("request_timeout: true"), []string{
			"line 4: accounts[0].request_timeout: expected a duration such as 30s, found true or false",
		}},
		{"list for a duration", with("request_timeout: [3s]"), []string{
			"line 4: accounts[0].request_timeout: expected a duration such as 30s, found a list",
		}},
		{"too long a duration", with("request_timeout: 9999999h"), []string{
			"line 4: accounts[0].request_timeout: expected a duration such as 30s, found \"9999999h\"; write it as Go does (300ms, 30s, 5m, 1h30m)",
		}},
		{"text for a list", `accounts:
- name: a
  regions: cn-hangzhou
`, []string{
			"line 3: accounts[0].regions: expected a list (`- ` lines, or [a, b]), found a text",
		}},
		{"mapping for a list", `accounts:
  a: {regions: [cn-hangzhou]}
`, []string{
			"line 2: accounts: expected a list (`- ` lines, or [a, b]), found a mapping",
		}},
		{"text for an account", `accounts: [a]
`, []string{
			"line 1: accounts[0]: expected a mapping (`key: value` lines), found a text",
		}},
		{"null for an account", `accounts: [~]
`, []string{
			"line 1: accounts[0]: expected a mapping (`key: value` lines), found nothing",
		}},
		{"null for a region", `accounts:
- name: a
  regions: [~]
`, []string{
			"line 3: accounts[0].regions[0]: expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, at most 63 characters), found nothing",
		}},
		{"number for a region", `accounts:
- name: a
  regions: [1]
`, []string{
			"line 3: accounts[0].regions[0]: expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, at most 63 characters), found \"1\"",
		}},
	})
}
