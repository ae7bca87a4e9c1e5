package doctor

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// quoted is what a message quotes of an answer: it may name a bucket that no listing has told of.
var quoted = regexp.MustCompile(`"[^"]*"`)

// shortened is a key of which a source shows the beginning. It need not be the one that signs: a role has a key of its own.
var shortened = regexp.MustCompile(`\b(\w{4})\.\.\.`)

// Redact takes account ids, bucket names and key prefixes out of the report: each becomes account-id-1, bucket-1 or key-1,
// the same wherever it stands, so that the report can be pasted into an issue. The buckets that a report names are those
// whose indexes it lists; what a message quotes of an answer is left out.
func (r *Report) Redact() {
	x := newRedactor(r)
	for i := range r.Accounts {
		c := &r.Accounts[i].Credentials
		c.Source, c.Error, c.Key = x.text(c.Source), x.text(c.Error), x.names[c.Key]
		for n := range r.Accounts[i].Regions {
			x.region(&r.Accounts[i].Regions[n])
		}
	}
	for i := range r.Problems {
		x.failure(&r.Problems[i].Failure)
	}
	for i := range r.Warnings {
		r.Warnings[i] = x.text(r.Warnings[i])
	}
}

// redactor replaces values, each by a name of its own.
type redactor struct {
	names map[string]string
	kinds map[string]int // how many names there are of a kind
	words *regexp.Regexp // the values as words of a text, and what looks like an account id
}

func newRedactor(r *Report) *redactor {
	x := &redactor{names: map[string]string{}, kinds: map[string]int{}}
	for _, a := range r.Accounts {
		if a.Credentials.Key != "" {
			x.name(a.Credentials.Key, "key")
		}
		for _, key := range shortened.FindAllStringSubmatch(a.Credentials.Source, -1) {
			x.name(key[1], "key")
		}
		for _, region := range a.Regions {
			if region.Indexes != nil {
				x.name(region.Indexes.Bucket, "bucket")
			}
		}
	}
	// The longest first: one may be a part of another.
	words := slices.SortedFunc(maps.Keys(x.names), func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for i, word := range words {
		words[i] = regexp.QuoteMeta(word)
	}
	x.words = regexp.MustCompile(`\b(?:` + strings.Join(append(words, "[0-9]{10,20}"), "|") + `)\b`) // an id has 16 digits as a rule
	return x
}

func (x *redactor) name(value, kind string) string {
	if x.names[value] == "" {
		x.kinds[kind]++
		x.names[value] = fmt.Sprintf("%s-%d", kind, x.kinds[kind])
	}
	return x.names[value]
}

func (x *redactor) region(r *Region) {
	r.Host = x.text(r.Host)
	if r.Indexes != nil {
		r.Indexes.Bucket, r.Indexes.Host = x.names[r.Indexes.Bucket], x.text(r.Indexes.Host)
	}
	for i := range r.Failures {
		x.failure(&r.Failures[i])
	}
}

func (x *redactor) failure(f *Failure) {
	f.Message = x.text(quoted.ReplaceAllString(f.Message, `"..."`))
}

func (x *redactor) text(s string) string {
	return x.words.ReplaceAllStringFunc(s, func(word string) string { return x.name(word, "account-id") })
}
