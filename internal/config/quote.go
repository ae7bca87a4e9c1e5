package config

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

// plain is what may be quoted in a message: short and of one piece, so that no secret can be part of it. (A quote that
// is not closed makes the following lines, keys and all, a part of a harmless value.)
var (
	plain    = regexp.MustCompile(`^[A-Za-z0-9._-]{1,63}$`)
	plainKey = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,39}$`)
)

// found is a scalar as it stands in the file if that may be shown, else its kind.
func (v value) found() string {
	if v.node.Kind == yaml.ScalarNode && standardTag(v.node) && !v.private {
		return show(v.node.Value, kindOf(v.node))
	}
	return kindOf(v.node)
}

// show quotes a harmless text and calls any other by its kind.
func show(s, kind string) string {
	if plain.MatchString(s) {
		return fmt.Sprintf("%q", s)
	}
	return kind
}

// unknownKey says what key was meant or where the key belongs. The key itself is shown only if it cannot be a secret:
// `{access_key_secret:LTAI...}` without a blank is one long key.
func (v value) unknownKey(parent value, key string, known fields) {
	near, place := nearest(key, known), v.d.place(key)
	switch {
	case near != "":
		v.problem("unknown key; did you mean %s?", near)
	case place != "":
		v.problem("unknown key; it belongs %s", place)
	default:
		if v.private || !plainKey.MatchString(key) {
			v.path = parent.path
			v.problem("a key that is not known (it is not shown here, as it may be a secret); known are %s", list(known))
			return
		}
		v.problem("unknown key; known are %s", list(known))
	}
}

// duplicateKey says that a key stands in a mapping twice.
func (v value) duplicateKey(parent value, first int) {
	if key := v.node.Value; key == "<<" || v.d.place(key) != "" {
		v.path = join(parent.path, key)
	}
	v.problem("duplicate key, the first is in line %d; remove one of the two", first)
}

// place names the mappings that have a key.
func (d *decoder) place(key string) string {
	if d.places == nil {
		d.places = map[string]string{}
		for _, s := range schema() {
			for k := range s.known {
				d.places[k] = strings.TrimPrefix(d.places[k]+" or "+s.place, " or ")
			}
		}
	}
	return d.places[key]
}

// nearest is the known key that a mistyped one was meant to be, or none.
func nearest(key string, known fields) string {
	key = strings.ToLower(strings.ReplaceAll(key, "-", "_"))
	for _, k := range slices.Sorted(maps.Keys(known)) {
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

func list(known fields) string {
	return strings.Join(slices.Sorted(maps.Keys(known)), ", ")
}
