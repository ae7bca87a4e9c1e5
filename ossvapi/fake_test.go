package ossvapi

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

const region = "cn-shanghai"

// Placeholders with the shape of the real things.
func testKey() Key {
	return Key{
		ID: "LTAI5tExampleKeyId0Ab1Cd", Secret: "Ex4mpl3S3cr3tOfThirtyCharacter",
		Token: "CAISexample-token.with/every+kind=of%20sign",
	}
}

// trip is an http.RoundTripper made of a function.
type trip func(*http.Request) (*http.Response, error)

func (f trip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// script answers the n-th request with its n-th step, and all later ones with the last. It notes when each came.
type script struct {
	steps []trip
	mu    sync.Mutex
	at    []time.Time
	asked []*http.Request
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	step := s.steps[min(len(s.at), len(s.steps)-1)]
	s.at = append(s.at, time.Now())
	s.asked = append(s.asked, r)
	s.mu.Unlock()
	return step(r)
}

// answer is a step that answers at once.
func answer(status int, body string, header ...string) trip {
	return func(*http.Request) (*http.Response, error) {
		return response(status, io.NopCloser(strings.NewReader(body)), header...), nil
	}
}

func response(status int, body io.ReadCloser, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: body, ContentLength: -1}
}

// hang is a step that never answers.
func hang(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

// fakeKeys gives keys by functions. Without renew there is no other key than the refused one.
type fakeKeys struct {
	key   func(context.Context) (Key, error)
	renew func(context.Context, Key) (Key, error)
}

func (k fakeKeys) Key(ctx context.Context) (Key, error) { return k.key(ctx) }

func (k fakeKeys) Renew(ctx context.Context, refused Key) (Key, error) {
	if k.renew == nil {
		return refused, nil
	}
	return k.renew(ctx, refused)
}

func always(k Key) fakeKeys {
	return fakeKeys{key: func(context.Context) (Key, error) { return k, nil }}
}

// record is an Observer that remembers.
type record struct {
	mu       sync.Mutex
	attempts []Attempt
	failures []*Error
}

func (o *record) Attempt(a Attempt) {
	o.mu.Lock()
	defer o.mu.Unlock()
	a.URL = fixed(a.URL.String())
	if a.Body != nil {
		a.Body = fixed(a.Body.String())
	}
	o.attempts = append(o.attempts, a)
}

// fixed is a text that stays readable.
type fixed string

func (f fixed) String() string { return string(f) }

// statuses of all attempts so far.
func (o *record) statuses() []int {
	var all []int
	for _, a := range o.attempts {
		all = append(all, a.Status)
	}
	return all
}

func (o *record) Failure(err *Error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	failure := *err // as it was when it was reported
	o.failures = append(o.failures, &failure)
}

// reasons of all failures so far.
func (o *record) reasons() []Reason {
	var all []Reason
	for _, f := range o.failures {
		all = append(all, f.Reason)
	}
	return all
}

// newClient returns a client that asks rt, one attempt per page unless edited, and what it reported.
func newClient(rt http.RoundTripper, edits ...func(*Options)) (*Client, *record) {
	seen := &record{}
	o := Options{
		Keys: always(testKey()), Endpoint: "http://{region}.example.com", PageSize: 1000, RequestTimeout: 3 * time.Second,
		MaxAttempts: 1, Transport: func(Operation, string) http.RoundTripper { return rt }, Observer: seen, UserAgent: "test",
	}
	for _, edit := range edits {
		edit(&o)
	}
	return New(o), seen
}

func attempts(n int) func(*Options) { return func(o *Options) { o.MaxAttempts = n } }

// list walks a whole listing. Pages that came before an error are returned too.
func list(ctx context.Context, c *Client, known []*Page) (pages []*Page, err error) {
	for page, err := range c.Buckets(ctx, region, known) {
		if err != nil {
			return pages, err
		}
		pages = append(pages, page)
	}
	return pages, nil
}

// failure lists and wants an *Error.
func failure(t *testing.T, c *Client) *Error {
	t.Helper()
	pages, err := list(t.Context(), c, nil)
	if len(pages) > 0 {
		t.Errorf("got %d pages before the error", len(pages))
	}
	return asError(t, err)
}

func asError(t *testing.T, err error) *Error {
	t.Helper()
	e, ok := err.(*Error) //nolint:errorlint // the very type is the contract
	if !ok {
		t.Fatalf("error is %T %v, want *Error", err, err)
	}
	return e
}

// fullBody is how large the answer to a request for 1,000 entries may be.
const fullBody = bodyBase + 1000*bodyPerEntry

// wholeRegion is a query of everything, as newClient's are.
func wholeRegion(region string) bucketQuery { return bucketQuery{region: region, size: 1000} }

const emptyPage = `{"ListAllMyBucketsResult":{"Buckets":[]}}`

// cancelled is a context that was cancelled for cause.
func cancelled(t *testing.T, cause error) context.Context {
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	return ctx
}

func noOther(context.Context, Key) (Key, error) { return Key{}, errors.New("there is no other key") }

// quiet is an Observer that forgets.
type quiet struct{}

func (quiet) Attempt(Attempt) {}

func (quiet) Failure(*Error) {}
