package ossvtest_test

import (
	"net/http"
	"strings"
	"testing"

	"ossvector_exporter/ossvapi/ossvtest"
)

func TestErrorShapes(t *testing.T) {
	for shape, want := range map[ossvtest.ErrorShape][2]string{
		ossvtest.JSON: {"application/json", `{"Error":{"Code":"NoSuchBucket","Message":"The specified bucket does ` +
			`not exist.","RequestId":"ID","HostId":"127.0.0.1","EC":"0015-00000101"}}`},
		ossvtest.JSONUTF8: {"application/json; charset=utf-8", `{"Error":{"Code":"NoSuchBucket","Message":"The specified ` +
			`bucket does not exist.","RequestId":"ID","HostId":"127.0.0.1","EC":"0015-00000101"}}`},
		ossvtest.FlatJSON: {"application/json", `{"Code":"NoSuchBucket","Message":"The specified bucket does ` +
			`not exist.","RequestId":"ID","HostId":"127.0.0.1","EC":"0015-00000101"}`},
		ossvtest.XML: {"application/xml", `<?xml version="1.0" encoding="UTF-8"?>
<Error>
  <Code>NoSuchBucket</Code>
  <Message>The specified bucket does not exist.</Message>
  <RequestId>ID</RequestId>
  <HostId>127.0.0.1</HostId>
  <EC>0015-00000101</EC>
</Error>`},
	} {
		_, _, url := serve(t, ossvtest.Options{Now: noon, Errors: shape, Seed: 7})
		resp, body := raw{key: key(), bucket: "none"}.send(t, url)
		id := resp.Header.Get("X-Oss-Request-Id")
		if id != "000000070000000000000001" || resp.StatusCode != http.StatusNotFound || resp.Header.Get("X-Oss-Ec") != "0015-00000101" {
			t.Errorf("shape %d: %d %v", shape, resp.StatusCode, resp.Header)
		}
		if got := strings.ReplaceAll(body, id, "ID"); got != want[1] || resp.Header.Get("Content-Type") != want[0] {
			t.Errorf("shape %d: %s\n%s\nwant %s", shape, resp.Header.Get("Content-Type"), got, want[1])
		}
	}
}

// TestSDKReadsShapes holds that the vendor's client understands the shapes, but for the one that it is known not to.
func TestSDKReadsShapes(t *testing.T) {
	for shape, want := range map[ossvtest.ErrorShape]string{
		ossvtest.JSON: "403 InvalidAccessKeyId", ossvtest.FlatJSON: "403 InvalidAccessKeyId", ossvtest.XML: "403 InvalidAccessKeyId",
		ossvtest.JSONUTF8: "403 BadErrorResponse",
	} {
		_, _, url := serve(t, ossvtest.Options{Errors: shape})
		_, err := sdk(url, hangzhou, ossvtest.Key{ID: "LTAInone", Secret: "s"}).ListVectorBuckets(t.Context(), nil)
		if got := code(err); got != want {
			t.Errorf("shape %d: %s, want %s", shape, got, want)
		}
	}
}

// TestEveryAnswerIsStamped covers good answers, errors and faults.
func TestEveryAnswerIsStamped(t *testing.T) {
	s, _, url := serve(t, ossvtest.Options{Now: noon})
	s.Inject(ossvtest.Fault{Match: ossvtest.Match{Region: "cn-fault"}, Do: ossvtest.Respond(502, nil, "")})
	for region, status := range map[string]int{hangzhou: 200, "cn-fault": 502} {
		resp, _ := raw{key: key(), region: region}.send(t, url)
		h := resp.Header
		if resp.StatusCode != status || h.Get("X-Oss-Request-Id") == "" || h.Get("Date") != "Sun, 01 Mar 2026 12:00:00 GMT" {
			t.Errorf("%s: %d %v", region, resp.StatusCode, h)
		}
	}
}
