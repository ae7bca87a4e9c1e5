package doctor

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

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

// detail is a line below an account or a region; there is none without a text.
func (p *printer) detail(text string) {
	if text != "" {
		p.line("         %s", text)
	}
}

func (p *printer) mark(ok bool) string {
	text, color := "ok  ", "\x1b[32m"
	if !ok {
		text, color = "FAIL", "\x1b[31m"
	}
	if p.color {
		return color + text + "\x1b[0m"
	}
	return text
}

func (p *printer) account(a AccountReport) {
	p.line("account %s", a.Account)
	c := a.Credentials
	p.line("  %s credentials: %s", p.mark(c.OK), c.Source)
	p.detail(known(c.STS != "", "STS: %s", c.STS))
	p.detail(known(c.OK, "key: %s... in %s", c.Key, seconds(c.Seconds)))
	p.detail(known(!c.OK, "no key: %s", c.Error))
	for _, r := range a.Regions {
		p.line("  %s %s: %s", p.mark(r.OK), r.Region, p.outcome(r))
		p.connection(r.Connection)
		if r.Indexes != nil && len(r.Failures) == 0 {
			p.detail(fmt.Sprintf("indexes: %d in bucket %s in %s", r.Indexes.Indexes, r.Indexes.Bucket, seconds(r.Indexes.Seconds)))
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
	p.detail("host: " + c.Host + known(c.Proxy != "", " by proxy %s", c.Proxy) +
		known(len(c.Addresses) > 0, " at %s", strings.Join(c.Addresses, ", ")))
	steps := []string{known(c.Connect > 0, "connected in %s", seconds(c.Connect)), known(c.TLS > 0, "TLS in %s", seconds(c.TLS))}
	if c.Certificate != nil {
		steps = append(steps, fmt.Sprintf("certificate by %.300q until %s", c.Certificate.Issuer, c.Certificate.NotAfter.Format(time.DateOnly)))
	}
	if c.ClockOffset != nil {
		steps = append(steps, "clock "+clock(*c.ClockOffset))
	}
	p.detail(joined("; ", steps))
	p.detail(known(c.Status != 0, "answer: %d%s", c.Status, known(c.RequestID != "", ", request id %s", c.RequestID)))
}

// known is a text about something that is known, else empty.
func known(is bool, format string, args ...any) string {
	if !is {
		return ""
	}
	return fmt.Sprintf(format, args...)
}

// joined leaves out what is empty.
func joined(separator string, texts []string) string {
	return strings.Join(slices.DeleteFunc(texts, func(text string) bool { return text == "" }), separator)
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
	facts := joined(", ", []string{known(f.Status != 0, "%d", f.Status), f.Code, f.EC})
	p.line("%d. %s in %s: %s%s: %s", n, f.Operation, affected(f.Regions), f.Reason, known(facts != "", " (%s)", facts), f.Message)
	p.line("   what to do: %s", f.Advice)
}

// affected names a few of the targets.
func affected(targets []Affected) string {
	var names []string
	for _, t := range targets[:min(shownTargets, len(targets))] {
		names = append(names, t.Account+"/"+t.Region)
	}
	more := len(targets) - len(names)
	return strings.Join(names, ", ") + known(more > 0, " and %d more", more)
}

func seconds(s float64) string {
	d := time.Duration(s * float64(time.Second))
	if d >= time.Second {
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	return fmt.Sprintf("%d ms", d.Milliseconds())
}
