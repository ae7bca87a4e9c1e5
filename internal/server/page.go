package server

import (
	"bytes"
	_ "embed"
	"html/template"
	"net/http"
	"strings"

	"github.com/go-kit/log/level"
)

//go:embed page.css
var pageStyle string

//go:embed page.html
var pageText string

// newPage puts the style into the page, where the Content-Security-Policy allows it by its hash: it must arrive as it
// is in the file, so it has no comments, which the template would drop.
func newPage() (*template.Template, error) {
	return template.New("page").Parse(strings.Replace(pageText, "/*style*/", pageStyle, 1))
}

// landing is the page for people. It needs no script, nothing from elsewhere, and asks the cloud nothing. Its links are
// relative, so that it works below a path of a reverse proxy.
func (s *server) landing(w http.ResponseWriter, r *http.Request) {
	if _, err := parameters(r); err != nil {
		badRequest(w, err)
		return
	}
	view := s.view(s.Backend.Regions(Selection{}))
	var page bytes.Buffer // whole first: a template that fails half way must not look like a short table
	if err := s.page.Execute(&page, view); err != nil {
		_ = level.Error(s.Logger).Log("msg", "the page could not be made", "err", err)
		http.Error(w, "the page could not be made; the log says more", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	out, finish := compressed(w, r)
	defer finish()
	_, _ = page.WriteTo(out) // an error is the client's hanging up
}

func (s *server) view(all []Region) pageView {
	now := s.Now()
	status := s.ConfigStatus()
	v := pageView{
		Version:   s.Version,
		Uptime:    length(now.Sub(s.started)),
		Started:   momentOf(now, s.started),
		Now:       now.UTC().Format("2006-01-02T15:04:05Z"),
		Telemetry: strings.TrimPrefix(s.TelemetryPath, "/"),
		Pprof:     s.EnablePprof,
		Config: configView{
			File:   status.File,
			Error:  status.Error,
			Loaded: momentOf(now, status.LoadedAt),
			Failed: momentOf(now, status.FailedAt),
		},
	}
	v.fill(now, all)
	return v
}
