package config

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/config"
	"go.yaml.in/yaml/v4"
)

// maxValues bounds what aliases and merge keys may multiply a file into. Ten thousand accounts of some regions fit.
const maxValues = 100_000

// decoder walks a parsed file by the tags of the types and gathers every problem on the way.
//
// It is not the YAML library's own decoding, which was tried: that one ends a mapping at a duplicate key and the document at
// a bad merge key, drops the list elements that it cannot decode, so that paths shift, reads 0777 as 511 and 12 as a text,
// and looks through unknown tags.
type decoder struct {
	Options
	problems Problems
	warnings Problems
	mistakes Problems // what cannot be meant but stops no other account
	values   int      // values seen so far, of at most limit
	mappings map[*yaml.Node]*mapping
	sections map[string][]string // under which mappings each key is known
	lines    map[string]int      // of each path that is set
	wrong    map[string]bool     // paths that have a problem, there or below
}

// value is a node of the file with its path.
type value struct {
	node    *yaml.Node // aliases are followed
	path    string
	private bool // nothing below may be quoted
}

// field is a key of a mapping and what it is decoded into.
type field struct {
	key    string
	tag    reflect.StructTag
	target reflect.Value
}

// fieldsOf returns the keys of a mapping that is decoded into a struct.
func fieldsOf(target reflect.Value) []field {
	if t, ok := target.Addr().Interface().(*config.TLSConfig); ok {
		target = reflect.ValueOf((*tlsConfig)(t)).Elem()
	}
	var fields []field
	for i := range target.NumField() {
		if tag := target.Type().Field(i).Tag; tag.Get("yaml") != "-" {
			fields = append(fields, field{tag.Get("yaml"), tag, target.Field(i)})
		}
	}
	return fields
}

// report notes a problem of a path: at its own line, or at that of the mapping that lacks it.
func (d *decoder) report(path, format string, args ...any) {
	d.add(d.about(path, format, args...))
}

// reportAt notes a problem at a node that is not the value of its path, such as a key.
func (d *decoder) reportAt(n *yaml.Node, path, format string, args ...any) {
	d.add(Problem{File: d.Name, Line: n.Line, Path: path, Text: fmt.Sprintf(format, args...)})
}

// add marks the path of a problem and its parents as wrong, so that validate reports nothing that follows from it.
func (d *decoder) add(p Problem) {
	d.problems = append(d.problems, p)
	for at := p.Path; at != ""; at = parent(at) {
		d.wrong[at] = true
	}
}

func (d *decoder) about(path, format string, args ...any) Problem {
	return Problem{File: d.Name, Line: d.lineOf(path), Path: path, Text: fmt.Sprintf(format, args...)}
}

func (d *decoder) lineOf(path string) int {
	line, ok := d.lines[path]
	for !ok && path != "" {
		path = parent(path)
		line, ok = d.lines[path]
	}
	return line
}

func parent(path string) string { return path[:max(0, strings.LastIndexAny(path, ".["))] }

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// decode reads a value into a target. What it does not understand is a problem.
func (d *decoder) decode(v value, target reflect.Value, tag reflect.StructTag) {
	d.lines[v.path] = v.node.Line
	v.private = v.private || tag.Get("private") != ""
	var err error
	switch t := target.Addr().Interface().(type) {
	case *time.Duration:
		*t, err = duration(v, tag)
	case *bool:
		*t, err = boolean(v)
	case *int:
		*t, err = integer(v, tag)
	case *map[string]string:
		*t = d.labels(v, tag)
	case *config.URL:
		var text string
		if text, err = d.text(v, tag); text != "" {
			t.URL, _ = url.Parse(text) // its form tells that this works
		}
	case *config.TLSVersion:
		var word string
		word, err = d.text(v, tag)
		*t = config.TLSVersions[word]
	default:
		switch target.Kind() {
		case reflect.Pointer:
			target.Set(fresh(target.Type().Elem()).Addr())
			d.mapping(v, target.Elem())
		case reflect.Slice:
			d.list(v, target, tag)
		case reflect.Struct:
			d.mapping(v, target)
		default:
			var text string
			if text, err = d.text(v, tag); text != "" { // an empty one is as good as none
				target.SetString(text)
			}
		}
	}
	if err != nil {
		d.report(v.path, "%v", err)
	}
}

// mapping decodes each value of a mapping by its key. A key without a value, or with null, is not set.
func (d *decoder) mapping(v value, target reflect.Value) {
	if !d.is(v, yaml.MappingNode, "a mapping (`key: value` lines)") {
		return
	}
	fields := fieldsOf(target)
	for _, e := range d.entries(v) {
		i := slices.IndexFunc(fields, func(f field) bool { return f.key == e.key })
		switch {
		case i < 0 && v.path == "" && strings.HasPrefix(e.key, "x-"):
		case i < 0:
			d.unknownKey(v, e, fields)
		case !isNull(resolve(e.value)):
			d.decode(value{resolve(e.value), join(v.path, e.key), v.private}, fields[i].target, fields[i].tag)
		}
	}
	for _, f := range fields {
		if at, need := join(v.path, f.key), f.tag.Get("need"); need != "" && f.target.IsZero() && !d.wrong[at] {
			d.report(at, "%s", need)
		}
	}
}

// list decodes the elements of a list. One that is wrong keeps its place, with the zero or default value.
func (d *decoder) list(v value, target reflect.Value, tag reflect.StructTag) {
	if !d.is(v, yaml.SequenceNode, "a list (`- ` lines, or [a, b])") || !d.within(len(v.node.Content)) {
		return
	}
	for i, n := range v.node.Content {
		e := fresh(target.Type().Elem())
		d.decode(value{resolve(n), fmt.Sprintf("%s[%d]", v.path, i), v.private}, e, tag)
		target.Set(reflect.Append(target, e))
	}
}

// within counts values. It ends the walk of a file whose aliases multiply without end.
func (d *decoder) within(n int) bool {
	d.values += n
	return d.values <= d.limit
}

// is reports a node of another kind than the one that is wanted.
func (d *decoder) is(v value, k yaml.Kind, want string) bool {
	ok := v.node.Kind == k && standardTag(v.node)
	if !ok {
		d.report(v.path, "expected %s, found %s", want, kindOf(v.node))
	}
	return ok
}
