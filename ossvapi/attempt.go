package ossvapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/signer"
)

// errCutOff marks an answer that ended before it was complete: another attempt may get the whole.
var errCutOff = errors.New("the answer is cut off")

// attempt makes one signed HTTP request and judges the answer. It goes through the transport and not through an
// http.Client, which would follow redirects with the signature.
func (c *Client) attempt(ctx context.Context, r *request, key Key, accept func([]byte) error) outcome {
	ctx, cancel := context.WithTimeout(ctx, c.o.RequestTimeout)
	defer cancel()
	req, err := c.sign(ctx, r, key)
	if err != nil {
		return outcome{err: &Error{Operation: r.op, Region: r.region, Reason: InvalidRequest, Message: err.Error(), Err: err}}
	}
	start, status := time.Now(), 0
	defer func() { c.o.Observer.Attempt(r.op, r.region, status, time.Since(start)) }()
	resp, err := c.o.Transport(r.op, r.region).RoundTrip(req)
	if err != nil {
		text, cause := connectionFailure(err)
		failure := &Error{Operation: r.op, Region: r.region, Reason: Network, Message: oneLine(text, maxMessage), Err: cause}
		return timeoutOr(ctx, outcome{err: failure, retry: true})
	}
	defer func() { _ = resp.Body.Close() }()
	status = resp.StatusCode
	hide := secretsOf(key, req)
	if status < http.StatusOK { // 101: the body is the bare connection, which no deadline ends
		return c.refusal(r, hide, resp, nil)
	}
	body := c.bodies.Get().(*bytes.Buffer)
	defer c.bodies.Put(body)
	body.Reset()
	if status != http.StatusOK {
		_, _ = body.ReadFrom(io.LimitReader(resp.Body, maxErrorBody)) // the status alone says enough
		return c.refusal(r, hide, resp, body.Bytes())
	}
	failure := &Error{
		Operation: r.op, Region: r.region, Reason: InvalidResponse, Status: status, RequestID: requestID(resp.Header, hide),
	}
	if out := read(body, resp, failure); out.err != nil {
		return timeoutOr(ctx, out)
	}
	if err := accept(body.Bytes()); err != nil {
		failure.Message, failure.Err = hide.scrub(err.Error()), err
		return outcome{err: failure, retry: errors.Is(err, errCutOff)}
	}
	return outcome{}
}

// read takes a whole body into buf. What it could not read it reports through failure, a prepared invalid_response.
func read(buf *bytes.Buffer, resp *http.Response, failure *Error) outcome {
	if n := resp.ContentLength; 0 < n && n <= maxBody {
		buf.Grow(int(n) + bytes.MinRead)
	}
	n, err := buf.ReadFrom(io.LimitReader(resp.Body, maxBody+1))
	switch {
	case err != nil && n == 0 && connectionBroke(err):
		failure.Reason, failure.Message = Network, "the connection broke before any of the body came"
	case err != nil:
		failure.Message = fmt.Sprintf("the body broke off after %d bytes", n)
	case n > maxBody:
		failure.Message = fmt.Sprintf("the body is larger than %d bytes", maxBody)
		return outcome{err: failure}
	default:
		return outcome{}
	}
	failure.Err = io.ErrUnexpectedEOF // err may quote the peer's bytes
	return outcome{err: failure, retry: true}
}

// connectionBroke tells it from a body that came and is no HTTP, such as a chunk without a length.
func connectionBroke(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// timeoutOr turns out into a timeout if it was the attempt's time that ended it.
func timeoutOr(ctx context.Context, out outcome) outcome {
	if ctx.Err() == nil {
		return out
	}
	out.err.Reason, out.err.Message, out.retry = Timeout, "no whole answer came in time", true
	out.err.Err = context.DeadlineExceeded
	return out
}

// once is a body that the transport cannot send a second time. Without it net/http repeats a request, by itself and
// uncounted, on every kept connection that the service closes.
type once struct{ io.Reader }

// sign builds the HTTP request of one attempt. The signer writes x-oss-date, Authorization and the token's header.
func (c *Client) sign(ctx context.Context, r *request, key Key) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, r.method, r.url.String(), once{bytes.NewReader(r.body)})
	if err != nil {
		return nil, err
	}
	req.ContentLength = int64(len(r.body))
	req.Header = r.header.Clone()
	req.Header.Set("User-Agent", c.o.UserAgent)
	account, name := "", (*string)(nil)
	if r.bucket != nil {
		account, name = r.bucket.AccountID, &r.bucket.Name
	}
	product := "oss" // as the vendor's client signs for vector buckets
	err = (&signer.SignerVectorsV4{AccountId: &account}).Sign(ctx, &signer.SigningContext{
		Product: &product,
		Region:  &r.region,
		Bucket:  name,
		Request: req,
		Credentials: &credentials.Credentials{
			AccessKeyID: key.ID, AccessKeySecret: key.Secret, SecurityToken: key.Token,
		},
		ClockOffset: c.clockSkew(r.region),
	})
	return req, err
}
