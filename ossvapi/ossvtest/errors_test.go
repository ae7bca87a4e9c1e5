package ossvtest_test

import (
	"net/http"
	"strings"
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

// The fine codes are the vendor's: https://help.aliyun.com/en/oss/user-guide/ has a page for each.
func TestFineCodesAreTheVendors(t *testing.T) {
	service, a, url := serve(t, ossvtest.Options{Now: noon})
	denied := ossvtest.Key{ID: "LTAIdenied", Secret: "s", Deny: []string{ossvtest.ListVectorBuckets}}
	a.SetKeys(key(), denied)
	for want, ask := range map[string]raw{
		"0003-00000905": {key: key(), after: func(r *http.Request) { r.Header.Del("Authorization") }},
		"0003-00000202": {key: key(), host: "a-" + otherID + ".example.com", bucket: "a", account: otherID},
		"0002-00000202": {key: key(), after: func(r *http.Request) { r.Header.Set("Authorization", "OSS4-HMAC-SHA256 Signature=18") }},
		"0002-00000228": {key: key(), host: shanghai + ".oss-vectors.aliyuncs.com"},
		"0017-00000289": {key: key(), query: "max-keys=1001"},
	} {
		resp, body := ask.send(t, url)
		if got := resp.Header.Get("X-Oss-Ec"); got != want || !strings.Contains(body, `"EC":"`+want+`"`) {
			t.Errorf("%s, want %s: %s", got, want, body)
		}
	}
	if resp, _ := (raw{key: denied}).send(t, url); resp.Header.Get("X-Oss-Ec") != "0003-00000202" {
		t.Errorf("what no policy allows: %v", resp.Header)
	}
	service.Inject(ossvtest.Fault{Do: ossvtest.Deny()})
	if resp, _ := (raw{key: key()}).send(t, url); resp.Header.Get("X-Oss-Ec") != "0003-00000201" {
		t.Errorf("what a policy denies: %v", resp.Header)
	}
}
