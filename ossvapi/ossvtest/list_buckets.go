package ossvtest

import "encoding/json"

// bucketsHead is what a truncated listing says before its buckets.
type bucketsHead struct {
	Prefix      string
	Marker      string
	MaxKeys     int
	IsTruncated bool
	NextMarker  string `json:",omitempty"`
}

// bucketPage finds what a call asks for.
func (s *Server) bucketPage(c *call) (*listing, window) {
	l := c.owner.account.listing(c.auth.region, s.opts.WholeAccount).group(c.group)
	low, high := l.within(c.prefix)
	start := low
	if c.marker != "" {
		start = l.after(reveal(c.marker))
	}
	return l, newWindow(low, high, start, c.limit.value)
}

// listBuckets answers ListVectorBuckets.
func (s *Server) listBuckets(c *call, t twist) (*payload, *serviceError) {
	if c.limit.bad {
		return nil, invalid("Argument max-keys must be an integer between 1 and 1000.", "0017-00000289")
	}
	l, w := s.bucketPage(c)
	w = w.less(t.duplicate + t.overlap + len(t.foreign))
	next := ""
	if w.more() {
		next = s.conceal(l.marker(w.end - 1))
	}
	next, truncated := t.next(c.marker, next, w.more())
	entries := l.slice(w.before(t.overlap), w.end)
	entries = joined(entries, l.slice(w.start, min(w.start+t.duplicate, w.end)))
	for _, b := range t.foreign {
		entries = joined(entries, c.owner.account.store(b.region, b.Bucket).json)
	}
	return bucketsPayload(entries, bucketsHead{c.prefix, c.marker, c.limit.value, truncated, next}), nil
}

// bucketsPayload writes the paging fields only when there is more, as documented.
func bucketsPayload(entries []byte, head bucketsHead) *payload {
	open := []byte(`{"ListAllMyBucketsResult":{"Buckets":[`)
	if head.IsTruncated {
		fields, _ := json.Marshal(head) // plain fields: cannot fail
		fields[len(fields)-1] = ','
		open = append([]byte(`{"ListAllMyBucketsResult":`), fields...)
		open = append(open, `"Buckets":[`...)
	}
	return &payload{open, entries, []byte(`]}}`)}
}

// joined appends entries to others. The result is fresh unless one side is empty.
func joined(a, b []byte) []byte {
	switch {
	case len(b) == 0:
		return a
	case len(a) == 0:
		return b
	}
	sum := make([]byte, 0, len(a)+1+len(b))
	return append(append(append(sum, a...), ','), b...)
}
