package credentials

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aliyun/credentials-go/credentials/providers"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

const plainURI = "http://" + uriHost + "/keys"

// bareURI is what the library's own provider gives for an answer of plainURI.
func bareURI(t *testing.T) (ossvapi.Key, error) {
	t.Helper()
	p, err := providers.NewURLCredentialsProviderBuilder().WithUrl(plainURI).Build()
	if err != nil {
		t.Fatal(err)
	}
	c, err := guard{"the credentials URI", p}.GetCredentials()
	if err != nil {
		return ossvapi.Key{}, err
	}
	return keyOf(c), nil
}

func openURI(t *testing.T) fixture {
	t.Helper()
	return open(t, config.Credentials{Type: config.TypeCredentialsURI, URI: plainURI}, nil)
}

// The library would hold in memory whatever comes within its 8 seconds.
func TestAnswersOfACredentialsURIAreBounded(t *testing.T) {
	const much = 64 << 20
	theWorld.host(t, uriHost, say(http.StatusOK, strings.Repeat(" ", 1<<20)+ecsAnswer(keyA.Secret)))
	if _, err := bareURI(t); err != nil {
		t.Errorf("the bare library refuses a large answer, the hazard is gone: %v", err)
	}
	written := make(chan int, 1)
	theWorld.host(t, uriHost, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n, blanks := 0, make([]byte, 1<<20)
		for err := error(nil); err == nil && n < much; n += len(blanks) {
			_, err = w.Write(blanks)
		}
		written <- n
	}))
	openURI(t).wantError(t, "the credentials URI: the answer is larger than 64 KiB: is it the right URI?")
	if n := <-written; n >= much {
		t.Error("all of the answer was read")
	}
	theWorld.host(t, uriHost, say(http.StatusOK, strings.Repeat(" ", maxAnswer-len(ecsAnswer(keyA.Secret)))+ecsAnswer(keyA.Secret)))
	openURI(t).mustKey(t)
}

// Bounded as it is, an answer means what it means to the library.
func TestTheLibraryIsTheOracleOfCredentialsURIs(t *testing.T) {
	good := ecsAnswer(keyA.Secret)
	large := strings.Repeat(" ", 2*maxAnswer)
	for name, answer := range map[string]http.HandlerFunc{
		"a key":                  say(http.StatusOK, good),
		"a key in other letters": say(http.StatusOK, strings.ToLower(good)),
		"a key that is expired":  say(http.StatusOK, strings.Replace(good, "2999", "1999", 1)),
		"another status":         say(http.StatusCreated, good),
		"an error code":          say(http.StatusForbidden, `{"Code": "NoPermission"}`),
		"a large refusal":        say(http.StatusInternalServerError, large),
		"a code in place of it":  say(http.StatusOK, `{"Code": "Throttling.User"}`),
		"a part that is missing": say(http.StatusOK, strings.Replace(good, "SecurityToken", "Token", 1)),
		"no expiry":              say(http.StatusOK, strings.Replace(good, "Expiration", "Expires", 1)),
		"an odd expiry":          say(http.StatusOK, strings.Replace(good, "2999-01-01T00:00:00Z", "tomorrow", 1)),
		"an expiry with a zone":  say(http.StatusOK, strings.Replace(good, "00:00Z", "00:00+08:00", 1)),
		"an empty part":          say(http.StatusOK, ecsAnswer("")),
		"a number":               say(http.StatusOK, strings.Replace(good, `"t"`, "1", 1)),
		"cut-off JSON":           say(http.StatusOK, good[:len(good)-3]),
		"more after it":          say(http.StatusOK, good+"}"),
		"nothing":                say(http.StatusOK, ""),
		"null":                   say(http.StatusOK, "null"),
		"a list":                 say(http.StatusOK, "["+good+"]"),
		"HTML":                   say(http.StatusOK, "<html>"),
		"hang-up":                hangUp,
		"a body that is cut off": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "1000")
			say(http.StatusOK, good)(w, r)
		},
		"a redirect": func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/keys" {
				http.Redirect(w, r, "/elsewhere", http.StatusFound)
				return
			}
			say(http.StatusOK, good)(w, r)
		},
		"a circle of redirects": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/keys", http.StatusFound) },
	} {
		t.Run(name, func(t *testing.T) {
			theWorld.host(t, uriHost, answer)
			want, wantErr := bareURI(t)
			f := openURI(t)
			if wantErr != nil {
				f.wantError(t, wantErr.Error())
				return
			}
			f.wantKey(t, want)
		})
	}
}

// A key is asked for again when no more is left of it than it counts as good.
func TestKeysOfACredentialsURIAreKeptWhileTheyLast(t *testing.T) {
	for life, want := range map[time.Duration]int{goodFor + time.Minute: 1, goodFor - time.Minute: 2} {
		theWorld.host(t, uriHost, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			expiry := time.Now().Add(life).UTC().Format("2006-01-02T15:04:05Z")
			say(http.StatusOK, strings.Replace(ecsAnswer(keyA.Secret), "2999-01-01T00:00:00Z", expiry, 1))(w, r)
		}))
		f := openURI(t)
		f.mustKey(t)
		f.clock.add(goodFor)
		f.mustKey(t)
		if n := theWorld.asked(uriHost); n != want {
			t.Errorf("%d requests for keys of %s, want %d", n, life, want)
		}
	}
}
