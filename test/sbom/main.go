// Command sbom writes the bill of materials of a Go binary to standard output, as CycloneDX 1.6 JSON. The modules are those
// that the binary itself says it was built from, the edges between them the module graph's. It holds no time and no random
// number: the same binary gives the same bytes.
//
//	go run ./sbom v1.2.3 ../ossvector_exporter
package main

import (
	"bytes"
	"context"
	"debug/buildinfo"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do
	}
}

// run takes the version as an argument, since a binary built with -trimpath does not tell the linker's flags. It reads the
// graph of edges in the binary's own folder, which is the module's.
func run(ctx context.Context, args []string, w io.Writer) error {
	if len(args) != 2 {
		return errors.New("usage: sbom VERSION BINARY")
	}
	info, err := buildinfo.ReadFile(args[1])
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, "go", "mod", "graph")
	cmd.Dir = filepath.Dir(args[1])
	graph, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("go mod graph: %w", err)
	}
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	e.SetEscapeHTML(false)
	return e.Encode(document(args[0], info, graph))
}

// bom is the part of CycloneDX that is used here.
type bom struct {
	Schema       string       `json:"$schema"`
	Format       string       `json:"bomFormat"`
	SpecVersion  string       `json:"specVersion"`
	Version      int          `json:"version"`
	Metadata     metadata     `json:"metadata"`
	Components   []component  `json:"components"`
	Dependencies []dependency `json:"dependencies"`
}

type metadata struct {
	Component component `json:"component"`
}

type component struct {
	Type    string `json:"type"`
	Ref     string `json:"bom-ref"`
	Name    string `json:"name"`
	Version string `json:"version"`
	PURL    string `json:"purl,omitempty"`
	Hashes  []hash `json:"hashes,omitempty"`
}

type hash struct {
	Algorithm string `json:"alg"`
	Content   string `json:"content"`
}

type dependency struct {
	Ref       string   `json:"ref"`
	DependsOn []string `json:"dependsOn"`
}

func document(version string, info *debug.BuildInfo, graph []byte) bom {
	b := bom{
		Schema: "http://cyclonedx.org/schema/bom-1.6.schema.json", Format: "CycloneDX", SpecVersion: "1.6", Version: 1,
		Metadata: metadata{Component: component{
			Type: "application", Ref: info.Main.Path, Name: info.Main.Path, Version: version,
		}},
	}
	std := &debug.Module{Path: "std", Version: strings.TrimPrefix(info.GoVersion, "go")}
	refs := map[string]string{info.Main.Path: info.Main.Path, std.Path: purl(std)}
	for _, m := range append(slices.Clone(info.Deps), std) {
		if m.Replace != nil {
			m = m.Replace
		}
		refs[m.Path] = purl(m)
		b.Components = append(b.Components, component{
			Type: "library", Ref: purl(m), Name: m.Path, Version: m.Version, PURL: purl(m), Hashes: sum(m),
		})
	}
	b.Dependencies = edges(refs, graph)
	return b
}

func purl(m *debug.Module) string { return "pkg:golang/" + m.Path + "@" + m.Version }

// sum turns go.sum's hash of the module's contents into CycloneDX's notation.
func sum(m *debug.Module) []hash {
	raw, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(m.Sum, "h1:"))
	if err != nil || len(raw) == 0 {
		return nil
	}
	return []hash{{Algorithm: "SHA-256", Content: hex.EncodeToString(raw)}}
}

// edges keeps what the graph says between modules of the binary; the versions in it are requirements, those of refs were
// selected.
func edges(refs map[string]string, graph []byte) []dependency {
	on := map[string][]string{}
	for line := range bytes.Lines(graph) {
		from, to, _ := strings.Cut(strings.TrimSpace(string(line)), " ")
		from, _, _ = strings.Cut(from, "@")
		to, _, _ = strings.Cut(to, "@")
		if refs[from] != "" && refs[to] != "" {
			on[refs[from]] = append(on[refs[from]], refs[to])
		}
	}
	all := make([]dependency, 0, len(refs))
	for _, ref := range refs {
		to := slices.Compact(slices.Sorted(slices.Values(on[ref])))
		if to == nil {
			to = []string{}
		}
		all = append(all, dependency{Ref: ref, DependsOn: to})
	}
	slices.SortFunc(all, func(a, b dependency) int { return strings.Compare(a.Ref, b.Ref) })
	return all
}
