package config

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/prometheus/common/config"
	"go.yaml.in/yaml/v4"
)

// maskedText replaces a secret. Load accepts it where a secret belongs, and reports it as a mistake.
const maskedText = "<secret>"

// Format prints an account as in a file and without its secrets, whatever the verb: config.Secret masks itself only when
// marshalled.
func (a Account) Format(s fmt.State, _ rune) { show(s, &a) }

// Format prints credentials as in a file and without their secrets, whatever the verb.
func (c Credentials) Format(s fmt.State, _ rune) { show(s, &c) }

func show(s fmt.State, target any) {
	text, _ := yaml.Marshal(toYAML(reflect.ValueOf(target).Elem(), "")) // nodes have no error
	_, _ = s.Write(text)
}

// MarshalJSON is what Format prints; config.URL's own shows passwords.
func (a Account) MarshalJSON() ([]byte, error) { return json.Marshal(fmt.Sprint(a)) }

// MarshalYAML is the configuration in force as a file that loads again: defaults filled in, file names absolute, secrets
// as <secret>.
func (c Config) MarshalYAML() (any, error) { return toYAML(reflect.ValueOf(&c).Elem(), ""), nil }

// MarshalYAML is the account as in a file, without its secrets; config.URL's own shows users.
func (a Account) MarshalYAML() (any, error) { return toYAML(reflect.ValueOf(&a).Elem(), ""), nil }

// toYAML is the opposite of decode; nil: not set.
func toYAML(target reflect.Value, tag reflect.StructTag) *yaml.Node {
	n := &yaml.Node{}
	switch t := target.Addr().Interface().(type) {
	case *config.URL:
		n.SetString(shownURL(t.URL))
		return n
	case fmt.Stringer: // a duration or a version of TLS
		n.SetString(t.String())
		return n
	case *config.Secret:
		if *t != "" {
			target = reflect.ValueOf(maskedText)
		}
	}
	switch kind := target.Kind(); {
	case kind == reflect.String && tag.Get("form") == "file" && target.Len() > 0:
		name, err := filepath.Abs(target.String())
		if err != nil { // the working directory is gone, and with it what the name meant
			name = target.String()
		}
		n.SetString(name)
	case kind == reflect.String:
		n.SetString(target.String())
	case kind == reflect.Pointer && target.IsNil():
		return nil
	case kind == reflect.Pointer:
		return toYAML(target.Elem(), "")
	case kind == reflect.Slice:
		n.Kind = yaml.SequenceNode
		for i := range target.Len() {
			n.Content = append(n.Content, toYAML(target.Index(i), ""))
		}
	case kind == reflect.Struct:
		n.Kind = yaml.MappingNode
		for _, f := range fieldsOf(target) {
			if v := toYAML(f.target, f.tag); v != nil {
				n.Content = append(n.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: f.key}, v)
			}
		}
	default:
		_ = n.Encode(target.Interface()) // a number, a boolean or labels
	}
	return n
}

// shownURL is a URL with <secret> for its user and password.
func shownURL(u *url.URL) string {
	switch {
	case u == nil:
		return ""
	case u.User == nil:
		return u.String()
	}
	shown := *u
	shown.User = nil
	return strings.Replace(shown.String(), "://", "://"+maskedText+"@", 1)
}
