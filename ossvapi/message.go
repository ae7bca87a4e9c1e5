package ossvapi

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxMessage = 300 // characters of an error's text
	shortKey   = 4   // characters of a key id that may be shown
	masked     = "<secret>"
)

// longRun is what a key, a token or a signature looks like inside a message: nothing that a reader misses.
var longRun = regexp.MustCompile(`[A-Za-z0-9+/=_%]{24,}`)

// scrub makes a text that the service sent fit for logs: no part of the key, nothing that looks like one, one line.
func (k Key) scrub(text string) string {
	for _, part := range []string{k.Token, k.Secret, k.ID} {
		if len(part) > shortKey {
			text = strings.ReplaceAll(text, part, masked)
		}
	}
	return oneLine(longRun.ReplaceAllString(text, masked), maxMessage)
}

// isPartOf reports whether text holds a part of the key.
func (k Key) isPartOf(text string) bool {
	for _, part := range []string{k.Token, k.Secret, k.ID} {
		if len(part) > shortKey && strings.Contains(text, part) {
			return true
		}
	}
	return false
}

// oneLine folds white space, drops what does not print, and cuts at limit characters.
func oneLine(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if r == utf8.RuneError || !unicode.IsPrint(r) {
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

// connectionText says why no answer came, in words known to hold no secret: an error of the transport may quote a
// proxy's URL or the peer's bytes.
func connectionText(err error) string {
	var (
		dns     *net.DNSError
		op      *net.OpError
		cert    *tls.CertificateVerificationError
		host    x509.HostnameError
		unknown x509.UnknownAuthorityError
	)
	switch {
	case errors.As(err, &dns):
		return "cannot resolve the host name " + dns.Name
	case errors.As(err, &host), errors.As(err, &unknown), errors.As(err, &cert):
		return "the certificate is refused: " + certificateText(err)
	case errors.As(err, &op):
		return op.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed before an answer came"
	}
	return "no answer came: check endpoint, proxy and TLS"
}

// certificateText is the innermost text of a refused certificate, which names hosts and dates only.
func certificateText(err error) string {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err.Error()
		}
		err = inner
	}
}
