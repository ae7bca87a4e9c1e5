// Package server is everything that the exporter says over HTTP: metrics, probe, discovery, inventory, the page for
// people, health and reload. It knows nothing of the cloud; what it shows comes from a Backend.
package server

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"

	"ossvector_exporter/internal/exposition"
)

const (
	defaultMaxScrapes   = 40
	defaultWriteTimeout = 30 * time.Second
	// maxProbes bounds the requests that probe a small part each: beyond it their connections would cost more than the
	// scrapes.
	maxProbes = 1000
	// maxPages bounds the requests for everything else but health.
	maxPages = 64
)

// Options is what New needs. Backend, Exporter and Logger are required.
type Options struct {
	Backend  Backend
	Exporter prometheus.Gatherer   // the exporter's own metrics
	Registry prometheus.Registerer // promhttp_* go there; it should feed Exporter. Default: a registry of their own
	Logger   log.Logger

	TelemetryPath   string        // default /metrics
	TimeoutOffset   time.Duration // taken off the scraper's timeout; not negative
	EnableLifecycle bool          // allow POST /-/reload, which calls Reload
	EnablePprof     bool
	Reload          func() error
	ConfigStatus    func() ConfigStatus // default: loaded when New was called

	Version string
	Now     func() time.Time // default time.Now

	// MaxScrapes is how many scrapes of everything may be in flight; a probe counts by its share of the regions.
	// What comes beyond is answered 503. Default 40.
	MaxScrapes int
	// WriteTimeout is how long a client may take to read an answer, from its first byte on. Default 30 s.
	WriteTimeout time.Duration
}

type server struct {
	Options
	started time.Time
	scrapes *inFlight
	pages   *inFlight
	writing writeTimes
	encoder *exposition.Encoder
	errors  *prometheus.CounterVec // by cause, as promhttp counts them
	page    *template.Template
	policy  string // the Content-Security-Policy
}

// New returns the handler of all paths. It fails on a telemetry path that cannot be served and on a negative offset.
func New(o Options) (http.Handler, error) {
	if o.TelemetryPath == "" {
		o.TelemetryPath = "/metrics"
	}
	if err := errors.Join(checkTelemetryPath(o.TelemetryPath), checkOffset(o.TimeoutOffset)); err != nil {
		return nil, err
	}
	page, err := newPage()
	if err != nil {
		return nil, err
	}
	s := &server{Options: withDefaults(o), page: page, policy: contentPolicy()}
	s.started, s.encoder = s.Now(), exposition.NewEncoder()
	s.scrapes = &inFlight{maxShare: int64(s.MaxScrapes) * whole, maxCount: maxProbes}
	s.pages = &inFlight{maxShare: maxPages * whole, maxCount: maxPages}
	if err := s.registerErrors(); err != nil {
		return nil, err
	}
	return s.outer(s.routes()), nil
}

func withDefaults(o Options) Options {
	if o.Registry == nil {
		o.Registry = prometheus.NewRegistry()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.ConfigStatus == nil {
		loaded := ConfigStatus{LoadedAt: o.Now()}
		o.ConfigStatus = func() ConfigStatus { return loaded }
	}
	if o.MaxScrapes <= 0 {
		o.MaxScrapes = defaultMaxScrapes
	}
	if o.WriteTimeout <= 0 {
		o.WriteTimeout = defaultWriteTimeout
	}
	return o
}

func checkOffset(offset time.Duration) error {
	if offset < 0 {
		return fmt.Errorf("--web.timeout-offset %s is negative: it is taken off the scraper's timeout, give 0 or more", offset)
	}
	return nil
}

// contentPolicy allows the page's own style, by its hash, and nothing else: no script, no frame, no other host.
func contentPolicy() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
