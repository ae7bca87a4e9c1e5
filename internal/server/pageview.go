package server

import (
	"cmp"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"
)

const (
	fewRegions  = 60 // up to these, every account is open from the start
	fewAccounts = 5  // beyond these, there is a list of accounts above the tables
)

// The classes of the style sheet that colour what is said in words beside them.
const (
	classOK   = "ok"
	classBad  = "bad"
	classWarn = "warn"
	classIdle = "idle"
)

// pageView is what the template shows.
type pageView struct {
	Style                    template.CSS
	Title, Headline, Subline string
	Class                    string
	Version, Uptime, Now     string
	Started                  moment
	Config                   configView
	Failing                  int
	Problems                 []*problemView
	MoreProblems             int
	Accounts                 []*accountView
	Index                    bool
	Telemetry                string
	Pprof                    bool
}

type configView struct {
	File, Error    string
	Loaded, Failed moment
}

type accountView struct {
	Name, Anchor   string
	Total, Failing int
	Buckets        string
	Open, Indexes  bool
	Rows           []rowView
}

// fill makes the tables, what fails, and the sentence above them, of the regions in the configuration's order.
func (v *pageView) fill(now time.Time, all []Region) {
	for account, rs := range byAccount(all) {
		v.Accounts = append(v.Accounts, newAccountView(now, account, rs, len(all) <= fewRegions))
	}
	slices.SortStableFunc(v.Accounts, func(a, b *accountView) int {
		return cmp.Compare(min(b.Failing, 1), min(a.Failing, 1))
	})
	v.Index = len(v.Accounts) > fewAccounts
	v.Problems, v.MoreProblems = problems(all)
	v.summarise(all)
}

// byAccount yields the regions of each account, accounts in the order of their first region.
func byAccount(all []Region) func(yield func(string, []Region) bool) {
	return func(yield func(string, []Region) bool) {
		var order []string
		of := map[string][]Region{}
		for _, r := range all {
			if of[r.Account] == nil {
				order = append(order, r.Account)
			}
			of[r.Account] = append(of[r.Account], r)
		}
		for _, account := range order {
			if !yield(account, of[account]) {
				return
			}
		}
	}
}

func newAccountView(now time.Time, account string, rs []Region, few bool) *accountView {
	a := &accountView{Name: account, Anchor: "account-" + account, Total: len(rs), Buckets: bucketsOf(rs)}
	a.Failing = count(rs, func(r Region) bool { return r.State == StateFailing })
	a.Indexes = slices.ContainsFunc(rs, func(r Region) bool { return r.IndexesOn })
	a.Open = few || a.Failing > 0
	for _, r := range slices.SortedStableFunc(slices.Values(rs), worstFirst) {
		a.Rows = append(a.Rows, newRowView(now, r))
	}
	return a
}

func worstFirst(a, b Region) int { return cmp.Compare(rank(a), rank(b)) }

func rank(r Region) int {
	switch {
	case r.State == StateFailing:
		return 0
	case indexesFail(r):
		return 1
	case r.State == StateUnknown:
		return 2
	}
	return 3
}

func indexesFail(r Region) bool {
	return r.State == StateUp && (r.IndexFailedBuckets > 0 || len(r.Failures) > 0)
}

// bucketsOf counts what the last complete listings found, and says so where they are not the present state.
func bucketsOf(rs []Region) string {
	sum, fresh := 0, true
	for _, r := range rs {
		sum += r.Buckets
		fresh = fresh && r.State == StateUp
	}
	text := plural(sum, "bucket")
	if !fresh {
		text += " when last listed"
	}
	return text
}

// summarise puts the state of everything into one sentence and one colour.
func (v *pageView) summarise(all []Region) {
	v.Failing = count(all, func(r Region) bool { return r.State == StateFailing })
	unknown := count(all, func(r Region) bool { return r.State == StateUnknown })
	partly := count(all, indexesFail)
	total := len(all)
	switch {
	case v.Failing > 0:
		v.Class, v.Headline = classBad, fmt.Sprintf("%d of %s failing", v.Failing, plural(total, "region"))
	case partly > 0:
		v.Class, v.Headline = classWarn, fmt.Sprintf("Indexes fail in %d of %s", partly, plural(total, "region"))
	case unknown == total:
		v.Class, v.Headline = classIdle, "No region was listed yet"
	case unknown > 0:
		v.Class, v.Headline = classIdle, fmt.Sprintf("%d of %s not listed yet", unknown, plural(total, "region"))
	case total == 1:
		v.Class, v.Headline = classOK, "The region answers"
	default:
		v.Class, v.Headline = classOK, fmt.Sprintf("All %s answer", plural(total, "region"))
	}
	v.Title = v.Headline + " – OSS vector buckets"
	parts := []string{plural(len(v.Accounts), "account")}
	for _, p := range []struct {
		n    int
		text string
	}{{total - v.Failing - unknown - partly, "OK"}, {v.Failing, "failing"}, {partly, "with failing indexes"}, {unknown, "not listed yet"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.text))
		}
	}
	v.Subline = strings.Join(append(parts, bucketsOf(all)), " · ")
}

func count(rs []Region, is func(Region) bool) int {
	n := 0
	for _, r := range rs {
		if is(r) {
			n++
		}
	}
	return n
}
