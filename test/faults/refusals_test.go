package faults

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"ossvector_exporter/ossvapi/ossvtest"
)

// shaped is an error as a service or a gateway writes it, and what it comes to.
func shaped(name string, status int, header http.Header, body, code, reason string, tries int) strike {
	return strike{
		name: name, inject: does(ossvtest.Respond(status, header, body)),
		reason: reason, code: code, status: fmt.Sprint(status), tries: tries,
	}
}

// between is the header of what does not come from the service but from something in between.
func between(media string) http.Header {
	h := contentType(media)
	h["X-Oss-Request-Id"], h["Server"] = nil, nil
	return h
}

func coded(id string, status int, code, reason string, tries int) row {
	return fails(id, ossvtest.Fail(status, code, "because of "+code), reason, code, fmt.Sprint(status), tries)
}

func refusals() []row {
	const html = `<html><h1>Sorry</h1></html>`
	fine := func(ec string) http.Header {
		return http.Header{"X-Oss-Ec": {ec}, "Content-Type": {"application/json"}}
	}
	return []row{
		{id: "error-shapes", strikes: []strike{
			shaped("JSON", 400, contentType("application/json"), `{"Error":{"Code":"InvalidArgument","Message":"no"}}`, "InvalidArgument", "invalid_request", 1),
			shaped("JSON with a charset", 403, contentType("application/json; charset=utf-8"), `{"Error":{"Code":"AccessDenied"}}`, "AccessDenied", "access_denied", 1),
			shaped("XML", 404, contentType("application/xml"), `<?xml version="1.0"?><Error><Code>NoSuchBucket</Code></Error>`, "NoSuchBucket", "invalid_request", 1),
			shaped("flat JSON", 503, contentType("application/json"), `{"Code":"ServiceUnavailable"}`, "ServiceUnavailable", "server_error", 2),
		}},
		{id: "error-without-code", strikes: []strike{
			shaped("HTML", 403, contentType("text/html"), html, "", "access_denied", 1),
			shaped("nothing", 401, nil, "", "", "invalid_credentials", 1),
			shaped("no text", 409, contentType("application/json"), "\x00\xff\xfe{{{", "", "invalid_request", 1),
		}},
		{id: "error-fine-code", strikes: []strike{
			shaped("of the key", 403, fine("0002-00000201"), `{"Error":{"Message":"no"}}`, "", "invalid_credentials", 1),
			shaped("of a permission", 400, fine("0003-00000202"), `{"Error":{"Message":"no"}}`, "", "access_denied", 1),
		}},
		{id: "error-in-between", strikes: []strike{
			shaped("HTML", 403, between("text/html"), html, "", "invalid_response", 1),
			shaped("text", 404, between("text/plain"), "404 page not found", "", "invalid_response", 1),
			shaped("nothing", 401, between(""), "", "", "invalid_response", 1),
			shaped("JSON", 400, between("application/json"), `{"message":"no route"}`, "", "invalid_response", 1),
		}},
		{id: "error-gateway", strikes: []strike{
			shaped("HTML", 502, between("text/html"), html, "", "server_error", 2),
			shaped("nothing", 504, between(""), "", "", "server_error", 2),
		}},
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
