package server

import (
	"io"
	"net/http"
	"net/http/pprof" // registers on the default mux too, which is never served
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	pathLanding   = "/"
	pathExporter  = "/metrics/exporter"
	pathProbe     = "/probe"
	pathDiscovery = "/discovery"
	pathBuckets   = "/api/v1/buckets"
	pathConfig    = "/config"
	pathRunbooks  = "/runbooks"
	pathHealthy   = "/-/healthy"
	pathReady     = "/-/ready"
	pathReload    = "/-/reload"
	pathPprof     = "/debug/pprof/"
)

// ownPaths are those that the telemetry path cannot be.
func ownPaths() []string {
	return []string{pathExporter, pathProbe, pathDiscovery, pathBuckets, pathConfig, pathRunbooks, pathHealthy, pathReady, pathReload}
}

// routes is the table of all paths, each with what its query may ask for. Those that gather metrics are counted by promhttp,
// once for all of them.
func (s *server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	get := func(path string, h http.Handler) {
		mux.Handle(exactly(path), allow(h, http.MethodGet, http.MethodHead))
	}
	metrics := func(path string, l limit, parse parser, h handler) {
		get(path, promhttp.InstrumentMetricHandler(s.Registry, s.guard(l.bound(s.selecting(parse, h)))))
	}
	metrics(s.TelemetryPath, s.scrapes, unselective, s.metrics)
	metrics(pathProbe, s.probes, probeSelection, s.probe)
	metrics(pathExporter, s.pages, unselective, s.exporterMetrics)

	page := func(path string, parse parser, h handler) {
		get(path, s.encoder.Compressed(s.guard(s.pages.bound(s.selecting(parse, h)))))
	}
	if s.TelemetryPath != pathLanding {
		page(pathLanding, noParameters, s.landing)
	}
	page(pathDiscovery, noParameters, s.discovery)
	page(pathBuckets, inventorySelection, s.buckets)
	page(pathConfig, noParameters, s.showConfig)
	page(pathRunbooks, noParameters, s.showRunbooks)
	get(pathHealthy, s.guard(http.HandlerFunc(s.healthy)))
	get(pathReady, s.guard(http.HandlerFunc(s.ready)))
	mux.Handle(pathReload, allow(s.guard(s.pages.bound(s.reload)), http.MethodPost))
	if s.EnablePprof {
		get(pathPprof, profiles())
	}
	mux.HandleFunc("/", http.NotFound)
	return mux
}

// exactly is the pattern of a path alone: of "/", without everything below it.
func exactly(path string) string {
	if path == pathLanding {
		return "/{$}"
	}
	return path
}

// profiles has a mux of its own. Its handlers set their own deadlines, so guard is not for them.
func profiles() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc(pathPprof, pprof.Index)
	mux.HandleFunc(pathPprof+"cmdline", pprof.Cmdline)
	mux.HandleFunc(pathPprof+"profile", pprof.Profile)
	mux.HandleFunc(pathPprof+"symbol", pprof.Symbol)
	mux.HandleFunc(pathPprof+"trace", pprof.Trace)
	return mux
}

// allow answers 405 to all methods but these.
func allow(h http.Handler, methods ...string) http.Handler {
	list := strings.Join(methods, ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if slices.Contains(methods, r.Method) {
			h.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Allow", list)
		http.Error(w, "method not allowed; allowed: "+list, http.StatusMethodNotAllowed)
	})
}

// limit bounds the requests in flight of all handlers that share it.
type limit chan struct{}

// bound answers 503 where the limit is reached.
func (l limit) bound(h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case l <- struct{}{}:
			defer func() { <-l }()
			h(w, r)
		default:
			w.Header().Set("Retry-After", "5")
			http.Error(w, "too many requests in flight, try again later", http.StatusServiceUnavailable)
		}
	})
}

// healthy says that the process answers.
func (s *server) healthy(w http.ResponseWriter, _ *http.Request) {
	answer(w, typeText, "ossvector_exporter is healthy.\n")
}

// ready says that a configuration is loaded. The cloud's state does not matter: an exporter that is taken out of
// service because a region fails could not report that it fails.
func (s *server) ready(w http.ResponseWriter, _ *http.Request) {
	if s.ConfigStatus().LoadedAt.IsZero() {
		http.Error(w, "no configuration is loaded yet", http.StatusServiceUnavailable)
		return
	}
	answer(w, typeText, "ossvector_exporter is ready.\n")
}

func (s *server) reload(w http.ResponseWriter, _ *http.Request) {
	if !s.EnableLifecycle {
		http.Error(w, "reloading over HTTP is off; start with --web.enable-lifecycle, or send SIGHUP", http.StatusForbidden)
		return
	}
	if err := s.Reload(); err != nil {
		http.Error(w, "reload failed, the old configuration is kept: "+err.Error(), http.StatusInternalServerError)
		return
	}
	answer(w, typeText, "configuration reloaded\n")
}

const (
	typeText = "text/plain; charset=utf-8"
	typeHTML = "text/html; charset=utf-8"
)

func answer(w http.ResponseWriter, contentType, text string) {
	w.Header().Set("Content-Type", contentType)
	_, _ = io.WriteString(w, text) // an error is the client's hanging up
}
