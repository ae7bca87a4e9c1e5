package ossvapi

import (
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// hijack writes raw bytes and closes the connection.
func hijack(t *testing.T, raw string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(conn, raw)
		_ = conn.Close()
	}
}

// gzipped answers as nobody asked.
func gzipped(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Encoding", "gzip")
	z := gzip.NewWriter(w)
	_, _ = io.WriteString(z, emptyPage)
	_ = z.Close()
}

// stream writes a listing of about n bytes, with or without its length.
func stream(n int, length bool) http.HandlerFunc {
	head, tail := `{"ListAllMyBucketsResult":{"Buckets":[],"Pad":"`, `"}}`
	return func(w http.ResponseWriter, _ *http.Request) {
		pad := n - len(head) - len(tail)
		if length {
			w.Header().Set("Content-Length", fmt.Sprint(n))
		}
		_, _ = io.WriteString(w, head)
		_, _ = io.CopyN(w, padding{}, int64(pad))
		_, _ = io.WriteString(w, tail)
	}
}

// padding is an endless text.
type padding struct{}

func (padding) Read(p []byte) (int, error) {
	const block = "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
	n := copy(p, block)
	for n < len(p) {
		n += copy(p[n:], p[:n])
	}
	return n, nil
}

func TestBodies(t *testing.T) {
	const head = "HTTP/1.1 200 OK\r\nX-Oss-Request-Id: 5C3D\r\n"
	endless := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.Copy(w, padding{}) }
	tests := map[string]struct {
		handler http.HandlerFunc
		reason  Reason // empty: a good answer
		status  int
		message string
	}{
		"of all bytes":              {stream(fullBody, true), "", 200, ""},
		"of all bytes, streamed":    {stream(fullBody, false), "", 200, ""},
		"of all bytes and a byte":   {stream(fullBody+1, true), InvalidResponse, 200, "larger than 1,089,536 bytes"},
		"of more, streamed":         {stream(fullBody+1, false), InvalidResponse, 200, "larger than 1,089,536 bytes"},
		"without end":               {endless, InvalidResponse, 200, "larger than 1,089,536 bytes"},
		"gzip that nobody asked":    {gzipped, InvalidResponse, 200, "not the documented JSON"},
		"another Content-Encoding":  {hijack(t, head+"Content-Encoding: br\r\n\r\n\x1b\x0e\x00"), InvalidResponse, 200, "not the documented"},
		"Content-Encoding identity": {hijack(t, head+"Content-Encoding: identity\r\n\r\n"+emptyPage), "", 200, ""},
		"HTTP/1.0 until the end":    {hijack(t, "HTTP/1.0 200 OK\r\n\r\n"+emptyPage), "", 200, ""},
		"HTTP/1.0 cut off":          {hijack(t, "HTTP/1.0 200 OK\r\n\r\n"+emptyPage[:20]), InvalidResponse, 200, "without an end"},
		"none of it":                {hijack(t, head+"Content-Length: 40\r\n\r\n"), Network, 200, "before any of the body"},
		"no chunk of it":            {hijack(t, head+"Transfer-Encoding: chunked\r\n\r\n"), Network, 200, "before any of the body"},
		"a part of it":              {hijack(t, head+"Content-Length: 40\r\n\r\n{\"List"), InvalidResponse, 200, "after 6 bytes"},
		"a chunk of it":             {hijack(t, head+"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n"), InvalidResponse, 200, "after 1 bytes"},
		"broken chunks":             {hijack(t, head+"Transfer-Encoding: chunked\r\n\r\nxyz\r\n"), InvalidResponse, 200, "after 0 bytes"},
		"headers cut off":           {hijack(t, "HTTP/1.1 200 OK\r\nX-Oss"), Network, 0, "no answer came"},
		"no answer at all":          {hijack(t, ""), Network, 0, "closed before an answer"},
		"no HTTP":                   {hijack(t, "220 smtp.example.com ESMTP\r\n"), Network, 0, "no answer came"},
		"204":                       {hijack(t, "HTTP/1.1 204 No Content\r\n\r\n"), InvalidResponse, 204, ""},
		"206":                       {hijack(t, "HTTP/1.1 206 Partial Content\r\nContent-Length: 2\r\n\r\n{}"), InvalidResponse, 206, ""},
		"304":                       {hijack(t, "HTTP/1.1 304 Not Modified\r\n\r\n"), InvalidResponse, 304, ""},
		"an early hint":             {hijack(t, "HTTP/1.1 103 Early Hints\r\n\r\n"+head+"\r\n"+emptyPage), "", 200, ""},
		"an endless error": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Oss-Request-Id", "5C3D")
			w.WriteHeader(http.StatusForbidden)
			endless(w, r)
		}, AccessDenied, 403, ""},
		"an error cut off": {hijack(t, "HTTP/1.1 503 Busy\r\nContent-Length: 400\r\n\r\n{\"Err"), ServerError, 503, ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(tt.handler)
			t.Cleanup(server.Close)
			c := clientOf(t, server.URL, TransportOptions{})
			pages, err := list(t.Context(), c, nil)
			if tt.reason == "" {
				if err != nil || len(pages) != 1 {
					t.Errorf("%d pages, %v", len(pages), err)
				}
				return
			}
			e := asError(t, err)
			if e.Reason != tt.reason || e.Status != tt.status || !strings.Contains(e.Message, tt.message) || len(pages) > 0 {
				t.Errorf("got %+v, status %d", e, e.Status)
			}
		})
	}
}

