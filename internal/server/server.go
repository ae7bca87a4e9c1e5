// Package server answers HTTP: metrics, probe, discovery, inventory, the page for people, health and reload. It shows the
// collector's own types and calls the cloud only to scrape.
package server

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"

	"ossvector_exporter/collector"
	"ossvector_exporter/internal/exposition"
)

const (
	// writeTimeout is how long a client may take to read an answer, from its first byte on.
	writeTimeout = 30 * time.Second
	// maxProbes bounds the probes in flight: beyond it their connections would cost more than the scrapes.
	maxProbes = 1000
	// maxPages bounds the requests in flight for everything else but health.
	maxPages = 64
)

// Backend is what the server needs of the collector. All methods may be called concurrently.
type Backend interface {
	// Gatherer runs one scrape of what sel selects each time it gathers. limit is the time that the scraper allows, less
	// the offset; 0 if it named none.
	Gatherer(ctx context.Context, sel collector.Selection, limit time.Duration) prometheus.Gatherer
	// Accounts are the configured accounts, in the configuration's order. It is cheap.
	Accounts() []collector.Account
	// State is what is remembered of the regions that sel selects, in the configuration's order, without a call of the
	// cloud.
	State(sel collector.Selection) []collector.RegionState
}

var _ Backend = (*collector.Collector)(nil)

// ConfigStatus tells how the last attempts to load the configuration went.
type ConfigStatus struct {
	File     string    // what is loaded; empty if there is no file
	LoadedAt time.Time // when the configuration in use was loaded; zero: none is, the exporter is not ready
	FailedAt time.Time // when a reload failed after that; zero: none did
	Error    string    // why it failed, without secrets
}

// Options is what New needs. The zero value of a field without a default is an error of the caller.
type Options struct {
	Backend      Backend
	Exporter     prometheus.Gatherer   // the exporter's own metrics
	Registry     prometheus.Registerer // promhttp_* go there; it may feed Exporter
	Logger       log.Logger
	ConfigStatus func() ConfigStatus
	ConfigYAML   func() ([]byte, error) // the configuration in force, without secrets
	Reload       func() error
	Version      string

	TelemetryPath   string
	TimeoutOffset   time.Duration // taken off the scraper's timeout; not negative
	MaxRequests     int           // scrapes of everything in flight; 503 beyond
	EnableLifecycle bool          // allow POST /-/reload, which calls Reload
	EnablePprof     bool
}

type server struct {
	Options
	started                time.Time
	write                  time.Duration // the write timeout
	scrapes, probes, pages limit
	writing                writeTimes
	encoder                *exposition.Encoder
	errors                 *prometheus.CounterVec // by cause, as promhttp counts them
	page                   *template.Template
	contentPolicy          string
}

// New returns the handler of all paths. Its error reports all flags that cannot be served.
func New(o Options) (http.Handler, error) { return newHandler(o, writeTimeout) }

func newHandler(o Options, write time.Duration) (http.Handler, error) {
	if err := errors.Join(checkTelemetryPath(o.TelemetryPath), checkOffset(o.TimeoutOffset), checkMaxRequests(o.MaxRequests)); err != nil {
		return nil, err
	}
	page, err := template.New("page").Parse(styled(pageHTML))
	if err != nil {
		return nil, err
	}
	s := &server{
		Options: o, started: time.Now(), write: write, page: page, contentPolicy: contentPolicy(), encoder: exposition.NewEncoder(),
		scrapes: make(limit, o.MaxRequests), probes: make(limit, maxProbes), pages: make(limit, maxPages),
	}
	if err := s.registerErrors(); err != nil {
		return nil, err
	}
	return s.outer(s.routes()), nil
}

func checkOffset(offset time.Duration) error {
	if offset < 0 {
		return fmt.Errorf("--web.timeout-offset %s is negative: it is taken off the scraper's timeout, give 0 or more", offset)
	}
	return nil
}

func checkMaxRequests(n int) error {
	if n < 1 {
		return fmt.Errorf("--web.max-requests %d would refuse every scrape: give 1 or more", n)
	}
	return nil
}

var pathForm = regexp.MustCompile(`^[0-9A-Za-z/._~-]+$`)

// checkTelemetryPath says why p cannot be the path of the metrics.
func checkTelemetryPath(p string) error {
	var problem string
	switch {
	case !strings.HasPrefix(p, "/"):
		problem = `must begin with "/"`
	case strings.ContainsAny(p, "{}"):
		problem = "must be a path without { and }"
	case !pathForm.MatchString(p):
		problem = "must consist of letters, digits and the characters / - . _ ~"
	case path.Clean(p) != p:
		problem = fmt.Sprintf("must be a clean path: %q", path.Clean(p))
	case slices.Contains(ownPaths(), p) || strings.HasPrefix(p+"/", pathPprof):
		problem = "is another page of the exporter: choose a path of its own"
	default:
		return nil
	}
	return fmt.Errorf("--web.telemetry-path %.80q %s", p, problem)
}

// contentPolicy allows the pages' own style, by its hash, and nothing else: no script, no frame, no other host.
func contentPolicy() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
}
