package config

import (
	"fmt"
	"strings"
	"testing"
)

func TestBadSyntax(t *testing.T) {
	for _, f := range []struct {
		name, text string
		line       int
		want       string
	}{
		{"colon in a text", "accounts: a: b\n", 1, "a colon where no key can be; check the indentation, and put a text that holds `: ` in quotes"},
		{"key under a text", "accounts:\n- name: a\n    regions: [cn-a]\n", 3, "a colon where no key can be; check the indentation, and put a text that holds `: ` in quotes"},
		{"tab as indentation", "accounts:\n\x09- name: a\n", 2, "a tab, or a text that begins with one of @ ` %; indent with spaces, and put such a text in quotes"},
		{"tab in a block", "accounts:\n- name: |\n  \x09 a\n\x09 b\n", 3, "a tab in the indentation; indent with spaces"},
		{"tab after a text", "accounts:\n- name: a b\n\x09c: d\n", 3, "a tab in the indentation; indent with spaces"},
		{"at sign", "accounts: @a\n", 1, "a tab, or a text that begins with one of @ ` %; indent with spaces, and put such a text in quotes"},
		{"open quote", "accounts:\n- name: 'a\n", 3, "a quote that is opened here or above is never closed; close it"},
		{"open bracket", "accounts: [a\n", 2, "a list in brackets lacks a comma or its closing ]; add it"},
		{"open brace", "accounts: {a\n", 2, "a mapping in braces lacks a comma or its closing }; add it"},
		{"missing colon", "accounts:\n- name: a\n  regions\n  prefix: a\n", 4, "a key without its colon, here or in the line above; write `key: value`"},
		{"crooked keys", "accounts:\n - name: a\n  regions: []\n", 3, "this line does not fit the indentation of those above; line up the keys, or the dashes, of one level"},
		{"crooked dashes", "accounts:\n  - name: a\n  prefix: b\n", 3, "this line does not fit the indentation of those above; line up the keys, or the dashes, of one level"},
		{"unknown escape", "accounts: \"\\q\"\n", 1, "an unknown escape in double quotes; use single quotes, or write \\\\ for a backslash"},
		{"too deep", "accounts: " + strings.Repeat("[", 10001), 1, "nested too deeply; a configuration needs six levels"},
		{"unknown anchor", "accounts: *nobody\n", 1, "an alias (*name) to an anchor (&name) that is not defined above; define it, or put a text that begins with * in quotes"},
		{"bad tag", "accounts: !<x y\n", 1, "the text breaks YAML's rules in or above this line; check quotes, brackets and indentation"},
		{"unknown directive", "%x\n---\na: b\n", 1, "the text breaks YAML's rules in or above this line; check quotes, brackets and indentation"},
	} {
		badFiles(t, []badFile{{f.name, f.text, []string{fmt.Sprintf("line %d: not valid YAML: %s", f.line, f.want)}}})
	}
}
