package ossvtest

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"
)

const (
	defaultPage = 100
	opaqueMark  = "CAES"
)

// The operations that the service knows, as the vendor names them.
const (
	ListVectorBuckets = "ListVectorBuckets"
	ListVectorIndexes = "ListVectorIndexes"
)

// operation is a call that the service knows. Each one lists.
type operation struct {
	name  string
	is    func(r *http.Request, c *call) bool
	read  func(c *call, r *http.Request)                                    // what is asked for
	all   func(c *call) *listing                                            // nil: there is no such bucket
	write func(c *call, next string, truncated bool) (before, after []byte) // the parts around the entries
}

func operations() []operation {
	return []operation{
		{ListVectorBuckets, isBuckets, readBuckets, allBuckets, writeBuckets},
		{ListVectorIndexes, isIndexes, readIndexes, allIndexes, writeIndexes},
	}
}

func isBuckets(r *http.Request, c *call) bool {
	return r.Method == http.MethodGet && c.bucket == "" && r.URL.Path == "/"
}

func isIndexes(r *http.Request, c *call) bool {
	return r.Method == http.MethodPost && c.bucket != "" && r.URL.Query().Has("listVectorIndexes")
}

func readBuckets(c *call, r *http.Request) {
	q := r.URL.Query()
	c.prefix, c.marker, c.group = q.Get("prefix"), q.Get("marker"), r.Header.Get("X-Oss-Resource-Group-Id")
	n, err := strconv.Atoi(cmp.Or(q.Get("max-keys"), strconv.Itoa(defaultPage)))
	if c.limit = n; err != nil || n < 1 || n > 1000 {
		c.limit, c.mistake = defaultPage, invalid("Argument max-keys must be an integer between 1 and 1000.", "0017-00000289")
	}
}

func readIndexes(c *call, r *http.Request) {
	var ask struct {
		MaxResults int    `json:"maxResults"`
		NextToken  string `json:"nextToken"`
		Prefix     string `json:"prefix"`
	}
	text, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err == nil && len(text) > 0 {
		err = json.Unmarshal(text, &ask)
	}
	c.prefix, c.marker = ask.Prefix, ask.NextToken
	c.limit = cmp.Or(ask.MaxResults, defaultPage) // 0 is the default, as documented
	switch {
	case err != nil:
		c.mistake = invalid("The request body is not valid JSON.", "0017-00000305")
	case c.limit < 1 || c.limit > 500:
		c.limit, c.mistake = defaultPage, invalid("maxResults must be between 1 and 500.", "0017-00000306")
	}
}

func allBuckets(c *call) *listing {
	l := c.owner.account.listing(c.auth.region, c.server.opts.WholeAccount)
	if c.group == "" {
		return l
	}
	return newListing(slices.DeleteFunc(slices.Clone(l.entries), func(e *entry) bool { return e.group != c.group }))
}

func allIndexes(c *call) *listing {
	indexes, found := c.owner.account.indexes(c.auth.region, c.bucket)
	if !found {
		return nil
	}
	var all []*entry
	for _, x := range indexes {
		all = append(all, x.entry)
	}
	return newListing(all)
}

// writeBuckets has the paging members only when there is more, as documented.
func writeBuckets(c *call, next string, truncated bool) (before, after []byte) {
	paging := []byte("{")
	if truncated {
		paging, _ = json.Marshal(struct { // strings and numbers only: cannot fail
			Prefix, Marker string
			MaxKeys        int
			IsTruncated    bool
			NextMarker     string `json:",omitempty"`
		}{c.prefix, c.marker, c.limit, true, next})
		paging[len(paging)-1] = ','
	}
	return slices.Concat([]byte(`{"ListAllMyBucketsResult":`), paging, []byte(`"Buckets":[`)), []byte("]}}")
}

func writeIndexes(_ *call, next string, _ bool) (before, after []byte) {
	after = []byte("]}")
	if next != "" {
		token, _ := json.Marshal(next) // a string: cannot fail
		after = slices.Concat([]byte(`],"nextToken":`), token, []byte("}"))
	}
	return []byte(`{"indexes":[`), after
}

// entry is a bucket or an index as listings show it. It never changes.
type entry struct {
	name, region string // what listings are sorted by
	group        string
	json         []byte
}

