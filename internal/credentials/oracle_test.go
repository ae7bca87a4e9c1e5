package credentials

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aliyun/credentials-go/credentials/providers"
	"github.com/google/go-cmp/cmp"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

// The vendor's library is the oracle of what is sent to the services and of what their answers mean. It goes through the
// proxy of the environment.

// oracle is the library's key, or whether it has none.
func oracle(t *testing.T, p providers.CredentialsProvider, err error) (key ossvapi.Key, ok bool) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = recover() }() // an answer without an expiry makes it panic
	c, err := p.GetCredentials()
	if err != nil || check(ossvapi.Key{ID: c.AccessKeyId, Secret: c.AccessKeySecret}) != nil {
		return ossvapi.Key{}, false
	}
	return ossvapi.Key{ID: c.AccessKeyId, Secret: c.AccessKeySecret, Token: c.SecurityToken}, true
}

// Both send the same to STS, but for what is new in each call.
func TestCallsOfSTSAreTheLibrarys(t *testing.T) {
	s := newSTS(t)
	full := &config.AssumeRole{RoleARN: otherRole, SessionName: "a *~+ session", ExternalID: "é&="}
	base, err := providers.NewStaticSTSCredentialsProviderBuilder().WithAccessKeyId(keyA.ID).WithAccessKeySecret(keyA.Secret).WithSecurityToken("t/+=").Build()
	if err != nil {
		t.Fatal(err)
	}
	s.keys[keyA.ID] = ossvapi.Key{ID: keyA.ID, Secret: keyA.Secret, Token: "t/+="}
	p, err := providers.NewRAMRoleARNCredentialsProviderBuilder().WithCredentialsProvider(base).WithRoleArn(full.RoleARN).
		WithRoleSessionName(full.SessionName).WithExternalId(full.ExternalID).WithStsEndpoint(publicSTS).Build()
	if _, ok := oracle(t, p, err); !ok {
		t.Fatal("the library assumes no role")
	}
	theirs := s.last(t)
	open(t, config.Credentials{
		Type: config.TypeStatic, AccessKeyID: keyA.ID, AccessKeySecret: "secret-of-A", SecurityToken: "t/+=", AssumeRole: full,
	}, nil).mustKey(t) // its signature is verified
	compareCalls(t, theirs, s.last(t))

	pairs, tokenFile := podEnv(t)
	q, err := providers.NewOIDCCredentialsProviderBuilder().WithRoleArn(podRole).WithOIDCProviderARN(podProvider).
		WithOIDCTokenFilePath(tokenFile).WithRoleSessionName(defaultSession).WithSTSEndpoint(publicSTS).Build()
	if _, ok := oracle(t, q, err); !ok {
		t.Fatal("the library assumes no role")
	}
	theirs = s.last(t)
	open(t, config.Credentials{}, env(pairs...)).mustKey(t)
	compareCalls(t, theirs, s.last(t))
}

func compareCalls(t *testing.T, theirs, ours url.Values) {
	t.Helper()
	for _, name := range []string{"Timestamp", "SignatureNonce", "Signature"} {
		if theirs.Has(name) != ours.Has(name) || len(theirs.Get(name)) < len(ours.Get(name))-10 {
			t.Errorf("%s: %q, want as %q", name, ours.Get(name), theirs.Get(name))
		}
		theirs.Del(name)
		ours.Del(name)
	}
	if diff := cmp.Diff(theirs, ours); diff != "" {
		t.Errorf("- theirs + ours\n%s", diff)
	}
}

