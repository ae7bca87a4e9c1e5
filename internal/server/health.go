package server

import (
	"io"
	"net/http"
)

// healthy says that the process answers.
func (s *server) healthy(w http.ResponseWriter, _ *http.Request) {
	plain(w, "ossvector_exporter is healthy.\n")
}

// ready says that a configuration is loaded. The cloud's state does not matter: an exporter that is taken out of
// service because a region fails could not report that it fails.
func (s *server) ready(w http.ResponseWriter, _ *http.Request) {
	if s.ConfigStatus().LoadedAt.IsZero() {
		http.Error(w, "no configuration is loaded yet", http.StatusServiceUnavailable)
		return
	}
	plain(w, "ossvector_exporter is ready.\n")
}

func (s *server) reload(w http.ResponseWriter, _ *http.Request) {
	if !s.EnableLifecycle || s.Reload == nil {
		http.Error(w, "reloading over HTTP is off; start with --web.enable-lifecycle, or send SIGHUP", http.StatusForbidden)
		return
	}
	if err := s.Reload(); err != nil {
		http.Error(w, "reload failed, the old configuration is kept: "+err.Error(), http.StatusInternalServerError)
		return
	}
	plain(w, "configuration reloaded\n")
}

func plain(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, text)
}
