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
	total, ok, failing, indexesFailing, unknown int
	buckets                                     int
	listed                                      int // regions that were ever listed completely, to which buckets belongs
}

func count(rs []collector.RegionState) counts {
	n := counts{total: len(rs)}
	for _, r := range rs {
		*[...]*int{&n.ok, &n.unknown, &n.indexesFailing, &n.failing}[stateOf(r)]++
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
	case n.failing > 0:
		return classBad, fmt.Sprintf("%s of %s failing", grouped(n.failing), total)
	case n.indexesFailing > 0:
		return classWarn, fmt.Sprintf("Indexes fail in %s of %s", grouped(n.indexesFailing), total)
	case n.unknown == n.total:
		return classIdle, "No region was listed yet"
	case n.unknown > 0:
		return classIdle, fmt.Sprintf("%s of %s not listed yet", grouped(n.unknown), total)
	case n.total == 1:
		return classOK, "The region answers"
	}
	return classOK, "All " + total + " answer"
}

// notes are the counts that are not zero, what is worst first.
func (n counts) notes() []note {
	var notes []note
	for _, c := range []struct {
		n           int
		text, class string
	}{
		{n.failing, "failing", classBad},
		{n.indexesFailing, "with failing indexes", classWarn},
		{n.unknown, "not listed yet", ""},
		{n.ok, "OK", ""},
	} {
		if c.n > 0 {
			notes = append(notes, note{grouped(c.n) + " " + c.text, c.class})
		}
	}
	return append(notes, note{Text: n.bucketText()})
}

// bucketText says so where the count is not the present state.
func (n counts) bucketText() string {
	switch {
	case n.listed == 0:
		return "buckets unknown"
	case n.failing+n.unknown == 0:
		return plural(n.buckets, "bucket")
	}
	return plural(n.buckets, "bucket") + " when last listed"
}
