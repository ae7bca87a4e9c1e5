package config

import (
	"fmt"

	"go.yaml.in/yaml/v4"
)

// maxValues bounds what aliases and merge keys may multiply a file into. Ten thousand accounts of some regions fit.
const maxValues = 100_000

// decoder walks a parsed file against the tables of known keys and gathers every problem on the way.
type decoder struct {
	Options
	problems Problems
	warnings Problems
	values   int // values seen so far, of at most limit
	full     bool
	mappings map[*yaml.Node]*mapping
	places   map[string]string // which mappings have a key, in words; made when first asked for
}

func newDecoder(o Options) *decoder {
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	if o.limit == 0 {
		o.limit = maxValues
	}
	return &decoder{Options: o, mappings: map[*yaml.Node]*mapping{}}
}

// value is one place of the file: a node, its path, and whom to tell about problems.
type value struct {
	d       *decoder
	node    *yaml.Node // aliases are followed
	path    string
	private bool // nothing below may be quoted
}

// fields names the keys that a mapping may have, and what takes each one's value.
type fields map[string]func(value)

// object is a mapping and the values that it sets; a key without a value or with null is not set.
type object struct {
	value
	ok  bool // it is a mapping at all
	set map[string]value
}

func (v value) problem(format string, args ...any) {
	v.d.problems = append(v.d.problems, v.says(format, args...))
}

func (v value) warn(format string, args ...any) {
	v.d.warnings = append(v.d.warnings, v.says(format, args...))
}

func (v value) says(format string, args ...any) Problem {
	return Problem{File: v.d.Name, Line: v.node.Line, Path: v.path, Text: fmt.Sprintf(format, args...)}
}

// at is the value of a key or, where it is not set, the mapping's place with the key's path.
func (o object) at(key string) value {
	if v, ok := o.set[key]; ok {
		return v
	}
	v := o.value
	v.path = join(v.path, key)
	return v
}

// lacks tells that a key is not set, or to "". A value of another kind than a text is no lack: it was reported.
func (o object) lacks(key string) bool {
	v, ok := o.set[key]
	return o.ok && (!ok || v.node.Kind == yaml.ScalarNode && v.node.Value == "")
}

// lacksAny is lacks for a list.
func (o object) lacksAny(key string) bool {
	v, ok := o.set[key]
	return o.ok && (!ok || v.node.Kind == yaml.SequenceNode && len(v.node.Content) == 0)
}

// child is a value below v.
func (v value) child(n *yaml.Node, path string) value {
	v.node, v.path = target(n), path
	return v
}

// fields hands each value of a mapping to the taker of its key.
func (v value) fields(known fields) object {
	o := object{value: v, set: map[string]value{}}
	if o.ok = v.is(yaml.MappingNode, "a mapping (`key: value` lines)"); !o.ok {
		return o
	}
	for _, e := range v.entries() {
		v.d.values++
		c := v.child(e.value, join(v.path, e.key))
		take, ok := known[e.key]
		switch {
		case v.d.exhausted():
			return o
		case !ok:
			c.node = e.node
			c.unknownKey(v, e.key, known)
		case !isNull(c.node):
			o.set[e.key] = c
			take(c)
		}
	}
	return o
}

// elements are the values of a list.
func (v value) elements() []value {
	if !v.is(yaml.SequenceNode, "a list (`- ` lines, or [a, b])") {
		return nil
	}
	var list []value
	for i, n := range v.node.Content {
		v.d.values++
		if v.d.exhausted() {
			break
		}
		list = append(list, v.child(n, fmt.Sprintf("%s[%d]", v.path, i)))
	}
	return list
}

// list is the elements of a key's list once more; none if the key is not set to one.
func (o object) list(key string) []value {
	v, ok := o.set[key]
	if !ok || v.node.Kind != yaml.SequenceNode {
		return nil
	}
	list := make([]value, len(v.node.Content))
	for i, n := range v.node.Content {
		list[i] = v.child(n, fmt.Sprintf("%s[%d]", v.path, i))
	}
	return list
}

// exhausted ends the walk of a file whose aliases multiply without end.
func (d *decoder) exhausted() bool {
	d.full = d.values > d.limit
	return d.full
}

// is reports a node of another kind than the one that is wanted.
func (v value) is(k yaml.Kind, want string) bool {
	ok := v.node.Kind == k && standardTag(v.node)
	if !ok {
		v.problem("expected %s, found %s", want, kindOf(v.node))
	}
	return ok
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
