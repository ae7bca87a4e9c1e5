package server

import (
	"fmt"

	"ossvector_exporter/collector"
)

// state is what a person has to know of a region first; the worse, the larger.
type state int

const (
	up state = iota
	unknown
	indexesFailing
	failing
)

func stateOf(r collector.RegionState) state {
	switch {
	case r.Failing:
		return failing
	case !r.Listed:
		return unknown
	case r.IndexFailed > 0 || len(r.Failures) > 0:
		return indexesFailing
	}
	return up
}

// String is the state as the API spells it: of the listing of the buckets alone.
func (s state) String() string { return [...]string{"up", "unknown", "up", "failing"}[s] }

func (s state) words() string {
	return [...]string{"OK", "Not listed yet", "Indexes failing", "Failing"}[s]
}

func (s state) class() string { return [...]string{classOK, classIdle, classWarn, classBad}[s] }

// counts are the regions by what a person has to do about them.
type counts struct {
	total   int
	in      [failing + 1]int // each state
	buckets int
	listed  int // regions that were ever listed completely, to which buckets belongs
}

func count(rs []collector.RegionState) counts {
	n := counts{total: len(rs)}
	for _, r := range rs {
		n.in[stateOf(r)]++
		if r.Listed {
			n.listed++
			n.buckets += r.Buckets
		}
	}
	return n
}

// headline is the state of everything in one sentence, with its colour.
func (n counts) headline() (class, text string) {
	total := plural(n.total, "region")
	switch {
	case n.in[failing] > 0:
		return classBad, fmt.Sprintf("%s of %s failing", grouped(n.in[failing]), total)
	case n.in[indexesFailing] > 0:
		return classWarn, fmt.Sprintf("Indexes fail in %s of %s", grouped(n.in[indexesFailing]), total)
	case n.in[unknown] == n.total:
		return classIdle, "No region was listed yet"
	case n.in[unknown] > 0:
		return classIdle, fmt.Sprintf("%s of %s not listed yet", grouped(n.in[unknown]), total)
	case n.total == 1:
		return classOK, "The region answers"
	}
	return classOK, "All " + total + " answer"
}

// notes are the counts that are not zero, what is worst first.
func (n counts) notes() []note {
	var notes []note
	for s := failing; s >= up; s-- {
		if n.in[s] > 0 {
			text := [...]string{"OK", "not listed yet", "with failing indexes", "failing"}[s]
			class := [...]string{"", "", classWarn, classBad}[s]
			notes = append(notes, note{grouped(n.in[s]) + " " + text, class})
		}
	}
	return append(notes, note{Text: n.bucketText()})
}

// bucketText says so where the count is not the present state.
func (n counts) bucketText() string {
	switch {
	case n.listed == 0:
		return "buckets unknown"
	case n.in[failing]+n.in[unknown] == 0:
		return plural(n.buckets, "bucket")
	}
	return plural(n.buckets, "bucket") + " when last listed"
}
