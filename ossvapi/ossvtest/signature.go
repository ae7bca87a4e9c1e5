package ossvtest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const (
	algorithm  = "OSS4-HMAC-SHA256"
	terminator = "aliyun_v4_request"
	product    = "oss"
	unsigned   = "UNSIGNED-PAYLOAD"
	dateLayout = "20060102T150405Z"
)

// authorization is an Authorization header of version 4, taken apart.
type authorization struct {
	present           bool // there is a header
	valid             bool // it has the documented form
	keyID             string
	date, region      string
	product           string
	additionalHeaders []string
	signature         string
}

// parseAuthorization reads `OSS4-HMAC-SHA256 Credential=ID/DATE/REGION/PRODUCT/aliyun_v4_request,
// AdditionalHeaders=a;b,Signature=HEX`.
func parseAuthorization(header string) authorization {
	a := authorization{present: header != ""}
	fields, ok := strings.CutPrefix(header, algorithm+" ")
	if !ok {
		return a
	}
	for field := range strings.SplitSeq(fields, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(field), "=")
		switch name {
		case "Credential":
			a.valid = a.credential(value)
		case "AdditionalHeaders":
			a.additionalHeaders = strings.Split(value, ";")
		case "Signature":
			a.signature = value
		}
	}
	a.valid = a.valid && len(a.signature) == hex.EncodedLen(sha256.Size)
	return a
}

// credential reads the key id and the scope.
func (a *authorization) credential(s string) bool {
	parts := strings.Split(s, "/")
	if len(parts) != 5 || parts[4] != terminator || slices.Contains(parts, "") {
		return false
	}
	a.keyID, a.date, a.region, a.product = parts[0], parts[1], parts[2], parts[3]
	return true
}

// sign computes the signature that the request ought to have.
func (a *authorization) sign(r *http.Request, c *call, secret string) string {
	canonical := strings.Join([]string{
		r.Method,
		strings.ReplaceAll(url.QueryEscape(c.resource()), "%2F", "/"),
		canonicalQuery(r.URL.Query()),
		a.canonicalHeaders(r),
		strings.Join(a.additionalHeaders, ";"),
		r.Header.Get("X-Oss-Content-Sha256"),
	}, "\n")
	digest := sha256.Sum256([]byte(canonical))
	scope := strings.Join([]string{a.date, a.region, a.product, terminator}, "/")
	text := strings.Join([]string{algorithm, r.Header.Get("X-Oss-Date"), scope, hex.EncodeToString(digest[:])}, "\n")

	key := []byte("aliyun_v4" + secret)
	for _, part := range []string{a.date, a.region, a.product, terminator, text} {
		mac := hmac.New(sha256.New, key)
		mac.Write([]byte(part))
		key = mac.Sum(nil)
	}
	return hex.EncodeToString(key)
}

// resource is the path that is signed in place of the URL's: the ARN of what is addressed.
func (c *call) resource() string {
	arn := "/acs:ossvector:" + c.auth.region + ":"
	if c.bucket == "" {
		return arn + ":/"
	}
	return arn + c.accountID() + ":" + c.bucket + "/"
}

// canonicalHeaders are the signed ones, each with its newline: content-type, content-md5, x-oss-*, the additional ones.
func (a *authorization) canonicalHeaders(r *http.Request) string {
	var names []string
	for name := range r.Header {
		name = strings.ToLower(name)
		if strings.HasPrefix(name, "x-oss-") || name == "content-type" || name == "content-md5" {
			names = append(names, name)
		}
	}
	names = append(names, a.additionalHeaders...)
	slices.Sort(names)
	var b strings.Builder
	for _, name := range names {
		value := strings.Join(r.Header.Values(name), ",") // net/http has trimmed them
		if name == "host" {
			value = r.Host
		}
		b.WriteString(name + ":" + value + "\n")
	}
	return b.String()
}

// canonicalQuery decodes the query and encodes it anew in the one way that is signed: sorted, and no = without a value.
func canonicalQuery(q url.Values) string {
	text := strings.ReplaceAll(q.Encode(), "+", "%20") + "&"
	return strings.TrimSuffix(strings.ReplaceAll(text, "=&", "&"), "&")
}
