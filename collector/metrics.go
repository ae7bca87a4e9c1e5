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

// The names of every series of the collector: others' dashboards and alerts depend on them.
const (
	bucketsName       = "ossvector_buckets"
	bucketInfo        = "ossvector_bucket_info"
	bucketCreated     = "ossvector_bucket_created_timestamp_seconds"
	bucketQuota       = "ossvector_bucket_quota"
	duplicateBuckets  = "ossvector_duplicate_buckets"
	filteredBuckets   = "ossvector_filtered_buckets"
	up                = "ossvector_up"
	scrapeDuration    = "ossvector_scrape_duration_seconds"
	scrapePages       = "ossvector_scrape_pages"
	lastSuccess       = "ossvector_last_success_timestamp_seconds"
	lastErrorInfo     = "ossvector_last_error_info"
	requestsTotal     = "ossvector_api_requests_total"
	requestDuration   = "ossvector_api_request_duration_seconds"
	errorsTotal       = "ossvector_api_errors_total"
	indexesName       = "ossvector_indexes"
	indexInfo         = "ossvector_index_info"
	indexDimension    = "ossvector_index_dimension"
	indexCreated      = "ossvector_index_created_timestamp_seconds"
	indexLastSuccess  = "ossvector_index_last_success_timestamp_seconds"
	indexFailedBucket = "ossvector_index_failed_buckets"
)

// help are the HELP lines.
var help = map[string]string{ //nolint:gochecknoglobals // a table that is never written
	bucketsName:       "Vector buckets in the region.",
	bucketInfo:        "A vector bucket, always 1; creation_date is as returned by the API.",
	bucketCreated:     "When the vector bucket was created, as Unix time.",
	bucketQuota:       "Vector buckets that the account may create in the region, as configured.",
	duplicateBuckets:  "Entries of the region's listing left out because the same bucket was listed already.",
	filteredBuckets:   "Buckets of the region without series of their own because of buckets or max_bucket_series.",
	up:                "Whether the listing used for this scrape was complete.",
	scrapeDuration:    "How long the region's listing took, excluding time queued for a slot.",
	scrapePages:       "Pages in the region's listing.",
	lastSuccess:       "When the region was last listed completely, as Unix time.",
	lastErrorInfo:     "The last failure of an operation; 1 while the operation is failing in the region.",
	requestsTotal:     "HTTP attempts by status; none without a response.",
	requestDuration:   "Duration of an HTTP attempt, body included.",
	errorsTotal:       "Failed attempts, including those that succeeded on retry, and failures before any attempt.",
	indexesName:       "Vector indexes in the bucket.",
	indexInfo:         "A vector index, always 1.",
	indexDimension:    "Dimension of the vectors in the index.",
	indexCreated:      "When the vector index was created, as Unix time.",
	indexLastSuccess:  "When the bucket's indexes were last listed completely, as Unix time.",
	indexFailedBucket: "Buckets whose indexes could not be listed when last tried; they show no index series.",
}

// descs are the descriptors of an account's metrics of which there is a series or so for each region.
type descs map[string]*prometheus.Desc

func newDescs(constant prometheus.Labels) descs {
	d := descs{}
	for _, name := range []string{
		bucketsName, bucketQuota, duplicateBuckets, filteredBuckets, up, scrapeDuration, scrapePages, lastSuccess,
		indexFailedBucket,
	} {
		d[name] = prometheus.NewDesc(name, help[name], []string{"region"}, constant)
	}
	d[lastErrorInfo] = prometheus.NewDesc(lastErrorInfo, help[lastErrorInfo],
		[]string{"region", "operation", "reason", "code", "status"}, constant)
	return d
}

// gauge makes a const metric; a label that cannot be one shows as an error of the scrape and ends nothing else.
func (d descs) gauge(name string, value float64, labels ...string) prometheus.Metric {
	m, err := prometheus.NewConstMetric(d[name], prometheus.GaugeValue, value, labels...)
	if err != nil {
		return prometheus.NewInvalidMetric(d[name], err)
	}
	return m
}

// errorInfo is the ossvector_last_error_info of a failure.
func (d descs) errorInfo(region string, e *ossvapi.Error) prometheus.Metric {
	return d.gauge(lastErrorInfo, 1, region, string(e.Operation), string(e.Reason), e.Code, statusLabel(e.Status))
}

// regionKey is where a counter counts: an account's configured region, never one out of a response.
type regionKey struct{ account, region string }

// counterStore holds the counters of every region. They outlive scrapes and reloads.
type counterStore struct {
	mu      sync.RWMutex
	regions map[regionKey]*counters
}

func newCounterStore() *counterStore { return &counterStore{regions: map[regionKey]*counters{}} }

// keep makes the store hold exactly these regions with these operations. Counters that are there already go on.
func (s *counterStore) keep(regions map[regionKey][]ossvapi.Operation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key := range s.regions {
		if _, stays := regions[key]; !stays {
			delete(s.regions, key)
		}
	}
	for key, operations := range regions {
		if s.regions[key] == nil {
			s.regions[key] = newCounters(key)
		}
		s.regions[key].present(operations)
	}
}

func (s *counterStore) at(key regionKey) *counters {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.regions[key]
}

// counters are the API counters of one region.
type counters struct {
	requests  *prometheus.CounterVec
	durations *prometheus.HistogramVec
	errors    *prometheus.CounterVec
}

func newCounters(key regionKey) *counters {
	where := prometheus.Labels{"account": key.account, "region": key.region}
	return &counters{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: requestsTotal, Help: help[requestsTotal], ConstLabels: where,
		}, []string{"operation", "status"}),
		durations: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: requestDuration, Help: help[requestDuration], ConstLabels: where,
			Buckets:                         []float64{0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10},
			NativeHistogramBucketFactor:     1.1, // in addition to the classic buckets, for servers that ask for it
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
	store   *counterStore
	account string
	logger  log.Logger
}

// Attempt implements ossvapi.Observer.
func (o *observer) Attempt(a ossvapi.Attempt) {
	if c := o.store.at(regionKey{o.account, a.Region}); c != nil {
		c.requests.WithLabelValues(string(a.Operation), statusLabel(a.Status)).Inc()
		c.durations.WithLabelValues(string(a.Operation)).Observe(a.Duration.Seconds())
	}
	fields := []any{
		"msg", "attempt", "region", a.Region, "operation", a.Operation, "status", statusLabel(a.Status), "request_id", a.RequestID,
		"ec", a.EC, "attempt", a.Number, "duration", a.Duration, "method", a.Method, "url", a.URL,
		"content_type", a.ContentType, "size", a.Size,
	}
	if a.Body != nil {
		fields = append(fields, "body", a.Body)
	}
	_ = level.Debug(o.logger).Log(fields...)
}

// Failure implements ossvapi.Observer.
func (o *observer) Failure(err *ossvapi.Error) {
	if c := o.store.at(regionKey{o.account, err.Region}); c != nil {
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
