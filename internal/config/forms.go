package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// form is what a text must look like.
type form struct {
	re    *regexp.Regexp     // also the pattern in the schema, where check says more than a pattern can
	most  int                // characters, beside re: a count in a pattern makes it a hundred times as large; 0: any number
	wrong string             // the problem of a text that re does not match; empty: check tells it
	check func(string) error // nil: re says all
	quote bool               // the problem names what was found
}

const (
	blank        = `\x00-\x20\x7f-\xa0` + "\u2002\u2003\u2009\u3000" // and control characters
	unprintable  = "a control character or a line break is in the text; remove it"
	invisible    = "a blank, a line break or a character outside ASCII is in the text; remove it"
	hostPattern  = `(([A-Za-z0-9_.-]|\{region\})+|\[[0-9A-Fa-f:.]+\])(:[1-9][0-9]{0,4})?`
	stsWanted    = "expected a host such as sts.cn-hangzhou.aliyuncs.com, without https://, path and underscore"
	regionWanted = "expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, at most 63 characters)"
)

// forms are the words of the form tags. Without a tag, every text will do.
var forms = map[string]form{ //nolint:gochecknoglobals // a table that is never written
	"":          {},
	"printable": {re: printable, wrong: unprintable},
	"file":      {re: printable, wrong: unprintable},
	"visible":   {re: regexp.MustCompile(`^[\x21-\x7e]*$`), wrong: invisible}, // what keys, ids and header values are made of
	"name": { // what can be read as a label, in a log line and in a URL
		re:    regexp.MustCompile(`^[^` + blank + `]([^\x00-\x1f\x7f-\x9f]*[^` + blank + `])?$`),
		most:  128,
		wrong: "expected at most 128 characters, no control character or line break among them and no blank at either end",
	},
	"region":  {re: regionForm, most: 63, wrong: regionWanted, check: regionName, quote: true},
	"pattern": {wrong: "expected a regular expression (RE2)", check: pattern, quote: true},
	"endpoint": {
		re: regexp.MustCompile(`^[Hh][Tt][Tt][Pp][Ss]?://` + hostPattern + `$`),
		check: address{
			schemes: []string{"http", "https"},
			noUser:  "an endpoint has no user or password; remove all before the @, and set credentials instead",
			noPath:  "an endpoint ends after its host and port; remove the path, the query and the fragment",
		}.check,
	},
	"proxy": {
		re: regexp.MustCompile(`^([Hh][Tt][Tt][Pp][Ss]?|[Ss][Oo][Cc][Kk][Ss]5)://([^?#@]*@)?` + hostPattern + `/?$`),
		check: address{
			schemes: []string{"https", "socks5", "http"}, slash: "/",
			noPath: "a proxy's URL ends after its host and port; remove the path, the query and the fragment (in a password, write " +
				"/ as %2F, ? as %3F and # as %23)",
		}.check,
	},
	"url": {
		re:    regexp.MustCompile(`^[Hh][Tt][Tt][Pp][Ss]?://[\x21-\x7e]+$`),
		wrong: invisible,
		check: address{schemes: []string{"http", "https"}}.check,
	},
	"sts_host": {re: regexp.MustCompile(`^[A-Za-z0-9.:\[\]-]+$`), wrong: stsWanted, check: stsHost},
	"role_name": {
		re:    regexp.MustCompile(`^[A-Za-z0-9._-]+$`),
		most:  64,
		wrong: "expected a role's name, of at most 64 letters, digits or any of . _ -, and not its ARN; copy it from the RAM console",
	},
	"role_arn": {
		re:    regexp.MustCompile(`^acs:ram::[0-9]+:role/[A-Za-z0-9._@/-]+$`),
		most:  163,
		wrong: "expected the ARN of a role, acs:ram::ACCOUNTID:role/NAME; copy it from the RAM console",
	},
	"session": {re: regexp.MustCompile(`^[A-Za-z0-9.@_-]{2,}$`), most: 64, wrong: "expected 2 to 64 letters, digits or any of . @ - _"},
}

