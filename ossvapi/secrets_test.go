package ossvapi

import (
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// leaks are all texts of an error that a log, a page or a label may show.
func texts(err *Error) string {
	return fmt.Sprintf("%s|%v|%+v|%s|%s|%s|%s", err.Error(), err, err, err.Code, err.RequestID, err.Message, err.Region)
}

// signature is the signed request's.
func signature(r *http.Request) string {
	_, s, _ := strings.Cut(r.Header.Get("Authorization"), "Signature=")
	return s
}

// disguises are ways to write a whole secret so that it is not easily found.
func disguises() map[string]func(string) string {
	return map[string]func(string) string{
		"plainly":         func(s string) string { return s },
		"in a sentence":   func(s string) string { return "the key " + s + " is unknown" },
		"quoted":          func(s string) string { return `"` + s + `"` },
		"with NULs":       func(s string) string { return s[:3] + "\x00" + s[3:9] + "\x00" + s[9:] },
		"with zero width": func(s string) string { return s[:3] + "\u200b" + s[3:9] + "\u200b" + s[9:] },
		"escaped": func(s string) (escaped string) {
			for _, b := range []byte(s) {
				escaped += fmt.Sprintf(`\u%04x`, b)
			}
			return escaped
		},
		"after a letter":    func(s string) string { return "X" + s },
		"at the cut":        func(s string) string { return strings.Repeat("x ", 140) + s },
		"as a code's part":  func(s string) string { return "Invalid." + s },
		"beside each other": func(s string) string { return s + s },
	}
}

// A hostile service knows the key's id, the token and the signature, and the demo's knows the secret too. Whatever it
// echoes, wherever, no eight characters of them in a row come through.
func TestHostileEchoesAreNotPassedOn(t *testing.T) {
	echoes := map[string]func(*http.Request) string{
		"id":        func(*http.Request) string { return testKey().ID },
		"secret":    func(*http.Request) string { return testKey().Secret },
		"token":     func(*http.Request) string { return testKey().Token },
		"signature": signature,
	}
	for what, of := range echoes {
		for how, disguise := range disguises() {
			t.Run(what+" "+how, func(t *testing.T) {
				for _, status := range []int{200, 302, 400, 403, 503} {
					var secret string
					c, seen := newClient(trip(func(r *http.Request) (*http.Response, error) {
						secret = of(r)
						return echo(status, disguise(secret))(r)
					}), noRenewal)
					checkNoLeak(t, secret, failure(t, c))
					checkNoLeak(t, secret, seen.failures[0])
					if shown := fmt.Sprintf("%+v", seen.attempts); strings.Contains(shown, secret) {
						t.Errorf("the attempt shows %s: %s", secret, shown)
					}
				}
			})
		}
	}
}

// Nor do they where an excerpt ends, or begins, in the middle of them.
func TestHalvesOfSecretsAreNotPassedOn(t *testing.T) {
	secret := testKey().Secret
	bodies := []string{`{"a":"` + secret[:9] + "\n" + secret[9:] + `"}`, "<html>" + secret[:len(secret)/2] + `" "` + secret[len(secret)/2:]}
	for left := range len(secret) {
		bodies = append(bodies, strings.Repeat("x", maxExcerpt-1-left)+" "+secret, strings.Repeat("\u200b", maxExcerpt/3-left/3)+" "+secret)
	}
	for _, body := range bodies {
		c, seen := newClient(answer(http.StatusOK, body))
		checkNoLeak(t, secret, failure(t, c))
		shown := seen.attempts[0].Body.String()
		for i := 0; i+8 <= len(secret); i++ {
			if strings.Contains(shown, secret[i:i+8]) {
				t.Fatalf("the attempt shows %q: %s", secret[i:i+8], shown)
			}
		}
	}
}

// echo puts a text wherever an answer has room for one.
func echo(status int, text string) trip {
	type said struct {
		XMLName                        xml.Name `json:"-" xml:"Error"`
		Code, Message, RequestID, Host string
	}
	all := said{Code: text, Message: text, RequestID: text, Host: text}
	body, err := json.Marshal(map[string]any{"Error": all})
	if status == http.StatusForbidden && !strings.Contains(text, "\x00") {
		body, err = xml.Marshal(all)
	}
	if status == http.StatusOK {
		body, err = json.Marshal(map[string]any{"ListAllMyBucketsResult": map[string]any{"IsTruncated": text}})
	}
	if err != nil {
		panic(err)
	}
	return answer(status, string(body), "X-Oss-Request-Id", text, "Server", text, "Location", "http://"+text, "Content-Type", "text/"+text, "X-Oss-Ec", text)
}

// checkNoLeak wants no eight characters of the secret in a row, in whatever case.
func checkNoLeak(t *testing.T, secret string, err *Error) {
	t.Helper()
	shown := strings.ToLower(texts(err))
	for cause := errors.Unwrap(err); cause != nil; cause = errors.Unwrap(cause) {
		shown += strings.ToLower(fmt.Sprintf("|%v %+v", cause, cause))
	}
	for i := 0; i+8 <= len(secret); i++ {
		if part := strings.ToLower(secret[i : i+8]); strings.Contains(shown, part) {
			t.Fatalf("%q of %q is in %s", part, secret, shown)
		}
	}
	if strings.ContainsAny(err.Message, "\n\r\t\x00") || len([]rune(err.Message)) > 300 || len([]rune(err.Error())) > 300 {
		t.Errorf("not one short line: %q", err.Message)
	}
}

// What people need in order to act stays.
func TestScrubKeepsWords(t *testing.T) {
	for text, want := range map[string]string{
		"You have no right to access this object because of bucket acl.": "",
		"The OSS Access Key Id you provided does not exist.":             "",
		"acs:ossvector:cn-shanghai:1037350000000000:docs is denied":      "",
		"  two\t\nlines\u2028and more  ":                                 "two lines and more",
		"not LTAI5tOfSomebodyElse000001 either":                          "not <secret> either",
		"a\x00b\u200bc\xff\ufffd":                                        "abc",
		"":                                                               "",
	} {
		if want == "" {
			want = text
		}
		if got := secretsOf(testKey(), &http.Request{}).scrub(text, maxMessage); got != want {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

// A long code of letters is a word also where a message or a body says it; what it does not name stays a secret.
func TestScrubKeepsTheAnswersOwnCode(t *testing.T) {
	const long = "DownloadTrafficRateLimitExceeded"
	secret := Key{ID: "TheKeyIdentifierThatIsAllOfLetters", Secret: "s"}
	for _, tt := range []struct{ code, message, want string }{
		{long, "refused: " + long + ", slow down", "refused: " + long + ", slow down"},
		{"Throttling." + long, "refused: Throttling." + long, "refused: Throttling." + long},
		{"Throttling", "refused: " + long, "refused: <secret>"},
		{long, "refused: Another" + long, "refused: <secret>"},
		{long + "2026", "refused: " + long + "2026", "refused: <secret>"},
		{secret.ID, "refused: " + secret.ID, "refused: <secret>"},
		{"No" + secret.ID, "refused: No" + secret.ID, "refused: No<secret>"},
	} {
		c, seen := newClient(answer(503, fmt.Sprintf(`{"Error":{"Code":%q,"Message":%q}}`, tt.code, tt.message)),
			func(o *Options) { o.Keys = always(secret) })
		err := failure(t, c)
		body := seen.attempts[0].Body.String()
		if err.Message != tt.want || !strings.Contains(body, tt.want) {
			t.Errorf("%s: message %q, body %q", tt.code, err.Message, body)
		}
		if shown := texts(err) + body; strings.Contains(shown, secret.ID) {
			t.Errorf("%s: %s", tt.code, shown)
		}
	}
}

func TestShortKeysHideNoWords(t *testing.T) {
	c, _ := newClient(answer(404, `{"Error":{"Code":"NoSuchKey","Message":"no such key is known"}}`), func(o *Options) {
		o.Keys = always(Key{ID: "k", Secret: "s"})
	})
	if err := failure(t, c); err.Code != "NoSuchKey" || err.Message != "no such key is known" {
		t.Errorf("got %+v", err)
	}
}
