package server

import (
	"net/http"

	"github.com/go-kit/log/level"
)

// showRunbooks serves docs/runbooks.md as a page, so that an alert leads to help where there is no internet.
func (s *server) showRunbooks(w http.ResponseWriter, r *http.Request) {
	if _, err := parameters(r); err != nil {
		badRequest(w, err)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write(s.runbooks)
}

// showConfig serves the configuration in force as YAML that loads again, without secrets.
func (s *server) showConfig(w http.ResponseWriter, r *http.Request) {
	if _, err := parameters(r); err != nil {
		badRequest(w, err)
		return
	}
	text, err := s.ConfigYAML()
	if err != nil {
		_ = level.Error(s.Logger).Log("msg", "the configuration could not be shown", "err", err)
		http.Error(w, "the configuration could not be shown; the log says more", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/yaml")
	_, _ = w.Write(text)
}
