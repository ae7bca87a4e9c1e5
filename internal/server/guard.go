package server

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/go-kit/log/level"

	"ossvector_exporter/collector"
)

// bodyTimeout is how long the rest of a refused body may take to come.
const bodyTimeout = 5 * time.Second

// outer wraps everything: headers that keep browsers from guessing and embedding, and no request bodies. A header that
// the web configuration file sets stays as it is.
func (s *server) outer(h http.Handler) http.Handler {
	headers := map[string]string{
		"Cache-Control":           "no-store",
		"Content-Security-Policy": s.contentPolicy,
		"Referrer-Policy":         "same-origin",
		"X-Content-Type-Options":  "nosniff",
		"X-Frame-Options":         "deny",
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range headers {
			if w.Header().Get(name) == "" {
				w.Header().Set(name, value)
			}
		}
		if r.ContentLength != 0 {
			refuseBody(w)
			return
		}
		h.ServeHTTP(w, r)
	})
}

// refuseBody closes the connection too: net/http would otherwise read on, at the pace of the client.
func refuseBody(w http.ResponseWriter) {
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(bodyTimeout))
	w.Header().Set("Connection", "close")
	http.Error(w, "request bodies are not accepted", http.StatusRequestEntityTooLarge)
}

// guard gives the client writeTimeout to read the answer, from its first byte on, and turns a panic into a 500 and one
// line in the log; if the answer has begun, into a broken connection.
func (s *server) guard(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := &deadlineWriter{ResponseWriter: w, timeout: s.write}
		a.deadline(time.Time{}) // that of Serve began with the request, and a scrape may take longer
		defer s.recovered(a, r)
		h.ServeHTTP(a, r)
	})
}

func (s *server) recovered(a *deadlineWriter, r *http.Request) {
	p := recover()
	if p == nil {
		return
	}
	if err, ok := p.(error); ok && errors.Is(err, http.ErrAbortHandler) {
		panic(http.ErrAbortHandler)
	}
	_ = level.Error(s.Logger).Log("msg", "a page panicked", "path", r.URL.Path, "err", fmt.Sprint(p), "at", collector.PanicSite())
	if a.begun {
		panic(http.ErrAbortHandler)
	}
	http.Error(a, "internal error; the log says more", http.StatusInternalServerError)
}

// deadlineWriter is a ResponseWriter that knows whether the answer has begun and sets its deadline when it does.
type deadlineWriter struct {
	http.ResponseWriter
	timeout time.Duration
	begun   bool
}

// WriteHeader implements http.ResponseWriter.
func (a *deadlineWriter) WriteHeader(status int) {
	a.begin()
	a.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (a *deadlineWriter) Write(b []byte) (int, error) {
	a.begin()
	return a.ResponseWriter.Write(b)
}

// Unwrap is for http.ResponseController.
func (a *deadlineWriter) Unwrap() http.ResponseWriter { return a.ResponseWriter }

func (a *deadlineWriter) begin() {
	if !a.begun {
		a.begun = true
		a.deadline(time.Now().Add(a.timeout))
	}
}

// deadline does nothing where the connection has none to set, as in tests without one.
func (a *deadlineWriter) deadline(t time.Time) {
	_ = http.NewResponseController(a.ResponseWriter).SetWriteDeadline(t)
}
