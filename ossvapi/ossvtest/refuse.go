package ossvtest

import (
	"crypto/hmac"
	"net/http"
	"slices"
	"time"
)

const maxSkew = 15 * time.Minute

// refuse says why a request may not be performed, or nil: who asks, when, for which region, and whether it may.
func (s *Server) refuse(r *http.Request, c *call, now time.Time) *serviceError {
	for _, check := range []func() *serviceError{
		func() *serviceError { return c.checkForm(r) },
		func() *serviceError { return c.checkClock(r, now) },
		func() *serviceError { return c.checkKey(r, now) },
		func() *serviceError { return c.checkSignature(r) },
		c.checkPlace,
		c.checkRight,
	} {
		if e := check(); e != nil {
			return e
		}
	}
	return nil
}

// checkForm refuses what is not signed, or not in the way of version 4.
func (c *call) checkForm(r *http.Request) *serviceError {
	switch {
	case !c.auth.present:
		return errAnonymous()
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
		return errSkewed()
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
		return errWrongToken()
	case expired:
		return errExpired()
	}
	return nil
}

func (c *call) checkSignature(r *http.Request) *serviceError {
	want := c.auth.sign(r, c, c.owner.Secret)
	if !hmac.Equal([]byte(want), []byte(c.auth.signature)) {
		return errSignature()
	}
	return nil
}

// checkPlace refuses a request whose host is that of another region than it is signed for.
func (c *call) checkPlace() *serviceError {
	if host := regionOfHost(c.host); host != "" && host != c.auth.region {
		return invalid("Invalid signing region in Authorization header.", "0002-00000228")
	}
	return nil
}

// checkRight refuses other accounts' buckets and what the key may not do.
func (c *call) checkRight() *serviceError {
	if c.accountID() != c.owner.account.id {
		return errNotAllowed()
	}
	if slices.Contains(c.owner.Deny, c.operation) {
		return errDenied()
	}
	return nil
}
