package credentials

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"ossvector_exporter/ossvapi"
)

// Names that stand for an account's in the tests.
const (
	podRole     = "acs:ram::1037350000000000:role/exporter"
	otherRole   = "acs:ram::1037350000000001:role/reader"
	podProvider = "acs:ram::1037350000000000:oidc-provider/ack-rrsa-c0"
	publicSTS   = "sts.aliyuncs.com"
)

// stsServer is a simulated Security Token Service: AssumeRole, whose signature it verifies, and AssumeRoleWithOIDC. It answers
// in the documented shapes. Where it differs: any role may be assumed by who is known.
type stsServer struct {
	mu     sync.Mutex
	token  string                 // the OIDC token that is valid now
	keys   map[string]ossvapi.Key // the keys that may assume a role, by id; those that it gives out are added
	life   time.Duration          // of the keys that it gives out
	fault  http.HandlerFunc       // answers in its place
	before func()                 // runs at the start of every call
	gave   func(ossvapi.Key)      // told of every key that it gives out
	calls  []url.Values           // every call, queries and form together
}

// newSTS runs one under the name of the public endpoint.
func newSTS(t *testing.T) *stsServer {
	t.Helper()
	s := &stsServer{keys: map[string]ossvapi.Key{keyA.ID: keyA, keyB.ID: keyB}, life: time.Hour, token: "token-0"}
	theWorld.host(t, publicSTS, s)
	return s
}

// set changes the service between calls.
func (s *stsServer) set(change func(*stsServer)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

// called is how often it has been called.
func (s *stsServer) called() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}

// last is the latest call.
func (s *stsServer) last(t *testing.T) url.Values {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.calls) == 0 {
		t.Fatal("STS was not called")
	}
	return s.calls[len(s.calls)-1]
}

// issued is the n-th key that it gives out; the first is 1.
func issued(n int) ossvapi.Key {
	return ossvapi.Key{ID: fmt.Sprintf("STS.example%d", n), Secret: fmt.Sprintf("role-secret-%d", n), Token: fmt.Sprintf("role-token-%d", n)}
}

func (s *stsServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil {
		panic(err)
	}
	s.mu.Lock()
	s.calls = append(s.calls, r.Form)
	n, before, fault := len(s.calls), s.before, s.fault
	s.mu.Unlock()
	if before != nil {
		before()
	}
	if fault != nil {
		fault(w, r)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if status, code := s.refuse(r); code != "" {
		stsError(status, code)(w, r)
		return
	}
	key := issued(n)
	s.keys[key.ID] = key
	if s.gave != nil {
		s.gave(key)
	}
	answer(w, http.StatusOK, map[string]any{
		"RequestId":       "3D57EAD2-8723-1F26-B69C-F8707D8B565D",
		"AssumedRoleUser": map[string]string{"AssumedRoleId": "33157794895460:s", "Arn": r.Form.Get("RoleArn") + "/s"},
		"Credentials": map[string]string{
			"SecurityToken": key.Token, "AccessKeyId": key.ID, "AccessKeySecret": key.Secret,
			"Expiration": time.Now().Add(s.life).UTC().Format("2006-01-02T15:04:05Z"),
		},
	})
}

// refuse judges a call as the service does.
func (s *stsServer) refuse(r *http.Request) (int, string) {
	switch r.Form.Get("Action") {
	case "AssumeRoleWithOIDC":
		if r.Form.Get("OIDCToken") != s.token {
			return http.StatusUnauthorized, "AuthenticationFail.OIDCToken.Expired"
		}
		return 0, ""
	case "AssumeRole":
		key, ok := s.keys[r.Form.Get("AccessKeyId")]
		if !ok {
			return http.StatusNotFound, "InvalidAccessKeyId.NotFound"
		}
		if r.Form.Get("SecurityToken") != key.Token || r.Form.Get("Signature") != wantSignature(r.Form, key.Secret) {
			return http.StatusBadRequest, "SignatureDoesNotMatch"
		}
		return 0, ""
	}
	return http.StatusNotFound, "InvalidAction.NotFound"
}

// wantSignature is version 1.0 of the RPC signature, by HMAC-SHA1.
func wantSignature(form url.Values, secret string) string {
	signed := url.Values{}
	for k, v := range form {
		if k != "Signature" {
			signed[k] = v
		}
	}
	escape := strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~")
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	mac.Write([]byte("POST&%2F&" + url.QueryEscape(escape.Replace(signed.Encode()))))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// stsError answers with an error of the documented shape.
func stsError(status int, code string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		answer(w, status, map[string]string{
			"RequestId": "3D57EAD2-8723-1F26-B69C-F8707D8B565D", "HostId": publicSTS, "Code": code,
			"Message": "A message with the-service's-secret in it.", "Recommend": "https://api.example.com/troubleshoot",
		})
	}
}

// say answers with any status and body.
func say(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

func answer(w http.ResponseWriter, status int, body any) {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	say(status, string(data))(w, nil)
}

// gate is a fault that hangs until it is opened.
type gate struct {
	entered chan struct{} // one for every caller that came
	opened  chan struct{}
	open    func()
}

func newGate(t *testing.T) *gate {
	t.Helper()
	g := &gate{entered: make(chan struct{}, 1000), opened: make(chan struct{})}
	g.open = sync.OnceFunc(func() { close(g.opened) })
	t.Cleanup(g.open)
	return g
}

func (g *gate) wait() {
	g.entered <- struct{}{}
	<-g.opened
}
