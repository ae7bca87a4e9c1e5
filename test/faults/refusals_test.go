package faults

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"ossvector_exporter/ossvapi/ossvtest"
)

// answer is an error as a service or a gateway sends it: a status, the service's code, and what that means.
type answer struct {
	status       int
	code, reason string
	tries        int
}

func everyStatus() []answer {
	return []answer{
		{400, "InvalidArgument", "invalid_request", 1},
		{401, "Unauthorized", "invalid_credentials", 1},
		{403, "AccessDenied", "access_denied", 1},
		{404, "NoSuchThing", "invalid_request", 1},
		{409, "Conflict", "invalid_request", 1},
		{429, "TooManyRequests", "throttled", 2},
		{500, "InternalError", "server_error", 2},
		{502, "BadGateway", "server_error", 2},
		{503, "ServiceUnavailable", "server_error", 2},
		{504, "GatewayTimeout", "server_error", 2},
	}
}

// shaped is a row of every class of status with the error written in one way; told says whether its code can be read.
func shaped(id, media, body string, told bool) row {
	r := row{id: id}
	for _, a := range everyStatus() {
		text, code := body, ""
		if told {
			text, code = fmt.Sprintf(body, a.code), a.code
		}
		do := ossvtest.Respond(a.status, contentType(media), text)
		r.strikes = append(r.strikes, strike{
			name: fmt.Sprintf("status %d", a.status), inject: does(do),
			reason: a.reason, code: code, status: fmt.Sprint(a.status), tries: a.tries,
		})
	}
	return r
}

func coded(id string, status int, code, reason string, tries int) row {
	return fails(id, ossvtest.Fail(status, code, "because of "+code), reason, code, fmt.Sprint(status), tries)
}

func refusals() []row {
	const jsonError = `{"Error":{"Code":"%s","Message":"no","RequestId":"5C3D","EC":"0016-00000001"}}`
	return []row{
		shaped("error-json", "application/json", jsonError, true),
		shaped("error-json-charset", "application/json; charset=utf-8", jsonError, true),
		shaped("error-xml", "application/xml", `<?xml version="1.0"?><Error><Code>%s</Code><Message>no</Message></Error>`, true),
		shaped("error-flat-json", "application/json", `{"Code":"%s","Message":"no"}`, true),
		shaped("error-html", "text/html", `<html><h1>Sorry</h1></html>`, false),
		shaped("error-null", "application/json", `null`, false),
		shaped("error-empty", "", "", false),
		shaped("error-garbage", "application/json", "\x00\xff\xfe{{{", false),
		fails("access-denied", ossvtest.Deny(), "access_denied", "AccessDenied", "403", 1),
		coded("key-unknown", 403, "InvalidAccessKeyId", "invalid_credentials", 1),
		coded("signature-refused", 403, "SignatureDoesNotMatch", "invalid_credentials", 1),
		coded("token-refused", 403, "InvalidSecurityToken", "invalid_credentials", 1),
		coded("throttle-code", 503, "TotalQpsLimitExceeded", "throttled", 2),
		coded("throttle-code-400", 400, "Throttling.User", "throttled", 2),
		fails("retry-after-long", ossvtest.Throttle(429, "60"), "throttled", "QpsLimitExceeded", "429", 1),
		curedRow("retry-after-short", 1, ossvtest.Throttle(429, "1"), map[string]float64{"throttled": 1}),
		fails("retry-after-absurd", ossvtest.Throttle(503, "99999999999999999999999"), "throttled", "QpsLimitExceeded", "503", 1),
		curedRow("server-error-once", 1, ossvtest.Fail(500, "InternalError", "no"), map[string]float64{"server_error": 1}),
		{id: "page-refused", strikes: []strike{{
			inject: doesAt(ossvtest.Match{Page: 3}, 0, ossvtest.Fail(500, "InternalError", "no")), reason: "server_error",
			code: "InternalError", status: "500", tries: 4, errors: map[string]float64{"server_error": 2},
		}}},
		curedRow("clock-ahead", 0, ossvtest.Skew(2*time.Hour), map[string]float64{"clock_skew": 1}),
		curedRow("clock-behind", 0, ossvtest.Skew(-2*time.Hour), map[string]float64{"clock_skew": 1}),
		fails("clock-untold", noDate(ossvtest.Fail(403, "RequestTimeTooSkewed", "no")), "clock_skew", "RequestTimeTooSkewed", "403", 1),
		fails("clock-lies", ossvtest.Fail(403, "RequestTimeTooSkewed", "no"), "clock_skew", "RequestTimeTooSkewed", "403", 2),
		fails("error-huge", ossvtest.Respond(500, contentType("text/html"), strings.Repeat("<p>sorry", 1<<20)), "server_error", "", "500", 2),
		{id: "code-absurd", strikes: []strike{
			absurdCode("a sentence", `No such thing"} 1`),
			absurdCode("a key", "LTAI-"+secret("struck")),
			absurdCode("a long one", strings.Repeat("A", 65)),
			absurdCode("lines", `A\nB`),
		}},
		{id: "secrets-echoed", do: echoed},
	}
}

func absurdCode(name, code string) strike {
	body := `{"Error":{"Code":"` + strings.ReplaceAll(code, `"`, `\"`) + `","Message":"no"}}`
	return strike{
		name: name, inject: does(ossvtest.Respond(403, contentType("application/json"), body)),
		reason: "access_denied", status: "403", tries: 1,
	}
}

// noDate takes away the header that would tell the service's clock.
func noDate(do ossvtest.Action) ossvtest.Action {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		w.Header()["Date"] = nil
		do(w, r, next)
	}
}

// echoed has the service quote all that it was told, wherever there is room.
func echoed(t *testing.T, x *exporter) {
	quote := func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		token, signature := r.Header.Get("X-Oss-Security-Token"), r.Header.Get("Authorization")
		if token == "" || signature == "" {
			t.Errorf("unsigned: %v", r.Header)
		}
		w.Header().Set("X-Oss-Request-Id", secret("struck"))
		ossvtest.Fail(400, "InvalidArgument", fmt.Sprintf("%s, not %s, of %s, %s", token, signature, secret("struck"), r.Header))(w, r, next)
	}
	x.strike(t, strike{inject: does(quote), reason: "invalid_request", code: "InvalidArgument", status: "400", tries: 1, log: "<secret>"})
}
