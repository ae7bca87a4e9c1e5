package ossvtest

import (
	"cmp"
	"crypto/hmac"
	"encoding/json"
	"net/http"
	"slices"
	"time"
)

const maxSkew = 15 * time.Minute

// serviceError is an error of the service, before it is written. The fine codes are the vendor's where it documents them.
type serviceError struct {
	status            int
	code, message, ec string
}

func forbidden(code, message, ec string) *serviceError {
	return &serviceError{http.StatusForbidden, code, message, ec}
}

func invalid(message, ec string) *serviceError {
	return &serviceError{http.StatusBadRequest, "InvalidArgument", message, ec}
}

func errUnknownKey() *serviceError {
	return forbidden("InvalidAccessKeyId", "The OSS Access Key Id you provided does not exist in our records.", "0002-00000902")
}

// fail writes an error. The client may be gone, or has it.
func (s *Server) fail(w http.ResponseWriter, c *call, e *serviceError) {
	type wireError struct{ Code, Message, RequestId, HostId, EC string }                                 //nolint:revive // as on the wire
	body, _ := json.Marshal(struct{ Error wireError }{wireError{e.code, e.message, c.id, c.host, e.ec}}) // strings only: cannot fail
	if e.ec != "" {
		w.Header().Set("X-Oss-Ec", e.ec)
	}
	write(w, e.status, body)
}

// refuse says why a request may not be performed, or nil: who asks, when, for which region, and whether it may.
func (s *Server) refuse(r *http.Request, c *call, now time.Time) *serviceError {
	return cmp.Or(c.checkForm(r), c.checkClock(r, now), c.checkKey(r, now), c.checkSignature(r), c.checkRight())
}

// checkForm refuses requests that are not signed, or not with signature version 4.
func (c *call) checkForm(r *http.Request) *serviceError {
	switch {
	case !c.auth.present:
		return forbidden("AccessDenied", "Anonymous access is forbidden for this operation.", "0003-00000905")
	case !c.auth.valid:
		return invalid("The authorization header is malformed.", "0002-00000202")
	case c.auth.product != product:
		return invalid("Invalid signing product in Authorization header.", "0002-00000219")
	case r.Header.Get("X-Oss-Content-Sha256") != unsigned:
		return invalid("The x-oss-content-sha256 header must be UNSIGNED-PAYLOAD.", "0002-00000239")
	}
	return nil
}

// checkClock compares the time of signing with the service's, and with the day of the scope.
func (c *call) checkClock(r *http.Request, now time.Time) *serviceError {
	text := r.Header.Get("X-Oss-Date")
	at, err := time.Parse(dateLayout, text)
	if err != nil || text[:8] != c.auth.date {
		return invalid("Invalid signing date in Authorization header.", "0002-00000221")
	}
	if at.Sub(now).Abs() > maxSkew {
		return forbidden("RequestTimeTooSkewed",
			"The difference between the request time and the current time is too large.", "0002-00000504")
	}
	return nil
}

// checkKey compares the key and its token with those on record.
func (c *call) checkKey(r *http.Request, now time.Time) *serviceError {
	token, k := r.Header.Get("X-Oss-Security-Token"), c.owner
	expired := !k.Expires.IsZero() && !now.Before(k.Expires)
	switch {
	case k.account == nil, k.Token == "" && expired:
		return errUnknownKey()
	case k.Token == "" && token != "", k.Token != "" && token == "":
		return errUnknownKey() // a temporary key and a permanent one live in different records
	case token != k.Token:
		return forbidden("InvalidSecurityToken", "The security token you provided is invalid.", "0002-00000006")
	case expired:
		return forbidden("SecurityTokenExpired", "The security token you provided has expired.", "0002-00000007")
	}
	return nil
}

// checkSignature also refuses a request whose host is that of another region than it is signed for.
func (c *call) checkSignature(r *http.Request) *serviceError {
	want := c.auth.sign(r, c, c.owner.Secret)
	if !hmac.Equal([]byte(want), []byte(c.auth.signature)) {
		return forbidden("SignatureDoesNotMatch", "The request signature we calculated does not match the signature you "+
			"provided. Check your key and signing method.", "0002-00000201")
	}
	if host := regionOfHost(c.host); host != "" && host != c.auth.region {
		return invalid("Invalid signing region in Authorization header.", "0002-00000228")
	}
	return nil
}

// checkRight refuses other accounts' buckets, which no policy allows, and what the key may not do.
func (c *call) checkRight() *serviceError {
	if c.owner.account == nil || c.accountID() != c.owner.account.id || slices.Contains(c.owner.Deny, c.name) {
		return forbidden("AccessDenied", "You have no right to access this object.", "0003-00000202") // no policy allows it
	}
	return nil
}
