// Command mutate makes each deliberate fault of a list in turn and runs the unit tests that must notice it. Nothing in the
// working tree changes: the compiler reads the faulty file through an overlay.
//
//	mutate [WORDS]: the faults of mutations.txt whose names contain WORDS, or all of them
package main

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

//go:embed mutations.txt
var list string

// mutation is one deliberate fault.
type mutation struct {
	name, file string
	packages   []string // whose tests must fail
	from, to   string   // text of the file, which holds from exactly once
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, strings.Join(os.Args[1:], " "), os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(1)
	}
}

// run makes the faults whose names contain words. It is an error if one survives, or if any of the list cannot be made.
func run(ctx context.Context, words string, out io.Writer) error {
	all, err := parse(list)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	var problems []error
	for _, m := range all {
		if _, err := m.overlay(dir); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", m.name, err))
		}
	}
	all = slices.DeleteFunc(all, func(m mutation) bool { return !strings.Contains(m.name, words) })
	if len(all) == 0 {
		problems = append(problems, fmt.Errorf("no name contains %q", words))
	}
	if len(problems) > 0 {
		return errors.Join(problems...)
	}
	if err := baseline(ctx, all); err != nil {
		return err
	}
	survived := 0
	for _, m := range all {
		began := time.Now()
		killer, err := m.try(ctx, dir)
		switch {
		case err != nil:
			problems, killer = append(problems, fmt.Errorf("%s: %w", m.name, err)), "NOT MADE"
		case killer == "":
			survived++
			killer = "SURVIVED"
		}
		fmt.Fprintf(out, "%4.0fs  %s: %s\n", time.Since(began).Seconds(), m.name, killer)
	}
	fmt.Fprintf(out, "%d killed, %d survived\n", len(all)-survived-len(problems), survived)
	if survived > 0 {
		problems = append(problems, errors.New("what survives needs a test"))
	}
	return errors.Join(problems...)
}

// baseline runs the tests without a fault: where they fail anyway, a failure says nothing.
func baseline(ctx context.Context, all []mutation) error {
	var packages []string
	for _, m := range all {
		packages = append(packages, m.packages...)
	}
	slices.Sort(packages)
	if output, err := test(ctx, slices.Compact(packages)...); err != nil {
		return fmt.Errorf("the tests fail without any fault:\n%s", output)
	}
	return nil
}

// failure is the first test that fails, or the panic that ends them.
var failure = regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)|^(panic: .*|fatal error: .*|WARNING: DATA RACE)`)

// try returns what killed the mutation, or nothing if it survived.
func (m mutation) try(ctx context.Context, dir string) (killer string, err error) {
	overlay, err := m.overlay(dir)
	if err != nil {
		return "", err
	}
	output, err := test(ctx, append([]string{"-failfast", "-overlay", overlay}, m.packages...)...)
	switch {
	case err == nil:
		return "", nil
	case ctx.Err() != nil:
		return "", ctx.Err()
	case strings.Contains(output, "[build failed]"), strings.Contains(output, "[setup failed]"):
		return "", fmt.Errorf("it does not build:\n%s", output)
	case strings.Contains(output, "panic: test timed out"):
		return "", fmt.Errorf("a test hangs instead of failing:\n%.2000s", output)
	}
	if found := failure.FindStringSubmatch(output); found != nil {
		return found[1] + found[2], nil
	}
	return "", fmt.Errorf("no test failed, and yet:\n%s", output)
}

// overlay writes the faulty file and what tells the compiler to take it in the place of the real one.
func (m mutation) overlay(dir string) (string, error) {
	file, err := filepath.Abs(filepath.Join("..", m.file))
	if err != nil {
		return "", err
	}
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(text), m.from); n != 1 {
		return "", fmt.Errorf("%s holds the old text %d times, want once", m.file, n)
	}
	faulty, overlay := filepath.Join(dir, filepath.Base(m.file)), filepath.Join(dir, "overlay.json")
	description, err := json.Marshal(map[string]map[string]string{"Replace": {file: faulty}})
	if err != nil {
		return "", err
	}
	text = []byte(strings.Replace(string(text), m.from, m.to, 1))
	return overlay, errors.Join(os.WriteFile(faulty, text, 0o600), os.WriteFile(overlay, description, 0o600)) //nolint:gosec // in a folder of our own
}

// test runs the tests of packages of the exporter's module.
func test(ctx context.Context, args ...string) (output string, err error) {
	c := exec.CommandContext(ctx, "go", append([]string{"test", "-vet=off", "-timeout=3m"}, args...)...) //nolint:gosec // packages of our own list
	c.Dir = ".."
	text, err := c.CombinedOutput()
	return string(text), err
}

// parse reads the list: a name, a file with packages, the old lines after -, the new ones after +, and an empty line.
func parse(text string) (all []mutation, err error) {
	for block := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		var m mutation
		var from, to []string
		for line := range strings.SplitSeq(block, "\n") {
			switch fields := strings.Fields(line); {
			case strings.HasPrefix(line, "#"):
			case strings.HasPrefix(line, "-"):
				from = append(from, line[1:])
			case strings.HasPrefix(line, "+"):
				to = append(to, line[1:])
			case m.name == "":
				m.name = line
			case m.file == "" && len(fields) > 1:
				m.file, m.packages = fields[0], fields[1:]
			default:
				return nil, fmt.Errorf("%s: cannot read the line %q", m.name, line)
			}
		}
		if m.name == "" { // comments alone
			continue
		}
		if m.from, m.to = strings.Join(from, "\n"), strings.Join(to, "\n"); m.from == "" || m.file == "" || m.from == m.to {
			return nil, fmt.Errorf("%q lacks its file, its packages or its old text, or changes nothing", m.name)
		}
		all = append(all, m)
	}
	return all, nil
}
