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

// help is the text of a metric's HELP line.
func help(name string) string {
	switch name {
	case bucketsName:
		return "Vector buckets in the region."
	case bucketInfo:
		return "A vector bucket, always 1; creation_date is as the API gave it."
	case bucketCreated:
		return "When the vector bucket was created, as Unix time."
	case bucketQuota:
		return "Vector buckets that the account may create in the region, as configured."
	case duplicateBuckets:
		return "Entries of the region's listing left out because the same bucket was listed already."
	case up:
		return "Whether the listing that answers this scrape was complete."
	case scrapeDuration:
		return "How long the region's listing took, waiting for a slot aside."
	case scrapePages:
		return "Pages that the region's listing walked."
	case lastSuccess:
		return "When the region was last listed completely, as Unix time."
	case lastErrorInfo:
		return "What an operation's last failure was, 1 while it is failing in the region."
	case requestsTotal:
		return "HTTP attempts by status; none without a response."
	case requestDuration:
		return "Duration of an HTTP attempt, body included."
	case errorsTotal:
		return "Failed attempts, those that a retry cured included, and failures that came to no attempt."
	case indexesName:
		return "Vector indexes in the bucket."
	case indexInfo:
		return "A vector index, always 1."
	case indexDimension:
		return "Dimension of the vectors in the index."
	case indexCreated:
		return "When the vector index was created, as Unix time."
	case indexLastSuccess:
		return "When the bucket's indexes were last listed completely, as Unix time."
	case indexFailedBucket:
		return "Buckets whose indexes could not be listed when last tried; they show no index series."
	}
	return ""
}

// descs are the descriptors of the small metrics: one series or so for each region.
type descs struct {
	byName map[string]*prometheus.Desc
}

func newDescs() descs {
	d := descs{byName: map[string]*prometheus.Desc{}}
	for _, name := range []string{
		bucketsName, bucketQuota, duplicateBuckets, up, scrapeDuration, scrapePages, lastSuccess, indexFailedBucket,
	} {
		d.byName[name] = prometheus.NewDesc(name, help(name), []string{"account", "region"}, nil)
	}
	d.byName[lastErrorInfo] = prometheus.NewDesc(lastErrorInfo, help(lastErrorInfo),
		[]string{"account", "region", "operation", "reason", "code", "status"}, nil)
	return d
}

// gauge makes a const metric; a label that cannot be one shows as an error of the scrape and ends nothing else.
func (d descs) gauge(name string, value float64, labels ...string) prometheus.Metric {
	desc := d.byName[name]
	m, err := prometheus.NewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	if err != nil {
		return prometheus.NewInvalidMetric(desc, err)
	}
	return m
}

// errorInfo is the ossvector_last_error_info of a failure.
func (d descs) errorInfo(account, region string, e *ossvapi.Error) prometheus.Metric {
	return d.gauge(lastErrorInfo, 1,
		account, region, string(e.Operation), string(e.Reason), e.Code, statusLabel(e.Status))
}
