package collector

import (
	"iter"
	"maps"
	"regexp"
	"slices"
	"time"

	"ossvector_exporter/internal/exposition"
	"ossvector_exporter/ossvapi"
)

// newLayouts are how the series of an account look that there are many of, by metric. The values of a row have the order
// of the labels here.
func newLayouts(constant map[string]string) map[string]*exposition.Layout {
	layouts := map[string]*exposition.Layout{}
	for metric, labels := range map[string][]string{
		bucketInfo: {
			"region", "bucket", "arn", "location", "creation_date", "extranet_endpoint", "intranet_endpoint", "resource_group_id",
		},
		bucketCreated:    {"region", "bucket"},
		indexesName:      {"region", "bucket"},
		indexLastSuccess: {"region", "bucket"},
		indexInfo:        {"region", "bucket", "index", "data_type", "distance_metric", "mode", "status"},
		indexDimension:   {"region", "bucket", "index"},
		indexCreated:     {"region", "bucket", "index"},
	} {
		layouts[metric] = exposition.NewLayout(metric, help[metric], labels, constant)
	}
	return layouts
}

// rows has a row for each item with a value.
func rows[T any](items iter.Seq[T], row func(values []string, item T) []string, value func(T) (float64, bool)) exposition.Rows {
	return func(yield func([]string, float64) bool) {
		var values []string
		for item := range items {
			v, ok := value(item)
			if !ok {
				continue
			}
			if values = row(values[:0], item); !yield(values, v) {
				return
			}
		}
	}
}

// always is the value of an info metric.
func always[T any](T) (float64, bool) { return 1, true }

// unixTime is the value of a metric of times, if it is known.
func unixTime(t time.Time) (float64, bool) { return unixSeconds(t), !t.IsZero() }

// seriesOptions says what series an account and its buckets get. It is never changed.
type seriesOptions struct {
	layouts          map[string]*exposition.Layout
	descs            descs
	perBucket        bool
	include, exclude *regexp.Regexp
}

func newSeriesOptions(a *Account) *seriesOptions {
	constant := map[string]string{"account": a.Name}
	maps.Copy(constant, a.Labels)
	return &seriesOptions{
		layouts: newLayouts(constant), descs: newDescs(constant), perBucket: a.PerBucket, include: a.Include, exclude: a.Exclude,
	}
}

// shows reports whether a bucket may have series of its own.
func (o *seriesOptions) shows(bucket string) bool {
	return (o.include == nil || o.include.MatchString(bucket)) && (o.exclude == nil || !o.exclude.MatchString(bucket))
}

// page is a page of a listing with its series, which every scrape that shows the page shares.
type page struct {
	source         *ossvapi.Page
	sortedAndLocal bool                // its names ascend and its buckets are of the region asked
	hidden         []bool              // the buckets that get no series; nil if all do
	shown          int                 // how many do
	blocks         []*exposition.Block // none without per-bucket metrics
}

func newPage(source *ossvapi.Page, asked string, o *seriesOptions) *page {
	p := &page{source: source, sortedAndLocal: true, shown: len(source.Buckets)}
	if o.include != nil || o.exclude != nil {
		p.hidden = make([]bool, len(source.Buckets))
	}
	for i := range source.Buckets {
		b := &source.Buckets[i]
		p.sortedAndLocal = p.sortedAndLocal && b.Region == asked && (i == 0 || source.Buckets[i-1].Name < b.Name)
		if p.hidden != nil && !o.shows(b.Name) {
			p.hidden[i] = true
			p.shown--
		}
	}
	if o.perBucket {
		p.blocks = o.bucketBlocks(p.buckets)
	}
	return p
}

// shows reports whether the n-th bucket may have series of its own.
func (p *page) shows(n int) bool { return len(p.hidden) == 0 || !p.hidden[n] }

// unchanged reports whether source holds the very buckets that the page was made of.
func (p *page) unchanged(source *ossvapi.Page) bool {
	return source.Revision != 0 && source.Revision == p.source.Revision
}

