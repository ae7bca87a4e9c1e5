package ossvapi

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Operation names a call of the API, as the vendor's documentation does.
type Operation string

// The operations that this package calls.
const (
	ListVectorBuckets Operation = "ListVectorBuckets"
	ListVectorIndexes Operation = "ListVectorIndexes"
)

// Operations returns the whole set, in the order of the constants.
func Operations() []Operation { return []Operation{ListVectorBuckets, ListVectorIndexes} }

// Reason says why an attempt or a listing failed. The set is closed: it is a label of metrics.
type Reason string

// The reasons, in the order in which an answer is judged; the last three have no usable answer.
const (
	ClockSkew          Reason = "clock_skew"
	Throttled          Reason = "throttled"
	InvalidCredentials Reason = "invalid_credentials"
	AccessDenied       Reason = "access_denied"
	ServerError        Reason = "server_error"
	InvalidRequest     Reason = "invalid_request"
	InvalidResponse    Reason = "invalid_response"
	Timeout            Reason = "timeout"
	Network            Reason = "network"
	NoCredentials      Reason = "no_credentials"
)

// Reasons returns the whole set, in the order of the constants.
func Reasons() []Reason {
	return []Reason{
		ClockSkew, Throttled, InvalidCredentials, AccessDenied, ServerError,
		InvalidRequest, InvalidResponse, Timeout, Network, NoCredentials,
	}
}

// Error is the only error type that this package returns from a listing that failed. Every field is safe to log and to
// export: no secret is in it, its cause included, and Message is one line.
type Error struct {
	Operation Operation
	Region    string // the region asked; empty if what should have been asked has not the form of one
	Reason    Reason
	Code      string // the service's error code; empty unless it looks like one
	EC        string // the service's fine error code, such as 0002-00000201; empty unless it looks like one
	Status    int    // HTTP status of the last answer; 0 without one
	RequestID string
	Host      string // that was asked; empty if none was
	Proxy     string // host of the proxy in between; empty without one, and where OSS itself answered
	Attempts  int    // HTTP attempts spent on the call that failed
	Message   string
	Err       error // the cause, for errors.Is; may be nil
}

// Error says what failed where and why, on one line of at most 300 characters.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(string(e.Operation))
	if e.Region != "" {
		b.WriteString(" in " + e.Region)
	}
	b.WriteString(": " + string(e.Reason))
	if e.Status != 0 {
		fmt.Fprintf(&b, " (%s)", strings.TrimSpace(strconv.Itoa(e.Status)+" "+e.Code))
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	return oneLine(b.String(), maxMessage)
}

// Detail is the message with the host that was asked and the proxy, on one line of at most 300 characters. Unlike the
// message it differs between the buckets of a region, which have hosts of their own.
func (e *Error) Detail() string {
	text := cmp.Or(e.Message, e.Code, "no message")
	if e.Proxy != "" {
		text = "proxy " + e.Proxy + ": " + text
	}
	if e.Host != "" {
		text = e.Host + ": " + text
	}
	return oneLine(text, maxMessage)
}

// Unwrap gives the cause, so that errors.Is finds a context's or a connection's error.
func (e *Error) Unwrap() error { return e.Err }
