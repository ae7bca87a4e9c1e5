package ossvapi

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
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
