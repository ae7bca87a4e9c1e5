package config

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/config"
	"go.yaml.in/yaml/v4"
)

// maskedText stands for a secret. Load takes it where a secret belongs, and tells it as a mistake.
const maskedText = "<secret>"

// Format prints an account without its secrets, whatever the verb: config.Secret masks itself only when marshalled.
func (a Account) Format(s fmt.State, verb rune) {
	type unformatted Account
	fmt.Fprintf(s, fmt.FormatString(s, verb), unformatted(a.masked()))
}

// MarshalJSON is the account without its secrets; config.URL's own shows passwords.
func (a Account) MarshalJSON() ([]byte, error) {
	type unmarshalled Account
	return json.Marshal(unmarshalled(a.masked()))
}

func (a Account) masked() Account {
	a.TLSConfig.Key = mask(a.TLSConfig.Key)
	u := url.URL{} // never nil: under %v config.URL would print a panic
	if a.ProxyURL.URL != nil {
		u = *a.ProxyURL.URL
	}
	if u.User != nil {
		u.User = url.User("xxxxx")
	}
	a.ProxyURL = config.URL{URL: &u}
	return a
}

// Format prints credentials without their secrets, whatever the verb.
func (c Credentials) Format(s fmt.State, verb rune) {
	type unformatted Credentials
	c.AccessKeySecret, c.SecurityToken, c.URI = mask(c.AccessKeySecret), mask(c.SecurityToken), mask(c.URI)
	fmt.Fprintf(s, fmt.FormatString(s, verb), unformatted(c))
}

func mask(s config.Secret) config.Secret {
	if s == "" {
		return ""
	}
	return maskedText
}

// MarshalYAML is the configuration in force as a file that loads again: defaults filled in, file names absolute, secrets
// as <secret>.
func (c Config) MarshalYAML() (any, error) { return toYAML(reflect.ValueOf(&c).Elem(), "") }

// MarshalYAML is the account as in a file, without its secrets.
func (a Account) MarshalYAML() (any, error) { return toYAML(reflect.ValueOf(&a).Elem(), "") }

// MarshalYAML is the credentials as in a file, without their secrets.
func (c Credentials) MarshalYAML() (any, error) { return toYAML(reflect.ValueOf(&c).Elem(), "") }

// toYAML is the opposite of decode.
func toYAML(target reflect.Value, tag reflect.StructTag) (*yaml.Node, error) {
	var v any
	switch t := target.Addr().Interface().(type) {
	case *time.Duration:
		v = t.String()
	case *config.Secret:
		v = string(mask(*t))
	case *config.URL:
		v = shownURL(t.URL)
	case *config.TLSVersion:
		v = ""
		for name, version := range config.TLSVersions {
			if version == *t && *t != 0 {
				v = name
			}
		}
	case *string:
		v = *t
		if tag.Get("form") == "file" && *t != "" {
			name, err := filepath.Abs(*t)
			if err != nil {
				return nil, err
			}
			v = name
		}
	case *[]string:
		v = slices.Concat([]string{}, *t)
	case **AssumeRole:
		if *t == nil {
			return nil, nil
		}
		return toYAML(target.Elem(), "")
	case *[]Account:
		list := &yaml.Node{Kind: yaml.SequenceNode}
		for i := range *t {
			n, err := toYAML(target.Index(i), "")
			if err != nil {
				return nil, err
			}
			list.Content = append(list.Content, n)
		}
		return list, nil
	default:
		if target.Kind() == reflect.Struct {
			return mappingYAML(target)
		}
		v = target.Interface()
	}
	n := &yaml.Node{}
	return n, n.Encode(v)
}

func mappingYAML(target reflect.Value) (*yaml.Node, error) {
	m := &yaml.Node{Kind: yaml.MappingNode}
	for _, f := range fieldsOf(target) {
		n, err := toYAML(f.target, f.tag)
		if err != nil {
			return nil, err
		}
		if n != nil {
			m.Content = append(m.Content, &yaml.Node{Kind: yaml.ScalarNode, Value: f.key}, n)
		}
	}
	return m, nil
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
