package collector

import (
	"time"

	dto "github.com/prometheus/client_model/go"

	"ossvector_exporter/ossvapi"
)

type family = dto.MetricFamily

// seriesOptions says what series a page gets.
type seriesOptions struct {
	account   string
	perBucket bool
}

// page is a page of a listing with its series, which are made once and shared by every scrape that shows the page. The
// exposition format's own types are used: they are read, never written, after newPage.
type page struct {
	source  *ossvapi.Page
	plain   bool          // its names ascend and its buckets are of the region asked
	dated   bool          // every bucket has a creation time
	info    []*dto.Metric // one per bucket; both nil without per-bucket metrics
	created []*dto.Metric // nil where the creation time is unknown
}

func newPage(source *ossvapi.Page, asked string, o seriesOptions) *page {
	p := &page{source: source, plain: true, dated: true}
	for i := range source.Buckets {
		b := &source.Buckets[i]
		p.plain = p.plain && b.Region == asked && (i == 0 || source.Buckets[i-1].Name < b.Name)
		p.dated = p.dated && !b.Created.IsZero()
	}
	if o.perBucket {
		p.build(o.account)
	}
	return p
}

// build makes the series of all buckets out of a few large allocations. Labels stand in the order of their names, as
// the registry would put them.
func (p *page) build(account string) {
	buckets := p.source.Buckets
	labels := newLabels(3*len(buckets) + 16) // the other labels are the same for most buckets
	metrics := newMetrics(2*len(buckets), (9+3)*len(buckets))
	p.info, p.created = make([]*dto.Metric, len(buckets)), make([]*dto.Metric, len(buckets))
	of := labels.new("account", &account)
	var region, location, extranet, intranet, group *dto.LabelPair
	one := gauge(1)
	for i := range buckets {
		b := &buckets[i]
		bucket := labels.new("bucket", &b.Name)
		region = labels.same(region, "region", &b.Region)
		location = labels.same(location, "location", &b.Location)
		extranet = labels.same(extranet, "extranet_endpoint", &b.ExtranetEndpoint)
		intranet = labels.same(intranet, "intranet_endpoint", &b.IntranetEndpoint)
		group = labels.same(group, "resource_group_id", &b.ResourceGroupID)
		p.info[i] = metrics.new(one, of, labels.new("arn", &b.ARN), bucket, labels.new("creation_date", &b.CreationDate),
			extranet, intranet, location, region, group)
		if !b.Created.IsZero() {
			p.created[i] = metrics.new(gauge(unixSeconds(b.Created)), of, bucket, region)
		}
	}
}

// unixSeconds keeps the fraction.
func unixSeconds(t time.Time) float64 { return float64(t.Unix()) + float64(t.Nanosecond())/1e9 }

func gauge(value float64) *dto.Gauge { return &dto.Gauge{Value: &value} }

// labelSlab hands out label pairs of one allocation.
type labelSlab struct {
	pairs []dto.LabelPair
	names map[string]*string
}

func newLabels(n int) *labelSlab {
	return &labelSlab{pairs: make([]dto.LabelPair, 0, n+1), names: map[string]*string{}}
}

// new points at the value where it lies. Past the slab's size it allocates.
func (s *labelSlab) new(name string, value *string) *dto.LabelPair {
	if s.names[name] == nil {
		s.names[name] = &name
	}
	if len(s.pairs) == cap(s.pairs) {
		s.pairs = make([]dto.LabelPair, 0, 64)
	}
	s.pairs = s.pairs[:len(s.pairs)+1]
	pair := &s.pairs[len(s.pairs)-1]
	pair.Name, pair.Value = s.names[name], value
	return pair
}

// same gives last again if it has the value.
func (s *labelSlab) same(last *dto.LabelPair, name string, value *string) *dto.LabelPair {
	if last != nil && *last.Value == *value {
		return last
	}
	return s.new(name, value)
}

// metricSlab hands out metrics of one allocation.
type metricSlab struct {
	metrics []dto.Metric
	labels  []*dto.LabelPair
}

func newMetrics(metrics, labels int) *metricSlab {
	return &metricSlab{metrics: make([]dto.Metric, metrics), labels: make([]*dto.LabelPair, 0, labels)}
}

func (s *metricSlab) new(g *dto.Gauge, labels ...*dto.LabelPair) *dto.Metric {
	m := &s.metrics[0]
	s.metrics = s.metrics[1:]
	first := len(s.labels)
	s.labels = append(s.labels, labels...)
	m.Label, m.Gauge = s.labels[first:len(s.labels):len(s.labels)], g
	return m
}

// newFamily starts a family of gauges with room for n series.
func newFamily(name string, n int) *family {
	text, kind := help(name), dto.MetricType_GAUGE
	return &family{Name: &name, Help: &text, Type: &kind, Metric: make([]*dto.Metric, 0, n)}
}
