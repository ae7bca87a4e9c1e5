package ossvapi

import (
	"bytes"
	"cmp"
	"encoding/xml"
	"fmt"
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

// What texts of an answer may be shown have the form of.
var (
	codeForm      = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9.]*$`)
	fineCodeForm  = regexp.MustCompile(`^[0-9]{4}-[0-9]{8}$`)
	mediaTypeForm = regexp.MustCompile(`^[a-z]+/[a-z0-9.+-]+$`)
	requestIDForm = regexp.MustCompile(`^[A-Za-z0-9-]+$`)
)

// fits reports whether s has the form and is short. A limit in the pattern itself would make it a hundred times as large.
func fits(form *regexp.Regexp, s string) bool { return len(s) <= 64 && form.MatchString(s) }

// The codes that say more than the status does.
var (
	// Those of OSS and of the gateways before it for too many requests; rates are what may end in LimitExceeded.
	throttlingCodes = regexp.MustCompile(`^(Throttling|SlowDown$|TooManyRequests$|RequestThrottled$)`)
	rates           = regexp.MustCompile(`Qps|QPS|Rate|Request`)
	// The key is expired or unknown: another one may help.
	keyCodes = regexp.MustCompile(`^(SecurityTokenExpired$|InvalidAccessKeyId|InvalidSecurityToken)`)
	// These refuse the key, its token or its signature.
	credentialCodes = regexp.MustCompile(
		`^(SecurityToken|Signature|AccessKeyId|Invalid(AccessKeyId|SecurityToken|Signature)|InvalidAccessKeySecret$|IncompleteSignature$)`)
)

// refusal judges an answer whose status is not 200. Proxy is the one that it came through, if any.
func (x *exchange) refusal(resp *http.Response, proxy string) outcome {
	body, failure := parseError(x.body.Bytes()), x.failure
	code := x.take(body)
	fromOSS := body.fromOSS || failure.EC != "" || resp.Header.Get("X-Oss-Request-Id") != ""
	failure.Reason = reasonOf(failure.Status, code, failure.EC, fromOSS)
	if !fromOSS {
		failure.Proxy = proxy
	}
	if !fromOSS || !body.fromOSS && failure.Message == "" {
		failure.Message = x.secrets.scrub(x.instead(resp, fromOSS), maxMessage)
	}
	out := outcome{err: failure, wait: retryAfter(resp.Header)}
	switch failure.Reason {
	case ServerError, Throttled, Network:
		out.retry = true
	case ClockSkew:
		out.retry = x.client.learnSkew(x.region, resp.Header)
	case InvalidCredentials:
		out.refused = keyCodes.MatchString(code)
	}
	return out
}

// take puts what an error body says into the failure, where it may be shown, and returns its code.
func (x *exchange) take(e errorBody) (code string) {
	x.failure.Code = x.secrets.visible(e.Code, codeForm)
	x.secrets.code = x.failure.Code
	if fits(codeForm, e.Code) {
		code = e.Code
	}
	x.failure.EC = cmp.Or(x.failure.EC, x.secrets.visible(e.EC, fineCodeForm))
	if e.Message != "" {
		x.failure.Message = x.secrets.scrub(e.Message, maxMessage)
	}
	return code
}

// instead describes what was received instead of an error of OSS.
func (x *exchange) instead(resp *http.Response, fromOSS bool) string {
	size, media := x.body.Len(), cmp.Or(x.seen.ContentType, "a body of no known type")
	text := strconv.Itoa(resp.StatusCode) + " without an error of OSS: "
	location, err := resp.Location()
	switch {
	case err == nil:
		text += "a redirect to " + location.Host
	case size == 0:
		text += "no body"
	case size == maxErrorBody:
		text += fmt.Sprintf("%s, %s bytes or more", media, grouped(size))
	default:
		text += fmt.Sprintf("%s, %s bytes", media, grouped(size))
	}
	if !fromOSS {
		text += "; the answer does not come from OSS"
	}
	return text
}

// reasonOf classifies a status other than 200, with the service's code or, without one, its fine code.
func reasonOf(status int, code, ec string, fromOSS bool) Reason {
	if code != "" || status < 400 {
		ec = ""
	}
	switch {
	case code == "RequestTimeTooSkewed":
		return ClockSkew
	case status == http.StatusTooManyRequests, throttlingCodes.MatchString(code),
		strings.HasSuffix(code, "LimitExceeded") && rates.MatchString(code):
		return Throttled
	case credentialCodes.MatchString(code), strings.HasPrefix(ec, "0002-"):
		return InvalidCredentials
	case strings.HasPrefix(ec, "0003-"):
		return AccessDenied
	case status >= 500 && status < 600:
		return ServerError
	case status < 400 || status >= 500:
		return InvalidResponse
	case status == http.StatusProxyAuthRequired:
		return Network
	case !fromOSS:
		return InvalidResponse
	case status == http.StatusUnauthorized:
		return InvalidCredentials
	case status == http.StatusForbidden:
		return AccessDenied
	}
	return InvalidRequest
}

// errorBody is what an error body says, in whichever shape.
type errorBody struct {
	XMLName           xml.Name `json:"-" xml:"Error"`
	Code, Message, EC string
	fromOSS           bool // it has the shape of OSS's own
}

// parseError reads an error body: JSON with the root Error, flat JSON, or XML. Anything else says nothing. Flat JSON is
// every gateway's shape, so it counts as OSS's only with a code.
func parseError(body []byte) (e errorBody) {
	body = bytes.TrimSpace(bytes.TrimPrefix(body, []byte("\ufeff")))
	lenient := json.JoinOptions(json.MatchCaseInsensitiveNames(true),
		jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	var root struct{ Error errorBody }
	var flat errorBody
	switch {
	case bytes.HasPrefix(body, []byte("<")):
		d := xml.NewDecoder(bytes.NewReader(body))
		d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
		if d.Decode(&root.Error) == nil {
			e = root.Error
			e.fromOSS = e.Code+e.Message+e.EC != ""
		}
	case json.Unmarshal(body, &root, lenient) == nil && root.Error != (errorBody{}):
		e = root.Error
		e.fromOSS = true
	case json.Unmarshal(body, &flat, lenient) == nil:
		e = flat
		e.fromOSS = fits(codeForm, e.Code) || fineCodeForm.MatchString(e.EC)
	}
	e.Code, e.Message, e.EC = strings.TrimSpace(e.Code), strings.TrimSpace(e.Message), strings.TrimSpace(e.EC)
	return e
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
