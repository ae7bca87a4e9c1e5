package ossvtest

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
)

const (
	defaultPage    = 100
	maxBucketsPage = 1000
	maxIndexesPage = 500
	opaqueMark     = "CAES"
)

// window is the part of a listing that one page shows.
type window struct {
	low, high  int // of what the prefix selects
	start, end int
	limit      int
}

// newWindow places a page that starts at start.
func newWindow(low, high, start, limit int) window {
	start = min(max(start, low), high)
	return window{low: low, high: high, start: start, end: min(start+limit, high), limit: limit}
}

// less makes room on the page for that many entries that faults add, since the service lists no more than were asked for. At
// least one entry stays.
func (p window) less(extra int) window {
	p.end = max(p.end-max(0, p.end-p.start+extra-p.limit), min(p.start+1, p.end))
	return p
}

// before is where a page begins that lists the last n entries of the page before once more, as far as there is room.
func (p window) before(n int) int { return max(p.low, p.start-min(n, p.limit-(p.end-p.start))) }

func (p window) more() bool { return p.end < p.high }

// number counts the pages of this size that come before, and this one.
func (p window) number() int { return (p.start-p.low+p.limit-1)/p.limit + 1 }

// bucketLimit reads max-keys.
func bucketLimit(text string) limit {
	if text == "" {
		return limit{value: defaultPage}
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxBucketsPage {
		return limit{value: defaultPage, bad: true}
	}
	return limit{value: n}
}

// indexLimit takes maxResults; 0 means the default, as documented.
func indexLimit(n int) limit {
	switch {
	case n == 0:
		return limit{value: defaultPage}
	case n < 0 || n > maxIndexesPage:
		return limit{value: defaultPage, bad: true}
	}
	return limit{value: n}
}

// pageOf tells which page of its listing a call asks for; 1 if that cannot be told.
func (s *Server) pageOf(c *call) int {
	if c.owner.account == nil {
		return 1
	}
	switch c.operation {
	case ListVectorBuckets:
		_, w := s.bucketPage(c)
		return w.number()
	case ListVectorIndexes:
		_, w, _ := s.indexPage(c)
		return w.number()
	}
	return 1
}

// conceal makes a marker opaque if the server is so.
func (s *Server) conceal(marker string) string {
	if !s.opts.OpaqueMarkers || marker == "" {
		return marker
	}
	return opaqueMark + base64.StdEncoding.EncodeToString([]byte("?>"+marker))
}

// reveal is the name that a marker stands for. Names have no capitals, so what does not decode is a name.
func reveal(marker string) string {
	code, ok := strings.CutPrefix(marker, opaqueMark)
	if !ok {
		return marker
	}
	name, err := base64.StdEncoding.DecodeString(code)
	if err != nil {
		return marker
	}
	return strings.TrimPrefix(string(name), "?>")
}

// payload is the body of a good answer, in pieces that are not copied.
type payload [][]byte

func (p *payload) write(w http.ResponseWriter) {
	size := 0
	for _, part := range *p {
		size += len(part)
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(size))
	w.WriteHeader(http.StatusOK)
	for _, part := range *p {
		if _, err := w.Write(part); err != nil {
			return // the client is gone
		}
	}
}
