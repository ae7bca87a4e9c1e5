package ossvtest

import (
	"bytes"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// Drip sends the body of the answer in chunks of that many bytes, with a pause before each, until the client leaves.
func Drip(chunk int, pause time.Duration) Action {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		a := capture(w, r, next)
		a.start(w, a.body.Len())
		for part := a.body.Next(chunk); len(part) > 0; part = a.body.Next(chunk) {
			if !wait(r.Context(), pause) {
				panic(http.ErrAbortHandler)
			}
			send(w, part)
		}
	}
}

// CutOff closes the connection after the header and the first n bytes of the body.
func CutOff(n int) Action {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		a := capture(w, r, next)
		a.start(w, a.body.Len()+1) // whatever n is, there is less than announced
		send(w, a.body.Next(n))
		panic(http.ErrAbortHandler)
	}
}

// Truncate ends the body after n bytes, as if that were all of it.
func Truncate(n int) Action {
	return func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		a := capture(w, r, next)
		part := a.body.Next(n)
		a.start(w, len(part))
		send(w, part)
	}
}

// Huge answers with a body of at least n bytes, streamed until the client leaves: a well-formed listing of no buckets,
// most of it blanks.
func Huge(n int64) Action {
	return func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusOK)
		send(w, []byte(`{"ListAllMyBucketsResult":{"Buckets":[`))
		blanks := bytes.Repeat([]byte{' '}, 32<<10)
		for left := n; left > 0; left -= int64(len(blanks)) {
			send(w, blanks)
		}
		send(w, []byte(`]}}`))
	}
}

// answer is a captured one.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// capture lets next answer into memory.
func capture(w http.ResponseWriter, r *http.Request, next http.Handler) *answer {
	a := &answer{header: w.Header().Clone(), status: http.StatusOK}
	next.ServeHTTP(a, r)
	return a
}

// Header returns the answer's header.
func (a *answer) Header() http.Header { return a.header }

// Write adds to the body.
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }

// WriteHeader sets the status.
func (a *answer) WriteHeader(status int) { a.status = status }

// Flush does nothing: the code that captured the response sends it later.
func (a *answer) Flush() {}

// start sends the header with a body's announced size.
func (a *answer) start(w http.ResponseWriter, size int) {
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Length", strconv.Itoa(size))
	w.WriteHeader(a.status)
	send(w, nil)
}

// send writes and flushes, and gives up on a client that is gone.
func send(w http.ResponseWriter, part []byte) {
	if _, err := w.Write(part); err != nil {
		panic(http.ErrAbortHandler)
	}
	if err := http.NewResponseController(w).Flush(); err != nil {
		panic(http.ErrAbortHandler)
	}
}
