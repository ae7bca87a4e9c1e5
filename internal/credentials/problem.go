package credentials

import "fmt"

// maxText bounds every text that leaves this package.
const maxText = 300

// problem is why there is no key, in words written here: one line, no secrets, and what to do about it. It wraps
// nothing, because the library's own errors can hold whole files and response bodies.
type problem string

// Error gives the text, on one line and bounded.
func (p problem) Error() string { return clip(string(p)) }

func problemf(format string, args ...any) problem { return problem(fmt.Sprintf(format, args...)) }

// clip makes s one line of at most maxText bytes of printable ASCII.
func clip(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c < ' ' || c > '~' {
			b[i] = '?'
		}
	}
	if len(b) > maxText {
		b = append(b[:maxText-3], "..."...)
	}
	return string(b)
}
