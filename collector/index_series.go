package collector

import (
	"time"

	dto "github.com/prometheus/client_model/go"

	"ossvector_exporter/ossvapi"
)

// indexListing is a complete listing of one bucket's indexes with its series, made once, shared and never changed.
type indexListing struct {
	bucket    ossvapi.Bucket
	indexes   []ossvapi.Index
	listed    time.Time
	count     *dto.Metric
	last      *dto.Metric
	info      []*dto.Metric
	dimension []*dto.Metric // of those that have one
	created   []*dto.Metric
}

func newIndexListing(account string, b *ossvapi.Bucket, indexes []ossvapi.Index, listed time.Time) *indexListing {
	l := &indexListing{bucket: *b, indexes: indexes, listed: listed}
	labels := newLabels(3 + 5*len(indexes))
	metrics := newMetrics(2+3*len(indexes), 6+16*len(indexes))
	of, bucket, region := labels.new("account", &account), labels.new("bucket", &l.bucket.Name), labels.new("region", &l.bucket.Region)
	l.count = metrics.new(gauge(float64(len(indexes))), of, bucket, region)
	l.last = metrics.new(gauge(unixSeconds(listed)), of, bucket, region)
	one := gauge(1)
	for n := range indexes {
		i := &indexes[n]
		index := labels.new("index", &i.Name)
		l.info = append(l.info, metrics.new(one, of, bucket, labels.new("data_type", &i.DataType),
			labels.new("distance_metric", &i.DistanceMetric), index, labels.new("mode", &i.Mode), region,
			labels.new("status", &i.Status)))
		if i.Dimension > 0 {
			l.dimension = append(l.dimension, metrics.new(gauge(float64(i.Dimension)), of, bucket, index, region))
		}
		if !i.Created.IsZero() {
			l.created = append(l.created, metrics.new(gauge(unixSeconds(i.Created)), of, bucket, index, region))
		}
	}
	return l
}

// indexFamilies appends the index series of every account that has them.
func indexFamilies(passes []*accountPass) []*family {
	buckets, indexes := 0, 0
	for _, p := range passes {
		for _, view := range p.indexes {
			buckets += len(view.listings)
			for _, l := range view.listings {
				indexes += len(l.info)
			}
		}
	}
	count, last := newFamily(indexesName, buckets), newFamily(indexLastSuccess, buckets)
	info, dimension, created := newFamily(indexInfo, indexes), newFamily(indexDimension, indexes), newFamily(indexCreated, indexes)
	for _, p := range passes {
		for _, region := range p.inventory.order {
			if p.indexes[region] == nil {
				continue
			}
			for _, l := range p.indexes[region].listings {
				count.Metric = append(count.Metric, l.count)
				last.Metric = append(last.Metric, l.last)
				info.Metric = append(info.Metric, l.info...)
				dimension.Metric = append(dimension.Metric, l.dimension...)
				created.Metric = append(created.Metric, l.created...)
			}
		}
	}
	return []*family{count, last, info, dimension, created}
}