var (
	printable  = regexp.MustCompile(`^[^\x00-\x1f\x7f-\x9f]*$`)
	hostForm   = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*\.?$`)
	regionForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)
	variable   = regexp.MustCompile(`\$(\{[A-Za-z_][A-Za-z0-9_]*\}|\([A-Za-z_][A-Za-z0-9_]*\))`)
)

// RoleName says what is wrong with the name of a RAM role, which becomes part of a URL. With this and what follows, package
// credentials judges the environment and what services answer as Load does the file; no error holds the text.
func RoleName(s string) error { return forms["role_name"].judge(s) }

// RoleARN wants the ARN of a RAM role.
func RoleARN(s string) error { return forms["role_arn"].judge(s) }

// STSHost wants a host of STS, with a port or without, and nothing else of a URL.
func STSHost(s string) error { return forms["sts_host"].judge(s) }

// judge says what is wrong with a text that is not empty.
func (f form) judge(s string) error {
	if f.check != nil {
		if err := f.check(s); err != nil {
			return err
		}
	}
	if f.wrong != "" && f.re != nil && (!f.re.MatchString(s) || f.most > 0 && utf8.RuneCountInString(s) > f.most) {
		return errors.New(f.wrong)
	}
	return nil
}

// regionName knows what OSS itself calls a region, and the hosts inside it.
func regionName(s string) error {
	id := strings.TrimSuffix(strings.TrimPrefix(s, "oss-"), "-internal")
	switch {
	case id == s || !regionForm.MatchString(id):
		return nil
	case strings.HasSuffix(s, "-internal"):
		return fmt.Errorf("this is the name of an endpoint; write %s, and name it in internal_regions too", id)
	}
	return fmt.Errorf("this is OSS's own name of a region; write %s", id)
}

func pattern(s string) error {
	_, err := regexp.Compile("^(?:" + s + ")$")
	if wrong := (*syntax.Error)(nil); errors.As(err, &wrong) { // the code alone: the rest quotes the text
		return fmt.Errorf("expected a regular expression (RE2; its parser says: %s)", wrong.Code)
	}
	return err
}

func stsHost(s string) error {
	if (address{schemes: []string{"https"}}).check("https://"+s) != nil {
		return errors.New(stsWanted)
	}
	return nil
}

// address is what a URL must be made of.
type address struct {
	schemes        []string // of which the last is the example
	slash          string   // the path that it may have
	noUser, noPath string   // the problem of a user, and of a path or what follows it; empty: they may be there
}

// check judges a URL, in which {region} may stand. Its errors never hold the URL, as net/url's do.
func (a address) check(s string) error {
	want := "expected a URL such as " + a.schemes[len(a.schemes)-1] + "://host:8080"
	u, err := url.Parse(strings.ReplaceAll(s, "{region}", "cn-hangzhou"))
	switch {
	case err != nil:
		return errors.New(want + ", and this cannot be read as one; is a special character not escaped?")
	case !slices.Contains(a.schemes, u.Scheme):
		return errors.New(want + "; begin it with " + strings.Join(a.schemes, ":// or ") + "://")
	case u.Hostname() == "":
		return errors.New(want + "; the host is missing")
	case !isHost(u.Hostname()):
		return errors.New(want + "; the host has a character that no host has")
	case !isPort(strings.TrimPrefix(u.Host[strings.LastIndexByte(u.Host, ']')+1:], u.Hostname())):
		return errors.New(want + "; the port is no number from 1 to 65535")
	case u.User != nil && a.noUser != "":
		return errors.New(a.noUser)
	case a.noPath != "" && (strings.TrimSuffix(u.Path, a.slash) != "" || u.RawQuery != "" || u.ForceQuery || strings.Contains(s, "#")):
		return errors.New(a.noPath)
	}
	return nil
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
