package credentials

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"ossvector_exporter/internal/config"
)

func openURI(t *testing.T) fixture {
	t.Helper()
	return open(t, config.Credentials{Type: config.TypeCredentialsURI, URI: "http://" + uriHost + "/keys"}, nil)
}

// What a service answers is read up to a bound, however much it sends.
func TestAnswersAreBounded(t *testing.T) {
	const much = 64 << 20
	written := make(chan int, 1)
	endless := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		n, blanks := 0, make([]byte, 1<<20)
		for err := error(nil); err == nil && n < much; n += len(blanks) {
			_, err = w.Write(blanks)
		}
		written <- n
	})
	theWorld.host(t, uriHost, endless)
	inPod, s, _ := pod(t)
	s.set(func(s *stsServer) { s.fault = endless })
	m := newMetadata(t)
	m.fault["PUT /latest/api/token"] = endless
	for name, f := range map[string]fixture{
		"the credentials URI at keys.example.com":      openURI(t),
		"STS at sts.aliyuncs.com: AssumeRoleWithOIDC":  inPod,
		"the ECS instance metadata at 100.100.100.200": open(t, config.Credentials{Type: config.TypeECSRAMRole}, nil),
	} {
		f.wantError(t, name+": the answer is larger than 64 KiB: is it the right host?")
		if n := <-written; n >= much {
			t.Errorf("%s: all of the answer was read", name)
		}
	}
	theWorld.host(t, uriHost, say(http.StatusOK, strings.Repeat(" ", maxAnswer-len(ecsAnswer(keyA.Secret)))+ecsAnswer(keyA.Secret)))
	openURI(t).mustKey(t)
}

// A key is asked for again when no more is left of it than it counts as good.
func TestTemporaryKeysAreKeptWhileTheyLast(t *testing.T) {
	for life, want := range map[time.Duration]int{goodFor + time.Minute: 1, goodFor - time.Minute: 2} {
		theWorld.host(t, uriHost, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			expiry := time.Now().Add(life).UTC().Format("2006-01-02T15:04:05Z")
			say(http.StatusOK, strings.Replace(ecsAnswer(keyA.Secret), "2999-01-01T00:00:00Z", expiry, 1))(w, r)
		}))
		f := openURI(t)
		f.mustKey(t)
		f.age(goodFor)
		f.mustKey(t)
		if n := theWorld.asked(uriHost); n != want {
			t.Errorf("%d requests for keys of %s, want %d", n, life, want)
		}
	}
}
