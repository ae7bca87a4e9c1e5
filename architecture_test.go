package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// declared are the names of the repository's packages: functions, types and values, methods and fields as Type.Name.
func declared(t *testing.T) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && path != ".":
			return fs.SkipDir
		case filepath.Ext(path) != ".go":
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, d := range file.Decls {
			declare(names, d)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func declare(names map[string]bool, d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			name = receiver(d.Recv.List[0].Type) + "." + name
		}
		names[name] = true
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if s, ok := spec.(*ast.TypeSpec); ok {
				names[s.Name.Name] = true
			}
		}
	}
}

// receiver is the name of a method's type.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// Every name on the page is there: functions, types, tests, files, folders and targets of make.
func TestArchitectureNamesWhatThereIs(t *testing.T) {
	text, err := os.ReadFile("docs/architecture.md")
	if err != nil {
		t.Fatal(err)
	}
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	names := declared(t)
	prose, picture := string(text), ""
	for _, block := range regexp.MustCompile("(?s)```.*?```").FindAllString(prose, -1) {
		picture += block
		prose = strings.Replace(prose, block, "", 1)
	}
	mentioned := regexp.MustCompile(`[A-Za-z]+\.[A-Za-z]+|\b[a-z]+[A-Z][A-Za-z]+`).FindAllString(picture, -1)
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(prose, -1) {
		mentioned = append(mentioned, m[1])
	}
	if len(mentioned) < 100 || len(picture) < 1000 {
		t.Fatalf("%d names only: is the page written as it was?", len(mentioned))
	}
	slices.Sort(mentioned)
	for _, name := range slices.Compact(mentioned) {
		target, isTarget := strings.CutPrefix(name, "make ")
		_, missing := os.Stat(name)
		switch {
		case isTarget && strings.Contains(string(makefile), "\n"+target+":"):
		case names[name], missing == nil:
		default:
			t.Errorf("there is no %s", name)
		}
	}
	inFile := regexp.MustCompile("`([^`]+\\.go)` \\((`[^)]+)\\)").FindAllStringSubmatch(prose, -1)
	if len(inFile) < 5 {
		t.Fatalf("%d files with names only", len(inFile))
	}
	for _, m := range inFile {
		source, err := os.ReadFile(m[1])
		if err != nil {
			continue // reported above
		}
		for _, name := range regexp.MustCompile("`[^`]+`").FindAllString(m[2], -1) {
			name = strings.Trim(name[strings.LastIndexByte(name, '.')+1:], "`")
			if !regexp.MustCompile(`(?m)^func .*\b` + name + `\(`).Match(source) {
				t.Errorf("%s has no function %s", m[1], name)
			}
		}
	}
}
