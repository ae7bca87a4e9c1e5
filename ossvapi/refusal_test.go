package ossvapi

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// The order is the contract's: the code of a skewed clock first, throttling next, whatever their status.
func TestReasonOf(t *testing.T) {
	always := []struct {
		codes string
		want  Reason
	}{
		{"RequestTimeTooSkewed", ClockSkew},
		{"QpsLimitExceeded QPSLimitExceeded TotalQpsLimitExceeded CallQpsLimitExceeded", Throttled},
		{"RateLimitExceeded DownloadTrafficRateLimitExceeded", Throttled},
		{"Throttling Throttling.User Throttling.Api RequestLimitExceeded SlowDown TooManyRequests RequestThrottled", Throttled},
		{"InvalidAccessKeyId InvalidAccessKeyId.NotFound InvalidAccessKeyId.Inactive", InvalidCredentials},
		{"InvalidAccessKeySecret AccessKeyIdAndSecurityTokenNotMatch", InvalidCredentials},
		{"SecurityTokenExpired SecurityTokenNotSupported InvalidSecurityToken InvalidSecurityToken.Expired", InvalidCredentials},
		{"SignatureDoesNotMatch SignatureNonceUsed InvalidSignature IncompleteSignature", InvalidCredentials},
	}
	byStatus := map[int]Reason{
		429: Throttled, 401: InvalidCredentials, 403: AccessDenied,
		500: ServerError, 501: ServerError, 502: ServerError, 503: ServerError, 504: ServerError, 599: ServerError,
		400: InvalidRequest, 404: InvalidRequest, 405: InvalidRequest, 407: Network, 409: InvalidRequest,
		499: InvalidRequest,
		201: InvalidResponse, 204: InvalidResponse, 206: InvalidResponse, 301: InvalidResponse, 302: InvalidResponse,
		304: InvalidResponse, 307: InvalidResponse, 600: InvalidResponse, 999: InvalidResponse, 199: InvalidResponse,
	}
	const others = "AccessDenied InvalidArgument InternalError UserDisable NoSuchBucket TooManyBuckets LimitExceeded"
	for status, byStatusOnly := range byStatus {
		for code := range strings.FieldsSeq(others) {
			if got := reasonOf(status, code, "", true); got != byStatusOnly {
				t.Errorf("%d %s: %s, want %s", status, code, got, byStatusOnly)
			}
		}
		for _, row := range always {
			for code := range strings.FieldsSeq(row.codes) {
				want := row.want
				if want == InvalidCredentials && status == http.StatusTooManyRequests {
					want = Throttled
				}
				if got := reasonOf(status, code, "", true); got != want {
					t.Errorf("%d %s: %s, want %s", status, code, got, want)
				}
			}
		}
		if got := reasonOf(status, "", "", true); got != byStatusOnly {
			t.Errorf("%d: %s, want %s", status, got, byStatusOnly)
		}
	}
}

