package exposition

import (
	"bufio"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// serveOther answers in a format that is none of ours, protobuf as a rule. It is rare, and costs what it costs.
func serveOther(w http.ResponseWriter, r *http.Request, families []*Family) error {
	all := Gatherer(func() ([]*Family, error) { return families, nil })
	var failed firstError
	pieces := bufio.NewWriterSize(w, pieceSize)
	promhttp.HandlerFor(all, promhttp.HandlerOpts{
		ErrorHandling:     promhttp.HTTPErrorOnError, // stops at the first family that cannot be sent
		EnableOpenMetrics: true,
		ErrorLog:          &failed,
	}).ServeHTTP(redirected{w, pieces}, r)
	return errors.Join(failed.err, pieces.Flush())
}

// redirected is a ResponseWriter whose body goes elsewhere.
type redirected struct {
	http.ResponseWriter
	body io.Writer
}

// Write implements http.ResponseWriter.
func (r redirected) Write(b []byte) (int, error) { return r.body.Write(b) }

// Unwrap is for http.ResponseController.
func (r redirected) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// firstError is a promhttp.Logger that remembers why an answer could not be sent.
type firstError struct{ err error }

// Println implements promhttp.Logger.
func (e *firstError) Println(v ...any) {
	err, ok := v[len(v)-1].(error)
	if ok && e.err == nil && v[0] != "error getting writer" { // a client that refuses every compression gets none
		e.err = err
	}
}

// element is one of Accept-Encoding: a token, its weight, and a comma if another follows.
var element = regexp.MustCompile(
	`^([^\x00-\x20"(),:;<=>?@[\\\]{}\x7f-\x{10ffff}]+)[ \t\r\n]*(?:;[ \t\r\n]*q=([01](?:\.[0-9]*)?))?[ \t\r\n]*(,?)[ \t\r\n]*`)

// acceptsGzip reads Accept-Encoding as promhttp does: gzip must be wanted more than no compression, and a line counts up
// to its first mistake.
func acceptsGzip(lines []string) bool {
	gzip, identity := -1.0, -1.0
	for _, line := range lines {
		for {
			m := element.FindStringSubmatch(line)
			if m == nil {
				break
			}
			line = line[len(m[0]):]
			weight := quality(m[2])
			if weight < 0 || m[2]+m[3] == "" && strings.HasPrefix(line, ";") {
				break
			}
			switch m[1] {
			case "gzip":
				gzip = atLeast(gzip, weight)
			case "identity", "*": // both mean no compression
				identity = atLeast(identity, weight)
			}
			if m[3] == "" {
				break
			}
		}
	}
	return gzip > 0 && gzip > identity
}

// atLeast is the larger one, and the first unless the second is a number.
func atLeast(a, b float64) float64 {
	if b > a {
		return b
	}
	return a
}

// quality is a weight: 0 or 1, and any decimals.
func quality(s string) float64 {
	if s == "" {
		return 1
	}
	n, scale := 0, 1 // as integers, which wrap: a weight of so many decimals means nothing
	for _, digit := range s[min(2, len(s)):] {
		n, scale = n*10+int(digit-'0'), scale*10
	}
	return float64(s[0]-'0') + float64(n)/float64(scale)
}
