package server

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

// column is one column of an account's table: all that has to be said to add one.
type column struct {
	Title, Class string
	used         func(collector.RegionState) bool // the column is there if a region of the account uses it; nil: always
	show         func(time.Time, collector.RegionState) shown
}

// shown is what a column shows of a region; the template leaves out what is empty.
type shown struct {
	Column             column
	Text, Class, Title string // Class is of the text
	Time               *moment
	Quota              *quotaView
	Links              []link
}

type link struct{ Text, Title, To string }

// columns are those of every table, except the region's name.
func columns() []column {
	return []column{
		{Title: "State", Class: "state", show: showState},
		{Title: "Buckets", Class: "n", show: showBuckets},
		{Title: "Quota used", used: func(r collector.RegionState) bool { return r.Quota > 0 }, show: showQuota},
		{Title: "Indexes", Class: "n", used: func(r collector.RegionState) bool { return r.IndexesOn }, show: showIndexes},
		{Title: "Last success", show: func(now time.Time, r collector.RegionState) shown {
			at := momentOf(now, r.LastSuccess)
			return shown{Time: &at}
		}},
		{Title: "Took", show: showTook},
		{Title: "See", show: showLinks},
	}
}

func columnsFor(rs []collector.RegionState) []column {
	return slices.DeleteFunc(columns(), func(c column) bool { return c.used != nil && !slices.ContainsFunc(rs, c.used) })
}

func showState(_ time.Time, r collector.RegionState) shown {
	s := stateOf(r)
	return shown{Text: s.words(), Class: "tag " + s.class()}
}

func showBuckets(_ time.Time, r collector.RegionState) shown {
	if !r.Listed {
		return shown{Text: "–"}
	}
	s := shown{Text: grouped(r.Buckets)}
	if r.Filtered > 0 {
		s.Text += fmt.Sprintf("; %s without series", grouped(r.Filtered))
	}
	if r.Failing {
		s.Class, s.Title = "old", "when last listed"
	}
	return s
}

func showIndexes(_ time.Time, r collector.RegionState) shown {
	switch {
	case !r.IndexesOn || !r.Listed:
		return shown{Text: "–"}
	case r.IndexFailed > 0:
		return shown{Text: fmt.Sprintf("%s; not listed in %s", grouped(r.Indexes), plural(r.IndexFailed, "bucket"))}
	}
	return shown{Text: grouped(r.Indexes)}
}

func showTook(_ time.Time, r collector.RegionState) shown {
	switch {
	case stateOf(r) == unknown:
		return shown{Text: "–"}
	case r.Pages > 1:
		return shown{Text: fmt.Sprintf("%s, %d pages", shortDuration(r.Took), r.Pages)}
	}
	return shown{Text: shortDuration(r.Took)}
}

func showLinks(_ time.Time, r collector.RegionState) shown {
	query := "?" + url.Values{"account": {r.Account}, "region": {r.Region}}.Encode()
	return shown{Links: []link{
		{"metrics", "lists this region now", strings.TrimPrefix(pathProbe, "/") + query},
		{"buckets", "as last listed", strings.TrimPrefix(pathBuckets, "/") + query},
	}}
}

// quotaView is a bar that turns yellow and red from Low and High on.
type quotaView struct{ Value, Max, Low, High int }

func showQuota(_ time.Time, r collector.RegionState) shown {
	if r.Quota <= 0 || !r.Listed {
		return shown{}
	}
	s := shown{
		Text:  fmt.Sprintf("%s of %s (%d%%)", grouped(r.Buckets), grouped(r.Quota), r.Buckets*100/r.Quota),
		Quota: &quotaView{Value: min(r.Buckets, r.Quota), Max: r.Quota, Low: (r.Quota*8 - 1) / 10, High: r.Quota - 1},
	}
	switch {
	case r.Buckets >= r.Quota:
		s.Class = "full"
	case r.Buckets*10 >= r.Quota*8:
		s.Class = "near"
	}
	return s
}

// rowView is a region in the table of its account.
type rowView struct {
	Name, Anchor string
	Shown        []shown // of each column
	Failures     []failureView
}

func anchor(r collector.RegionState) string { return "region/" + r.Account + "/" + r.Region }

func newRowView(now time.Time, r collector.RegionState, columns []column) rowView {
	v := rowView{Name: r.Region, Anchor: anchor(r)}
	for _, c := range columns {
		s := c.show(now, r)
		s.Column = c
		v.Shown = append(v.Shown, s)
	}
	for _, f := range r.Failures {
		v.Failures = append(v.Failures, newFailureView(now, f))
	}
	return v
}

// failureView is a failure below the row of its region.
type failureView struct {
	collector.Explanation
	What, Answer string
	Since, At    moment
}

func newFailureView(now time.Time, f collector.Failure) failureView {
	v := failureView{
		Explanation: collector.Explain(f.Error), What: what(f.Error), Since: momentOf(now, f.Since), At: momentOf(now, f.At),
	}
	if keyless(f.Error) {
		v.Advice, v.Message = "see above why the account has none", ""
	}
	if v.Status != 0 {
		v.Answer = strings.TrimSpace(fmt.Sprintf("status %d %s", v.Status, http.StatusText(v.Status)))
	}
	return v
}

// keyless tells the failure of an account as a whole: its cause is on the page once.
func keyless(e *ossvapi.Error) bool { return e.Reason == ossvapi.NoCredentials }

// what names a failure: by the service's own code, else by the reason in words.
func what(e *ossvapi.Error) string {
	words := strings.ReplaceAll(string(e.Reason), "_", " ")
	first := min(1, len(words))
	return cmp.Or(e.Code, strings.ToUpper(words[:first])+words[first:])
}
