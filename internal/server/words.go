package server

import (
	"fmt"
	"strconv"
	"time"
)

// moment is a time in readable form, followed by the exact one; empty for no time.
type moment struct{ ISO, Ago string }

func momentOf(now, t time.Time) moment {
	if t.IsZero() {
		return moment{}
	}
	m := moment{ISO: t.UTC().Format(time.RFC3339)}
	switch d := now.Sub(t); {
	case d < -time.Second:
		m.Ago = "in " + length(-d) // a clock was set back
	case d < time.Second:
		m.Ago = "just now"
	default:
		m.Ago = length(d) + " ago"
	}
	return m
}

// length is a span of time in its largest unit, or two of them where the larger alone says little.
func length(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", max(0, d)/time.Second)
	case d < time.Hour:
		return fmt.Sprintf("%d min", d/time.Minute)
	case d < day:
		return twoUnits(d/time.Hour, "h", d%time.Hour/time.Minute, "min")
	}
	return twoUnits(d/day, "d", d%day/time.Hour, "h")
}

func twoUnits(large time.Duration, unit string, small time.Duration, smaller string) string {
	if small == 0 {
		return fmt.Sprintf("%d %s", large, unit)
	}
	return fmt.Sprintf("%d %s %d %s", large, unit, small, smaller)
}

// shortDuration is how long a listing took, to three figures or so.
func shortDuration(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return grouped(n) + " " + noun + "s"
}

// grouped is n, not negative, with a comma between thousands.
func grouped(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
