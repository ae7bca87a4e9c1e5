package exposition

import (
	"bufio"
	"errors"
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// serveOther answers in a format that is none of ours, protobuf as a rule. It is rare, and costs what it costs.
func serveOther(w http.ResponseWriter, r *http.Request, families []*Family) error {
	all := Gatherer(func() ([]*Family, error) { return families, nil })
	var failed firstError
	out := inPieces{w, bufio.NewWriterSize(w, pieceSize)}
	promhttp.HandlerFor(all, promhttp.HandlerOpts{
		ErrorHandling:     promhttp.HTTPErrorOnError, // stops at the first family that cannot be sent
		EnableOpenMetrics: true,
		ErrorLog:          &failed,
	}).ServeHTTP(out, r)
	return errors.Join(failed.err, out.pieces.Flush())
}

// inPieces is a ResponseWriter that collects what is written into pieces; the last is to be flushed.
type inPieces struct {
	http.ResponseWriter
	pieces *bufio.Writer
}

// Write implements http.ResponseWriter.
func (p inPieces) Write(b []byte) (int, error) { return p.pieces.Write(b) }

// firstError is a promhttp.Logger that remembers why an answer could not be sent.
type firstError struct{ err error }

// Println implements promhttp.Logger.
func (e *firstError) Println(v ...any) {
	err, ok := v[len(v)-1].(error)
	if ok && e.err == nil && v[0] != "error getting writer" { // a client that refuses every compression gets none
		e.err = err
	}
}

// acceptsGzip reads Accept-Encoding as promhttp does: gzip must be wanted more than no compression, and a line counts up
// to its first mistake.
func acceptsGzip(lines []string) bool {
	gzip, identity := -1.0, -1.0
	for _, line := range lines {
		for more := true; more; {
			var coding string
			var weight float64
			if coding, weight, line, more = nextCoding(line); coding == "" {
				break
			}
			switch coding {
			case "gzip":
				gzip = atLeast(gzip, weight)
			case "identity", "*": // which is no more than no compression
				identity = atLeast(identity, weight)
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

// nextCoding takes the first element off a line: none if it is not one. More says that another follows.
func nextCoding(line string) (coding string, weight float64, rest string, more bool) {
	end := strings.IndexFunc(line, func(r rune) bool { return !inCoding(r) })
	if end < 0 {
		return line, 1, "", false
	}
	coding, rest, weight = line[:end], trimSpace(line[end:]), 1
	if after, ok := strings.CutPrefix(rest, ";"); ok {
		if after, ok = strings.CutPrefix(trimSpace(after), "q="); !ok {
			return "", 0, "", false
		}
		if weight, rest, ok = quality(after); !ok {
			return "", 0, "", false
		}
	}
	rest, more = strings.CutPrefix(trimSpace(rest), ",")
	return coding, weight, trimSpace(rest), more
}

// inCoding tells the characters of a token, and the slash.
func inCoding(r rune) bool {
	return '!' <= r && r <= '~' && !strings.ContainsRune(`"(),:;<=>?@[\]{}`, r)
}

func trimSpace(s string) string { return strings.TrimLeft(s, " \t\r\n") }

// quality reads the number at the beginning of s: 0 or 1, and any decimals.
func quality(s string) (q float64, rest string, ok bool) {
	if s == "" || s[0] != '0' && s[0] != '1' {
		return 0, "", false
	}
	q = float64(s[0] - '0')
	after, ok := strings.CutPrefix(s[1:], ".")
	if !ok {
		return q, s[1:], true
	}
	n, scale := 0, 1 // as integers, which wrap: a weight of so many decimals means nothing
	for after != "" && '0' <= after[0] && after[0] <= '9' {
		n, scale, after = n*10+int(after[0]-'0'), scale*10, after[1:]
	}
	q += float64(n) / float64(scale)
	return q, after, !(q < 0) // no number passes
}
