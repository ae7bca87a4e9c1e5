package collector

import (
	"strconv"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"

	"ossvector_exporter/ossvapi"
)

// place is where a counter counts: an account's configured region, never one out of a response.
type place struct{ account, region string }

// book holds the counters of every place. They outlive scrapes and reloads.
type book struct {
	mu     sync.RWMutex
	places map[place]*counters
}

func newBook() *book { return &book{places: map[place]*counters{}} }

// keep makes the book hold exactly these places with these operations, old counters going on.
func (b *book) keep(places map[place][]ossvapi.Operation) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for p := range b.places {
		if _, stays := places[p]; !stays {
			delete(b.places, p)
		}
	}
	for p, operations := range places {
		if b.places[p] == nil {
			b.places[p] = newCounters(p)
		}
		b.places[p].present(operations)
	}
}

func (b *book) at(p place) *counters {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return b.places[p]
}

// counters are the API counters of one place.
type counters struct {
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	errors    *prometheus.CounterVec
}

func newCounters(p place) *counters {
	where := prometheus.Labels{"account": p.account, "region": p.region}
	return &counters{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: requestsTotal, Help: help[requestsTotal], ConstLabels: where,
		}, []string{"operation", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: requestDuration, Help: help[requestDuration], ConstLabels: where,
			Buckets:                         []float64{0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10},
			NativeHistogramBucketFactor:     1.1, // beside the classic buckets, for servers that ask for it
			NativeHistogramMaxBucketNumber:  100,
			NativeHistogramMinResetDuration: time.Hour,
		}, []string{"operation"}),
		errors: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: errorsTotal, Help: help[errorsTotal], ConstLabels: where,
		}, []string{"operation", "reason"}),
	}
}

// present makes every member of the closed sets appear at 0, so that the first error is a rise that rate() sees.
func (c *counters) present(operations []ossvapi.Operation) {
	for _, op := range operations {
		c.durations.WithLabelValues(string(op))
		for _, reason := range ossvapi.Reasons() {
			c.errors.WithLabelValues(string(op), string(reason))
		}
	}
}

// Describe implements prometheus.Collector.
func (c *counters) Describe(ch chan<- *prometheus.Desc) { prometheus.DescribeByCollect(c, ch) }

// Collect implements prometheus.Collector.
func (c *counters) Collect(ch chan<- prometheus.Metric) {
	c.requests.Collect(ch)
	c.durations.Collect(ch)
	c.errors.Collect(ch)
}

// with gives the counters the labels of their account, which may be others after a reload.
func (c *counters) with(labels prometheus.Labels) prometheus.Collector {
	if len(labels) == 0 {
		return c
	}
	return prometheus.WrapCollectorWith(labels, c)
}

// observer counts and logs for one account's client.
type observer struct {
	book    *book
	account string
	logger  log.Logger
}

// Attempt implements ossvapi.Observer.
func (o *observer) Attempt(a ossvapi.Attempt) {
	if c := o.book.at(place{o.account, a.Region}); c != nil {
		c.requests.WithLabelValues(string(a.Operation), statusLabel(a.Status)).Inc()
		c.durations.WithLabelValues(string(a.Operation)).Observe(a.Duration.Seconds())
	}
	fields := []any{
		"msg", "attempt", "region", a.Region, "operation", a.Operation, "status", statusLabel(a.Status), "request_id", a.RequestID,
		"ec", a.EC, "attempt", a.Number, "duration", a.Duration, "method", a.Method, "url", a.URL,
		"content_type", a.ContentType, "size", a.Size,
	}
	if a.Body != "" {
		fields = append(fields, "body", a.Body)
	}
	_ = level.Debug(o.logger).Log(fields...)
}

// Failure implements ossvapi.Observer.
func (o *observer) Failure(err *ossvapi.Error) {
	if c := o.book.at(place{o.account, err.Region}); c != nil {
		c.errors.WithLabelValues(string(err.Operation), string(err.Reason)).Inc()
	}
}

// statusLabel is an HTTP status as a label value; none without an answer.
func statusLabel(status int) string {
	if status == 0 {
		return "none"
	}
	return strconv.Itoa(status)
}
