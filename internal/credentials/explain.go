package credentials

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"regexp"
	"strings"
)

var (
	// A code is only taken from where STS puts it, and has no digits, so that no key can look like one.
	codeField  = regexp.MustCompile(`"Code"\s*:\s*"([A-Z][A-Za-z]{2,39}(?:\.[A-Z][A-Za-z]{1,39}){0,3})"`)
	httpStatus = regexp.MustCompile(`httpStatus: ([1-5][0-9]{2})\b|[a-z/-] ([45][0-9]{2})$`)
)

// explain puts an error of the library's into words of this package: what failed, why as far as it can be told for sure,
// and what to do. Of the error's own text nothing gets through but an error code and an HTTP status.
func explain(what string, err error) problem {
	var p problem
	if errors.As(err, &p) {
		return p
	}
	if why := connection(err); why != "" {
		return problem(what + ": " + why)
	}
	text := err.Error()
	if m := codeField.FindStringSubmatch(text); m != nil {
		return problem(what + ": " + m[1] + remedy(m[1]))
	}
	if m := httpStatus.FindStringSubmatch(text); m != nil {
		return problem(what + ": HTTP status " + m[1] + m[2] + statusRemedy(m[1]+m[2]))
	}
	return problem(what + ": the answer holds no usable key")
}

// connection says why there was no answer, or nothing if there was one. Some of the library's errors are only the text
// of the error that they mean.
func connection(err error) string {
	text := err.Error()
	var network net.Error
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var authority x509.UnknownAuthorityError
	switch {
	case errors.As(err, &certificate), errors.As(err, &authority):
		return "its TLS certificate is not trusted"
	case errors.As(err, &dns), strings.Contains(text, ": no such host"):
		return "its host name does not resolve (DNS)"
	case errors.As(err, &network) && network.Timeout(), strings.Contains(text, "context deadline exceeded"),
		strings.Contains(text, "i/o timeout"):
		return "no answer in time; is it reachable from here?"
	case strings.Contains(text, "connection refused"):
		return "connection refused; is it reachable from here?"
	case errors.As(err, &network), strings.HasSuffix(text, ": EOF"), strings.Contains(text, "connection reset"),
		strings.Contains(text, ": dial tcp"):
		return "the connection failed"
	}
	return ""
}

// statusRemedy says what a status means of the one service whose statuses the library tells: the instance metadata.
func statusRemedy(status string) string {
	if status == "404" {
		return "; is a RAM role attached to the instance, and is it the one that is configured?"
	}
	return ""
}

// remedy says what to do about an error code of STS, by the code's beginning.
func remedy(code string) string {
	for _, r := range [...]struct{ prefix, text string }{
		{"AuthenticationFail.NoPermission", "; do the role's trust policy and the OIDC provider fit this service account?"},
		{"AuthenticationFail.OIDCToken.AudienceNotMatch", "; the OIDC provider does not accept the token's audience"},
		{"AuthenticationFail.OIDCToken", "; the OIDC token file does not hold a valid token"},
		{"EntityNotExist.Role", "; the role does not exist, check its ARN"},
		{"NoPermission", "; allow sts:AssumeRole to the caller and the caller in the role's trust policy"},
		{"InvalidAccessKeyId", "; the key that assumes the role is unknown or disabled"},
		{"SignatureDoesNotMatch", "; the secret does not fit the access key id"},
		{"InvalidTimeStamp", "; is this machine's clock right?"},
		{"Throttling", "; STS is being asked too often"},
		{"InvalidParameter", "; check the role's ARN, the session name and the external id"},
	} {
		if strings.HasPrefix(code, r.prefix) {
			return r.text
		}
	}
	return ""
}
