package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// form is what a text must look like.
type form struct {
	re    *regexp.Regexp     // also the pattern in the schema, where check says more than a pattern can
	wrong string             // the problem of a text that re does not match; empty: check tells it
	check func(string) error // nil: re says all
	quote bool               // the problem names what was found
}

const (
	unprintable  = "a control character or a line break is in the text; remove it"
	invisible    = "a blank, a line break or a character outside ASCII is in the text; remove it"
	hostPattern  = `(([A-Za-z0-9_.-]|\{region\})+|\[[0-9A-Fa-f:.]+\])(:[1-9][0-9]{0,4})?`
	regionWanted = "expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, at most 63 characters)"
)

// forms are the words of the form tags. Without a tag, every text will do.
var forms = map[string]form{ //nolint:gochecknoglobals // a table that is never written
	"": {},
	"printable": {
		re:    regexp.MustCompile(`^[^\x00-\x1f\x7f-\x9f]*$`),
		wrong: unprintable,
	},
	"file": {
		re:    regexp.MustCompile(`^[^\x00-\x1f\x7f-\x9f]*$`),
		wrong: unprintable,
	},
	"visible": { // what keys, ids and header values are made of
		re: visibleForm, wrong: invisible,
	},
	"name": {
		re:    regexp.MustCompile(`^[^\x00-\x20\x7f-\xa0]([^\x00-\x1f\x7f-\x9f]{0,126}[^\x00-\x20\x7f-\xa0])?$`),
		check: accountName,
	},
	"region": {
		re:    regionForm,
		wrong: regionWanted,
		check: regionName, quote: true,
	},
	"pattern":   {wrong: "expected a regular expression (RE2)", check: pattern, quote: true},
	"endpoint":  {re: regexp.MustCompile(`^[Hh][Tt][Tt][Pp][Ss]?://` + hostPattern + `$`), check: endpoint},
	"proxy":     {re: regexp.MustCompile(`^([Hh][Tt][Tt][Pp][Ss]?|[Ss][Oo][Cc][Kk][Ss]5)://([^?#@]*@)?` + hostPattern + `/?$`), check: proxy},
	"url":       {re: regexp.MustCompile(`^[Hh][Tt][Tt][Pp][Ss]?://[\x21-\x7e]+$`), check: httpURL},
	"sts_host":  {re: regexp.MustCompile(`^[A-Za-z0-9.:\[\]-]+$`), check: STSHost},
	"role_name": {re: roleNameForm, check: RoleName},
	"role_arn": { // the form alone: a role's bare name, or another kind's ARN, is told before the first request is
		re:    regexp.MustCompile(`^acs:ram::[\x21-\x39\x3b-\x7e]+:role/[\x21-\x7e]+$`),
		wrong: "expected the ARN of a role, acs:ram::ACCOUNTID:role/NAME; copy it from the RAM console",
	},
	"session": {re: regexp.MustCompile(`^[A-Za-z0-9.@_-]{2,64}$`), wrong: "expected 2 to 64 letters, digits or any of . @ - _"},
}

var (
	visibleForm  = regexp.MustCompile(`^[\x21-\x7e]*$`)
	hostForm     = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$`)
	roleNameForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	regionForm   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)
	variable     = regexp.MustCompile(`\$(\{[A-Za-z_][A-Za-z0-9_]*\}|\([A-Za-z_][A-Za-z0-9_]*\))`)
)

// judge says what is wrong with a text that is not empty.
func (f form) judge(s string) error {
	if f.check != nil {
		if err := f.check(s); err != nil {
			return err
		}
	}
	if f.wrong != "" && f.re != nil && !f.re.MatchString(s) {
		return errors.New(f.wrong)
	}
	return nil
}

// accountName allows what can be read as a label, in a log line and in a URL.
func accountName(s string) error {
	if len(s) > 128 {
		return errors.New("expected at most 128 bytes; shorten the name")
	}
	if s != strings.TrimSpace(s) {
		return errors.New("the name begins or ends with a blank; remove it")
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return errors.New(unprintable)
	}
	return nil
}

// regionName knows what OSS itself calls a region, and the hosts inside it.
func regionName(s string) error {
	id := strings.TrimSuffix(strings.TrimPrefix(s, "oss-"), "-internal")
	switch {
	case len(s) > 63:
		return errors.New(regionWanted)
	case id == s || !regionForm.MatchString(id):
		return nil
	case strings.HasSuffix(s, "-internal"):
		return fmt.Errorf("this is the name of an endpoint; write %s, and name it in internal_regions too", id)
	}
	return fmt.Errorf("this is OSS's own name of a region; write %s", id)
}

func pattern(s string) error {
	if _, err := regexp.Compile("^(?:" + s + ")$"); err != nil {
		return errors.New("expected a regular expression (RE2)")
	}
	return nil
}

// RoleName wants the name of a RAM role, which becomes part of a URL. Package credentials judges by it what the
// environment says.
func RoleName(s string) error {
	if !roleNameForm.MatchString(s) {
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
	if !visibleForm.MatchString(s) {
		return errors.New(invisible)
	}
	_, err := parseURL(s, "http", "https")
	return err
}

// proxy wants the URL of a proxy.
func proxy(s string) error {
	u, err := parseURL(s, "https", "socks5", "http")
	switch {
	case err != nil:
		return err
	case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#"):
		return errors.New("a proxy's URL ends after its host and port; remove the path, the query and the fragment (in a " +
			"password, write / as %2F, ? as %3F and # as %23)")
	}
	return nil
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
