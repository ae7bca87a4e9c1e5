package doctor

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"ossvector_exporter/ossvapi"
)

// shownProblems is how many problems the summary spells out, so that it fits one screen; shownTargets how many regions a
// problem names.
const (
	shownProblems = 5
	shownTargets  = 4
)

// Text writes the report for people: every account and region, then the summary, which a terminal shows last.
func (r *Report) Text(w io.Writer, color bool) error {
	p := &printer{color: color}
	for _, a := range r.Accounts {
		p.account(a)
	}
	p.summary(r)
	_, err := io.WriteString(w, p.text.String())
	return err
}

// Progress is one line of a region that was just checked.
func Progress(w io.Writer, color bool) func(account string, r Region) {
	return func(account string, r Region) {
		p := &printer{color: color}
		p.line("%s %s/%s: %s", p.mark(r.OK), account, r.Region, p.outcome(r))
		_, _ = io.WriteString(w, p.text.String()) // the report follows, wherever this went
	}
}

type printer struct {
	text  strings.Builder
	color bool
}

func (p *printer) line(format string, args ...any) { fmt.Fprintf(&p.text, format+"\n", args...) }

func (p *printer) mark(ok bool) string {
	switch {
	case ok && p.color:
		return "\x1b[32mok  \x1b[0m"
	case ok:
		return "ok  "
	case p.color:
		return "\x1b[31mFAIL\x1b[0m"
	}
	return "FAIL"
}

func (p *printer) account(a AccountReport) {
	p.line("account %s", a.Account)
	c := a.Credentials
	p.line("  %s credentials: %s", p.mark(c.OK), c.Source)
	if c.STS != "" {
		p.line("         STS: %s", c.STS)
	}
	if c.OK {
		p.line("         key: %s... in %s", c.Key, seconds(c.Seconds))
	} else {
		p.line("         no key: %s", c.Error)
	}
	for _, r := range a.Regions {
		p.line("  %s %s: %s", p.mark(r.OK), r.Region, p.outcome(r))
		p.connection(r.Connection)
		if r.Indexes != nil && len(r.Failures) == 0 {
			p.line("         indexes: %d in bucket %s in %s", r.Indexes.Indexes, r.Indexes.Bucket, seconds(r.Indexes.Seconds))
		}
	}
	p.line("")
}

func (p *printer) outcome(r Region) string {
	listed := fmt.Sprintf("%s on %s in %s", count(r.Buckets, "bucket"), count(r.Pages, "page"), seconds(r.Seconds))
	if len(r.Failures) == 0 {
		return listed
	}
	f := r.Failures[0]
	if f.Reason == ossvapi.NoCredentials {
		return fmt.Sprintf("%s: %s (after %s)", f.Operation, f.Reason, seconds(r.Seconds)) // why is said of the account
	}
	return fmt.Sprintf("%s: %s: %s (after %s)", f.Operation, f.Reason, f.Message, seconds(r.Seconds))
}

func (p *printer) connection(c Connection) {
	if c.Host == "" {
		return // nothing was sent
	}
	host := "host: " + c.Host
	if c.Proxy != "" {
		host += " by proxy " + c.Proxy
	}
	if len(c.Addresses) > 0 {
		host += " at " + strings.Join(c.Addresses, ", ")
	}
	p.line("         %s", host)
	var parts []string
	if c.Connect > 0 {
		parts = append(parts, "connected in "+seconds(c.Connect))
	}
	if c.TLS > 0 {
		parts = append(parts, "TLS in "+seconds(c.TLS))
	}
	if c.Certificate != nil {
		parts = append(parts, fmt.Sprintf("certificate by %s until %s", c.Certificate.Issuer, c.Certificate.NotAfter.Format(time.DateOnly)))
	}
	if c.ClockOffset != nil {
		parts = append(parts, "clock "+clock(*c.ClockOffset))
	}
	if len(parts) > 0 {
		p.line("         %s", strings.Join(parts, "; "))
	}
	if c.Status != 0 {
		answer := fmt.Sprintf("answer: %d", c.Status)
		if c.RequestID != "" {
			answer += ", request id " + c.RequestID
		}
		p.line("         %s", answer)
	}
}

// clock is the offset of the service's clock in words; Date headers have no fractions.
func clock(offset float64) string {
	if -2 < offset && offset < 2 {
		return "agrees"
	}
	return apart(offset) + " ours"
}

func (p *printer) summary(r *Report) {
	regions, failed := 0, 0
	for _, a := range r.Accounts {
		for _, region := range a.Regions {
			regions++
			if !region.OK {
				failed++
			}
		}
	}
	p.line("%s %s, %s, %d failed, in %s (version %s)", p.mark(r.OK), count(len(r.Accounts), "account"), count(regions, "region"),
		failed, seconds(r.Seconds), r.Version)
	for n, problem := range r.Problems {
		if n == shownProblems {
			p.line("and %s more: see above, or --doctor.format=json", count(len(r.Problems)-n, "problem"))
			break
		}
		p.problem(n+1, problem)
	}
	for n, warning := range r.Warnings {
		if n == shownProblems {
			p.line("and %s more", count(len(r.Warnings)-n, "warning"))
			break
		}
		p.line("note: %s", warning)
	}
}

func (p *printer) problem(n int, f Problem) {
	var facts []string
	if f.Status != 0 {
		facts = append(facts, fmt.Sprint(f.Status))
	}
	for _, fact := range []string{f.Code, f.EC} {
		if fact != "" {
			facts = append(facts, fact)
		}
	}
	detail := ""
	if len(facts) > 0 {
		detail = " (" + strings.Join(facts, ", ") + ")"
	}
	p.line("%d. %s in %s: %s%s: %s", n, f.Operation, affected(f.Regions), f.Reason, detail, f.Message)
	p.line("   what to do: %s", f.Advice)
}

// affected names a few of the targets.
func affected(targets []Affected) string {
	var names []string
	for _, t := range targets[:min(shownTargets, len(targets))] {
		names = append(names, t.Account+"/"+t.Region)
	}
	text := strings.Join(names, ", ")
	if more := len(targets) - len(names); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

func seconds(s float64) string {
	d := time.Duration(s * float64(time.Second))
	if d >= time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}

// oneLine makes a text of a certificate or of an error fit for a line.
func oneLine(text string) string {
	const limit = 300
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if r == utf8.RuneError || !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, text)
	if r := []rune(text); len(r) > limit {
		text = string(r[:limit-3]) + "..."
	}
	return text
}
