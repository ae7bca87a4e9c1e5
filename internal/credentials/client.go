package credentials

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"mime"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

const (
	connectTimeout = 3 * time.Second
	callTimeout    = 8 * time.Second // of one request, including reading its answer
	localTimeout   = 3 * time.Second // the same for the instance metadata, which answers immediately or never
	maxAnswer      = 64 << 10        // a key with its token has about 2 KiB
)

// client makes the requests of sources. It follows no redirect, which would hand what a request carries to another host. It
// closes each connection after its request, because the next one is minutes away and a service that refuses all day must
// not make connections pile up.
type client struct{ http.Client }

func newClient(timeout time.Duration, proxy func(*http.Request) (*url.URL, error), config *tls.Config, dial dialer) *client {
	if dial == nil {
		dial = (&net.Dialer{Timeout: connectTimeout}).DialContext
	}
	return &client{http.Client{
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			Proxy: proxy, TLSClientConfig: config, DialContext: dial, TLSHandshakeTimeout: connectTimeout,
			DisableKeepAlives: true, MaxResponseHeaderBytes: maxAnswer,
			OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, answer *http.Response) error {
				if answer.StatusCode != http.StatusOK {
					return proxyRefusal(answer.StatusCode)
				}
				return nil
			},
		},
	}}
}

// proxyRefusal is the status with which a proxy refused to connect.
type proxyRefusal int

func (p proxyRefusal) Error() string { return fmt.Sprintf("HTTP status %d", int(p)) }

// request is what is asked of a service.
type request struct {
	service, action string // what texts call them; the action may be empty
	method, url     string
	header          http.Header
	body            string
}

// about begins a text about what the service answered.
func (r request) about() string {
	if r.action == "" {
		return r.service + ": "
	}
	return r.service + ": " + r.action + ": "
}

// do returns the body of an answer of status 200.
func (c *client) do(ctx context.Context, q request) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, q.method, q.url, strings.NewReader(q.body))
	if err != nil {
		return nil, problem(q.service + " has no usable URL")
	}
	maps.Copy(r.Header, q.header)
	r.Header.Set("User-Agent", "ossvector_exporter")
	resp, err := c.Do(r)
	if err != nil {
		return nil, c.noAnswer(q.service, r, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, c.noAnswer(q.service, r, err)
	case len(answer) > maxAnswer:
		return nil, problemf("%sthe answer is larger than %d KiB: is it the right host?", q.about(), maxAnswer>>10)
	case resp.StatusCode != http.StatusOK:
		return nil, problem(q.about() + refusal(resp, answer) + c.through(r))
	}
	return answer, nil
}

// lease returns the key that a service hands out, in the named member of its answer or, without a name, at its root.
func (c *client) lease(ctx context.Context, q request, member string) (lease, error) {
	answer, err := c.do(ctx, q)
	if err != nil {
		return lease{}, err
	}
	l, err := decodeKey(answer, member)
	if err != nil {
		return lease{}, problem(q.about() + "the answer holds no usable key: " + err.Error())
	}
	return l, nil
}

var codeWord = regexp.MustCompile(`^[A-Z][A-Za-z]+$`)

// isCode accepts no digits, so that no key can look like a code.
func isCode(s string) bool {
	words := strings.Split(s, ".")
	return len(words) <= 4 && !slices.ContainsFunc(words, func(w string) bool { return len(w) > 40 || !codeWord.MatchString(w) })
}

// refusal is a service's error code with what to do about it, or else the status and what was received instead of an error.
func refusal(resp *http.Response, body []byte) string {
	var e struct{ Code, ErrorCode string }
	_ = json.Unmarshal(body, &e) // what is no JSON has no code
	for _, code := range []string{e.Code, e.ErrorCode} {
		if isCode(code) {
			return code + remedy(code)
		}
	}
	return fmt.Sprintf("HTTP status %d without an error code (%s)", resp.StatusCode, kind(resp.Header, body))
}

var mediaForm = regexp.MustCompile(`^[a-z]+/[a-z.+-]+$`)

// kind says what an answer is that is not what it should be.
func kind(header http.Header, body []byte) string {
	media, _, err := mime.ParseMediaType(header.Get("Content-Type"))
	if err != nil || len(media) > 60 || !mediaForm.MatchString(media) {
		media = "unknown type"
	}
	return fmt.Sprintf("%s, %d bytes", media, len(body))
}

// through names the proxy that a request takes, if any.
func (c *client) through(r *http.Request) string {
	if host := c.proxyHost(r); host != "" {
		return "; through the proxy " + host
	}
	return ""
}

func (c *client) proxyHost(r *http.Request) string {
	transport, ok := c.Transport.(*http.Transport)
	if !ok || transport.Proxy == nil {
		return ""
	}
	u, err := transport.Proxy(r)
	if err != nil || u == nil {
		return ""
	}
	return config.ShownName(u.Host)
}

// noAnswer says why there is no answer, in words written here: an error of net/http may quote URLs and the peer's bytes.
func (c *client) noAnswer(name string, r *http.Request, err error) problem {
	var (
		refused     proxyRefusal
		op          *net.OpError
		dns         *net.DNSError
		certificate *tls.CertificateVerificationError
		network     net.Error
	)
	if errors.As(err, &refused) {
		return problemf("the proxy %s does not connect to %s: %s", c.proxyHost(r), name, refused)
	}
	who := name
	if errors.As(err, &op) && op.Op == "proxyconnect" {
		who = "the proxy " + c.proxyHost(r) + " on the way to " + name
	}
	switch {
	case errors.As(err, &certificate):
		return problem(who + " has a TLS certificate that is not trusted" + c.through(r))
	case errors.As(err, &dns):
		return problem(who + " does not resolve (DNS)")
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return problem(who + " did not answer in time; is it reachable from here?")
	case errors.Is(err, syscall.ECONNREFUSED):
		return problem(who + " refused the connection; is it reachable from here?")
	}
	return problem(who + ": the connection failed" + c.through(r))
}

// decodeKey reads a temporary key, which all services hand out in the same form.
func decodeKey(answer []byte, member string) (lease, error) {
	if member != "" {
		var root map[string]json.RawMessage
		if json.Unmarshal(answer, &root) != nil || root[member] == nil {
			return lease{}, problem("it has no " + member)
		}
		answer = root[member]
	}
	var s struct{ AccessKeyID, AccessKeySecret, SecurityToken, Expiration string } // decoding ignores the case of names
	if json.Unmarshal(answer, &s) != nil {
		return lease{}, problem("it is not the JSON that it should be")
	}
	expiry, err := time.Parse(time.RFC3339, s.Expiration)
	if err != nil {
		return lease{}, problem("its Expiration is missing or no time")
	}
	key := ossvapi.Key{ID: s.AccessKeyID, Secret: s.AccessKeySecret, Token: s.SecurityToken}
	if key.Token == "" {
		return lease{}, problem("its SecurityToken is missing")
	}
	return lease{key, expiry}, check(key)
}
