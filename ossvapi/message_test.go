package ossvapi

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
)

func TestConnectionFailure(t *testing.T) {
	reset := &net.OpError{Op: "read", Net: "tcp", Err: syscall.ECONNRESET}
	tests := map[string]struct {
		err  error
		want string
		is   error
	}{
		"unknown host": {
			&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "cn-x.example.com", Server: "10.0.0.1:53"}},
			"cannot resolve the host name cn-x.example.com", nil,
		},
		"refused": {
			&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}, "dial tcp: connection refused", syscall.ECONNREFUSED,
		},
		"reset":      {fmt.Errorf("transport: %w", reset), "the connection was closed before an answer came", syscall.ECONNRESET},
		"closed":     {fmt.Errorf("transport: %w", io.EOF), "the connection was closed before an answer came", io.ErrUnexpectedEOF},
		"broken off": {io.ErrUnexpectedEOF, "the connection was closed before an answer came", io.ErrUnexpectedEOF},
		"certificate": {
			&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}},
			"the certificate is refused: x509: certificate signed by unknown authority", x509.UnknownAuthorityError{},
		},
		"anything else": {errors.New("malformed HTTP response \"secret\""), "no answer came: check endpoint, proxy and TLS", nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			text, cause := connectionFailure(tt.err)
			if text != tt.want || tt.is != nil && !errors.Is(cause, tt.is) {
				t.Errorf("got %q, cause %v", text, cause)
			}
			if cause != nil && strings.Contains(cause.Error(), "secret") {
				t.Errorf("the cause is %v", cause)
			}
		})
	}
}

// However a service writes what it echoes, a secret is one.
func TestScrubUndoesEscapes(t *testing.T) {
	signed, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://example.com/", http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	secrets := secretsOf(Key{ID: "LTAIplaceholder", Secret: "SuperSecretValue123456", Token: "Tok/Val+ab/cd+9876/Zyxw+5432/Qrst"}, signed)
	for _, text := range []string{
		`{"Error":{"Message":"echo Tok\/Val+ab\/cd+9876\/Zyxw+5432\/Qrst"}}`,
		`{"Error":{"Message":"echo Tok\/Val\u002bab\/cd\u002B9876\/Zyxw\u002b5432\/Qrst"}}`,
		`"{\"Message\":\"Tok\\/Val\\u002bab\\/cd+9876\\/Zyxw+5432\\/Qrst\"}"`,
		`<Message>&#83;uperSecretValue123456</Message>`, `<Message>&#x53;uperSecretValue123456</Message>`,
		`{"Message":"\u0053uperSecretValue123456"}`, `&amp;#83;uperSecretValue123456`,
	} {
		got := secrets.scrub(text, maxLoggedBody)
		if strings.Contains(got, "uperSecret") || strings.Contains(got, "Zyxw") || !strings.Contains(got, masked) {
			t.Errorf("%s: %s", text, got)
		}
	}
}
