package ossvapi

import (
	"crypto/tls"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxMessage    = 300     // characters of an error's text
	maxLoggedBody = 1 << 10 // characters of a body in an Attempt
	maxURL        = 1 << 10 // characters of its URL
	shortKey      = 4       // characters of a key that may be shown
	partOfKey     = 8       // as many in a row may not
	masked        = "<secret>"
	closedEarly   = "the connection was closed before an answer came"
)

// run is what a key, a token or a signature looks like inside a message if it has 24 characters or more: nothing that a reader
// misses.
var run = regexp.MustCompile(`[A-Za-z0-9+/=_%]+`)

// redactor replaces what the service knows of us and may echo: the key's parts and the request's signature.
type redactor struct {
	secrets []string
	code    string // the answer's own, without a secret in it; its words are shown, however long
}

func secretsOf(key Key, signed *http.Request) redactor {
	_, signature, _ := strings.Cut(signed.Header.Get("Authorization"), "Signature=")
	all := []string{key.Token, key.Secret, key.ID, signature}
	return redactor{secrets: slices.DeleteFunc(all, func(s string) bool { return len(s) <= shortKey })}
}

// visible is text if it has the form and holds no secret, else empty.
func (r redactor) visible(text string, form *regexp.Regexp) string {
	if text == "" || !fits(form, text) || slices.ContainsFunc(r.secrets, func(s string) bool { return strings.Contains(text, s) }) {
		return ""
	}
	return text
}

// scrub makes a text that the service sent fit for logs: no secret, nothing that looks like one, one line of at most limit
// characters. The line is made first, because dropping what does not print can put a secret together again.
func (r redactor) scrub(text string, limit int) string {
	text = oneLine(unescaped(text), maxExcerpt)
	for _, secret := range r.secrets {
		text = strings.ReplaceAll(text, secret, masked)
		for i := 0; i+partOfKey <= len(text); i++ { // an excerpt may begin or end in it, or something may stand in between
			if part := text[i : i+partOfKey]; strings.Contains(secret, part) {
				text = strings.ReplaceAll(text, part, masked)
			}
		}
	}
	return oneLine(run.ReplaceAllStringFunc(text, func(s string) string {
		if len(s) < 24 || slices.Contains(strings.Split(r.code, "."), s) && !strings.ContainsAny(s, "0123456789") {
			return s
		}
		return masked
	}), limit)
}

// scrubbed is a text that is scrubbed when it is read.
type scrubbed struct {
	secrets redactor
	text    fmt.Stringer
	limit   int
}

// String implements fmt.Stringer.
func (s scrubbed) String() string { return s.secrets.scrub(s.text.String(), s.limit) }

// escape is how JSON writes a character that may be part of a secret.
var escape = regexp.MustCompile(`\\(?:u[0-9A-Fa-f]{4}|[/"\\])`)

// unescaped undoes the escapes of JSON and the references of XML and HTML, nested ones too: a secret is one however the
// service writes it.
func unescaped(text string) string {
	const nested = 4 // more than an error within an error within a page
	for n := 0; n < nested && strings.ContainsAny(text, `\&`); n++ {
		decoded := html.UnescapeString(escape.ReplaceAllStringFunc(text, func(e string) string {
			if e[1] != 'u' {
				return e[1:]
			}
			code, _ := strconv.ParseInt(e[2:], 16, 32) // four hexadecimal digits
			return string(rune(code))
		}))
		if decoded == text {
			break
		}
		text = decoded
	}
	return text
}

// oneLine folds white space, drops what does not print, and cuts at limit characters.
func oneLine(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		if r == utf8.RuneError || !unicode.IsPrint(r) && !unicode.IsSpace(r) {
			return -1
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= limit {
		return text
	}
	return string([]rune(text)[:limit-3]) + "..."
}

// grouped writes a number with commas: 10,000.
func grouped(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

// proxyRefusal is an answer of a proxy that was asked for a tunnel.
type proxyRefusal struct{ status int }

// Error implements error.
func (e proxyRefusal) Error() string {
	return strings.TrimSpace(fmt.Sprintf("the proxy refuses the tunnel: %d %s", e.status, http.StatusText(e.status)))
}

// connectionFailure says why no answer came, in words known to hold no secret: an error of the transport may quote a
// proxy's URL or the peer's bytes. The cause is the part of err that the words are from, nil if there are none.
func connectionFailure(err error) (text string, cause error) {
	var (
		proxy proxyRefusal
		dns   *net.DNSError
		op    *net.OpError
		cert  *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &proxy):
		return proxy.Error(), proxy
	case errors.As(err, &dns):
		return "cannot resolve the host name " + dns.Name, dns
	case errors.As(err, &cert):
		return "the certificate is refused: " + cert.Err.Error(), cert.Err
	case errors.As(err, &op) && op.Op != "read" && op.Op != "write":
		return op.Error(), op
	case op != nil: // how a peer's close looks is a matter of luck, and the same failure has the same message
		return closedEarly, op
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return closedEarly, io.ErrUnexpectedEOF
	}
	return "no answer came: check endpoint, proxy and TLS", nil
}
