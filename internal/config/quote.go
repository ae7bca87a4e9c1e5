package config

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/common/config"
	"go.yaml.in/yaml/v4"
)

var word = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)

// quotable tells what may be quoted in a message: short and of one piece, so that no secret can be part of it. (A quote that
// is not closed makes the following lines, keys and all, a part of a harmless value.)
func (v value) quotable(s string) bool { return !v.private && len(s) <= 40 && word.MatchString(s) }

// found is a scalar as written in the file if it may be shown, else its kind.
func (v value) found() string {
	if v.node.Kind == yaml.ScalarNode && standardTag(v.node) && v.quotable(v.node.Value) {
		return fmt.Sprintf("%q", v.node.Value)
	}
	return kindOf(v.node)
}

// unknownKey says what key was meant or where the key belongs. The key itself is shown only if it cannot be a secret:
// `{access_key_secret:LTAI...}` without a blank is one long key.
func (d *decoder) unknownKey(v value, e entry, known []field) {
	near, belongs := nearest(e.key, known), d.sections[e.key]
	path := join(v.path, e.key)
	switch {
	case near != "":
		d.reportAt(e.node, path, "unknown key; did you mean %s?", near)
	case len(belongs) > 0:
		where := "under " + strings.Join(belongs, " or under ")
		if belongs[0] == "" {
			where = "at the top level"
		}
		d.reportAt(e.node, path, "unknown key; it belongs %s", where)
	case !v.quotable(e.key):
		d.reportAt(e.node, v.path, "a key that is not known (it is not shown here, as it may be a secret); known are %s", keysOf(known))
	default:
		d.reportAt(e.node, path, "unknown key; known are %s", keysOf(known))
	}
}

// duplicateKey reports that a mapping contains a key twice.
func (d *decoder) duplicateKey(v value, key *yaml.Node, first int) {
	path := v.path
	if key.Value == "<<" || len(d.sections[key.Value]) > 0 {
		path = join(path, key.Value)
	}
	d.reportAt(key, path, "duplicate key, the first is in line %d; remove one of the two", first)
}

// sections are the paths of the mappings that each key is known under.
func sections() map[string][]string {
	m := map[string][]string{}
	var walk func(path string, target reflect.Value)
	walk = func(path string, target reflect.Value) {
		for _, f := range fieldsOf(target) {
			m[f.key] = append(m[f.key], path)
			t, at := f.target.Type(), join(path, f.key)
			switch {
			case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Struct:
				walk(at+"[]", fresh(t.Elem()))
			case t.Kind() == reflect.Pointer:
				walk(at, fresh(t.Elem()))
			case t.Kind() == reflect.Struct && t != reflect.TypeFor[config.URL]():
				walk(at, f.target)
			}
		}
	}
	walk("", fresh(reflect.TypeFor[Config]()))
	return m
}

// nearest is the known key that a mistyped one was meant to be, or none.
func nearest(key string, known []field) string {
	key = strings.ToLower(strings.ReplaceAll(key, "-", "_"))
	for _, f := range known {
		k := f.key
		typos := min(2, (len(k)+1)/4)
		if len(k) > 3 && len(key) >= len(k)-typos && len(key) <= len(k)+typos && distance(key, k) <= typos {
			return k
		}
	}
	return ""
}

// distance is the number of letters to insert, delete or replace that make a into b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		last := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := last
			if a[i] != b[j] {
				change++
			}
			last = row[j+1]
			row[j+1] = min(change, last+1, row[j]+1)
		}
	}
	return row[len(b)]
}

func keysOf(known []field) string {
	var keys []string
	for _, f := range known {
		keys = append(keys, f.key)
	}
	slices.Sort(keys)
	return strings.Join(keys, ", ")
}
