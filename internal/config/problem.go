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
	at := p.File
	switch {
	case p.Line > 0 && at == "":
		at = fmt.Sprintf("line %d", p.Line)
	case p.Line > 0:
		at = fmt.Sprintf("%s:%d", at, p.Line)
	}
	known := slices.DeleteFunc([]string{at, p.Path, p.Text}, func(part string) bool { return part == "" })
	return strings.Join(known, ": ")
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
