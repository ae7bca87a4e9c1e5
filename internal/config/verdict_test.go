package config

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

// Why schema and decoder differ over a configuration.
const (
	relation = "it relates values that stand apart, such as two accounts, or the environment"
	reading  = "the file says the same to a reader of YAML: duplicate keys, tags, notations of numbers, dates"
	outside  = "a file that is named, a certificate, a regular expression: more than a pattern can tell"
	spelling = "the schema wants true and false, which editors complete; YAML 1.1's other words are read all the same"
)

// excused are the test cases over which schema and decoder differ.
var excused = map[string]string{
	"BadAccount/same_name":                           relation,
	"BadAccount/internal_region_that_is_not_listed":  relation,
	"BadCredentials/oidc_role_arn_without_injection": relation,
	"BadOverlap/default_twice":                       relation,
	"BadOverlap/three_accounts":                      relation,
	"BadOverlap/one_key":                             relation,
	"BadOverlap/one_file":                            relation,
	"BadOverlap/one_role":                            relation,
	"BadOverlap/one_instance":                        relation,
	"BadOverlap/one_URI":                             relation,
	"BadOverlap/inside_and_outside":                  relation,
	"BadOverlap/endpoint_spelt_out":                  relation,
	"BadTLS/TLS_with_two_of_a_kind":                  relation,
	"BadTLS/TLS_with_half_a_pair":                    relation,
	"BadTLS/TLS_versions_the_wrong_way":              relation,
	"BadTLS/TLS_file_below_a_file":                   outside,
	"BadTLS/TLS_file_that_cannot_be_shown":           outside,
	"BadTLS/TLS_file_that_never_ends":                outside,
	"BadTLS/TLS_files_of_something_else":             outside,
	"BadTLS/TLS_texts_of_something_else":             outside,
	"BadTLS/TLS_key_of_another_certificate":          outside,
	"BadURL/endpoint_with_a_port_too_high":           outside,
	"BadURL/proxy_that_is_no_URL":                    outside,
	"BadFile/delete":                                 reading,
	"BadKeys/tagged_mapping":                         reading,
	"BadTypes/date_for_a_text":                       reading,
	"BadTypes/tagged_text":                           reading,
	"BadTypes/binary_text":                           reading,
	"BadTypes/octal":                                 reading,
	"BadTypes/hexadecimal":                           reading,
	"BadTypes/underscores":                           reading,
	"BadTypes/exponent":                              reading,
	"BadTypes/number_that_is_too_long_for_one":       outside,
	"BadTypes/too_long_a_duration":                   outside,
	"EveryKey":                                       spelling,
	"Boundaries/words":                               spelling,
}

// compiled is the schema, ready to judge.
var compiled = sync.OnceValues(func() (*jsonschema.Schema, error) {
	text, err := Schema()
	if err != nil {
		return nil, err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("config.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("config.json")
})

// agree holds the schema to the decoder's verdict.
func agree(t *testing.T, text string, decoder error) {
	t.Helper()
	schema, err := compiled()
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	d := yaml.NewDecoder(strings.NewReader(text))
	if d.Decode(&doc) != nil || !errors.Is(d.Decode(new(any)), io.EOF) {
		return // no editor judges what is no YAML, or two documents
	}
	verdict := schema.Validate(plainJSON(doc))
	name := strings.TrimPrefix(t.Name(), "Test")
	switch reason := excused[name]; {
	case (verdict == nil) == (decoder == nil) && reason != "":
		t.Errorf("schema and decoder agree: %q is no exception any more", name)
	case (verdict == nil) != (decoder == nil) && reason == "":
		t.Errorf("%q: the decoder says %v, the schema %v, of\n%s", name, decoder, verdict, text)
	}
}

// plainJSON is what a YAML document is as JSON.
func plainJSON(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = plainJSON(e)
		}
	case map[any]any:
		m := map[string]any{}
		for k, e := range v {
			s, ok := k.(string)
			if !ok {
				s = "no text"
			}
			m[s] = plainJSON(e)
		}
		return m
	case []any:
		for i, e := range v {
			v[i] = plainJSON(e)
		}
	case time.Time:
		return v.Format(time.DateOnly)
	case uint64:
		return float64(v)
	case []byte:
		return string(v)
	}
	return v
}