// buckets are those that get series.
func (p *page) buckets(yield func(*ossvapi.Bucket) bool) {
	for i := range p.source.Buckets {
		if p.shows(i) && !yield(&p.source.Buckets[i]) {
			return
		}
	}
}

// bucketBlocks are the series of these buckets.
func (o *seriesOptions) bucketBlocks(buckets iter.Seq[*ossvapi.Bucket]) []*exposition.Block {
	info := func(row []string, b *ossvapi.Bucket) []string {
		return append(row, b.Region, b.Name, b.ARN, b.Location, b.CreationDate, b.ExtranetEndpoint, b.IntranetEndpoint, b.ResourceGroupID)
	}
	id := func(row []string, b *ossvapi.Bucket) []string { return append(row, b.Region, b.Name) }
	created := func(b *ossvapi.Bucket) (float64, bool) { return unixTime(b.Created) }
	return []*exposition.Block{
		exposition.NewBlock(o.layouts[bucketInfo], rows(buckets, info, always)),
		exposition.NewBlock(o.layouts[bucketCreated], rows(buckets, id, created)),
	}
}

// unixSeconds keeps the fraction.
func unixSeconds(t time.Time) float64 { return float64(t.Unix()) + float64(t.Nanosecond())/1e9 }

// manySeries are the families of which there is a series for every bucket or index, in the configuration's order.
func manySeries(passes []*accountPass) []*exposition.Family {
	var blocks []*exposition.Block
	for _, p := range passes {
		for _, region := range p.inventory.order {
			part := p.inventory.regions[region]
			for _, page := range part.pages {
				if !part.over {
					blocks = append(blocks, page.blocks...)
				}
			}
			if view := p.indexes[region]; view != nil {
				blocks = append(blocks, view.blocks(p.account.series)...)
			}
		}
	}
	return exposition.Families(blocks)
}

// indexListing is a complete listing of one bucket's indexes with its series, shared and never changed.
type indexListing struct {
	series  *seriesOptions
	bucket  ossvapi.Bucket
	indexes []ossvapi.Index
	listed  time.Time
	blocks  []*exposition.Block
}

func newIndexListing(o *seriesOptions, b *ossvapi.Bucket, indexes []ossvapi.Index, listed time.Time) *indexListing {
	all := slices.Values(indexes)
	info := func(row []string, i ossvapi.Index) []string {
		return append(row, b.Region, b.Name, i.Name, i.DataType, i.DistanceMetric, i.Mode, i.Status)
	}
	id := func(row []string, i ossvapi.Index) []string { return append(row, b.Region, b.Name, i.Name) }
	dimension := func(i ossvapi.Index) (float64, bool) { return float64(i.Dimension), i.Dimension > 0 }
	created := func(i ossvapi.Index) (float64, bool) { return unixTime(i.Created) }
	return &indexListing{series: o, bucket: *b, indexes: indexes, listed: listed, blocks: []*exposition.Block{
		exposition.NewBlock(o.layouts[indexInfo], rows(all, info, always)),
		exposition.NewBlock(o.layouts[indexDimension], rows(all, id, dimension)),
		exposition.NewBlock(o.layouts[indexCreated], rows(all, id, created)),
	}}
}

// with is the listing with its series as they have to be, see listing.with.
func (l *indexListing) with(o *seriesOptions) *indexListing {
	if l.series == o {
		return l
	}
	return newIndexListing(o, &l.bucket, l.indexes, l.listed)
}

// blocks are the index series of the region's buckets.
func (v *indexView) blocks(o *seriesOptions) []*exposition.Block {
	all := slices.Values(v.listings)
	id := func(row []string, l *indexListing) []string { return append(row, l.bucket.Region, l.bucket.Name) }
	count := func(l *indexListing) (float64, bool) { return float64(len(l.indexes)), true }
	listed := func(l *indexListing) (float64, bool) { return unixTime(l.listed) }
	blocks := []*exposition.Block{
		exposition.NewPassingBlock(o.layouts[indexesName], rows(all, id, count)),
		exposition.NewPassingBlock(o.layouts[indexLastSuccess], rows(all, id, listed)),
	}
	for _, l := range v.listings {
		blocks = append(blocks, l.blocks...)
	}
	return blocks
}
