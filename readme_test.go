package main

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// outline is what the README has in common with its translation: whatever is not prose.
type outline struct {
	Headings []string   // their levels
	Commands []string   // indented blocks, to the letter
	Metrics  [][]string // name, type and labels
	Inline   []string   // code within prose, each once
	Links    []string   // where they lead, each once
}

func outlineOf(t *testing.T, file string) outline {
	t.Helper()
	text, err := os.ReadFile(file) //nolint:gosec // one of two constants
	if err != nil {
		t.Fatal(err)
	}
	var (
		o       outline
		blocks  = regexp.MustCompile(`(?m)(?:^ {4}.*\n(?:\n(?: {4}))?)+`)
		heading = regexp.MustCompile(`(?m)^(#+) `)
		metric  = regexp.MustCompile("(?m)^\\| `([a-z_]+)` \\| ([a-z]+) \\|(.*?)\\|")
		prose   = blocks.ReplaceAllString(string(text), "")
	)
	for _, m := range heading.FindAllStringSubmatch(prose, -1) {
		o.Headings = append(o.Headings, m[1])
	}
	o.Commands = blocks.FindAllString(string(text), -1)
	for _, m := range metric.FindAllStringSubmatch(prose, -1) {
		o.Metrics = append(o.Metrics, m[1:])
	}
	o.Inline = unique(regexp.MustCompile("`[^`\n]+`").FindAllString(prose, -1))
	for _, m := range regexp.MustCompile(`\]\(([^)]+)\)|<(https?://[^>]+)>`).FindAllStringSubmatch(prose, -1) {
		if link := m[1] + m[2]; link != "README.md" && link != "README.zh-CN.md" { // to each other
			o.Links = append(o.Links, link)
		}
	}
	o.Links = unique(o.Links)
	return o
}

func unique(all []string) []string {
	slices.Sort(all)
	return slices.Compact(all)
}

// TestTranslationSaysTheSame holds the Chinese README to the English one, in all that is not prose.
func TestTranslationSaysTheSame(t *testing.T) {
	english, chinese := outlineOf(t, "README.md"), outlineOf(t, "README.zh-CN.md")
	if len(english.Headings) < 10 || len(english.Commands) < 10 || len(english.Metrics) < 20 || len(english.Links) < 10 {
		t.Fatalf("the README is not read as it is written: %+v", english)
	}
	if d := cmp.Diff(english, chinese); d != "" {
		t.Errorf("-README.md +README.zh-CN.md:\n%s", d)
	}
}

// TestTranslationsLeadToEachOther wants each README to begin with a link to the other.
func TestTranslationsLeadToEachOther(t *testing.T) {
	for file, link := range map[string]string{"README.md": "[简体中文](README.zh-CN.md)\n", "README.zh-CN.md": "[English](README.md)\n"} {
		text, err := os.ReadFile(file) //nolint:gosec // one of two constants
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(text), link) {
			t.Errorf("%s does not begin with %s", file, link)
		}
	}
}
