package ossvapi

import (
	"encoding/json"
	"encoding/xml"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var sameTime = cmp.Comparer(time.Time.Equal)

// FuzzDecodePage holds the decoder against another reading of the same bytes: what it takes, that one takes too, and both
// find the same. It is stricter, so the other way round holds for what is cut off only.
func FuzzDecodePage(f *testing.F) {
	page := documentedPage(f)
	f.Add(page, "cn-shanghai")
	f.Add(page[:len(page)/2], "cn-shanghai")
	for _, seed := range []string{
		emptyPage, `{"ListAllMyBucketsResult":{}}`, `null`, `{}`, `{"Error":{"Code":"AccessDenied"}}`,
		one(`"Name":"a\u00e9\n","Location":"oss-cn-x"`), one(`"Name":"acs:ossvector:cn-x:1:b","CreationDate":"2014-02-07T18:12:43.25Z"`),
		`{"ListAllMyBucketsResult":{"Buckets":[{"Name":"a","Region":"r"},{"Name":"b","Region":"r","x":[{}]}],"IsTruncated":true}}`,
	} {
		f.Add([]byte(seed), "")
	}
	f.Fuzz(func(t *testing.T, body []byte, asked string) {
		got, err := decodePage(body, wholeRegion(asked))
		want, ok := readPage(body, asked)
		if err != nil {
			if got != nil {
				t.Error("a page beside an error")
			}
			if shown := secretsOf(Key{}, &http.Request{}).scrub(err.Error(), maxMessage); shown == "" || !utf8.ValidString(shown) {
				t.Errorf("error %q", err)
			}
			return
		}
		if !ok {
			t.Fatalf("taken: %q", body)
		}
		if diff := cmp.Diff(want, *got, sameTime, cmp.AllowUnexported(Page{}), cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("page (-other reading +got):\n%s", diff)
		}
		for _, b := range got.Buckets {
			if b.Name == "" || !utf8.ValidString(b.Name+b.Location) || asked != "" && b.Region == "" {
				t.Errorf("bucket %+v", b)
			}
		}
	})
}

func FuzzDecodeIndexes(f *testing.F) {
	page := documentedIndexes(f)
	f.Add(page)
	f.Add(page[:len(page)/2])
	for _, seed := range []string{
		`{}`, `null`, `{"indexes":null,"x":1}`, `{"indexes":[]}`, `{"x":1}`, `{"Error":{}}`, `{"nextToken":"t"}`,
		`{"indexes":[{"indexName":"a","dimension":-1}],"nextToken":null}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, next, err := decodeIndexes(body)
		want, wantNext, ok := readIndexes(body)
		if err != nil {
			if got != nil || next != "" {
				t.Error("a list beside an error")
			}
			return
		}
		if !ok || next != wantNext {
			t.Fatalf("taken: %q, next %q", body, next)
		}
		for i := range want { // a float64 does not hold every int
			if i < len(got) && math.Abs(float64(got[i].Dimension)-float64(want[i].Dimension)) <= float64(want[i].Dimension)/1e9 {
				want[i].Dimension = got[i].Dimension
			}
		}
		if diff := cmp.Diff(want, got, sameTime, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("indexes (-other reading +got):\n%s", diff)
		}
	})
}

// FuzzClassify holds whatever a refusal can be to what an error promises.
func FuzzClassify(f *testing.F) {
	f.Add(403, []byte(expired), "application/json", "5C3D9175B6FC201293AD", "2")
	f.Add(403, []byte(skewed), "application/json; charset=utf-8", "", "")
	f.Add(503, []byte("<?xml version=\"1.0\"?>\n<Error><Code>ServiceUnavailable</Code></Error>"), "application/xml", "x", "-1")
	f.Add(429, []byte(`{"Code":"QpsLimitExceeded","Message":"slow\ndown"}`), "", "", "Fri, 31 Dec 9999 23:59:59 GMT")
	f.Add(502, []byte("<html><body>Bad Gateway</body></html>"), "text/html", "", "99999999999999999999")
	f.Add(400, []byte("null"), "application/json", "", "")
	f.Add(302, []byte(nil), "", "", "")
	f.Add(404, []byte(testKey().ID+testKey().Token), "", testKey().Secret, testKey().Token)
	f.Fuzz(func(t *testing.T, status int, body []byte, contentType, id, retryAfter string) {
		c, seen := newClient(answer(status, string(body), "Content-Type", contentType, "X-Oss-Request-Id", id,
			"Retry-After", retryAfter, "Date", "Mon, 02 Jan 2006 15:04:05 GMT"), noRenewal)
		if status == http.StatusOK {
			return
		}
		err := failure(t, c)
		if !slices.Contains(Reasons(), err.Reason) || err.Status != status || len(seen.failures) != 1 {
			t.Errorf("got %+v", err)
		}
		if err.Code != "" && !fits(codeForm, err.Code) || err.RequestID != "" && !fits(requestIDForm, err.RequestID) {
			t.Errorf("code %q, request id %q", err.Code, err.RequestID)
		}
		if !utf8.ValidString(err.Error()) {
			t.Errorf("got %+v", err)
		}
		// A code or a request id has a form of its own and may have eight characters of a secret by chance, never all of it.
		worded := *err
		worded.Code, worded.EC, worded.RequestID = "", "", ""
		shown := texts(&worded)
		for _, secret := range []string{testKey().ID, testKey().Secret, testKey().Token} {
			if strings.Contains(err.Code+" "+err.EC+" "+err.RequestID, secret) {
				t.Errorf("a secret is in code, EC or request id: %+v", err)
			}
			for i := 0; i+partOfKey <= len(secret); i++ {
				if part := secret[i : i+partOfKey]; strings.Contains(shown, part) {
					t.Errorf("%q of %q is in %s", part, secret, shown)
				}
			}
		}
	})
}

// FuzzParseError writes an error in each shape by the standard library and reads it back.
func FuzzParseError(f *testing.F) {
	f.Add("AccessDenied", "You have no right to access this object.", 0)
	f.Add("SecurityTokenExpired", "a \"quoted\" <b>é😀</b> &amp;\n", 1)
	f.Add("QpsLimitExceeded", "", 2)
	f.Fuzz(func(t *testing.T, code, message string, shape int) {
		if code == "" || !utf8.ValidString(code) || !utf8.ValidString(message) {
			return
		}
		want := errorBody{Code: code, Message: message}
		var body []byte
		var err error
		switch shape % 3 {
		case 0:
			body, err = json.Marshal(map[string]any{"Error": map[string]string{"Code": code, "Message": message, "EC": "1"}})
		case 1:
			body, err = json.Marshal(map[string]string{"Code": code, "Message": message, "RequestId": "5C3D"})
		default:
			if code+message != strings.ToValidUTF8(xmlText(code+message), "") {
				return // XML cannot say it
			}
			body, err = xml.Marshal(want)
		}
		if err != nil {
			t.Fatal(err)
		}
		got := parseError(body)
		if got.Code != strings.TrimSpace(want.Code) || got.Message != strings.TrimSpace(want.Message) {
			t.Errorf("%s reads as %+v", body, got)
		}
	})
}

// xmlText is what of a text XML can carry.
func xmlText(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return -1
		}
		return r
	}, text)
}
