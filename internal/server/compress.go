package server

import (
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// compressed is where the body of an answer goes: through gzip if the client asks for it. finish must be called at its
// end; headers must be set before the first byte.
func compressed(w http.ResponseWriter, r *http.Request) (out io.Writer, finish func()) {
	w.Header().Add("Vary", "Accept-Encoding")
	if !acceptsGzip(r.Header.Values("Accept-Encoding")) {
		return w, func() {}
	}
	w.Header().Set("Content-Encoding", "gzip")
	gz := gzip.NewWriter(w)
	return gz, func() { _ = gz.Close() } // an error is the client's hanging up
}

// acceptsGzip follows RFC 9110: what is named counts before *, and a weight of 0 refuses.
func acceptsGzip(values []string) bool {
	others := false
	for element := range strings.SplitSeq(strings.Join(values, ","), ",") {
		coding, params, _ := strings.Cut(element, ";")
		wanted := weight(params) > 0
		switch strings.ToLower(strings.TrimSpace(coding)) {
		case "gzip", "x-gzip":
			return wanted
		case "*":
			others = wanted
		}
	}
	return others
}

// weight is that of an element of Accept-Encoding: 1 if it has none, 0 if it makes no sense.
func weight(params string) float64 {
	for param := range strings.SplitSeq(params, ";") {
		name, value, _ := strings.Cut(param, "=")
		if strings.EqualFold(strings.TrimSpace(name), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil {
				return 0
			}
			return q
		}
	}
	return 1
}
