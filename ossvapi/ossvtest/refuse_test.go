package ossvtest_test

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ossvector_exporter/ossvapi/ossvtest"
)

// temporary is a key as STS gives it, good for an hour.
func temporary() ossvtest.Key {
	return ossvtest.Key{ID: "STS.test", Secret: "temporary secret", Token: "token", Expires: noon().Add(time.Hour)}
}

func with(k ossvtest.Key, change func(*ossvtest.Key)) ossvtest.Key {
	change(&k)
	return k
}

func TestRefusals(t *testing.T) {
	dated := ossvtest.Key{ID: "LTAIdated", Secret: "s", Expires: noon().Add(-time.Second)}
	expired := with(temporary(), func(k *ossvtest.Key) { k.ID, k.Expires = "STS.expired", noon() })
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	authorization := func(old, now string) func(*http.Request) {
		return func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), old, now, 1))
		}
	}
	for name, c := range map[string]struct {
		ask  raw
		want string
	}{
		"good":           {raw{key: key()}, "200 "},
		"good temporary": {raw{key: temporary()}, "200 "},
		"unsigned":       {raw{key: key(), after: func(r *http.Request) { r.Header.Del("Authorization") }}, "403 AccessDenied"},
		"other scheme":   {raw{key: key(), after: header("Authorization", "OSS LTAItest:abc")}, "400 InvalidArgument"},
		"no signature":   {raw{key: key(), after: authorization("Signature=", "Sign=")}, "400 InvalidArgument"},
		"short signature": {raw{key: key(), after: func(r *http.Request) {
			r.Header.Set("Authorization", strings.TrimRight(r.Header.Get("Authorization"), "0123456789abcdef"))
		}}, "400 InvalidArgument"},
		"other terminator":         {raw{key: key(), after: authorization("aliyun_v4_request", "aws4_request")}, "400 InvalidArgument"},
		"longer scope":             {raw{key: key(), after: authorization("v4_request", "v4_request/x")}, "400 InvalidArgument"},
		"no key id":                {raw{key: key(), after: authorization("LTAItest", "")}, "400 InvalidArgument"},
		"other product":            {raw{key: key(), product: "s3"}, "400 InvalidArgument"},
		"signed payload":           {raw{key: key(), after: header("X-Oss-Content-Sha256", "abc")}, "400 InvalidArgument"},
		"no date":                  {raw{key: key(), after: header("X-Oss-Date", "")}, "400 InvalidArgument"},
		"date of another day":      {raw{key: key(), after: header("X-Oss-Date", "20260302T120000Z")}, "400 InvalidArgument"},
		"15 minutes late":          {raw{key: key(), at: noon().Add(-15 * time.Minute)}, "200 "},
		"more than 15 late":        {raw{key: key(), at: noon().Add(-15*time.Minute - time.Second)}, "403 RequestTimeTooSkewed"},
		"more than 15 early":       {raw{key: key(), at: noon().Add(15*time.Minute + time.Second)}, "403 RequestTimeTooSkewed"},
		"unknown key":              {raw{key: ossvtest.Key{ID: "LTAInone", Secret: "s"}}, "403 InvalidAccessKeyId"},
		"wrong secret":             {raw{key: with(key(), func(k *ossvtest.Key) { k.Secret += "x" })}, "403 SignatureDoesNotMatch"},
		"permanent key's end":      {raw{key: dated}, "403 InvalidAccessKeyId"},
		"no token":                 {raw{key: with(temporary(), func(k *ossvtest.Key) { k.Token = "" })}, "403 InvalidAccessKeyId"},
		"token of a permanent key": {raw{key: with(key(), func(k *ossvtest.Key) { k.Token = "x" })}, "403 InvalidAccessKeyId"},
		"wrong token":              {raw{key: with(temporary(), func(k *ossvtest.Key) { k.Token = "x" })}, "403 InvalidSecurityToken"},
		"expired token":            {raw{key: expired}, "403 SecurityTokenExpired"},
		"wrong token, expired":     {raw{key: with(expired, func(k *ossvtest.Key) { k.Token = "x" })}, "403 InvalidSecurityToken"},
		"region changed": {raw{key: key(), after: authorization(hangzhou, shanghai)},
			"403 SignatureDoesNotMatch"},
		"unsigned header added":  {raw{key: key(), after: header("X-Oss-Resource-Group-Id", "rg-1")}, "403 SignatureDoesNotMatch"},
		"harmless header added":  {raw{key: key(), after: header("X-Forwarded-For", "192.0.2.1")}, "200 "},
		"bucket of other region": {raw{key: key(), region: shanghai, bucket: "bucket-a"}, "404 NoSuchBucket"},
		"bucket":                 {raw{key: key(), bucket: "bucket-a"}, "200 "},
		"bucket, other account":  {raw{key: key(), bucket: "bucket-a", account: otherID}, "403 SignatureDoesNotMatch"},
		"broken escape":          {raw{key: key(), query: "prefix=%zz"}, "403 SignatureDoesNotMatch"},
		"method":                 {raw{key: key(), bucket: "bucket-a", after: func(r *http.Request) { r.Method = "PUT" }}, "403 SignatureDoesNotMatch"},
	} {
		_, a, url := serve(t, ossvtest.Options{Now: noon})
		a.SetKeys(key(), temporary(), dated, expired)
		a.Put(hangzhou, ossvtest.Bucket{Name: "bucket-a"})
		resp, _ := c.ask.send(t, url)
		if got := errorOf(t, resp); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

// errorOf is the answer's status and code; both stand in the header, so that this works for every shape of body.
func errorOf(t *testing.T, resp *http.Response) string {
	t.Helper()
	codes := map[string]string{
		"0002-00000504": "RequestTimeTooSkewed", "0002-00000902": "InvalidAccessKeyId", "0002-00000006": "InvalidSecurityToken",
		"0002-00000007": "SecurityTokenExpired", "0002-00000201": "SignatureDoesNotMatch",
		"0003-00000201": "AccessDenied", "0003-00000202": "AccessDenied", "0003-00000905": "AccessDenied",
		"0015-00000101": "NoSuchBucket", "0017-00000101": "NotImplemented",
	}
	code := codes[resp.Header.Get("X-Oss-Ec")]
	if resp.StatusCode == http.StatusBadRequest {
		code = "InvalidArgument"
	}
	return fmt.Sprint(resp.StatusCode, " ", code)
}

func TestKeysChange(t *testing.T) {
	s, a, url := serve(t, ossvtest.Options{Now: noon})
	other := s.AddAccount(otherID, ossvtest.Key{ID: "LTAIother", Secret: "s"})
	a.SetKeys(temporary())
	for _, c := range []struct {
		key  ossvtest.Key
		want string
	}{
		{key(), "403 InvalidAccessKeyId"},
		{temporary(), "200 "},
		{ossvtest.Key{ID: "LTAIother", Secret: "s"}, "200 "},
	} {
		resp, _ := raw{key: c.key}.send(t, url)
		if got := errorOf(t, resp); got != c.want {
			t.Errorf("%s: %s, want %s", c.key.ID, got, c.want)
		}
	}
	if s.Account(otherID) != other || s.Account("1") != nil || s.AddAccount(otherID) != other {
		t.Error("accounts are not found again")
	}
}

// TestSignatureCovers signs random queries and headers, which pass, and then changes one thing, which does not.
func TestSignatureCovers(t *testing.T) {
	_, _, url := serve(t, ossvtest.Options{Now: noon})
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 2))
		query := encoded("prefix", text(r), "marker", text(r), "x", "", "max-keys", "7", text(r), text(r))
		ask := raw{key: key(), query: query, additional: []string{"User-Agent", "x-custom"}, header: http.Header{
			"X-Oss-Meta-A": {" padded ", "twice"}, "User-Agent": {"test"}, "X-Custom": {text(r)}, "Content-Type": {"text/plain"},
		}}
		if resp, body := ask.send(t, url); resp.StatusCode != http.StatusOK {
			t.Fatalf("seed %d, query %s: %s", seed, query, body)
		}
		changes := []func(*http.Request){
			func(r *http.Request) { r.URL.RawQuery += "&y=1" },
			func(r *http.Request) { r.URL.RawQuery = strings.Replace(r.URL.RawQuery, "max-keys=7", "max-keys=8", 1) },
			func(r *http.Request) { r.Header.Set("X-Oss-Meta-A", "other") },
			func(r *http.Request) { r.Header.Set("Content-Type", "text/html") },
			func(r *http.Request) { r.Header.Set("User-Agent", "other") },
			func(r *http.Request) { r.Header.Del("X-Custom") },
		}
		ask.after = changes[r.IntN(len(changes))]
		if resp, body := ask.send(t, url); errorOf(t, resp) != "403 SignatureDoesNotMatch" {
			t.Fatalf("seed %d, changed: %d %s", seed, resp.StatusCode, body)
		}
	}
}

// encoded joins names and values to a query.
func encoded(pairs ...string) string {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v.Encode()
}

// text is made of what needs care in a query and is allowed in a header.
func text(r *rand.Rand) string {
	const alphabet = "az09-._~ +/=%&*!?'();:@$,[]{}|"
	b := []byte{'q'}
	for range r.IntN(12) {
		b = append(b, alphabet[r.IntN(len(alphabet))])
	}
	return string(append(b, 'q'))
}