// answers is what a service may answer with; good is the right answer.
func answers(good string) map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{
		"a key":                  say(http.StatusOK, good),
		"a key that is expired":  say(http.StatusOK, strings.Replace(good, "2999", "1999", 1)),
		"another status":         say(http.StatusCreated, good),
		"an error code":          say(http.StatusForbidden, `{"Code": "NoPermission"}`),
		"a large refusal":        say(http.StatusInternalServerError, strings.Repeat(" ", 2*maxAnswer)),
		"a code in place of it":  say(http.StatusOK, `{"Code": "Throttling.User"}`),
		"a part that is missing": say(http.StatusOK, strings.Replace(good, "SecurityToken", "Token", 1)),
		"no expiry":              say(http.StatusOK, strings.Replace(good, "Expiration", "Expires", 1)),
		"an odd expiry":          say(http.StatusOK, strings.Replace(good, "2999-01-01T00:00:00Z", "tomorrow", 1)),
		"an empty secret":        say(http.StatusOK, strings.Replace(good, keyA.Secret, "", 1)),
		"a number":               say(http.StatusOK, strings.Replace(good, `"`+keyA.Secret+`"`, "1", 1)),
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
	}
}

func TestAnswersMeanWhatTheyMeanToTheLibrary(t *testing.T) {
	s, m := newSTS(t), newMetadata(t)
	pairs, tokenFile := podEnv(t)
	const uri = "http://" + uriHost + "/keys"
	for service, c := range map[string]struct {
		good   string
		set    func(http.HandlerFunc)
		ours   func() fixture
		theirs func() (providers.CredentialsProvider, error)
	}{
		"STS": {
			`{"RequestId":"r","Credentials":` + ecsAnswer(keyA.Secret) + `}`,
			func(h http.HandlerFunc) { s.set(func(s *stsServer) { s.fault = h }) },
			func() fixture { return open(t, config.Credentials{}, env(pairs...)) },
			func() (providers.CredentialsProvider, error) {
				return providers.NewOIDCCredentialsProviderBuilder().WithRoleArn(podRole).WithOIDCProviderARN(podProvider).
					WithOIDCTokenFilePath(tokenFile).WithSTSEndpoint(publicSTS).Build()
			},
		},
		"metadata": {
			ecsAnswer(keyA.Secret),
			func(h http.HandlerFunc) { m.set("GET /latest/meta-data/ram/security-credentials/node-role", h) },
			func() fixture {
				return open(t, config.Credentials{Type: config.TypeECSRAMRole, RoleName: "node-role"}, nil)
			},
			func() (providers.CredentialsProvider, error) {
				return providers.NewECSRAMRoleCredentialsProviderBuilder().WithRoleName("node-role").WithDisableIMDSv1(true).Build()
			},
		},
		"URI": {
			ecsAnswer(keyA.Secret),
			func(h http.HandlerFunc) { theWorld.host(t, uriHost, h) },
			func() fixture { return openURI(t) },
			func() (providers.CredentialsProvider, error) {
				return providers.NewURLCredentialsProviderBuilder().WithUrl(uri).Build()
			},
		},
	} {
		for name, answer := range answers(c.good) {
			t.Run(service+": "+name, func(t *testing.T) {
				c.set(answer)
				p, err := c.theirs()
				want, ok := oracle(t, p, err)
				got, err := c.ours().Key(t.Context())
				if (err == nil) != ok || got != want {
					t.Errorf("%v, %v; the library has %v, %v", got, err, want, ok)
				}
				wantNoSecret(t, []string{keyA.Secret}, errorText(err))
			})
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// No redirect is followed: it would take the token, the signature or the URI's own secret elsewhere.
func TestRedirects(t *testing.T) {
	elsewhere := func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/elsewhere" {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
			return
		}
		t.Errorf("%s was asked elsewhere", r.Host)
	}
	theWorld.host(t, uriHost, http.HandlerFunc(elsewhere))
	inPod, s, _ := pod(t)
	s.set(func(s *stsServer) { s.fault = elsewhere })
	newMetadata(t).set("PUT /latest/api/token", elsewhere)
	for _, f := range []fixture{openURI(t), inPod, open(t, config.Credentials{Type: config.TypeECSRAMRole}, nil)} {
		if _, err := f.Key(t.Context()); err == nil || !strings.Contains(err.Error(), "HTTP status 307 without an error code (") {
			t.Errorf("Key: %v", err)
		}
	}
}
