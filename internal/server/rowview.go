package server

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// rowView is a region in the table of its account.
type rowView struct {
	Name, Anchor        string
	State, Class        string
	Buckets, Took       string
	Stale               bool // the count is not that of the last listing, which failed
	IndexText           string
	Quota               int // 0: no quota to show
	QuotaValue          int
	QuotaLow, QuotaHigh int // from these on the bar turns yellow and red
	QuotaUsed           string
	QuotaClass          string
	LastSuccess         moment
	Probe, JSON         string
	Errors              []errorView
}

type errorView struct {
	What, Advice, Operation    string
	Answer, Message, RequestID string
	At                         moment
}

func anchor(r Region) string { return "region/" + r.Account + "/" + r.Name }

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
		v.Buckets = grouped(r.Buckets)
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
	v.Quota, v.QuotaValue, v.QuotaLow, v.QuotaHigh = r.Quota, min(r.Buckets, r.Quota), (r.Quota*8-1)/10, r.Quota-1
	v.QuotaUsed = fmt.Sprintf("%s of %s (%d%%)", grouped(r.Buckets), grouped(r.Quota), r.Buckets*100/r.Quota)
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
		return fmt.Sprintf("%s; not listed in %s", grouped(r.Indexes), plural(r.IndexFailedBuckets, "bucket"))
	}
	return grouped(r.Indexes)
}

func newErrorView(now time.Time, f Failure) errorView {
	return errorView{
		What: what(f), Advice: advice(f), Operation: f.Operation, Answer: answerOf(f),
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
