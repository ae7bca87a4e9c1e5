package main

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPageIsGenerated compares the page that is served with the runbooks.
func TestPageIsGenerated(t *testing.T) {
	markdown, err := os.ReadFile("../../docs/runbooks.md")
	if err != nil {
		t.Fatal(err)
	}
	served, err := os.ReadFile("../../internal/server/runbooks.html")
	if err != nil {
		t.Fatal(err)
	}
	want, err := render(markdown)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(served)); diff != "" {
		t.Errorf("internal/server/runbooks.html is not what `make generate` makes (-) of docs/runbooks.md:\n%s", diff)
	}
}
