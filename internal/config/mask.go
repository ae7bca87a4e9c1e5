package config

import (
	"encoding/json"
	"fmt"
	"net/url"

	"github.com/prometheus/common/config"
)

const maskedText = "<secret>"

// Format prints an account without its secrets, whatever the verb: config.Secret masks itself only when marshalled.
func (a Account) Format(s fmt.State, verb rune) {
	type plain Account
	fmt.Fprintf(s, fmt.FormatString(s, verb), plain(a.masked()))
}

// MarshalYAML is the account without its secrets.
func (a Account) MarshalYAML() (any, error) {
	type plain Account
	return plain(a.masked()), nil
}

// MarshalJSON is the account without its secrets; config.URL's own shows passwords.
func (a Account) MarshalJSON() ([]byte, error) {
	type plain Account
	return json.Marshal(plain(a.masked()))
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
	type plain Credentials
	c.AccessKeySecret, c.SecurityToken, c.URI = mask(c.AccessKeySecret), mask(c.SecurityToken), mask(c.URI)
	fmt.Fprintf(s, fmt.FormatString(s, verb), plain(c))
}

func mask(s config.Secret) config.Secret {
	if s == "" {
		return ""
	}
	return maskedText
}
