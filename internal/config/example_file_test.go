package config

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v4"
)

const exampleFile = "../../config.example.yml"

// The example has every key that is known, in its place; that it has no other is what Load sees to.
func TestExampleHasEveryKey(t *testing.T) {
	data, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	pathsOf(doc.Content[0], "", shown)
	for key, places := range sections() {
		for _, place := range places {
			if path := join(place, key); !shown[path] {
				t.Errorf("%s is not in config.example.yml", path)
			}
		}
	}
}

// pathsOf notes the paths of all keys below a node, list positions left out.
func pathsOf(n *yaml.Node, path string, into map[string]bool) {
	for i, c := range n.Content {
		switch {
		case n.Kind == yaml.SequenceNode:
			pathsOf(c, path+"[]", into)
		case i%2 == 0:
			p := join(path, c.Value)
			into[p] = true
			pathsOf(n.Content[i+1], p, into)
		}
	}
}

func TestExampleLoads(t *testing.T) {
	c, err := LoadFile(exampleFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, c.Warnings, []string(nil))
	types := map[string]bool{}
	for _, a := range c.Accounts {
		types[a.Credentials.Type] = true
	}
	equal(t, slices.Sorted(maps.Keys(types)), slices.Sorted(slices.Values(CredentialTypes())))
}

// A type that is added must be in the lists for people as well.
func TestCredentialTypesAreExplained(t *testing.T) {
	expect := map[string][]string{exampleFile: {strings.Join(CredentialTypes(), " | ")}}
	for _, typ := range CredentialTypes() {
		expect["../../docs/credentials.md"] = append(expect["../../docs/credentials.md"], "type: "+typ)
	}
	for file, wants := range expect {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s lacks %q", file, want)
			}
		}
	}
}

// The example says that scrape and the first account are the defaults.
func TestExampleShowsTheDefaults(t *testing.T) {
	c, err := LoadFile(exampleFile, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := load(t, "accounts:\n- name: production\n  regions: [cn-hangzhou, cn-shanghai]\n", Options{})
	equal(t, c.Scrape, want.Scrape)
	equal(t, c.Accounts[0], want.Accounts[0])
	last := c.Accounts[len(c.Accounts)-1].Credentials.AssumeRole
	bare := load(t, withCredentials("assume_role: {role_arn: acs:ram::1:role/a}"), Options{}).Accounts[0].Credentials.AssumeRole
	equal(t, last.SessionName, bare.SessionName)
	if want.Accounts[0].IndexInterval != 5*time.Minute {
		t.Error("the default of index_interval has changed, and its comments have not")
	}
}

// The example begins with what nearly everybody needs.
func TestExampleBeginsWithSixLines(t *testing.T) {
	data, err := os.ReadFile(exampleFile)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "six lines and no more:\n#\n")
	lines, _, _ := strings.Cut(rest, "\n#\n")
	if n := strings.Count(lines, "\n") + 1; n != 6 {
		t.Errorf("%d lines", n)
	}
	c := load(t, strings.ReplaceAll(lines, "#   ", ""), Options{})
	equal(t, c.Accounts[0].Regions, []string{"cn-hangzhou", "cn-shanghai"})
}
