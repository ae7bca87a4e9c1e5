package doctor

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	// accountID is an Alibaba Cloud account id, 16 digits as a rule, where it does not belong to a longer word.
	accountID = regexp.MustCompile(`\b[0-9]{10,20}\b`)
	// quoted is what a message quotes of an answer: it may name a bucket that no listing has told of.
	quoted = regexp.MustCompile(`"[^"]*"`)
)

// Redact returns the report without account ids, bucket names and key prefixes: each becomes account-id-1, bucket-1 or
// key-1, the same wherever it stands, so that the report can be pasted into an issue. The buckets that a report names are
// those whose indexes it lists; what a message quotes of an answer is left out.
func (r *Report) Redact() *Report {
	x := &redactor{ids: map[string]string{}, buckets: map[string]string{}, keys: map[string]string{}}
	x.learn(r)
	redacted := *r
	redacted.Accounts, redacted.Problems, redacted.Warnings = nil, nil, nil
	for _, a := range r.Accounts {
		redacted.Accounts = append(redacted.Accounts, x.account(a))
	}
	redacted.Problems = []Problem{}
	for _, p := range r.Problems {
		p.Failure = x.failure(p.Failure)
		redacted.Problems = append(redacted.Problems, p)
	}
	redacted.Warnings = []string{}
	for _, w := range r.Warnings {
		redacted.Warnings = append(redacted.Warnings, x.text(w))
	}
	return &redacted
}

// redactor replaces values, each by a name of its own.
type redactor struct {
	ids, buckets, keys map[string]string
	byLength           []string // the buckets' names, longest first: one may be a part of another
	prefixes           []string // of keys
}

func (x *redactor) learn(r *Report) {
	for _, a := range r.Accounts {
		if key := a.Credentials.Key; key != "" {
			numbered(x.keys, key, "key")
		}
		for _, region := range a.Regions {
			if region.Indexes != nil {
				numbered(x.buckets, region.Indexes.Bucket, "bucket")
			}
		}
	}
	for name := range x.buckets {
		x.byLength = append(x.byLength, name)
	}
	slices.SortFunc(x.byLength, func(a, b string) int { return cmp.Or(cmp.Compare(len(b), len(a)), cmp.Compare(a, b)) })
	for key := range x.keys {
		x.prefixes = append(x.prefixes, key)
	}
	slices.Sort(x.prefixes)
}

func numbered(names map[string]string, value, kind string) string {
	if names[value] == "" {
		names[value] = fmt.Sprintf("%s-%d", kind, len(names)+1)
	}
	return names[value]
}

func (x *redactor) account(a AccountReport) AccountReport {
	a.Credentials.Source, a.Credentials.Error = x.text(a.Credentials.Source), x.text(a.Credentials.Error)
	a.Credentials.Key = x.keys[a.Credentials.Key]
	regions := make([]Region, len(a.Regions))
	for i, r := range a.Regions {
		r.Host = x.text(r.Host)
		if r.Indexes != nil {
			indexes := *r.Indexes
			indexes.Bucket, indexes.Host = x.text(indexes.Bucket), x.text(indexes.Host)
			r.Indexes = &indexes
		}
		failures := make([]Failure, len(r.Failures))
		for n, f := range r.Failures {
			failures[n] = x.failure(f)
		}
		r.Failures = failures
		regions[i] = r
	}
	a.Regions = regions
	return a
}

func (x *redactor) failure(f Failure) Failure {
	f.Message = x.text(quoted.ReplaceAllString(f.Message, `"..."`))
	return f
}

// text replaces whatever the redactor knows, at the bounds of words only: a bucket may be named as a part of a host is.
func (x *redactor) text(s string) string {
	for _, name := range x.byLength {
		s = replaceWord(s, name, x.buckets[name])
	}
	for _, prefix := range x.prefixes {
		s = replaceWord(s, prefix, x.keys[prefix])
	}
	return accountID.ReplaceAllStringFunc(s, func(id string) string { return numbered(x.ids, id, "account-id") })
}

func replaceWord(s, old, replacement string) string {
	var b strings.Builder
	for {
		at := strings.Index(s, old)
		if at < 0 {
			return b.String() + s
		}
		end := at + len(old)
		b.WriteString(s[:at])
		if (at > 0 && wordByte(s[at-1])) || (end < len(s) && wordByte(s[end])) {
			b.WriteString(old)
		} else {
			b.WriteString(replacement)
		}
		s = s[end:]
	}
}

func wordByte(c byte) bool {
	return '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}
