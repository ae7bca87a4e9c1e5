package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Problem is one mistake in a configuration file.
type Problem struct {
	File string // as it was given to LoadFile; empty: unknown
	Line int    // 0: the mistake has no line of its own
	Path string // like accounts[1].regions[0]; empty: the whole file
	Text string // what was expected and what to do, on one line and without secrets
}

// String is "config.yml:12: accounts[1].regions[0]: text", less the parts that are not known.
func (p Problem) String() string {
	var b strings.Builder
	switch {
	case p.File != "" && p.Line > 0:
		fmt.Fprintf(&b, "%s:%d: ", p.File, p.Line)
	case p.File != "":
		fmt.Fprintf(&b, "%s: ", p.File)
	case p.Line > 0:
		fmt.Fprintf(&b, "line %d: ", p.Line)
	}
	if p.Path != "" {
		fmt.Fprintf(&b, "%s: ", p.Path)
	}
	return b.String() + p.Text
}

// Problems is everything that is wrong with a configuration file, in the order of its lines. It is never empty when
// Load returns it as an error.
type Problems []Problem

// Error is one line for each problem.
func (ps Problems) Error() string { return strings.Join(ps.lines(), "\n") }

func (ps Problems) lines() []string {
	var lines []string
	for _, p := range ps {
		lines = append(lines, p.String())
	}
	return lines
}

// inOrder sorts by line, so that the list reads like the file.
func (ps Problems) inOrder() Problems {
	slices.SortStableFunc(ps, func(a, b Problem) int { return cmp.Compare(a.Line, b.Line) })
	return ps
}