// The signature goes to the host that it is for, and to no other.
func TestRedirectsAreNotFollowed(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("%s %s followed, with %v", r.Method, r.URL, r.Header)
	}))
	t.Cleanup(other.Close)
	for _, status := range []int{301, 302, 303, 307, 308} {
		server := httptest.NewServer(http.RedirectHandler(other.URL+"/?max-keys=1000", status))
		c := clientOf(t, server.URL, TransportOptions{})
		if err := failure(t, c); err.Reason != InvalidResponse || err.Status != status {
			t.Errorf("%d: %v", status, err)
		}
		if _, err := c.Indexes(t.Context(), testBucket()); asError(t, err).Status != status {
			t.Errorf("%d: %v", status, err)
		}
		server.Close()
	}
}

// A cause that the peer can write into is not kept.
func TestBodyErrorsQuoteNothing(t *testing.T) {
	c, _ := newClient(trip(func(*http.Request) (*http.Response, error) {
		return response(200, io.NopCloser(io.MultiReader(strings.NewReader("{"), quotingReader{}))), nil
	}))
	err := failure(t, c)
	for cause := error(err); cause != nil; cause = errors.Unwrap(cause) {
		if strings.Contains(cause.Error(), password) {
			t.Errorf("%T quotes: %v", cause, cause)
		}
	}
	if !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("the cause is %v", err.Err)
	}
}

type quotingReader struct{}

func (quotingReader) Read([]byte) (int, error) {
	return 0, errors.New("malformed MIME header line: " + password)
}

// Of an error's body no more is read than is looked at, and its connection is given up.
func TestErrorBodiesAreBounded(t *testing.T) {
	body := &counted{}
	c, _ := newClient(trip(func(*http.Request) (*http.Response, error) {
		return response(http.StatusForbidden, body, "X-Oss-Request-Id", "5C3D"), nil
	}))
	if err := failure(t, c); err.Reason != AccessDenied || body.n > maxErrorBody || !body.closed {
		t.Errorf("%d bytes read, closed %t, for %v", body.n, body.closed, err)
	}
}

// counted gives spaces and says how many, up to the size of no error.
type counted struct {
	n      int
	closed bool
}

func (r *counted) Close() error {
	r.closed = true
	return nil
}

func (r *counted) Read(p []byte) (int, error) {
	if r.n > fullBody {
		return 0, io.EOF
	}
	r.n += copy(p, "        ")
	return 8, nil
}
