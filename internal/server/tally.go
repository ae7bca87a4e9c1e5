package server

import "fmt"

// tally counts regions by what a person has to do about them.
type tally struct {
	total, ok, failing, partly, unknown int
	buckets                             int
	listed                              int  // regions that were ever listed completely, to which buckets belongs
	fresh                               bool // whether buckets is the present state
}

func tallyOf(rs []Region) tally {
	n := tally{total: len(rs), fresh: true}
	for _, r := range rs {
		switch {
		case r.State == StateFailing:
			n.failing++
		case indexesFail(r):
			n.partly++
		case r.State == StateUp:
			n.ok++
		default:
			n.unknown++
		}
		if !r.LastSuccess.IsZero() {
			n.listed++
			n.buckets += r.Buckets
		}
		n.fresh = n.fresh && r.State == StateUp
	}
	return n
}

// headline is the state of everything in one sentence, with its colour.
func (n tally) headline() (class, text string) {
	total := plural(n.total, "region")
	switch {
	case n.failing > 0:
		return classBad, fmt.Sprintf("%s of %s failing", grouped(n.failing), total)
	case n.partly > 0:
		return classWarn, fmt.Sprintf("Indexes fail in %s of %s", grouped(n.partly), total)
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
func (n tally) notes() []note {
	var notes []note
	for _, c := range []struct {
		n           int
		text, class string
	}{
		{n.failing, "failing", classBad},
		{n.partly, "with failing indexes", classWarn},
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
func (n tally) bucketText() string {
	switch {
	case n.listed == 0:
		return "buckets unknown"
	case n.fresh:
		return plural(n.buckets, "bucket")
	}
	return plural(n.buckets, "bucket") + " when last listed"
}