func TestReasonsIsTheWholeSet(t *testing.T) {
	want := "clock_skew throttled invalid_credentials access_denied server_error invalid_request invalid_response " +
		"timeout network no_credentials"
	if got := strings.Trim(fmt.Sprint(Reasons()), "[]"); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// Whatever shape an error has, its code and message are found, or its status speaks alone.
func TestErrorBodies(t *testing.T) {
	const code, message = "SecurityTokenExpired", "The security token you provided has expired."
	told := func(format string) string { return fmt.Sprintf(format, code, message) }
	tests := map[string]struct {
		contentType, body string
		told              bool
	}{
		"JSON":              {"application/json", told(`{"Error":{"Code":%q,"Message":%q,"RequestId":"5C3D","EC":"0002"}}`), true},
		"JSON with charset": {"application/json; charset=utf-8", told(`{"Error":{"Code":%q,"Message":%q}}`), true},
		"JSON as text":      {"text/plain", told(`{"Error":{"Code":%q,"Message":%q}}`), true},
		"JSON in space":     {"application/json", "\r\n " + told(`{"Error":{"Code":%q,"Message":%q}}`) + "\n", true},
		"JSON after a mark": {"application/json", "\ufeff" + told(`{"Error":{"Code":%q,"Message":%q}}`), true},
		"XML after a mark":  {"application/xml", "\ufeff" + told(`<Error><Code>%s</Code><Message>%s</Message></Error>`), true},
		"flat JSON":         {"application/json", told(`{"Code":%q,"Message":%q,"RequestId":"5C3D"}`), true},
		"lower-case JSON":   {"application/json", told(`{"error":{"code":%q,"message":%q}}`), true},
		"flat lower case":   {"application/json", told(`{"code":%q,"message":%q}`), true},
		"a text as Error":   {"application/json", told(`{"Error":"expired","Code":%q,"Message":%q}`), true},
		"a null as Error":   {"application/json", told(`{"Error":null,"Code":%q,"Message":%q}`), true},
		"XML": {
			"application/xml",
			told("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>%s</Code><Message>%s</Message><EC>02</EC></Error>"), true,
		},
		"XML of another charset": {
			"application/xml",
			told(`<?xml version="1.0" encoding="ISO-8859-1"?><Error><Code>%s</Code><Message>%s</Message></Error>`), true,
		},
		"XML as JSON":        {"application/json", told(`<Error><Code>%s</Code><Message>%s</Message></Error>`), true},
		"XML cut off":        {"application/xml", told(`<Error><Code>%s</Code><Message>%s`), false},
		"XML, another root":  {"application/xml", told(`<Fault><Code>%s</Code><Message>%s</Message></Fault>`), false},
		"HTML":               {"text/html", "<!DOCTYPE html><html><body><h1>403 Forbidden</h1></body></html>", false},
		"HTML without end":   {"text/html", "<html><body><br>403 Forbidden", false},
		"nothing":            {"", "", false},
		"white space":        {"", " \n", false},
		"null":               {"application/json", "null", false},
		"a null Error alone": {"application/json", `{"Error":null}`, false},
		"an array":           {"application/json", "[]", false},
		"a text":             {"application/json", `"AccessDenied"`, false},
		"cut-off JSON":       {"application/json", `{"Error":{"Code":"Secur`, false},
		"a number as code":   {"application/json", `{"Error":{"Code":403}}`, false},
		"plain text":         {"text/plain", "SecurityTokenExpired", false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, _ := newClient(answer(403, tt.body, "Content-Type", tt.contentType, "X-Oss-Request-Id", "5C3D-1"),
				noRenewal)
			err := failure(t, c)
			want := Error{Reason: AccessDenied, Message: err.Message}
			if !tt.told && !strings.HasPrefix(err.Message, "403 without an error of OSS: ") {
				t.Errorf("message %q", err.Message)
			}
			if tt.told {
				want = Error{Reason: InvalidCredentials, Code: code, Message: message}
			}
			if err.Reason != want.Reason || err.Code != want.Code || err.Message != want.Message {
				t.Errorf("got %+v", err)
			}
			if err.Status != 403 || err.RequestID != "5C3D-1" || err.Attempts != 1 {
				t.Errorf("got %+v", err)
			}
		})
	}
}

// A code becomes a label, so what does not look like one is none; the status speaks alone then.
func TestCodesThatDoNotLookLikeOne(t *testing.T) {
	for _, code := range []string{
		"", "1st", ".Code", "Access Denied", "Access-Denied", "Access_Denied", "Access\\nDenied", "<b>", "Zugriffverweigertß",
		"А", "a\\u0000", strings.Repeat("a", 65), "cn-shanghai", "https://evil.com",
	} {
		c, _ := newClient(answer(404, `{"Error":{"Code":"`+code+`","Message":"m"}}`))
		if err := failure(t, c); err.Code != "" || err.Reason != InvalidRequest || err.Message != "m" && code != "" {
			t.Errorf("%q: %+v", code, err)
		}
	}
	for _, code := range []string{"A", "z9", "InvalidAccessKeyId.NotFound", strings.Repeat("Long", 16)} {
		c, _ := newClient(answer(404, `{"Error":{"Code":"`+code+`"}}`), noRenewal)
		if err := failure(t, c); err.Code != code {
			t.Errorf("%q: %+v", code, err)
		}
	}
}

func TestRequestIDsThatDoNotLookLikeOne(t *testing.T) {
	for _, id := range []string{"a b", "a\nb", "<b>", "ü", strings.Repeat("5", 65), "a=b"} {
		c, _ := newClient(answer(404, "", "X-Oss-Request-Id", id))
		if err := failure(t, c); err.RequestID != "" {
			t.Errorf("%q: %+v", id, err)
		}
	}
}

