package config

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"github.com/prometheus/common/config"
)

// The form of a host's name and of a role session's.
var (
	hostForm    = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$`)
	sessionForm = regexp.MustCompile(`^[A-Za-z0-9.@_-]{2,64}$`)
)

// accountName allows what can be read as a label, in a log line and in a URL.
func accountName(s string) error {
	if len(s) > 128 {
		return errors.New("expected at most 128 bytes; shorten the name")
	}
	if s != strings.TrimSpace(s) {
		return errors.New("the name begins or ends with a blank; remove it")
	}
	return printable(s)
}

// printable refuses control characters and line breaks.
func printable(s string) error {
	if strings.ContainsFunc(s, unicode.IsControl) {
		return errors.New("a control character or a line break is in the text; remove it")
	}
	return nil
}

// solid allows the visible characters of ASCII, which is all that keys, ids and header values are made of.
func solid(s string) error {
	if strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return errors.New("a blank, a line break or a character outside ASCII is in the text; remove it")
	}
	return nil
}

func sessionName(s string) error {
	if !sessionForm.MatchString(s) {
		return errors.New("expected 2 to 64 letters, digits or any of . @ - _")
	}
	return nil
}

// endpoint wants a scheme and a host, which may hold {region}.
func endpoint(s string) error {
	u, err := parseURL(strings.ReplaceAll(s, "{region}", "cn-hangzhou"), "http", "https")
	switch {
	case err != nil:
		return err
	case u.User != nil:
		return errors.New("an endpoint has no user or password; remove all before the @, and set credentials instead")
	case u.Path != "" || u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#"):
		return errors.New("an endpoint ends after its host and port; remove the path, the query and the fragment")
	}
	return nil
}

// httpURL allows any address that can be fetched.
func httpURL(s string) error {
	_, err := parseURL(s, "http", "https")
	return err
}

// proxy reads the URL of a proxy.
func proxy(v value) (config.URL, error) {
	s, err := text[string]()(v)
	if err != nil || s == "" {
		return config.URL{}, err
	}
	u, err := parseURL(s, "http", "https", "socks5")
	switch {
	case err != nil:
		return config.URL{}, err
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#"):
		return config.URL{}, errors.New("a proxy's URL ends after its host and port; remove the path, the query and the " +
			"fragment (in a password, write / as %2F, ? as %3F and # as %23)")
	}
	return config.URL{URL: u}, nil
}

// parseURL wants one of the schemes, and a host. Its errors never hold the URL, as net/url's do.
func parseURL(s string, schemes ...string) (*url.URL, error) {
	want := "expected a URL " + strings.Join(schemes, ":// or ") + ":// with a host, such as " + schemes[0] + "://host:8080"
	u, err := url.Parse(s)
	if err != nil {
		return nil, errors.New(want + "; this cannot be read as a URL (is a special character not escaped?)")
	}
	for _, scheme := range schemes {
		if u.Scheme == scheme {
			return u, hostError(u.Hostname(), u.Port(), strings.HasSuffix(u.Host, ":"), want)
		}
	}
	return nil, errors.New(want + "; the scheme is another one or missing")
}

// hostPort wants a host, with a port or without.
func hostPort(s string) error {
	const want = "expected a host such as sts.cn-hangzhou.aliyuncs.com, without https://"
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		host, port = s, ""
	}
	return hostError(host, port, err == nil && port == "", want)
}

// hostError judges a host and port.
func hostError(host, port string, bareColon bool, want string) error {
	if host == "" {
		return errors.New(want + "; the host is missing")
	}
	if _, err := netip.ParseAddr(host); err != nil && (!hostForm.MatchString(host) || len(host) > 253) {
		return errors.New(want + "; the host has a character that no host has")
	}
	if n, err := strconv.ParseUint(port, 10, 16); bareColon || port != "" && (err != nil || n == 0) {
		return errors.New(want + "; the port is no number from 1 to 65535")
	}
	return nil
}
