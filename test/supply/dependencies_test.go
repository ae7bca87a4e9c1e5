// Package supply checks what the project says of its dependencies.
package supply

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// TestDependenciesAreDocumented compares the table of docs/dependencies.md with go.mod: same modules, same versions, and a
// reason beside each.
func TestDependenciesAreDocumented(t *testing.T) {
	page, err := os.ReadFile("../../docs/dependencies.md")
	if err != nil {
		t.Fatal(err)
	}
	documented, required := rows(string(page)), direct(t)
	for _, r := range required {
		if !slices.Contains(documented, r) {
			t.Errorf("docs/dependencies.md has no row for %s", r)
		}
	}
	for _, d := range documented {
		if !slices.Contains(required, d) {
			t.Errorf("docs/dependencies.md has a row for %s, which go.mod does not require", d)
		}
	}
}

// TestRowsNeedAReason holds the reader of the table to its job: a row without a reason does not count.
func TestRowsNeedAReason(t *testing.T) {
	const page = "| module | version | released | why | kept by | brings |\n|---|---|---|---|---|---|\n" +
		"| a.org/a | v1.0.0 | 2026-01-02 | because | them | nothing |\n| a.org/b | v1.0.0 | 2026-01-02 | | them | nothing |\n"
	if got, want := rows(page), []string{"a.org/a v1.0.0"}; !slices.Equal(got, want) {
		t.Errorf("rows: %q, want %q", got, want)
	}
}

// rows reads "module version" of every complete row.
func rows(page string) []string {
	var found []string
	for line := range strings.Lines(page) {
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		if len(cells) != 6 || !strings.Contains(cells[0], "/") || slices.Contains(cells, "") {
			continue
		}
		found = append(found, cells[0]+" "+cells[1])
	}
	return found
}

// direct reads go.mod's direct requirements.
func direct(t *testing.T) []string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "mod", "edit", "-json")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var mod struct {
		Require []struct {
			Path, Version string
			Indirect      bool
		}
	}
	if err := json.Unmarshal(out, &mod); err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, r := range mod.Require {
		if !r.Indirect {
			found = append(found, fmt.Sprintf("%s %s", r.Path, r.Version))
		}
	}
	if len(found) == 0 {
		t.Fatal("go.mod requires nothing: this test would check nothing")
	}
	return found
}
