package collector

import (
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
	bucketInfo:        "A vector bucket, always 1; creation_date is as the API gave it.",
	bucketCreated:     "When the vector bucket was created, as Unix time.",
	bucketQuota:       "Vector buckets that the account may create in the region, as configured.",
	duplicateBuckets:  "Entries of the region's listing left out because the same bucket was listed already.",
	filteredBuckets:   "Buckets of the region that get no series of their own, by buckets or max_bucket_series.",
	up:                "Whether the listing that answers this scrape was complete.",
	scrapeDuration:    "How long the region's listing took, waiting for a slot aside.",
	scrapePages:       "Pages that the region's listing walked.",
	lastSuccess:       "When the region was last listed completely, as Unix time.",
	lastErrorInfo:     "What an operation's last failure was, 1 while it is failing in the region.",
	requestsTotal:     "HTTP attempts by status; none without a response.",
	requestDuration:   "Duration of an HTTP attempt, body included.",
	errorsTotal:       "Failed attempts, those that a retry cured included, and failures that came to no attempt.",
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
