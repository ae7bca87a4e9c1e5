package server

import (
	"cmp"
	"slices"
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
	Name, Anchor    string
	Failing         int
	Notes           []note
	Open            bool
	Quotas, Indexes bool // whether the table has these columns
	Columns         int
	Rows            []rowView
}

// note is a remark beside the name of an account.
type note struct{ Text, Class string }

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
	n := tallyOf(rs)
	a := &accountView{Name: account, Anchor: "account/" + account, Failing: n.failing, Open: few || n.failing > 0, Columns: 6}
	if a.Quotas = slices.ContainsFunc(rs, func(r Region) bool { return r.Quota > 0 }); a.Quotas {
		a.Columns++
	}
	if a.Indexes = slices.ContainsFunc(rs, func(r Region) bool { return r.IndexesOn }); a.Indexes {
		a.Columns++
	}
	a.Notes = n.notes()
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

// summarise puts the state of everything into one sentence and one colour.
func (v *pageView) summarise(all []Region) {
	n := tallyOf(all)
	v.Failing = n.failing
	v.Class, v.Headline = n.headline()
	v.Title = v.Headline + " – OSS vector buckets"
	v.Subline = plural(len(v.Accounts), "account")
	for _, note := range n.notes() {
		v.Subline += " · " + note.Text
	}
}