func newEntry(name, region, group string, wire any) *entry {
	text, _ := json.Marshal(wire) // strings and numbers only: cannot fail
	return &entry{name, region, group, text}
}

// listing is a sorted, immutable list of entries. Its pages are kept as JSON once they were asked for, so that benchmarks
// measure the client.
type listing struct {
	entries []*entry
	mu      sync.Mutex
	pages   map[[2]**entry][]byte // by first and last entry
}

func newListing(entries []*entry) *listing {
	slices.SortFunc(entries, func(x, y *entry) int {
		return cmp.Or(strings.Compare(x.name, y.name), strings.Compare(x.region, y.region))
	})
	return &listing{entries: entries, pages: map[[2]**entry][]byte{}}
}

// json is a page of the listing, which is not empty, without its brackets.
func (l *listing) json(page []*entry) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := [2]**entry{&page[0], &page[len(page)-1]}
	if l.pages[key] == nil {
		var all [][]byte
		for _, e := range page {
			all = append(all, e.json)
		}
		l.pages[key] = bytes.Join(all, []byte(","))
	}
	return l.pages[key]
}

// window is the part of a listing that one page shows.
type window struct {
	*listing            // nil: there is none
	all        []*entry // that the prefix selects
	start, end int
}

// window finds what a call asks for.
func (c *call) window() (w window) {
	if c.owner.account == nil || c.name == "" {
		return w
	}
	if w.listing = c.all(c); w.listing == nil {
		return w
	}
	low := sort.Search(len(w.entries), func(i int) bool { return w.entries[i].name >= c.prefix })
	w.all = w.entries[low:]
	w.all = w.all[:sort.Search(len(w.all), func(i int) bool { return !strings.HasPrefix(w.all[i].name, c.prefix) })]
	name, region, exact := strings.Cut(reveal(c.marker), "@")
	w.start = sort.Search(len(w.all), func(i int) bool {
		e := w.all[i]
		return e.name > name || e.name == name && exact && e.region > region
	})
	w.end = min(w.start+c.limit, len(w.all))
	return w
}

// marker names the last entry to the client: by its name, and by its region too if the next entry has the same name. It is
// empty if there is no more.
func (w window) marker() string {
	if w.end == len(w.all) {
		return ""
	}
	last := w.all[w.end-1]
	if w.all[w.end].name == last.name {
		return last.name + "@" + last.region
	}
	return last.name
}

// list answers an operation, as far as faults do not bend it. The service lists no more entries than were asked for, so that
// those which faults add take the room of others, except for the first.
func (s *Server) list(c *call) ([][]byte, *serviceError) {
	w, b := c.window(), c.bend
	switch {
	case c.mistake != nil:
		return nil, c.mistake
	case w.listing == nil:
		return nil, &serviceError{http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist.", "0015-00000101"}
	}
	foreign := b.foreign
	if c.name != ListVectorBuckets {
		foreign = nil
	}
	w.end = max(min(w.end, w.start+c.limit-b.duplicate-len(foreign)), min(w.start+1, w.end))
	var entries [][]byte
	if w.start < w.end {
		entries = append(entries, w.json(w.all[w.start:w.end]))
	}
	for _, e := range w.all[w.start:min(w.start+b.duplicate, w.end)] {
		entries = append(entries, e.json)
	}
	for _, f := range foreign {
		entries = append(entries, c.owner.account.entry(f.region, f.Bucket).json)
	}
	next, truncated := b.next(c.marker, s.conceal(w.marker()), w.end < len(w.all))
	before, after := c.write(c, next, truncated)
	body := [][]byte{before}
	for i, e := range entries {
		if i > 0 {
			body = append(body, []byte(","))
		}
		body = append(body, e)
	}
	return append(body, after), nil
}

// conceal makes a marker opaque if the server is so.
func (s *Server) conceal(marker string) string {
	if !s.opts.OpaqueMarkers || marker == "" {
		return marker
	}
	return opaqueMark + base64.StdEncoding.EncodeToString([]byte("?>"+marker))
}

// reveal returns the name that a marker encodes. Names have no capitals, so a marker that does not decode is a name.
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
