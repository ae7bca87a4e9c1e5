package server

import (
	"bytes"
	"cmp"
	_ "embed"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-kit/log/level"

	"ossvector_exporter/collector"
)

const (
	fewRegions        = 60 // up to these, every account is open from the start
	fewAccounts       = 5  // beyond these, there is a list of accounts above the tables
	maxProblems       = 20
	maxProblemRegions = 24
)

// The classes of the style sheet that colour what the adjacent words say.
const (
	classOK   = "ok"
	classBad  = "bad"
	classWarn = "warn"
	classIdle = "idle"
)

var (
	//go:embed page.css
	pageStyle string
	//go:embed page.html
	pageHTML string
	//go:embed runbooks.html
	runbooksHTML string
)

// styled puts the style into a page, where the Content-Security-Policy allows it by its hash: it must arrive as it is in
// the file, so it has no comments, which the template would drop.
func styled(page string) string { return strings.Replace(page, "/*style*/", pageStyle, 1) }

// landing is the page for people. It needs no script, nothing from elsewhere, and asks the cloud nothing. Its links are
// relative, so that it works below a path of a reverse proxy.
func (s *server) landing(w http.ResponseWriter, _ *http.Request, _ collector.Selection) {
	var page bytes.Buffer // complete before it is sent: a template that fails half way must not look like a short table
	err := s.page.Execute(&page, s.view(time.Now()))
	s.answerUnless(err, w, typeHTML, page.String())
}

// showRunbooks serves docs/runbooks.md as a page, so that an alert leads to help where there is no internet.
func (s *server) showRunbooks(w http.ResponseWriter, _ *http.Request, _ collector.Selection) {
	answer(w, typeHTML, styled(runbooksHTML))
}

// showConfig serves the configuration in force as YAML that loads again, without secrets.
func (s *server) showConfig(w http.ResponseWriter, _ *http.Request, _ collector.Selection) {
	text, err := s.ConfigYAML()
	s.answerUnless(err, w, "application/yaml", string(text))
}

// answerUnless sends a page, unless it could not be made.
func (s *server) answerUnless(err error, w http.ResponseWriter, contentType, page string) {
	if err != nil {
		_ = level.Error(s.Logger).Log("msg", "the page could not be made", "err", err)
		http.Error(w, "the page could not be made; the log says more", http.StatusInternalServerError)
		return
	}
	answer(w, contentType, page)
}

// pageView is what the template shows.
type pageView struct {
	*Options
	Title, Headline, Subline, Class string
	Uptime, Now                     string
	Started                         moment
	Status                          ConfigStatus
	Loaded, Failed                  moment // the configuration
	Failing                         int    // regions
	Problems                        []*problemView
	MoreProblems                    int
	Accounts                        []*accountView
	AccountLinks                    bool
}

func (s *server) view(now time.Time) *pageView {
	status, all := s.ConfigStatus(), s.Backend.State(collector.Selection{})
	n := count(all)
	v := &pageView{
		Options: &s.Options, Uptime: length(now.Sub(s.started)), Started: momentOf(now, s.started), Now: now.UTC().Format(time.RFC3339),
		Status: status, Loaded: momentOf(now, status.LoadedAt), Failed: momentOf(now, status.FailedAt), Failing: n.in[failing],
	}
	for _, rs := range byAccount(all) {
		v.Accounts = append(v.Accounts, newAccountView(now, rs, len(all) <= fewRegions))
	}
	slices.SortStableFunc(v.Accounts, func(a, b *accountView) int {
		return cmp.Compare(min(b.Failing, 1), min(a.Failing, 1))
	})
	v.AccountLinks = len(v.Accounts) > fewAccounts
	v.Problems, v.MoreProblems = problems(all)
	v.Class, v.Headline = n.headline()
	v.Title = v.Headline + " – OSS vector buckets"
	v.Subline = plural(len(v.Accounts), "account")
	for _, note := range n.notes() {
		v.Subline += " · " + note.Text
	}
	return v
}

// byAccount splits the regions where another account begins.
func byAccount(all []collector.RegionState) (accounts [][]collector.RegionState) {
	for len(all) > 0 {
		n := slices.IndexFunc(all, func(r collector.RegionState) bool { return r.Account != all[0].Account })
		if n < 0 {
			n = len(all)
		}
		accounts, all = append(accounts, all[:n]), all[n:]
	}
	return accounts
}

// accountView is an account with its table.
type accountView struct {
	Name, Anchor string
	Failing      int
	Notes        []note
	Open         bool
	Columns      []column
	Rows         []rowView
}

// Width is the number of the table's columns, the region's name included.
func (a *accountView) Width() int { return 1 + len(a.Columns) }

// note is a remark shown next to an account's name.
type note struct{ Text, Class string }

func newAccountView(now time.Time, rs []collector.RegionState, few bool) *accountView {
	n, name := count(rs), rs[0].Account
	a := &accountView{
		Name: name, Anchor: "account/" + name, Failing: n.in[failing], Notes: n.notes(), Open: few || n.in[failing] > 0,
		Columns: columnsFor(rs),
	}
	for _, name := range slices.Sorted(maps.Keys(rs[0].Labels)) {
		if value := rs[0].Labels[name]; value != "" {
			a.Notes = append(a.Notes, note{Text: name + "=" + value})
		}
	}
	worstFirst := func(a, b collector.RegionState) int { return cmp.Compare(stateOf(b), stateOf(a)) }
	for _, r := range slices.SortedStableFunc(slices.Values(rs), worstFirst) {
		a.Rows = append(a.Rows, newRowView(now, r, a.Columns))
	}
	return a
}

// problemView is one kind of failure, with the regions that show it.
type problemView struct {
	Operation, What, Advice, Class string
	Regions                        []regionLink
	More                           int
}

// regionLink leads to a row. First is set where another account begins.
type regionLink struct {
	Account, Name, Anchor string
	First                 bool
}

// problems groups what fails now by its kind, so that one cause that fails many regions is one entry.
func problems(all []collector.RegionState) (shown []*problemView, more int) {
	type kind struct{ operation, what, advice, account string }
	of := map[kind]*problemView{}
	for _, r := range all {
		for _, f := range r.Failures {
			k := kind{string(f.Error.Operation), what(f.Error), collector.Advice(f.Error), ""}
			if keyless(f.Error) { // which fails the account, whatever it asks for
				k = kind{"No request", f.Error.Detail(), k.advice, r.Account}
			}
			if of[k] == nil {
				of[k] = &problemView{Operation: k.operation, What: k.what, Advice: k.advice, Class: classWarn}
				shown = append(shown, of[k])
			}
			of[k].add(r)
		}
	}
	slices.SortStableFunc(shown, func(a, b *problemView) int { return cmp.Compare(a.Class, b.Class) }) // bad before warn
	more = max(0, len(shown)-maxProblems)
	return shown[:len(shown)-more], more
}

func (p *problemView) add(r collector.RegionState) {
	if r.Failing {
		p.Class = classBad
	}
	n := len(p.Regions)
	if n > 0 && p.Regions[n-1].Anchor == anchor(r) { // another operation without credentials
		return
	}
	if n == maxProblemRegions {
		p.More++
		return
	}
	first := n == 0 || p.Regions[n-1].Account != r.Account
	p.Regions = append(p.Regions, regionLink{r.Account, r.Region, anchor(r), first})
}
