package ossvtest

import (
	"cmp"
	"slices"
	"sort"
	"strings"
	"sync"
)

// listing is a sorted, immutable run of buckets with their JSON end to end, so that a page is one slice of it: serving
// a page costs two searches and a write.
type listing struct {
	entries []*stored
	text    []byte // each entry's JSON, followed by a comma
	ends    []int  // ends[i] is where entry i ends in text, its comma included

	mu     sync.Mutex
	groups map[string]*listing // by resource group, made when asked for
}

func newListing(entries []*stored) *listing {
	slices.SortFunc(entries, func(a, b *stored) int {
		return cmp.Or(strings.Compare(a.bucket.Name, b.bucket.Name), strings.Compare(a.region, b.region))
	})
	l := &listing{entries: entries, ends: make([]int, len(entries)), groups: map[string]*listing{}}
	for i, e := range entries {
		l.text = append(append(l.text, e.json...), ',')
		l.ends[i] = len(l.text)
	}
	return l
}

// group returns the part of the listing in that resource group; all of it for no group.
func (l *listing) group(id string) *listing {
	if id == "" {
		return l
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.groups[id] == nil {
		l.groups[id] = newListing(slices.DeleteFunc(slices.Clone(l.entries), func(e *stored) bool {
			return e.bucket.ResourceGroupID != id
		}))
	}
	return l.groups[id]
}

// within returns the bounds of the names that have the prefix.
func (l *listing) within(prefix string) (from, to int) {
	from = sort.Search(len(l.entries), func(i int) bool { return l.entries[i].bucket.Name >= prefix })
	to = from + sort.Search(len(l.entries)-from, func(i int) bool {
		return !strings.HasPrefix(l.entries[from+i].bucket.Name, prefix)
	})
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
		return exact && e.region > region
	})
}

// marker names entry i to the client: by its name, and by its region too if the next entry has the same name.
func (l *listing) marker(i int) string {
	e := l.entries[i]
	if i+1 < len(l.entries) && l.entries[i+1].bucket.Name == e.bucket.Name {
		return e.bucket.Name + "@" + e.region
	}
	return e.bucket.Name
}

// slice returns the JSON of entries from to to, separated by commas.
func (l *listing) slice(from, to int) []byte {
	if from >= to {
		return nil
	}
	start := 0
	if from > 0 {
		start = l.ends[from-1]
	}
	return l.text[start : l.ends[to-1]-1]
}
