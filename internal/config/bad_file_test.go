package config

import "testing"

func TestBadFile(t *testing.T) {
	badFiles(t, []badFile{
		{"empty", "", one("the file holds no configuration; it needs at least `accounts:` with one account (config.example.yml shows every key)")},
		{"comments only", "# nothing\n", one("the file holds no configuration; it needs at least `accounts:` with one account (config.example.yml shows every key)")},
		{"null", "~\n", one("the file holds no configuration; it needs at least `accounts:` with one account (config.example.yml shows every key)")},
		{"empty document", "---\n", one("the file holds no configuration; it needs at least `accounts:` with one account (config.example.yml shows every key)")},
		{"two documents", "accounts:\n- name: a\n  regions: [cn-hangzhou]\n---\nscrape:\n", one("line 4: a second document begins here, and a configuration is one document; remove the line ---, or what follows it")},
		{"two documents and a mistake in the first", `accounts:
- name: a
  regions: [cn-hangzhou]
  page_size: 0
---
`, []string{
			"line 4: accounts[0].page_size: expected a whole number from 1 to 1000, found \"0\"",
			"line 5: a second document begins here, and a configuration is one document; remove the line ---, or what follows it",
		}},
		{"broken second document", `accounts:
- name: a
  regions: [cn-hangzhou]
  page_size: 0
---
a: [
`, []string{
			"line 4: accounts[0].page_size: expected a whole number from 1 to 1000, found \"0\"",
			"line 7: not valid YAML: the text breaks YAML's rules in or above this line; check quotes, brackets and indentation",
		}},
		{"UTF-16", "\xff\xfea\x00", one("line 1: the file is in UTF-16; save it as UTF-8")},
		{"invalid UTF-8", "accounts:\n- name: a\n  regions: [cn-hangzhou]\n# \xff\n", one("line 4: a byte that is not valid UTF-8; save the file as UTF-8")},
		{"NUL", "accounts:\n- name: a\n  regions: [cn-hangzhou]\n#\x00\n", one("line 4: the control character U+0000; remove it, or save the file as UTF-8")},
		{"control character", "accounts:\n- name: a\n  regions: [cn-hangzhou]\n# \x1b[0m\n", one("line 4: the control character U+001B; remove it, or save the file as UTF-8")},
		{"delete", "accounts:\n- name: a\n  regions: [cn-hangzhou]\n# \x7f\n", one("line 4: the control character U+007F; remove it, or save the file as UTF-8")},
		{"list at the top", "- name: a\n", one("line 1: expected a mapping (`key: value` lines), found a list")},
		{"text at the top", "accounts\n", one("line 1: expected a mapping (`key: value` lines), found a text")},
	})
}
