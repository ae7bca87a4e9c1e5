package main

import (
	"runtime/debug"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestDocument compares a whole bill: selected versions rather than required ones, hashes in hexadecimal, only modules
// that are in the binary.
func TestDocument(t *testing.T) {
	info := &debug.BuildInfo{
		GoVersion: "go1.26.8",
		Main:      debug.Module{Path: "ossvector_exporter"},
		Deps: []*debug.Module{
			{Path: "example.org/a", Version: "v1.2.0", Sum: "h1:AAEC"},
			{Path: "example.org/b", Version: "v2.0.0", Replace: &debug.Module{Path: "example.org/c", Version: "v3.0.0"}},
		},
	}
	graph := []byte("ossvector_exporter example.org/a@v1.1.0\nexample.org/a@v1.1.0 example.org/c@v3.0.0\n" +
		"example.org/a@v1.2.0 example.org/c@v3.0.0\nexample.org/a@v1.2.0 example.org/test-only@v1.0.0\n")
	want := bom{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata: metadata{Component: component{
			Type: "application", Ref: "ossvector_exporter", Name: "ossvector_exporter", Version: "v9",
		}},
		Components: []component{
			{
				Type: "library", Ref: "pkg:golang/example.org/a@v1.2.0", Name: "example.org/a", Version: "v1.2.0",
				PURL: "pkg:golang/example.org/a@v1.2.0", Hashes: []hash{{Algorithm: "SHA-256", Content: "000102"}},
			},
			{
				Type: "library", Ref: "pkg:golang/example.org/c@v3.0.0", Name: "example.org/c", Version: "v3.0.0",
				PURL: "pkg:golang/example.org/c@v3.0.0",
			},
			{
				Type: "library", Ref: "pkg:golang/std@1.26.8", Name: "std", Version: "1.26.8", PURL: "pkg:golang/std@1.26.8",
			},
		},
		Dependencies: []dependency{
			{Ref: "ossvector_exporter", DependsOn: []string{"pkg:golang/example.org/a@v1.2.0"}},
			{Ref: "pkg:golang/example.org/a@v1.2.0", DependsOn: []string{"pkg:golang/example.org/c@v3.0.0"}},
			{Ref: "pkg:golang/example.org/c@v3.0.0", DependsOn: []string{}},
			{Ref: "pkg:golang/std@1.26.8", DependsOn: []string{}},
		},
	}
	if diff := cmp.Diff(want, document("v9", info, graph)); diff != "" {
		t.Errorf("bill of materials (-want +got):\n%s", diff)
	}
}

// TestUsage holds that one binary must be named, and must be one.
func TestUsage(t *testing.T) {
	for _, args := range [][]string{nil, {"v9"}, {"v9", "main_test.go"}} {
		if err := run(t.Context(), args, nil); err == nil {
			t.Errorf("run(%q) found nothing wrong", args)
		}
	}
}
