package config

import "testing"

func TestBadTypes(t *testing.T) {
	badValues(t, []badValue{
		{"number for a text", "prefix: 12", "expected a text, found a number; put it in quotes"},
		{"decimal number for a text", "prefix: 1e3", "expected a text, found a number; put it in quotes"},
		{"boolean for a text", "prefix: true", "expected a text, found true or false; put it in quotes"},
		{"date for a text", "prefix: 2024-01-01", "expected a text, found a date; put it in quotes"},
		{"list for a text", "prefix: [a]", "expected a text, found a list"},
		{"mapping for a text", "prefix: {a: b}", "expected a text, found a mapping"},
		{"tagged text", "prefix: !thing a", "expected a text, found a value with a YAML tag (!)"},
		{"binary text", "prefix: !!binary aGk=", "expected a text, found a value with a YAML tag (!)"},
		{"quoted number", "page_size: \"3\"", "expected a number, found a text; remove the quotes"},
		{"octal", "page_size: 0777", "expected a whole number from 1 to 1000, found \"0777\"; write it in plain digits"},
		{"hexadecimal", "page_size: 0x10", "expected a whole number from 1 to 1000, found \"0x10\"; write it in plain digits"},
		{"underscores", "page_size: 1_000", "expected a whole number from 1 to 1000, found \"1_000\"; write it in plain digits"},
		{"exponent", "page_size: 1e3", "expected a whole number from 1 to 1000, found \"1e3\"; write it in plain digits"},
		{"fraction", "page_size: 1.5", "expected a whole number from 1 to 1000, found \"1.5\"; write it in plain digits"},
		{"text for a number", "page_size: many", "expected a whole number from 1 to 1000, found \"many\"; write it in plain digits"},
		{"list for a number", "page_size: [3]", "expected a whole number from 1 to 1000, found a list; write it in plain digits"},
		{"tagged number", "page_size: !thing 3", "expected a whole number from 1 to 1000, found a value with a YAML tag (!); write it in plain digits"},
		{"number that is too long for one", "bucket_quota: 99999999999999999999", "expected a whole number of at least 0, found \"99999999999999999999\"; write it in plain digits"},
		{"number for a boolean", "indexes: 1", "expected true or false, found \"1\""},
		{"quoted boolean", "indexes: 'true'", "expected true or false, found a text; write true or false without quotes"},
		{"text for a boolean", "indexes: maybe", "expected true or false, found \"maybe\""},
		{"list for a boolean", "indexes: []", "expected true or false, found a list"},
		{"tagged boolean", "indexes: !thing true", "expected true or false, found a value with a YAML tag (!)"},
		{"number for a duration", "request_timeout: 30", "expected a duration such as 30s, found a number without a unit; write 30s, if seconds are meant"},
		{"fraction for a duration", "request_timeout: 1.5", "expected a duration such as 30s, found a number without a unit; write 1.5s, if seconds are meant"},
		{"text for a duration", "request_timeout: soon", "expected a duration such as 30s, found \"soon\"; write it as Go does (300ms, 30s, 5m, 1h30m)"},
		{"days", "request_timeout: 1d", "expected a duration such as 30s, found \"1d\"; write it as Go does (300ms, 30s, 5m, 1h30m)"},
		{"empty duration", "request_timeout: ''", "expected a duration such as 30s, found an empty text; write it as Go does (300ms, 30s, 5m, 1h30m)"},
		{"boolean for a duration", "request_timeout: true", "expected a duration such as 30s, found true or false"},
		{"list for a duration", "request_timeout: [3s]", "expected a duration such as 30s, found a list"},
		{"too long a duration", "request_timeout: 9999999h", "expected a duration such as 30s, found \"9999999h\"; write it as Go does (300ms, 30s, 5m, 1h30m)"},
	})
	badFiles(t, []badFile{
		{"text for a list", "accounts:\n- name: a\n  regions: cn-hangzhou\n", one("line 3: accounts[0].regions: expected a list (`- ` lines, or [a, b]), found a text")},
		{"mapping for a list", "accounts:\n  a: {regions: [cn-hangzhou]}\n", one("line 2: accounts: expected a list (`- ` lines, or [a, b]), found a mapping")},
		{"text for an account", "accounts: [a]\n", one("line 1: accounts[0]: expected a mapping (`key: value` lines), found a text")},
		{"null for an account", "accounts: [~]\n", one("line 1: accounts[0]: expected a mapping (`key: value` lines), found nothing")},
		{"null for a region", "accounts:\n- name: a\n  regions: [~]\n", one("line 3: accounts[0].regions[0]: " + wantRegion + ", found nothing")},
		{"number for a region", "accounts:\n- name: a\n  regions: [1]\n", one("line 3: accounts[0].regions[0]: " + wantRegion + ", found \"1\"")},
	})
}
