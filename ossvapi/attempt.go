package ossvapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/signer"
)

// exchange is one HTTP attempt and its result.
type exchange struct {
	*request
	client  *Client
	signed  *http.Request
	secrets redactor
	body    *bytes.Buffer
	failure *Error // filled in as the answer is read; returned only if the attempt fails
	seen    Attempt
}

// attempt makes one signed HTTP request, judges the answer and reports the attempt.
func (c *Client) attempt(ctx context.Context, r *request, key Key, number int, accept func([]byte) error) outcome {
	ctx, cancel := context.WithTimeout(ctx, c.o.RequestTimeout)
	defer cancel()
	failure := &Error{Operation: r.op, Region: r.region, Host: r.url.Host}
	signed, err := c.sign(ctx, r, key)
	if err != nil {
		failure.Reason, failure.Message, failure.Err = InvalidRequest, err.Error(), err
		return outcome{err: failure}
	}
	x := exchange{
		request: r, client: c, signed: signed, secrets: secretsOf(key, signed), failure: failure,
		body: c.bodies.Get().(*bytes.Buffer),
	}
	defer c.bodies.Put(x.body)
	x.body.Reset()
	start := time.Now()
	out := x.send(accept)
	x.report(number, time.Since(start), out.err != nil)
	return out
}

// send goes through the transport and not through an http.Client, which would follow redirects with the signature.
func (x *exchange) send(accept func([]byte) error) outcome {
	transport := x.client.o.Transport(x.op, x.region)
	resp, err := transport.RoundTrip(x.signed)
	if err != nil {
		text, cause := connectionFailure(err)
		x.failure.Reason, x.failure.Message, x.failure.Err = Network, x.secrets.scrub(text, maxMessage), cause
		x.failure.Proxy = proxyOf(transport, x.signed)
		return x.timeoutOr(outcome{err: x.failure, retry: true})
	}
	defer func() { _ = resp.Body.Close() }()
	x.failure.Status = resp.StatusCode
	x.failure.RequestID = x.secrets.visible(resp.Header.Get("X-Oss-Request-Id"), requestIDForm)
	x.failure.EC = x.secrets.visible(resp.Header.Get("X-Oss-Ec"), fineCodeForm)
	kind, _, _ := strings.Cut(resp.Header.Get("Content-Type"), ";")
	x.seen.ContentType = x.secrets.visible(strings.TrimSpace(kind), mediaTypeForm)
	if resp.StatusCode != http.StatusOK {
		if resp.StatusCode >= http.StatusOK { // the body of a 101 is the bare connection, which no deadline ends
			_, _ = x.body.ReadFrom(io.LimitReader(resp.Body, maxErrorBody)) // the status alone says enough
		}
		return x.refusal(resp, proxyOf(transport, x.signed))
	}
	x.failure.Reason = InvalidResponse
	if out := x.read(resp); out.err != nil {
		return x.timeoutOr(out)
	}
	if err := accept(x.body.Bytes()); err != nil {
		x.failure.Message = x.secrets.scrub(err.Error(), maxMessage) // and no cause: err quotes the answer
		if e := parseError(x.body.Bytes()); e.fromOSS {
			x.take(e)
		}
		return outcome{err: x.failure, retry: errors.Is(err, errCutOff)}
	}
	return outcome{}
}

// report tells the observer of the attempt. Only what was refused or not understood shows its body.
func (x *exchange) report(number int, took time.Duration, failed bool) {
	a := &x.seen
	a.Operation, a.Region, a.Number, a.Method = x.op, x.region, number, x.method
	a.URL = scrubbed{x.secrets, x.signed.URL, maxURL}
	a.Status, a.RequestID, a.EC = x.failure.Status, x.failure.RequestID, x.failure.EC
	a.Size, a.Duration = x.body.Len(), took
	if failed {
		x.body.Truncate(min(a.Size, maxExcerpt))
		a.Body = scrubbed{x.secrets, x.body, maxLoggedBody}
	}
	x.client.o.Observer.Attempt(*a)
}

// read takes a whole body. What it could not read it reports through the failure, a prepared invalid_response.
func (x *exchange) read(resp *http.Response) outcome {
	limit := x.maxBody()
	if n := resp.ContentLength; 0 < n && n <= int64(limit) {
		x.body.Grow(int(n) + bytes.MinRead)
	}
	n, err := x.body.ReadFrom(io.LimitReader(resp.Body, int64(limit)+1))
	switch {
	case err != nil && n == 0 && connectionBroke(err):
		x.failure.Reason, x.failure.Message = Network, "the connection broke before any of the body came"
	case err != nil:
		x.failure.Message = fmt.Sprintf("the body broke off after %s bytes", grouped(int(n)))
	case n > int64(limit):
		x.failure.Message = "the body is larger than " + grouped(limit) + " bytes"
		return outcome{err: x.failure}
	default:
		return outcome{}
	}
	x.failure.Err = io.ErrUnexpectedEOF // err may quote the peer's bytes
	return outcome{err: x.failure, retry: true}
}

// connectionBroke tells it from a body that came and is no HTTP, such as a chunk without a length.
func connectionBroke(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// timeoutOr turns out into a timeout if it was the attempt's time that ended it.
func (x *exchange) timeoutOr(out outcome) outcome {
	if x.signed.Context().Err() == nil {
		return out
	}
	out.err.Reason, out.err.Message, out.retry = Timeout, "no complete answer in time", true
	out.err.Err = context.DeadlineExceeded
	return out
}

// once is a body that the transport cannot send a second time. Without it net/http repeats a request, by itself and
// uncounted, on every kept connection that the service closes.
type once struct{ io.Reader }

// sign builds the HTTP request of one attempt. The signer writes x-oss-date, Authorization and the token's header.
func (c *Client) sign(ctx context.Context, r *request, key Key) (*http.Request, error) {
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: connectionReady})
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
