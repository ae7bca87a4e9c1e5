package server

import (
	"context"
	"errors"
	"math"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"

	"ossvector_exporter/collector"
	"ossvector_exporter/internal/exposition"
)

// registerErrors makes the counter that promhttp would make anew for each handler, and so for each request.
func (s *server) registerErrors() error {
	s.errors = prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "promhttp_metric_handler_errors_total",
		Help: "Total number of internal errors encountered by the promhttp metric handler.",
	}, []string{"cause"})
	s.errors.WithLabelValues("gathering")
	s.errors.WithLabelValues("encoding")
	return s.Registry.Register(s.errors)
}

// metrics serves everything: the cloud's series first, so that the exporter's own are those after the work.
func (s *server) metrics(w http.ResponseWriter, r *http.Request, all collector.Selection) {
	s.scrape(w, r, all, s.Exporter)
}

// probe serves the series of one account or one of its regions.
func (s *server) probe(w http.ResponseWriter, r *http.Request, sel collector.Selection) {
	s.scrape(w, r, sel)
}

// exporterMetrics serves the exporter's own series.
func (s *server) exporterMetrics(w http.ResponseWriter, r *http.Request, _ collector.Selection) {
	s.expose(w, r, s.Exporter)
}

func (s *server) scrape(w http.ResponseWriter, r *http.Request, sel collector.Selection, more ...prometheus.Gatherer) {
	if r.Method == http.MethodHead { // headers alone are no reason to ask the cloud
		s.expose(w, r)
		return
	}
	cloud := s.Backend.Gatherer(r.Context(), sel, scrapeLimit(r.Header, s.TimeoutOffset+s.writing.last(sel)))
	s.writing.set(sel, s.expose(w, r, append(more, cloud)...))
}

// writeTimes remembers how long it took to write the last answer to each selection. What has to be written after the
// listings is no time for listings: without it a scrape of 100,000 buckets in which one region hangs until the deadline
// would end after the scraper's own.
type writeTimes struct {
	mu   sync.Mutex
	took map[collector.Selection]time.Duration
}

// maxWriteTimes bounds what reloads that rename accounts leave behind.
const maxWriteTimes = 10_000

func (t *writeTimes) last(sel collector.Selection) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.took[sel]
}

func (t *writeTimes) set(sel collector.Selection, took time.Duration) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.took == nil || len(t.took) >= maxWriteTimes {
		t.took = map[collector.Selection]time.Duration{}
	}
	t.took[sel] = took
}

// expose answers 200 with what could be gathered, even if part of it failed, and nothing at all to a client that has
// hung up. It returns how long the exporter worked on writing it, excluding the time that the client took to read.
func (s *server) expose(w http.ResponseWriter, r *http.Request, sources ...prometheus.Gatherer) time.Duration {
	families, err := exposition.Join(sources...)
	if r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // an empty 200 would be a lie, should anybody still read it
	}
	if err != nil {
		s.errors.WithLabelValues("gathering").Inc()
		_ = level.Error(s.Logger).Log("msg", "gathering metrics failed in part", "path", r.URL.Path, "err", err)
		if len(families) == 0 {
			http.Error(w, "no metrics could be gathered, the log says why", http.StatusInternalServerError)
			return 0
		}
	}
	began, timed := time.Now(), &timedWriter{ResponseWriter: w}
	if err := s.encoder.Serve(timed, r, families); err != nil {
		s.sendingFailed(r.Context(), err)
		panic(http.ErrAbortHandler) // what was sent would pass for everything
	}
	return time.Since(began) - timed.sending
}

// sendingFailed counts an answer that could not be sent completely. A client that hangs up is no error; one that reads
// too slowly is.
func (s *server) sendingFailed(ctx context.Context, err error) {
	if ctx.Err() != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return
	}
	s.errors.WithLabelValues("encoding").Inc()
	_ = level.Warn(s.Logger).Log("msg", "metrics could not be sent whole", "err", err)
}

// timedWriter adds up how long its Writes take.
type timedWriter struct {
	http.ResponseWriter
	sending time.Duration
}

// Write implements http.ResponseWriter.
func (t *timedWriter) Write(b []byte) (int, error) {
	began := time.Now()
	defer func() { t.sending += time.Since(began) }()
	return t.ResponseWriter.Write(b)
}

// scrapeLimit is the time that the scraper's header leaves for a scrape, or 0 without a header that is a positive
// number. Where the offset would take half of it or more, half of it is left.
func scrapeLimit(h http.Header, offset time.Duration) time.Duration {
	timeout := positiveSeconds(h.Get("X-Prometheus-Scrape-Timeout-Seconds"))
	if timeout == 0 {
		return 0
	}
	if timeout > 2*offset {
		return timeout - offset
	}
	return max(1, timeout/2)
}

// maxTimeout is more than any scraper waits and far from overflowing a time.Duration.
const maxTimeout = 24 * time.Hour

// positiveSeconds is 0 for what is no positive finite number. Numbers beyond a day count as a day, those below a
// nanosecond as one.
func positiveSeconds(text string) time.Duration {
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(seconds > 0) || math.IsInf(seconds, 0) {
		return 0
	}
	return max(1, time.Duration(math.Round(min(seconds, maxTimeout.Seconds())*float64(time.Second))))
}
