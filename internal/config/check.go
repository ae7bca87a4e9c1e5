package config

import (
	"errors"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/prometheus/common/config"
)

// The form of a host's name, of a role session's, of a role's and of a role's ARN.
var (
	hostForm    = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$`)
	sessionForm = regexp.MustCompile(`^[A-Za-z0-9.@_-]{2,64}$`)
	nameForm    = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	roleForm    = regexp.MustCompile(`^acs:ram::[^:]+:role/.`)
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

// roleARN wants the form alone: a role's bare name, or another kind's ARN, is told before the first request is.
func roleARN(s string) error {
	if !roleForm.MatchString(s) {
		return errors.New("expected the ARN of a role, acs:ram::ACCOUNTID:role/NAME; copy it from the RAM console")
	}
	return nil
}

// RoleName wants the name of a RAM role, which becomes part of a URL. Package credentials judges by it what the
// environment says.
func RoleName(s string) error {
	if !nameForm.MatchString(s) {
		return errors.New("expected a role's name, of at most 64 letters, digits or any of . _ -, and not its ARN; " +
			"copy it from the RAM console")
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
	u, err := parseURL(s, "https", "socks5", "http")
	switch {
	case err != nil:
		return config.URL{}, err
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#"):
		return config.URL{}, errors.New("a proxy's URL ends after its host and port; remove the path, the query and the " +
			"fragment (in a password, write / as %2F, ? as %3F and # as %23)")
	}
	return config.URL{URL: u}, nil
}

// STSHost wants a host of STS, with a port or without, and nothing else of a URL. Package credentials judges by it what
// the environment says.
func STSHost(s string) error {
	const want = "expected a host such as sts.cn-hangzhou.aliyuncs.com"
	u, err := parseURL("https://"+s, "https")
	switch {
	case err != nil || u.Host != s:
		return errors.New(want + ", without https:// and path")
	case strings.Contains(s, "_"):
		return errors.New(want + "; an underscore is in it, which no host of STS has")
	}
	return nil
}

// parseURL wants one of the schemes, and a host. Its errors never hold the URL, as net/url's do.
func parseURL(s string, schemes ...string) (*url.URL, error) {
	want := "expected a URL such as " + schemes[len(schemes)-1] + "://host:8080"
	u, err := url.Parse(s)
	switch {
	case err != nil:
		return nil, errors.New(want + ", and this cannot be read as one; is a special character not escaped?")
	case !slices.Contains(schemes, u.Scheme):
		return nil, errors.New(want + "; begin it with " + strings.Join(schemes, ":// or ") + "://")
	case u.Hostname() == "":
		return nil, errors.New(want + "; the host is missing")
	case !isHost(u.Hostname()):
		return nil, errors.New(want + "; the host has a character that no host has")
	case !isPort(strings.TrimPrefix(u.Host[strings.LastIndexByte(u.Host, ']')+1:], u.Hostname())):
		return nil, errors.New(want + "; the port is no number from 1 to 65535")
	}
	return u, nil
}

func isHost(s string) bool {
	_, err := netip.ParseAddr(s)
	return err == nil || hostForm.MatchString(s) && len(s) <= 253
}

// isPort judges what follows a host: nothing, or a colon and a port.
func isPort(s string) bool {
	n, err := strconv.ParseUint(strings.TrimPrefix(s, ":"), 10, 16)
	return s == "" || err == nil && n > 0
}
