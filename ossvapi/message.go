package ossvapi

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxMessage = 300  // characters of an error's text
	maxScanned = 2000 // characters of a message that are looked at
	shortKey   = 4    // characters of a key that may be shown
	sharedRun  = 8    // characters in a row that a text shares with a secret only if it quotes it
	masked     = "<secret>"
)

// longRun is what a key, a token or a signature looks like inside a message: nothing that a reader misses.
var longRun = regexp.MustCompile(`[A-Za-z0-9+/=_%]{24,}`)

// secrets are what the service knows of us and may echo: the key's parts and the request's signature, in small letters.
type secrets []string

func secretsOf(key Key, signed *http.Request) secrets {
	_, signature, _ := strings.Cut(signed.Header.Get("Authorization"), "Signature=")
	return secrets{small(key.Token), small(key.Secret), small(key.ID), small(signature)}
}

// scrub makes a text that the service sent fit for logs: no part of a secret, nothing that looks like one, one line. The
// line is made first, because dropping what does not print can put a secret together again.
func (s secrets) scrub(text string) string {
	text = oneLine(text, maxScanned)
	var b strings.Builder
	for low := small(text); low != ""; {
		n, at := s.sharedBy(low), len(text)-len(low)
		if n > 0 {
			b.WriteString(masked)
		} else {
			n = 1
			b.WriteByte(text[at])
		}
		low = low[n:]
	}
	return oneLine(longRun.ReplaceAllString(b.String(), masked), maxMessage)
}

// in reports whether text quotes a secret.
func (s secrets) in(text string) bool {
	for low := small(text); low != ""; low = low[1:] {
		if s.sharedBy(low) > 0 {
			return true
		}
	}
	return false
}

// sharedBy is the length of what text begins with of a secret, if that is enough to tell.
func (s secrets) sharedBy(text string) (longest int) {
	for _, secret := range s {
		n := min(sharedRun, len(secret))
		if n <= shortKey || len(text) < n || !strings.Contains(secret, text[:n]) {
			continue
		}
		for n < len(text) && strings.Contains(secret, text[:n+1]) {
			n++
		}
		longest = max(longest, n)
	}
	return longest
}

// small turns A-Z into small letters and leaves all else, the length included.
func small(text string) string {
	low := []byte(text)
	for i, c := range low {
		if 'A' <= c && c <= 'Z' {
			low[i] = c + 'a' - 'A'
		}
	}
	return string(low)
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

// connectionFailure says why no answer came, in words known to hold no secret: an error of the transport may quote a
// proxy's URL or the peer's bytes. The cause is the part of err that the words are from, nil if there are none.
func connectionFailure(err error) (text string, cause error) {
	var (
		dns  *net.DNSError
		op   *net.OpError
		cert *tls.CertificateVerificationError
	)
	switch {
	case errors.As(err, &dns):
		return "cannot resolve the host name " + dns.Name, dns
	case errors.As(err, &cert):
		return "the certificate is refused: " + cert.Err.Error(), cert.Err
	case errors.As(err, &op):
		return op.Error(), op
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "the connection was closed before an answer came", io.ErrUnexpectedEOF
	}
	return "no answer came: check endpoint, proxy and TLS", nil
}
