package config

import (
	"strings"
	"testing"
)

func TestBadSyntax(t *testing.T) {
	badFiles(t, []badFile{
		{"colon in a text", `accounts: a: b
`, []string{
			"line 1: not valid YAML: a colon where no key can be; check the indentation, and put a text that holds `: ` in quotes",
		}},
		{"key under a text", `accounts:
- name: a
    regions: [cn-a]
`, []string{
			"line 3: not valid YAML: a colon where no key can be; check the indentation, and put a text that holds `: ` in quotes",
		}},
		{"tab as indentation", "accounts:\n\x09- name: a\n", []string{
			"line 2: not valid YAML: a tab, or a text that begins with one of @ ` %; indent with spaces, and put such a text in quotes",
		}},
		{"tab in a block", "accounts:\n- name: |\n  \x09 a\n\x09 b\n", []string{
			"line 3: not valid YAML: a tab in the indentation; indent with spaces",
		}},
		{"tab after a text", "accounts:\n- name: a b\n\x09c: d\n", []string{
			"line 3: not valid YAML: a tab in the indentation; indent with spaces",
		}},
		{"at sign", `accounts: @a
`, []string{
			"line 1: not valid YAML: a tab, or a text that begins with one of @ ` %; indent with spaces, and put such a text in quotes",
		}},
		{"open quote", `accounts:
- name: 'a
`, []string{
			"line 3: not valid YAML: a quote that is opened here or above is never closed; close it",
		}},
		{"open bracket", `accounts: [a
`, []string{
			"line 2: not valid YAML: a list in brackets lacks a comma or its closing ]; add it",
		}},
		{"open brace", `accounts: {a
`, []string{
			"line 2: not valid YAML: a mapping in braces lacks a comma or its closing }; add it",
		}},
		{"missing colon", `accounts:
- name: a
  regions
  prefix: a
`, []string{
			"line 4: not valid YAML: a key without its colon, here or in the line above; write `key: value`",
		}},
		{"crooked keys", `accounts:
 - name: a
  regions: []
`, []string{
			"line 3: not valid YAML: this line does not fit the indentation of those above; line up the keys, or the dashes, of one level",
		}},
		{"crooked dashes", `accounts:
  - name: a
  prefix: b
`, []string{
			"line 3: not valid YAML: this line does not fit the indentation of those above; line up the keys, or the dashes, of one level",
		}},
		{"unknown escape", `accounts: "\q"
`, []string{
			"line 1: not valid YAML: an unknown escape in double quotes; use single quotes, or write \\\\ for a backslash",
		}},
		{"too deep", "accounts: " + strings.Repeat("[", 10001), []string{
			"line 1: not valid YAML: nested too deeply; a configuration needs six levels",
		}},
		{"unknown anchor", `accounts: *nobody
`, []string{
			"line 1: not valid YAML: an alias (*name) to an anchor (&name) that is not defined above; define it, or put a text that begins with * in quotes",
		}},
		{"bad tag", `accounts: !<x y
`, []string{
			"line 1: not valid YAML: the text breaks YAML's rules in or above this line; check quotes, brackets and indentation",
		}},
		{"unknown directive", `%x
---
a: b
`, []string{
			"line 1: not valid YAML: the text breaks YAML's rules in or above this line; check quotes, brackets and indentation",
		}},
	})
}
