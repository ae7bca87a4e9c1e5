package ossvtest_test

import (
	"net/http"
	"testing"

	"ossvector_exporter/ossvapi/ossvtest"
)

func TestErrorsAreWrittenAsDocumented(t *testing.T) {
	_, _, url := serve(t, ossvtest.Options{Now: noon, Seed: 7})
	resp, body := raw{key: key(), bucket: "none"}.send(t, url)
	const want = `{"Error":{"Code":"NoSuchBucket","Message":"The specified bucket does not exist.",` +
		`"RequestId":"000000070000000000000001","HostId":"127.0.0.1","EC":"0015-00000101"}}`
	if body != want || resp.StatusCode != http.StatusNotFound || resp.Header.Get("Content-Type") != "application/json" {
		t.Errorf("%d %s\nwant %s", resp.StatusCode, body, want)
	}
	if h := resp.Header; h.Get("X-Oss-Request-Id") != "000000070000000000000001" || h.Get("X-Oss-Ec") != "0015-00000101" {
		t.Errorf("%v", h)
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
