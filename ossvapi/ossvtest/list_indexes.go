package ossvtest

import (
	"encoding/json"
	"slices"
	"sort"
	"strings"
)

// wireIndexes is the answer to ListVectorIndexes.
type wireIndexes struct {
	Indexes   []wireIndex `json:"indexes"`
	NextToken string      `json:"nextToken,omitempty"`
}

// indexPage finds what a call asks for, and whether the bucket exists.
func (s *Server) indexPage(c *call) ([]Index, window, bool) {
	all, found := c.owner.account.indexes(c.auth.region, c.bucket)
	low := sort.Search(len(all), func(i int) bool { return all[i].Name >= c.prefix })
	high := low + sort.Search(len(all)-low, func(i int) bool { return !strings.HasPrefix(all[low+i].Name, c.prefix) })
	start := low
	if name := reveal(c.marker); name != "" {
		start = sort.Search(len(all), func(i int) bool { return all[i].Name > name })
	}
	return all, newWindow(low, high, start, c.limit.value), found
}

// listIndexes answers ListVectorIndexes.
func (s *Server) listIndexes(c *call, t twist) (*payload, *serviceError) {
	all, w, found := s.indexPage(c)
	switch {
	case c.malformed:
		return nil, invalid("The request body is not valid JSON.", "0017-00000305")
	case c.limit.bad:
		return nil, invalid("maxResults must be between 1 and 500.", "0017-00000306")
	case !found:
		return nil, errNoBucket()
	}
	w = w.less(t.duplicate + t.overlap)
	shown := slices.Concat(all[w.before(t.overlap):w.end], all[w.start:min(w.start+t.duplicate, w.end)])
	arn := c.owner.account.arn(c.auth.region, c.bucket)
	answer := wireIndexes{Indexes: make([]wireIndex, 0, len(shown))}
	for _, x := range shown {
		answer.Indexes = append(answer.Indexes, x.wire(arn, c.bucket))
	}
	if w.more() {
		answer.NextToken = s.conceal(all[w.end-1].Name)
	}
	answer.NextToken, _ = t.next(c.marker, answer.NextToken, w.more())
	text, _ := json.Marshal(answer) // plain fields: cannot fail
	return &payload{text}, nil
}
