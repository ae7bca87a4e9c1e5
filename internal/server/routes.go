package server

import (
	"net/http"
	"net/http/pprof" // registers on the default mux too, which is never served
	"strings"

	"github.com/prometheus/client_golang/prometheus/promhttp"
)

const (
	pathLanding   = "/"
	pathExporter  = "/metrics/exporter"
	pathProbe     = "/probe"
	pathDiscovery = "/discovery"
	pathBuckets   = "/api/v1/buckets"
	pathHealthy   = "/-/healthy"
	pathReady     = "/-/ready"
	pathReload    = "/-/reload"
	pathPprof     = "/debug/pprof/"
)

// routes is the table of all paths. Those that gather metrics are counted by promhttp, once for all of them.
func (s *server) routes() *http.ServeMux {
	mux := http.NewServeMux()
	metrics := func(path string, h http.Handler) {
		h = promhttp.InstrumentMetricHandler(s.Registry, s.guard(h))
		mux.Handle(exactly(path), allow(h, http.MethodGet, http.MethodHead))
	}
	metrics(s.TelemetryPath, http.HandlerFunc(s.metrics))
	metrics(pathProbe, http.HandlerFunc(s.probe))
	metrics(pathExporter, s.limitPages(s.exporterMetrics))

	get := func(path string, h http.Handler) {
		mux.Handle(exactly(path), allow(s.guard(h), http.MethodGet, http.MethodHead))
	}
	if s.TelemetryPath != pathLanding {
		get(pathLanding, s.limitPages(s.landing))
	}
	get(pathDiscovery, s.limitPages(s.discovery))
	get(pathBuckets, s.limitPages(s.buckets))
	get(pathHealthy, http.HandlerFunc(s.healthy))
	get(pathReady, http.HandlerFunc(s.ready))
	mux.Handle(pathReload, allow(s.guard(s.limitPages(s.reload)), http.MethodPost))
	if s.EnablePprof {
		mux.Handle(pathPprof, allow(profiles(), http.MethodGet, http.MethodHead))
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

// allow answers 405 to all methods but those given.
func allow(h http.Handler, methods ...string) http.Handler {
	list := strings.Join(methods, ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for _, m := range methods {
			if r.Method == m {
				h.ServeHTTP(w, r)
				return
			}
		}
		w.Header().Set("Allow", list)
		http.Error(w, "method not allowed; allowed: "+list, http.StatusMethodNotAllowed)
	})
}
