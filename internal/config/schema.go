package config

import (
	"encoding/json"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/config"
)

// object is a JSON object.
type object = map[string]any

// durationForm is Go's notation, less the sign that a duration here never has.
const durationForm = `^\+?(0|(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$`

// Schema returns the JSON Schema (draft 7) of the configuration file, made of the tags that Load decodes by. It accepts
// what Load accepts, except for what no schema can express, such as a file that is not there.
func Schema() ([]byte, error) {
	root := mappingSchema(fresh(reflect.TypeFor[Config]()))
	root["$schema"], root["title"] = "http://json-schema.org/draft-07/schema#", "ossvector_exporter configuration"
	root["patternProperties"] = object{"^x-": object{"description": "Ignored, so that YAML anchors can be kept here."}}
	text, err := json.MarshalIndent(root, "", "  ")
	return append(text, '\n'), err
}

// mappingSchema is that of a mapping with the defaults that the target holds.
func mappingSchema(target reflect.Value) object {
	properties, required := object{}, []string{}
	for _, f := range fieldsOf(target) {
		s := valueSchema(f.target, f.tag)
		if types, ok := s["type"].(string); ok && f.tag.Get("need") == "" {
			s["type"] = []string{types, "null"} // a key without a value is not set
		}
		if f.tag.Get("need") != "" {
			required = append(required, f.key)
		}
		s["description"] = f.tag.Get("doc")
		properties[f.key] = s
	}
	s := object{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		s["required"] = required
	}
	switch target.Addr().Interface().(type) {
	case *Account:
		s["not"] = object{"properties": object{"indexes": is(true), "per_bucket_metrics": is(false)}, "required": []string{"indexes", "per_bucket_metrics"}}
	case *Credentials:
		s["allOf"] = credentialRules(target)
	}
	return s
}

// valueSchema is that of one value.
func valueSchema(target reflect.Value, tag reflect.StructTag) object {
	switch t := target.Addr().Interface().(type) {
	case *time.Duration:
		return durationSchema(*t, tag)
	case *bool:
		return object{"type": "boolean", "default": *t}
	case *int:
		s := object{"type": "integer", "default": *t}
		for tagged, word := range map[string]string{"min": "minimum", "max": "maximum"} {
			if n, err := strconv.Atoi(tag.Get(tagged)); err == nil {
				s[word] = n
			}
		}
		return s
	case *config.URL, *config.TLSVersion:
		return textSchema("", tag)
	case *map[string]string:
		values := textSchema("", tag)
		values["type"] = []string{"string", "null"}
		return object{"type": "object", "additionalProperties": values, "propertyNames": object{
			"pattern": labelForm.String(), "not": object{"anyOf": []any{object{"pattern": "^__"}, object{"enum": MetricLabels()}}},
		}}
	}
	switch target.Kind() {
	case reflect.Pointer:
		return mappingSchema(fresh(target.Type().Elem()))
	case reflect.Slice:
		return listSchema(fresh(target.Type().Elem()), tag)
	case reflect.Struct:
		return mappingSchema(target)
	}
	return textSchema(target.String(), tag)
}

func is(v any) object { return object{"const": v} }

// listSchema is that of a list of such elements. A text in a list is never empty.
func listSchema(element reflect.Value, tag reflect.StructTag) object {
	items := valueSchema(element, tag)
	if element.Kind() == reflect.String {
		items["minLength"] = 1
	}
	s := object{"type": "array", "items": items}
	if tag.Get("need") != "" {
		s["minItems"] = 1
	}
	if tag.Get("form") == "region" {
		s["uniqueItems"] = true
	}
	return s
}

func durationSchema(standard time.Duration, tag reflect.StructTag) object {
	text := object{"type": "string", "pattern": durationForm}
	either := []any{text, object{"type": "null"}}
	if tag.Get("above") != "" {
		text["not"] = object{"pattern": "^[^1-9]*$"}
	} else {
		either = append(either, is(0))
	}
	return object{"anyOf": either, "default": standard.String()}
}

// textSchema is that of a text. An empty one is not set.
func textSchema(standard string, tag reflect.StructTag) object {
	if words := strings.Fields(tag.Get("oneof")); len(words) > 0 {
		var enum []any
		for _, w := range words {
			enum = append(enum, w)
		}
		return object{"enum": append(enum, "", nil), "default": standard}
	}
	s := object{"type": "string"}
	f := forms[tag.Get("form")]
	if f.re != nil {
		s["pattern"] = "^$|" + f.re.String()
		if tag.Get("secret") != "" {
			s["pattern"] = "^$|^" + maskedText + "$|" + f.re.String()
		}
	}
	if f.most > 0 {
		s["maxLength"] = f.most
	}
	switch {
	case tag.Get("need") != "":
		s["minLength"] = 1
	case tag.Get("form") != "region":
		s["default"] = standard
	}
	if tag.Get("form") == "region" {
		s["pattern"], s["not"] = f.re.String(), object{"pattern": `^oss-[a-z0-9]+-|^[a-z0-9]+-[a-z0-9-]+-internal$`}
	}
	return s
}

// credentialRules say which keys belong to which type, and which a type needs.
func credentialRules(target reflect.Value) []any {
	var rules []any
	for _, typ := range CredentialTypes()[1:] { // default reads no key of its own
		others, needs := object{}, []any{}
		for _, f := range fieldsOf(target) {
			if f.tag.Get("only") != typ {
				continue
			}
			others[f.key] = object{"enum": []any{"", nil}}
			file := f.key + "_file"
			switch f.tag.Get("own") {
			case "key":
				needs = append(needs, set(f.key))
			case "one":
				needs = append(needs, object{"oneOf": []any{set(f.key), set(file)}})
			case "at most one":
				needs = append(needs, object{"not": object{"allOf": []any{set(f.key), set(file)}}})
			}
		}
		rule := object{
			"if":   object{"type": "object", "properties": object{"type": is(typ)}, "required": []string{"type"}},
			"else": object{"properties": others},
		}
		if len(needs) > 0 {
			rule["then"] = object{"allOf": needs}
		}
		rules = append(rules, rule)
	}
	return rules
}

// set is the schema of a mapping that has a text under a key.
func set(key string) object {
	return object{"properties": object{key: object{"type": "string", "minLength": 1}}, "required": []string{key}}
}
