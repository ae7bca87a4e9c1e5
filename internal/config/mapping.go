package config

import (
	"go.yaml.in/yaml/v4"
)

// entry is one key of a mapping, its own or merged into it.
type entry struct {
	key   string
	node  *yaml.Node // of the key
	value *yaml.Node
}

// mapping is a mapping's entries, each key once. They are worked out once for each node, however many aliases lead to
// it: that bounds the work and says each problem once.
type mapping struct {
	entries []entry
	seen    map[string]*yaml.Node
	merges  []*yaml.Node // the mappings of its merge key, of which earlier ones win
	done    bool         // false while its merge key is being followed
}

// entries are the keys of a mapping: its own, then those that merge keys bring in and that it does not have yet.
func (d *decoder) entries(v value) []entry {
	m, known := d.mappings[v.node]
	switch {
	case !known:
		m = d.readMapping(v)
	case !m.done:
		d.reportAt(v.node, v.path, "a merge key (<<) leads back to the mapping it stands in; merge another one")
	}
	if !d.within(len(m.entries)) {
		return nil
	}
	return m.entries
}

func (d *decoder) readMapping(v value) *mapping {
	m := &mapping{seen: map[string]*yaml.Node{}}
	d.mappings[v.node] = m
	for i := 0; i+1 < len(v.node.Content); i += 2 {
		m.add(d, v, resolve(v.node.Content[i]), v.node.Content[i+1])
	}
	for _, n := range m.merges {
		m.merge(d, v, resolve(n))
	}
	m.done = true
	return m
}

// add takes in one key that the mapping has itself.
func (m *mapping) add(d *decoder, v value, key, val *yaml.Node) {
	first, dup := m.seen[key.Value]
	switch {
	case key.Kind != yaml.ScalarNode || isNull(key):
		d.reportAt(key, v.path, "expected a key, found %s; write `key: value`", kindOf(key))
	case dup:
		d.duplicateKey(v, key, first.Line)
	case key.ShortTag() == "!!merge":
		m.seen[key.Value], m.merges = key, []*yaml.Node{val}
		if val = resolve(val); val.Kind == yaml.SequenceNode {
			m.merges = val.Content
		}
	default:
		m.seen[key.Value] = key
		m.entries = append(m.entries, entry{key.Value, key, val})
	}
}

// merge brings in the entries of a mapping that the mapping does not have yet.
func (m *mapping) merge(d *decoder, v value, source *yaml.Node) {
	if source.Kind != yaml.MappingNode {
		d.reportAt(source, v.path, "expected a mapping, or a list of mappings, after the merge key (<<), found %s; "+
			"write <<: *name, with an anchor &name on a mapping", kindOf(source))
		return
	}
	for _, e := range d.entries(value{source, v.path, v.private}) {
		if _, ok := m.seen[e.key]; !ok {
			m.seen[e.key] = e.node
			m.entries = append(m.entries, e)
		}
	}
}

// resolve follows an alias to what it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	for n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	return n
}

// kinds are the tags that YAML resolves implicitly, each with its kind of node and its description.
var kinds = map[string]struct { //nolint:gochecknoglobals // a table that is never written
	kind  yaml.Kind
	words string
}{
	"!!map": {yaml.MappingNode, "a mapping"}, "!!seq": {yaml.SequenceNode, "a list"}, "!!str": {yaml.ScalarNode, "a text"},
	"!!int": {yaml.ScalarNode, "a number"}, "!!float": {yaml.ScalarNode, "a number"}, "!!bool": {yaml.ScalarNode, "true or false"},
	"!!null": {yaml.ScalarNode, "nothing"}, "!!timestamp": {yaml.ScalarNode, "a date"}, "!!merge": {yaml.ScalarNode, "a text"},
}

// kindOf says what a node is, never what it holds.
func kindOf(n *yaml.Node) string {
	switch {
	case !standardTag(n):
		return "a value with a YAML tag (!)"
	case n.ShortTag() == "!!str" && n.Value == "":
		return "an empty text"
	}
	return kinds[n.ShortTag()].words
}

// standardTag distinguishes the tags that YAML resolves implicitly from explicit other ones.
func standardTag(n *yaml.Node) bool { return kinds[n.ShortTag()].kind == n.Kind }

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }
