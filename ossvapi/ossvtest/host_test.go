package ossvtest_test

import (
	"net/http"
	"strings"
	"testing"

	"ossvector_exporter/ossvapi/ossvtest"
)

func TestHosts(t *testing.T) {
	const service = ".oss-vectors.aliyuncs.com"
	for _, c := range []struct {
		host, region, bucket, account string
		want, contains                string
	}{
		{hangzhou + service, hangzhou, "", "", "200 ", ":of-hangzhou"},
		{hangzhou + "-internal" + service, hangzhou, "", "", "200 ", ":of-hangzhou"},
		{shanghai + service, shanghai, "", "", "200 ", ":of-shanghai"},
		{shanghai + service + ":443", shanghai, "", "", "200 ", ":of-shanghai"},
		{"proxy.example.com", shanghai, "", "", "200 ", ":of-shanghai"},
		{hangzhou + service, shanghai, "", "", "400 InvalidArgument", "signing region"},
		{shanghai + "-internal" + service, hangzhou, "", "", "400 InvalidArgument", "signing region"},
		{"of-hangzhou-" + accountID + "." + hangzhou + service, hangzhou, "of-hangzhou", "", "200 ", `"indexName":"x1"`},
		{"of-hangzhou-" + accountID + "." + hangzhou + "-internal" + service, hangzhou, "of-hangzhou", "", "200 ", "x1"},
		{"of-hangzhou-" + accountID + ".example.com", hangzhou, "of-hangzhou", "", "200 ", `"indexName":"x1"`},
		{"of-hangzhou-" + accountID + "." + hangzhou + service, shanghai, "of-hangzhou", "", "400 InvalidArgument", ""},
		{"of-shanghai-" + accountID + "." + hangzhou + service, hangzhou, "of-shanghai", "", "404 NoSuchBucket", ""},
		{"of-hangzhou-" + otherID + "." + hangzhou + service, hangzhou, "of-hangzhou", otherID, "403 AccessDenied", ""},
		{"of-hangzhou-" + otherID + "." + hangzhou + service, hangzhou, "of-hangzhou", "", "403 SignatureDoesNotMatch", ""},
	} {
		_, a, url := serve(t, ossvtest.Options{Now: noon})
		a.Put(hangzhou, ossvtest.Bucket{Name: "of-hangzhou"})
		a.Put(shanghai, ossvtest.Bucket{Name: "of-shanghai"})
		a.PutIndexes(hangzhou, "of-hangzhou", ossvtest.Index{Name: "x1"})
		ask := raw{key: key(), host: c.host, region: c.region, bucket: c.bucket, account: c.account, additional: []string{"host"}}
		ask.header = http.Header{"Host": {c.host}} // for the signer; what is sent is the request's Host
		resp, body := ask.send(t, url)
		if got := errorOf(t, resp); got != c.want || !strings.Contains(body, c.contains) {
			t.Errorf("%s signed for %s: %s %s, want %s", c.host, c.region, got, body, c.want)
		}
	}
}

// TestHostIsSigned holds that a signature of one host is none of another, if it covers the host.
func TestHostIsSigned(t *testing.T) {
	_, _, url := serve(t, ossvtest.Options{Now: noon})
	ask := raw{key: key(), host: "a.example.com", additional: []string{"host"}, header: http.Header{"Host": {"b.example.com"}}}
	if resp, _ := ask.send(t, url); errorOf(t, resp) != "403 SignatureDoesNotMatch" {
		t.Errorf("status %d", resp.StatusCode)
	}
}
