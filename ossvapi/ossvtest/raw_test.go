package ossvtest_test

import (
	"io"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/signer"

	"ossvector_exporter/ossvapi/ossvtest"
)

// noon is the time of services and requests in tests that compare it.
func noon() time.Time { return time.Date(2026, time.March, 1, 12, 0, 0, 0, time.UTC) }

// raw is a request signed by the vendor's signer, which a test may bend before and after signing.
type raw struct {
	key        ossvtest.Key
	region     string // of the scope; default hangzhou
	product    string // of the scope; default oss
	host       string // default the listener's
	query      string
	bucket     string // asks for its indexes, with the bucket in the path unless host is set
	account    string // that is signed; default accountID
	body       string // of a listing of indexes
	at         time.Time
	header     http.Header // set before signing
	additional []string    // signed beyond the usual headers
	after      func(*http.Request)
}

// send signs and sends the request, and returns the answer with its whole body.
func (q raw) send(t *testing.T, url string) (*http.Response, string) {
	t.Helper()
	resp, err := http.DefaultTransport.RoundTrip(q.build(t, url))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(body)
}

func (q raw) build(t testing.TB, url string) *http.Request {
	t.Helper()
	method, path, body := http.MethodGet, "/?"+q.query, io.Reader(nil)
	sign := &signer.SigningContext{
		Product: oss.Ptr(or(q.product, "oss")), Region: oss.Ptr(or(q.region, hangzhou)), Time: q.at,
		Credentials:       &credentials.Credentials{AccessKeyID: q.key.ID, AccessKeySecret: q.key.Secret, SecurityToken: q.key.Token},
		AdditionalHeaders: q.additional,
	}
	if q.at.IsZero() {
		sign.Time = noon()
	}
	if q.bucket != "" {
		sign.Bucket = oss.Ptr(q.bucket)
		method, path, body = http.MethodPost, "/?listVectorIndexes", strings.NewReader(q.body)
		if q.host == "" {
			path = "/" + q.bucket + path
		}
	}
	r, err := http.NewRequestWithContext(t.Context(), method, url+path, body)
	if err != nil {
		t.Fatal(err)
	}
	maps.Copy(r.Header, q.header)
	r.Host = q.host
	sign.Request = r
	v4 := signer.SignerVectorsV4{AccountId: oss.Ptr(or(q.account, accountID))}
	if err := v4.Sign(t.Context(), sign); err != nil {
		t.Fatal(err)
	}
	if q.after != nil {
		q.after(r)
	}
	return r
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
