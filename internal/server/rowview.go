package server

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	maxProblems       = 20
	maxProblemRegions = 8
)

// rowView is a region in the table of its account.
type rowView struct {
	Name, Anchor  string
	State, Class  string
	Buckets, Took string
	Stale         bool // the count is not that of the last listing, which failed
	IndexText     string
	Quota         int // 0: no quota to show
	QuotaValue    int
	QuotaHigh     int
	QuotaUsed     string
	QuotaClass    string
	LastSuccess   moment
	Probe, JSON   string
	Errors        []errorView
}

type errorView struct {
	What, Advice, Operation    string
	Answer, Message, RequestID string
	At                         moment
}

// problemView is one kind of failure of an account, with the regions that show it.
type problemView struct {
	Account, Operation, What, Advice, Class string
	Regions                                 []regionRef
	More                                    int
}

type regionRef struct{ Name, Anchor string }

func anchor(r Region) string { return "region-" + r.Account + "-" + r.Name }

func newRowView(now time.Time, r Region) rowView {
	query := url.Values{"account": {r.Account}, "region": {r.Name}}.Encode()
	v := rowView{
		Name: r.Name, Anchor: anchor(r), Buckets: "–", Took: "–", IndexText: indexText(r),
		Stale: r.State == StateFailing, LastSuccess: momentOf(now, r.LastSuccess),
		Probe: strings.TrimPrefix(pathProbe, "/") + "?" + query, JSON: strings.TrimPrefix(pathBuckets, "/") + "?" + query,
	}
	v.State, v.Class = stateOf(r)
	if r.State != StateUnknown {
		v.Took = shortDuration(r.Duration)
		if r.Pages > 1 {
			v.Took += fmt.Sprintf(", %d pages", r.Pages)
		}
	}
	if !r.LastSuccess.IsZero() {
		v.Buckets = strconv.Itoa(r.Buckets)
		v.setQuota(r)
	}
	for _, f := range r.Failures {
		v.Errors = append(v.Errors, newErrorView(now, f))
	}
	return v
}

func (v *rowView) setQuota(r Region) {
	if r.Quota <= 0 {
		return
	}
	v.Quota, v.QuotaValue, v.QuotaHigh = r.Quota, min(r.Buckets, r.Quota), r.Quota*8/10
	v.QuotaUsed = fmt.Sprintf("%d of %d (%d%%)", r.Buckets, r.Quota, r.Buckets*100/r.Quota)
	switch {
	case r.Buckets >= r.Quota:
		v.QuotaClass = "full"
	case r.Buckets*10 >= r.Quota*8:
		v.QuotaClass = "near"
	}
}

func stateOf(r Region) (text, class string) {
	switch {
	case r.State == StateFailing:
		return "Failing", classBad
	case indexesFail(r):
		return "Indexes failing", classWarn
	case r.State == StateUp:
		return "OK", classOK
	}
	return "Not listed yet", classIdle
}

func indexText(r Region) string {
	switch {
	case !r.IndexesOn || r.LastSuccess.IsZero():
		return "–"
	case r.IndexFailedBuckets > 0:
		return fmt.Sprintf("%d; not listed in %s", r.Indexes, plural(r.IndexFailedBuckets, "bucket"))
	}
	return strconv.Itoa(r.Indexes)
}

func newErrorView(now time.Time, f Failure) errorView {
	return errorView{
		What: what(f), Advice: advice(f.Operation, f.Reason), Operation: f.Operation, Answer: answerOf(f),
		Message: clip(f.Message), RequestID: clip(f.RequestID), At: momentOf(now, f.At),
	}
}

// what names a failure: by the service's own code, else by the reason in words.
func what(f Failure) string {
	return clip(cmp.Or(f.Code, inWords(f.Reason)))
}

func inWords(reason string) string {
	words := strings.ReplaceAll(reason, "_", " ")
	return strings.ToUpper(words[:min(1, len(words))]) + words[min(1, len(words)):]
}

func answerOf(f Failure) string {
	if f.Status == 0 {
		return ""
	}
	return strings.TrimSpace(fmt.Sprintf("status %d %s", f.Status, http.StatusText(f.Status)))
}

// problems groups what fails now by account and kind, in the order of the regions, so that one cause that fails 25
// regions is one line.
func problems(all []Region) (shown []*problemView, more int) {
	type kind struct {
		account, operation, reason, code string
	}
	of := map[kind]*problemView{}
	for _, r := range all {
		for _, f := range r.Failures {
			k := kind{r.Account, f.Operation, f.Reason, f.Code}
			if of[k] == nil {
				of[k] = &problemView{Account: r.Account, Operation: f.Operation, What: what(f), Advice: advice(f.Operation, f.Reason), Class: classBad}
				if r.State != StateFailing {
					of[k].Class = classWarn
				}
				shown = append(shown, of[k])
			}
			of[k].Regions = append(of[k].Regions, regionRef{r.Name, anchor(r)})
		}
	}
	slices.SortStableFunc(shown, func(a, b *problemView) int { return cmp.Compare(a.Class, b.Class) }) // bad before warn
	for _, p := range shown {
		p.More = max(0, len(p.Regions)-maxProblemRegions)
		p.Regions = p.Regions[:len(p.Regions)-p.More]
	}
	more = max(0, len(shown)-maxProblems)
	return shown[:len(shown)-more], more
}