func TestErrorText(t *testing.T) {
	tests := []struct {
		err  Error
		want string
	}{
		{
			Error{Operation: ListVectorBuckets, Region: region, Reason: Timeout, Message: "m"},
			"ListVectorBuckets in cn-shanghai: timeout: m",
		},
		{
			Error{
				Operation: ListVectorBuckets, Region: region, Reason: AccessDenied, Status: 403, Code: "AccessDenied", Message: "m",
			},
			"ListVectorBuckets in cn-shanghai: access_denied (403 AccessDenied): m",
		},
		{
			Error{Operation: ListVectorIndexes, Region: region, Reason: ServerError, Status: 502},
			"ListVectorIndexes in cn-shanghai: server_error (502)",
		},
		{Error{Operation: ListVectorIndexes, Reason: InvalidRequest, Message: "a\nb"}, "ListVectorIndexes: invalid_request: a b"},
	}
	for _, tt := range tests {
		if got := tt.err.Error(); got != tt.want {
			t.Errorf("got %q, want %q", got, tt.want)
		}
	}
	long := (&Error{Message: strings.Repeat("ü", 1000)}).Error()
	if n := len([]rune(long)); n != 300 || !strings.HasSuffix(long, "ü...") {
		t.Errorf("%d characters: %s", n, long)
	}
}

// An answer that bears neither an error of OSS nor its request id comes from something in between, whose refusal is no
// missing permission.
func TestRefusalsFromInBetween(t *testing.T) {
	const html = "<html><body>Blocked by the company</body></html>"
	oss := []string{"X-Oss-Request-Id", "5C3D"}
	tests := map[string]struct {
		step    trip
		reason  Reason
		message string
	}{
		"403, HTML":          {answer(403, html, "Content-Type", "text/html; charset=utf-8"), InvalidResponse, "403 without an error of OSS: text/html, 48 bytes; the answer does not come from OSS"},
		"401, nothing":       {answer(401, ""), InvalidResponse, "401 without an error of OSS: no body; the answer does not come from OSS"},
		"404, text":          {answer(404, strings.Repeat("x", 1204), "Content-Type", "text/plain"), InvalidResponse, "404 without an error of OSS: text/plain, 1,204 bytes; the answer does not come from OSS"},
		"400, a gateway's":   {answer(400, `{"message":"no route"}`, "Content-Type", "application/json"), InvalidResponse, "400 without an error of OSS: application/json, 22 bytes; the answer does not come from OSS"},
		"418":                {answer(418, ""), InvalidResponse, "418 without an error of OSS: no body; the answer does not come from OSS"},
		"407":                {answer(407, html), Network, "407 without an error of OSS: a body of no known type, 48 bytes; the answer does not come from OSS"},
		"429":                {answer(429, ""), Throttled, "429 without an error of OSS: no body; the answer does not come from OSS"},
		"502":                {answer(502, html, "Content-Type", "text/html"), ServerError, "502 without an error of OSS: text/html, 48 bytes; the answer does not come from OSS"},
		"a redirect":         {answer(302, "", "Location", "https://portal.example.com/login?u=1"), InvalidResponse, "302 without an error of OSS: a redirect to portal.example.com; the answer does not come from OSS"},
		"a redirect of OSS":  {answer(301, "", append(oss, "Location", "https://cn-x.example.com/")...), InvalidResponse, "301 without an error of OSS: a redirect to cn-x.example.com"},
		"403 of OSS":         {answer(403, "", oss...), AccessDenied, "403 without an error of OSS: no body"},
		"404 of OSS":         {answer(404, "", oss...), InvalidRequest, "404 without an error of OSS: no body"},
		"403, a body of OSS": {answer(403, `<Error><Code>AccessDenied</Code></Error>`), AccessDenied, ""},
		"a message alone":    {answer(403, `{"Error":{"Message":"no right"}}`), AccessDenied, "no right"},
		"a flat message":     {answer(403, `{"Message":"no right"}`, oss...), AccessDenied, "no right"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, _ := newClient(tt.step)
			if err := failure(t, c); err.Reason != tt.reason || err.Message != tt.message || err.Host != "cn-shanghai.example.com" {
				t.Errorf("got %+v", err)
			}
		})
	}
}

