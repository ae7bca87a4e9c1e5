package ossvtest

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"iter"
	"slices"
	"sort"
	"strings"
	"sync"
)

const opaqueMark = "CAES"

// wireBucket is a bucket as JSON shows it.
type wireBucket struct {
	Name   string // an ARN, as a rule
	Region string
	Bucket
}

// wireIndex is an index as JSON shows it.
type wireIndex struct {
	Index
	BucketARN        string   `json:"bucketArn"`
	VectorBucketName string   `json:"vectorBucketName"`
	Metadata         metadata `json:"metadata"`
}

type metadata struct {
	NonFilterableMetadataKeys []string `json:"nonFilterableMetadataKeys"`
}

// listing is a sorted, immutable list of buckets. Its pages are kept as JSON once they were asked for, so that benchmarks
// measure the client.
type listing struct {
	entries []*stored
	mu      sync.Mutex
	pages   map[[2]int][]byte // by first and last entry
}

func newListing(entries iter.Seq[*stored]) *listing {
	return &listing{pages: map[[2]int][]byte{}, entries: slices.SortedFunc(entries, func(a, b *stored) int {
		return cmp.Or(strings.Compare(a.bucket.Name, b.bucket.Name), strings.Compare(a.wire.Region, b.wire.Region))
	})}
}

// group returns the part of the listing in that resource group; all of it for no group.
func (l *listing) group(id string) *listing {
	if id == "" {
		return l
	}
	return newListing(func(yield func(*stored) bool) {
		for _, e := range l.entries {
			if e.bucket.ResourceGroupID == id && !yield(e) {
				return
			}
		}
	})
}

// within returns the bounds of the names that have the prefix, among n sorted ones.
func within(n int, name func(i int) string, prefix string) (from, to int) {
	from = sort.Search(n, func(i int) bool { return name(i) >= prefix })
	to = from + sort.Search(n-from, func(i int) bool { return !strings.HasPrefix(name(from+i), prefix) })
	return from, to
}

// after returns the index of the first entry behind a marker, which is a name, or a name and a region.
func (l *listing) after(marker string) int {
	name, region, exact := strings.Cut(marker, "@")
	return sort.Search(len(l.entries), func(i int) bool {
		e := l.entries[i]
		if e.bucket.Name != name {
			return e.bucket.Name > name
		}
		return exact && e.wire.Region > region
	})
}

// marker names entry i to the client: by its name, and by its region too if the next entry has the same name.
func (l *listing) marker(i int) string {
	e := l.entries[i]
	if i+1 < len(l.entries) && l.entries[i+1].bucket.Name == e.bucket.Name {
		return e.bucket.Name + "@" + e.wire.Region
	}
	return e.bucket.Name
}

// json returns entries from to to, each followed by a comma.
func (l *listing) json(from, to int) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	page, there := l.pages[[2]int{from, to}]
	if !there {
		for _, e := range l.entries[min(from, to):to] {
			page = append(page, entryJSON(e)...)
		}
		l.pages[[2]int{from, to}] = page
	}
	return page
}

func entryJSON(e *stored) []byte {
	text, _ := json.Marshal(e.wire) // strings only: cannot fail
	return append(text, ',')
}

// window is the part of a listing that one page shows.
type window struct {
	low, high  int // of what the prefix selects
	start, end int
	limit      int
}

// newWindow makes a page that starts at start.
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

// bucketPage finds what a call asks for.
func (s *Server) bucketPage(c *call) (*listing, window) {
	l := c.owner.account.listing(c.auth.region, s.opts.WholeAccount).group(c.group)
	low, high := within(len(l.entries), func(i int) string { return l.entries[i].bucket.Name }, c.prefix)
	start := low
	if c.marker != "" {
		start = l.after(reveal(c.marker))
	}
	return l, newWindow(low, high, start, c.limit.value)
}

// listBuckets answers ListVectorBuckets. The paging fields are there only when there is more, as documented.
func (s *Server) listBuckets(c *call, b bend) ([][]byte, *serviceError) {
	if c.limit.bad {
		return nil, invalid("Argument max-keys must be an integer between 1 and 1000.", "0017-00000289")
	}
	l, w := s.bucketPage(c)
	w = w.less(b.duplicate + b.overlap + len(b.foreign))
	next := ""
	if w.more() {
		next = s.conceal(l.marker(w.end - 1))
	}
	next, truncated := b.next(c.marker, next, w.more())
	open := []byte(`{"ListAllMyBucketsResult":{`)
	if truncated {
		head, _ := json.Marshal(struct { // strings and numbers only: cannot fail
			Prefix, Marker string
			MaxKeys        int
			IsTruncated    bool
			NextMarker     string `json:",omitempty"`
		}{c.prefix, c.marker, c.limit.value, true, next})
		open = append(append(open, head[1:len(head)-1]...), ',')
	}
	body := [][]byte{
		append(open, `"Buckets":[`...), l.json(w.before(b.overlap), w.end), l.json(w.start, min(w.start+b.duplicate, w.end)),
	}
	for _, f := range b.foreign {
		body = append(body, entryJSON(c.owner.account.store(f.region, f.Bucket)))
	}
	for i := len(body) - 1; i > 0; i-- { // the last entry that there is has no comma
		if n := len(body[i]); n > 0 {
			body[i] = body[i][:n-1]
			break
		}
	}
	return append(body, []byte("]}}")), nil
}

// indexPage finds what a call asks for, and whether the bucket exists.
func (s *Server) indexPage(c *call) ([]Index, window, bool) {
	all, found := c.owner.account.indexes(c.auth.region, c.bucket)
	low, high := within(len(all), func(i int) string { return all[i].Name }, c.prefix)
	start := low
	if name := reveal(c.marker); name != "" {
		start = sort.Search(len(all), func(i int) bool { return all[i].Name > name })
	}
	return all, newWindow(low, high, start, c.limit.value), found
}

// listIndexes answers ListVectorIndexes.
func (s *Server) listIndexes(c *call, b bend) ([][]byte, *serviceError) {
	all, w, found := s.indexPage(c)
	switch {
	case c.malformed:
		return nil, invalid("The request body is not valid JSON.", "0017-00000305")
	case c.limit.bad:
		return nil, invalid("maxResults must be between 1 and 500.", "0017-00000306")
	case !found:
		return nil, errNoBucket()
	}
	w = w.less(b.duplicate + b.overlap)
	answer := struct {
		Indexes   []wireIndex `json:"indexes"`
		NextToken string      `json:"nextToken,omitempty"`
	}{Indexes: []wireIndex{}}
	arn := c.owner.account.arn(c.auth.region, c.bucket)
	for _, x := range slices.Concat(all[w.before(b.overlap):w.end], all[w.start:min(w.start+b.duplicate, w.end)]) {
		answer.Indexes = append(answer.Indexes, wireIndex{x, arn, c.bucket, metadata{[]string{}}})
	}
	if w.more() {
		answer.NextToken = s.conceal(all[w.end-1].Name)
	}
	answer.NextToken, _ = b.next(c.marker, answer.NextToken, w.more())
	text, _ := json.Marshal(answer) // strings and numbers only: cannot fail
	return [][]byte{text}, nil
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
