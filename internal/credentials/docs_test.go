package credentials

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"ossvector_exporter/internal/config"
)

const docs = "../../docs/credentials.md"

func readText(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// blocks gives the indented blocks of the page, less their indentation.
func blocks(text string) []string {
	var all []string
	block := regexp.MustCompile(`(?m)^\n((?:(?: {4}|\t)[^\n]*\n|\n)+)`)
	for _, m := range block.FindAllStringSubmatch(text, -1) {
		lines := strings.Split(strings.Trim(m[1], "\n"), "\n")
		indent := len(lines[0]) - len(strings.TrimLeft(lines[0], " "))
		for i, line := range lines {
			lines[i] = line[min(indent, len(line)):]
		}
		all = append(all, strings.Join(lines, "\n")+"\n")
	}
	return all
}

func TestTheExamplesOfThePage(t *testing.T) {
	policies, configurations := 0, 0
	rrsa, _ := podEnv(t)
	for _, b := range blocks(readText(t, docs)) {
		switch {
		case strings.HasPrefix(b, "{"):
			policies++
			if !json.Valid([]byte(b)) {
				t.Errorf("not JSON:\n%s", b)
			}
		case strings.HasPrefix(b, "credentials:"):
			b = "accounts:\n  - name: main\n    regions: [cn-hangzhou]\n    " + strings.ReplaceAll(b, "\n", "\n    ")
			fallthrough
		case strings.HasPrefix(b, "accounts:"):
			configurations++
			c, err := config.Load(strings.NewReader(b), config.Options{Dir: t.TempDir(), Getenv: env(rrsa...)})
			if err != nil {
				t.Errorf("%v in:\n%s", err, b)
				continue
			}
			for _, a := range c.Accounts {
				if text := New(a.Credentials, Options{Getenv: env(rrsa...)}).Describe(); strings.Contains(text, "which fails") {
					t.Errorf("%s in:\n%s", text, b)
				}
			}
		}
	}
	if policies < 5 || configurations < 4 {
		t.Errorf("found only %d policies and %d configurations", policies, configurations)
	}
}

// The page names each environment variable that this package reads, and none that it does not.
func TestTheVariablesOfThePage(t *testing.T) {
	variable := regexp.MustCompile(`\b(?:ALIBABA_CLOUD|OSS)_[A-Z0-9_]*[A-Z0-9]\b`)
	names := func(text string) []string {
		found := variable.FindAllString(text, -1)
		slices.Sort(found)
		return slices.Compact(found)
	}
	var code strings.Builder
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range append(files, "../config/validate.go") { // which has the names of RRSA's variables
		if !strings.HasSuffix(name, "_test.go") {
			code.WriteString(readText(t, name))
		}
	}
	read, documented := names(code.String()), names(readText(t, docs))
	for _, name := range read {
		if !slices.Contains(documented, name) {
			t.Errorf("%s is read but not in the page", name)
		}
	}
	for _, name := range documented {
		if !slices.Contains(read, name) {
			t.Errorf("%s is in the page but never read", name)
		}
	}
}