// Without a code the fine one decides, from the header or the body; with one it does not.
func TestFineCodes(t *testing.T) {
	tests := []struct {
		status           int
		header, code, ec string
		reason           Reason
		want             string
	}{
		{403, "0002-00000201", "", "", InvalidCredentials, "0002-00000201"},
		{403, "", "", "0002-00000902", InvalidCredentials, "0002-00000902"},
		{400, "", "", "0003-00000905", AccessDenied, "0003-00000905"},
		{404, "0015-00000101", "", "", InvalidRequest, "0015-00000101"},
		{403, "0002-00000201", "", "0003-00000201", InvalidCredentials, "0002-00000201"},
		{403, "0002-00000201", "AccessDenied", "", AccessDenied, "0002-00000201"},
		{429, "0002-00000201", "", "", Throttled, "0002-00000201"},
		{302, "0002-00000201", "", "", InvalidResponse, "0002-00000201"},
		{403, "2-201", "", "0002-000002011", InvalidResponse, ""},
		{403, "<0002-00000201>", "AccessDenied", "", AccessDenied, ""},
	}
	for _, tt := range tests {
		c, seen := newClient(answer(tt.status, fmt.Sprintf(`{"Code":%q,"EC":%q}`, tt.code, tt.ec), "X-Oss-Ec", tt.header))
		if err := failure(t, c); err.Reason != tt.reason || err.EC != tt.want || seen.attempts[0].EC != tt.want {
			t.Errorf("%+v: got %+v, attempt %+v", tt, err, seen.attempts)
		}
	}
}

// A 200 whose root is an error shows what the error says.
func TestErrorsWithStatus200(t *testing.T) {
	for _, body := range []string{
		`{"Error":{"Code":"AccessDenied","Message":"no right","EC":"0003-00000201"}}`,
		`{"ListAllMyBucketsResult":{},"Error":{"Code":"AccessDenied","Message":"no right","EC":"0003-00000201"}}`,
		`<Error xmlns="http://doc.oss-cn-hangzhou.aliyuncs.com"><Code>
AccessDenied</Code><Message> no right </Message><EC>0003-00000201</EC></Error>`,
	} {
		c, _ := newClient(answer(200, body))
		if err := failure(t, c); err.Reason != InvalidResponse || err.Code != "AccessDenied" || err.Message != "no right" || err.EC != "0003-00000201" {
			t.Errorf("%s: got %+v", body, err)
		}
	}
}

// An attempt says what a debug log needs; only what was refused or not understood shows its body.
func TestAttemptsAreReported(t *testing.T) {
	body := "<Error><Code>AccessDenied</Code><Message>" + testKey().Token + strings.Repeat(" x", 1000) + "</Message></Error>"
	refused := answer(403, body, "Content-Type", "application/xml; charset=utf-8", "X-Oss-Request-Id", "5C3D", "X-Oss-Ec", "0003-00000201")
	c, seen := newClient(&script{steps: []trip{answer(500, ""), refused, answer(200, emptyPage)}}, attempts(2))
	_ = failure(t, c)
	if _, err := list(t.Context(), c, nil); err != nil {
		t.Fatal(err)
	}
	a := seen.attempts[1]
	shown := a.Body.String()
	if !strings.HasPrefix(shown, "<Error><Code>AccessDenied</Code><Message><secret> x x") || len(shown) != 1024 {
		t.Errorf("%d bytes: %s", len(shown), shown)
	}
	a.Body, a.Duration = nil, 0
	want := Attempt{
		Operation: ListVectorBuckets, Region: region, Number: 2, Method: "GET", URL: fixed("http://cn-shanghai.example.com/?max-keys=1000"),
		Status: 403, RequestID: "5C3D", EC: "0003-00000201", ContentType: "application/xml", Size: len(body),
	}
	if a != want {
		t.Errorf("got %+v", a)
	}
	if last := seen.attempts[2]; last.Body != nil || last.Size != len(emptyPage) || last.Number != 1 || last.Status != 200 {
		t.Errorf("a good answer: %+v", last)
	}
}

func TestErrorDetail(t *testing.T) {
	for want, e := range map[string]Error{
		"m":                      {Message: "m", Code: "C"},
		"h: C":                   {Code: "C", Host: "h"},
		"h: no message":          {Host: "h"},
		"oss.example.com: m":     {Message: "m", Host: "oss.example.com"},
		"a:443: proxy b:3128: m": {Message: "m", Host: "a:443", Proxy: "b:3128"},
	} {
		if got := e.Detail(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// noRenewal is a source that has no other key.
func noRenewal(o *Options) {
	k := always(testKey())
	k.renew = noOther
	o.Keys = k
}
