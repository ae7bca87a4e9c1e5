package credentials

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"ossvector_exporter/ossvapi"
)

// Of what a service answers in place of a key, nothing is shown but a code, a status and a media type.
func TestRefusals(t *testing.T) {
	code := func(c string) string { return `{"RequestId":"secret","Message":"secret","Code":"` + c + `"}` }
	const none = "HTTP status 403 without an error code (unknown type, "
	for _, c := range []struct{ media, body, want string }{
		{"", code("Odd.Code"), "Odd.Code"},
		{"", `{"ErrorCode": "InvalidAccessToken", "ErrorMessage": "secret"}`, "InvalidAccessToken"},
		{"", code("AuthenticationFail.NoPermission"), "AuthenticationFail.NoPermission; do the role's trust policy and the OIDC provider fit this service account?"},
		{"", code("AuthenticationFail.OIDCToken.AudienceNotMatch"), "AuthenticationFail.OIDCToken.AudienceNotMatch; the OIDC provider does not accept the token's audience"},
		{"", code("AuthenticationFail.OIDCToken.Expired"), "AuthenticationFail.OIDCToken.Expired; the OIDC token file does not hold a valid token"},
		{"", code("EntityNotExist.Role"), "EntityNotExist.Role; the role does not exist, check its ARN"},
		{"", code("NoPermission"), "NoPermission; allow sts:AssumeRole to the caller and the caller in the role's trust policy"},
		{"", code("LTAI5secret"), none + "62 bytes)"},
		{"", code("secret"), none + "57 bytes)"},
		{"", code(strings.Repeat("Secret", 10)), none + "111 bytes)"},
		{"", code(`Secret\nline`), none + "63 bytes)"},
		{"text/html; charset=utf-8", "<html>secret", "HTTP status 403 without an error code (text/html, 12 bytes)"},
		{"text/secret\"5", "", none + "0 bytes)"},
	} {
		w := httptest.NewRecorder()
		w.Header().Set("Content-Type", c.media)
		w.WriteHeader(http.StatusForbidden)
		if got := refusal(w.Result(), []byte(c.body)); got != c.want {
			t.Errorf("%s: %q, want %q", c.body, got, c.want)
		}
	}
}

// Of an error of the network, nothing is shown but what it means, of whom, and the proxy.
func TestNoAnswers(t *testing.T) {
	get := func(err error) error { return &url.Error{Op: "Get", URL: "http://secret-place/", Err: err} }
	dial := func(op string, err error) error { return get(&net.OpError{Op: op, Net: "tcp", Err: err}) }
	proxied := newClient(0, func(*http.Request) (*url.URL, error) { return url.Parse("http://user:secret@proxy:3128") }, nil, nil)
	direct := newClient(0, nil, nil, nil)
	for _, c := range []struct {
		client *client
		err    error
		want   string
	}{
		{direct, get(context.DeadlineExceeded), "x did not answer in time; is it reachable from here?"},
		{direct, dial("dial", os.ErrDeadlineExceeded), "x did not answer in time; is it reachable from here?"},
		{direct, dial("dial", &net.DNSError{Err: "no such host", Name: "secret"}), "x does not resolve (DNS)"},
		{direct, dial("dial", syscall.ECONNREFUSED), "x refused the connection; is it reachable from here?"},
		{direct, dial("dial", syscall.EHOSTUNREACH), "x: the connection failed"},
		{direct, get(&tls.CertificateVerificationError{Err: errors.New("secret")}), "x has a TLS certificate that is not trusted"},
		{direct, get(errors.New("secret")), "x: the connection failed"},
		{proxied, get(errors.New("secret")), "x: the connection failed; through the proxy proxy:3128"},
		{proxied, get(&tls.CertificateVerificationError{Err: errors.New("secret")}), "x has a TLS certificate that is not trusted; through the proxy proxy:3128"},
		{proxied, get(proxyRefusal(407)), "the proxy proxy:3128 does not connect to x: HTTP status 407"},
		{proxied, dial("proxyconnect", &net.DNSError{Name: "secret"}), "the proxy proxy:3128 on the way to x does not resolve (DNS)"},
		{proxied, dial("proxyconnect", syscall.ECONNREFUSED), "the proxy proxy:3128 on the way to x refused the connection; is it reachable from here?"},
	} {
		if got := c.client.noAnswer("x", httptest.NewRequest(http.MethodGet, "https://x", nil), c.err).Error(); got != c.want {
			t.Errorf("%v: %q, want %q", c.err, got, c.want)
		}
	}
}

// An answer that is not read to its end leaves no connection open either.
func TestBodiesAreClosed(t *testing.T) {
	body := &endless{}
	c := &client{http.Client{Transport: body}}
	if _, err := c.do(t.Context(), request{service: "x", method: http.MethodGet, url: "http://x/"}); err == nil || !body.closed {
		t.Errorf("closed: %t, after %v", body.closed, err)
	}
}

// endless answers with a body that has no end.
type endless struct{ closed bool }

func (e *endless) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{StatusCode: http.StatusOK, Body: e, Request: r}, nil
}

func (e *endless) Read(p []byte) (int, error) { return len(p), nil }

func (e *endless) Close() error {
	e.closed = true
	return nil
}

// The next call is minutes away: no connection waits for it.
func TestConnectionsEndWithTheirCall(t *testing.T) {
	f, s, _ := pod(t)
	s.set(func(s *stsServer) {
		s.fault = func(w http.ResponseWriter, r *http.Request) {
			if !r.Close {
				t.Error("the connection is kept")
			}
			say(http.StatusForbidden, "")(w, r)
		}
	})
	f.wantError(t, "STS at sts.aliyuncs.com: AssumeRoleWithOIDC: HTTP status 403 without an error code (unknown type, 0 bytes)")
}

// An answer that is no key says what is wrong with it, and quotes nothing.
func TestDecodeKey(t *testing.T) {
	good := ecsAnswer(keyA.Secret)
	without := func(name string) string { return strings.Replace(good, name, "Other", 1) }
	for _, c := range []struct{ answer, member, want string }{
		{good, "", ""},
		{`{"Credentials":` + good + `}`, "Credentials", ""},
		{good, "Credentials", "it has no Credentials"},
		{"<html>", "Credentials", "it has no Credentials"},
		{`{"Credentials":null}`, "Credentials", "its Expiration is missing or no time"},
		{"<html>", "", "it is not the JSON that it should be"},
		{without("Expiration"), "", "its Expiration is missing or no time"},
		{strings.Replace(good, "2999", "secret", 1), "", "its Expiration is missing or no time"},
		{without("SecurityToken"), "", "its SecurityToken is missing"},
		{without("AccessKeyId"), "", "the access key id is empty"},
		{without("AccessKeySecret"), "", "the access key secret is empty"},
		{ecsAnswer("two\nlines"), "", "the access key id, the secret or the token has characters in it that no key has: is it one line?"},
	} {
		l, err := decodeKey([]byte(c.answer), c.member)
		if got := errorText(err); got != c.want {
			t.Errorf("%s: %q, want %q", c.answer, got, c.want)
		}
		if want := (ossvapi.Key{ID: keyA.ID, Secret: keyA.Secret, Token: "t"}); c.want == "" && (l.key != want || l.expiry.Year() != 2999) {
			t.Errorf("%s: %v until %s", c.answer, l.key, l.expiry.Format(time.RFC3339))
		}
	}
}
