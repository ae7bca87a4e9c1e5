package ossvtest

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"strconv"
)

// ErrorShape is how the service writes its errors.
type ErrorShape int

// The shapes that have been seen.
const (
	JSON     ErrorShape = iota // {"Error":{"Code":..}}, Content-Type application/json
	JSONUTF8                   // the same, Content-Type application/json; charset=utf-8
	XML                        // <Error><Code>..</Error>, Content-Type application/xml
	FlatJSON                   // {"Code":..}
)

// serviceError is an error of the service, before it is written.
type serviceError struct {
	status            int
	code, message, ec string
}

func errAnonymous() *serviceError {
	return forbidden("AccessDenied", "Anonymous access is forbidden for this operation.", "0003-00000905")
}

// errDenied is a denial that a policy states.
func errDenied() *serviceError {
	return forbidden("AccessDenied", "You have no right to access this object because of bucket acl.", "0003-00000201")
}

// errNotAllowed is a denial because no policy allows the call.
func errNotAllowed() *serviceError {
	return forbidden("AccessDenied", "You have no right to access this object because of bucket acl.", "0003-00000202")
}

func errSkewed() *serviceError {
	return forbidden("RequestTimeTooSkewed",
		"The difference between the request time and the current time is too large.", "0002-00000504")
}

func errUnknownKey() *serviceError {
	return forbidden("InvalidAccessKeyId",
		"The OSS Access Key Id you provided does not exist in our records.", "0002-00000902")
}

func errWrongToken() *serviceError {
	return forbidden("InvalidSecurityToken", "The security token you provided is invalid.", "0002-00000006")
}

func errExpired() *serviceError {
	return forbidden("SecurityTokenExpired", "The security token you provided has expired.", "0002-00000007")
}

func errSignature() *serviceError {
	return forbidden("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you "+
		"provided. Check your key and signing method.", "0002-00000201")
}

func errNoBucket() *serviceError {
	return &serviceError{http.StatusNotFound, "NoSuchBucket",
		"The specified bucket does not exist.", "0015-00000101"}
}

func errThrottled(status int) *serviceError {
	return &serviceError{status, "QpsLimitExceeded", "Please reduce your request rate.", "0004-00000302"}
}

func errNotImplemented() *serviceError {
	return &serviceError{http.StatusNotImplemented, "NotImplemented",
		"The simulated service does not know this operation.", "0017-00000101"}
}

func forbidden(code, message, ec string) *serviceError {
	return &serviceError{http.StatusForbidden, code, message, ec}
}

func invalid(message, ec string) *serviceError {
	return &serviceError{http.StatusBadRequest, "InvalidArgument", message, ec}
}

// wireError is an error as JSON and XML show it.
type wireError struct {
	XMLName   xml.Name `json:"-" xml:"Error"`
	Code      string
	Message   string
	RequestID string `json:"RequestId" xml:"RequestId"`
	HostID    string `json:"HostId" xml:"HostId"`
	EC        string
}

// fail writes an error in the server's shape.
func (s *Server) fail(w http.ResponseWriter, c *call, e *serviceError) {
	wire := wireError{Code: e.code, Message: e.message, RequestID: c.id, HostID: c.host, EC: e.ec}
	body, contentType := encodeError(s.opts.Errors, wire)
	w.Header().Set("Content-Type", contentType)
	if e.ec != "" {
		w.Header().Set("X-Oss-Ec", e.ec)
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(e.status)
	_, _ = w.Write(body) // the client is gone, or has it
}

func encodeError(shape ErrorShape, e wireError) (body []byte, contentType string) {
	var v any = struct{ Error wireError }{e}
	contentType = "application/json"
	switch shape {
	case XML:
		body, _ = xml.MarshalIndent(e, "", "  ") // strings only: cannot fail
		return append([]byte(xml.Header), body...), "application/xml"
	case FlatJSON:
		v = e
	case JSONUTF8:
		contentType += "; charset=utf-8"
	case JSON:
	}
	body, _ = json.Marshal(v) // strings only: cannot fail
	return body, contentType
}
