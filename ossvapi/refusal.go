package ossvapi

import (
	"bytes"
	"encoding/xml"
	"io"
	"math"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

var (
	codeForm      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.]{0,63}$`)
	requestIDForm = regexp.MustCompile(`^[A-Za-z0-9-]{1,64}$`)
)

// refusal judges an answer whose status is not 200.
func (c *Client) refusal(r *request, hide secrets, resp *http.Response, body []byte) outcome {
	said := parseError(body)
	failure := &Error{
		Operation: r.op, Region: r.region, Status: resp.StatusCode,
		Message: hide.scrub(said.Message), RequestID: requestID(resp.Header, hide),
	}
	if !codeForm.MatchString(said.Code) {
		said.Code = ""
	}
	if isDocumented(said.Code) || !hide.in(said.Code) {
		failure.Code = said.Code
	}
	failure.Reason = reasonOf(failure.Status, said.Code) // whether it may be shown or not
	out := outcome{err: failure, wait: retryAfter(resp.Header)}
	switch failure.Reason {
	case ServerError, Throttled:
		out.retry = true
	case ClockSkew:
		out.retry = c.learnSkew(r.region, resp.Header)
	case InvalidCredentials:
		out.refused = refusedKey(said.Code)
	}
	return out
}

// reasonOf classifies a status other than 200 with the service's code.
func reasonOf(status int, code string) Reason {
	switch {
	case code == "RequestTimeTooSkewed":
		return ClockSkew
	case status == http.StatusTooManyRequests, isThrottling(code):
		return Throttled
	case status == http.StatusUnauthorized, isCredentialRefusal(code):
		return InvalidCredentials
	case status == http.StatusForbidden:
		return AccessDenied
	case status >= 500 && status < 600:
		return ServerError
	case status >= 400 && status < 500:
		return InvalidRequest
	}
	return InvalidResponse
}

// isDocumented knows the codes that say nothing but themselves, even if a key or a token holds the same letters.
func isDocumented(code string) bool {
	switch code {
	case "AccessDenied", "InvalidAccessKeyId", "InvalidSecurityToken", "RequestTimeTooSkewed", "SecurityTokenExpired",
		"SecurityTokenNotSupported", "SignatureDoesNotMatch":
		return true
	}
	return false
}

// isThrottling knows the codes that OSS and the gateways before it use for too many requests: QpsLimitExceeded,
// TotalQpsLimitExceeded, DownloadTrafficRateLimitExceeded, Throttling.User and their like.
func isThrottling(code string) bool {
	return strings.HasPrefix(code, "Throttling") || strings.HasSuffix(code, "LimitExceeded") &&
		(strings.Contains(code, "Qps") || strings.Contains(code, "QPS") || strings.Contains(code, "Rate") || strings.Contains(code, "Request")) ||
		code == "SlowDown" || code == "TooManyRequests" || code == "RequestThrottled"
}

// isCredentialRefusal knows the codes that refuse the key, its token or its signature.
func isCredentialRefusal(code string) bool {
	return refusedKey(code) || strings.HasPrefix(code, "SecurityToken") || strings.HasPrefix(code, "Signature") ||
		strings.HasPrefix(code, "InvalidSignature") || strings.HasPrefix(code, "AccessKeyId") ||
		code == "IncompleteSignature" || code == "InvalidAccessKeySecret"
}

// refusedKey knows the codes that another key may cure: this one is expired or unknown.
func refusedKey(code string) bool {
	return code == "SecurityTokenExpired" || strings.HasPrefix(code, "InvalidAccessKeyId") ||
		strings.HasPrefix(code, "InvalidSecurityToken")
}

// said is what an error body tells, in whichever shape.
type said struct {
	XMLName xml.Name `json:"-" xml:"Error"`
	Code    string
	Message string
}

// parseError reads an error body: JSON with the root Error, flat JSON, or XML. Anything else tells nothing.
func parseError(body []byte) said {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	var flat said
	if bytes.HasPrefix(body, []byte("<")) {
		d := xml.NewDecoder(bytes.NewReader(body))
		d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
		if d.Decode(&flat) != nil {
			return said{}
		}
		return flat
	}
	lenient := json.JoinOptions(json.MatchCaseInsensitiveNames(true),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var rooted struct{ Error said }
	if json.Unmarshal(body, &rooted, lenient) == nil && rooted.Error.Code != "" {
		return rooted.Error
	}
	if json.Unmarshal(body, &flat, lenient) != nil {
		return said{}
	}
	return flat
}

// requestID is the service's id of the request, if it looks like one.
func requestID(h http.Header, hide secrets) string {
	id := h.Get("X-Oss-Request-Id")
	if !requestIDForm.MatchString(id) || hide.in(id) {
		return ""
	}
	return id
}

// retryAfter reads the Retry-After header, seconds or date (RFC 9110 section 10.2.3); 0 without a usable one.
func retryAfter(h http.Header) time.Duration {
	value := h.Get("Retry-After")
	if seconds, err := strconv.ParseUint(value, 10, 64); err == nil || seconds == math.MaxUint64 {
		return time.Duration(min(seconds, uint64(time.Hour/time.Second))) * time.Second
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	now, err := http.ParseTime(h.Get("Date")) // a date is the service's, whose clock may not be ours
	if err != nil {
		now = time.Now()
	}
	return max(0, date.Sub(now))
}
