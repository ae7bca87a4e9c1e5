package credentials

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestExplain(t *testing.T) {
	get := func(err error) error { return &url.Error{Op: "Get", URL: "http://secret-place/", Err: err} }
	dial := func(err error) error { return get(&net.OpError{Op: "dial", Net: "tcp", Err: err}) }
	code := func(c string) error {
		return fmt.Errorf(`get session token failed: {"RequestId":"secret","Code":%q}`, c)
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{problem("as it is"), "as it is"},
		{fmt.Errorf("wrapped: %w", problem("as it is")), "as it is"},
		{get(context.DeadlineExceeded), "x: no answer in time; is it reachable from here?"},
		{dial(os.ErrDeadlineExceeded), "x: no answer in time; is it reachable from here?"},
		{dial(&net.DNSError{Err: "no such host", Name: "secret"}), "x: its host name does not resolve (DNS)"},
		{dial(os.NewSyscallError("connect", syscall.ECONNREFUSED)), "x: connection refused; is it reachable from here?"},
		{get(&tls.CertificateVerificationError{Err: errors.New("secret")}), "x: its TLS certificate is not trusted"},
		{get(x509.UnknownAuthorityError{}), "x: its TLS certificate is not trusted"},
		{get(errors.New("secret")), "x: the connection failed"},
		// The library's error of the metadata service has only the text of the connection's.
		{textOf(get(context.DeadlineExceeded)), "x: no answer in time; is it reachable from here?"},
		{errors.New("failed: Put \"http://h\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)"),
			"x: no answer in time; is it reachable from here?"},
		{textOf(dial(&net.DNSError{Err: "no such host", Name: "h", IsNotFound: true})), "x: its host name does not resolve (DNS)"},
		{textOf(dial(syscall.ECONNREFUSED)), "x: connection refused; is it reachable from here?"},
		{textOf(dial(syscall.EHOSTUNREACH)), "x: the connection failed"},
		{errors.New("get role name failed: GET http://100.100.100.200/latest/ 500"), "x: HTTP status 500"},
		{errors.New("refresh err, httpStatus: 403, message = secret 500"), "x: HTTP status 403"},
		{errors.New("secret"), "x: the answer holds no usable key"},
		{code("Odd.Code"), "x: Odd.Code"},
		{code("AuthenticationFail.NoPermission"), "x: AuthenticationFail.NoPermission; do the role's trust policy and the OIDC provider fit this service account?"},
		{code("AuthenticationFail.OIDCToken.AudienceNotMatch"), "x: AuthenticationFail.OIDCToken.AudienceNotMatch; the OIDC provider does not accept the token's audience"},
		{code("AuthenticationFail.OIDCToken.Expired"), "x: AuthenticationFail.OIDCToken.Expired; the OIDC token file does not hold a valid token"},
		{code("EntityNotExist.Role"), "x: EntityNotExist.Role; the role does not exist, check its ARN"},
		{code("NoPermission"), "x: NoPermission; allow sts:AssumeRole to the caller and the caller in the role's trust policy"},
		{code("LTAI5secret"), "x: the answer holds no usable key"},
		{code("Secret\nline"), "x: the answer holds no usable key"},
		{code(strings.Repeat("Secret", 10)), "x: the answer holds no usable key"},
		{code("secret"), "x: the answer holds no usable key"},
	} {
		if got := explain("x", c.err); got.Error() != c.want {
			t.Errorf("%q: %q, want %q", c.err, got, c.want)
		}
	}
}

// textOf is err as the library's metadata provider gives it on: its text alone.
func textOf(err error) error { return errors.New("get role name failed: " + err.Error()) }

func TestClip(t *testing.T) {
	if got := problem("a\nb\x00" + strings.Repeat("x", 400)).Error(); len(got) != maxText || !strings.HasPrefix(got, "a?b?xx") ||
		!strings.HasSuffix(got, "...") {
		t.Errorf("clipped to %q", got)
	}
	if got := clip("é"); got != "??" {
		t.Errorf("clip = %q", got)
	}
}
