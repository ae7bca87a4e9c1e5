package collector

import (
	"iter"
	"maps"
	"regexp"
	"time"

	"ossvector_exporter/internal/exposition"
	"ossvector_exporter/ossvapi"
)

// layouts are how the series of an account look that there are many of. The values of a row stand in the order in which
// the labels are named here.
type layouts struct {
	bucketInfo, bucketCreated                                       *exposition.Layout
	indexes, indexLast, indexInfo, indexDimension, indexCreatedTime *exposition.Layout
}

func newLayouts(constant map[string]string) *layouts {
	layout := func(metric string, labels ...string) *exposition.Layout {
		return exposition.NewLayout(metric, labels, constant)
	}
	return &layouts{
		bucketInfo: layout(bucketInfo, "region", "bucket", "arn", "location", "creation_date", "extranet_endpoint",
			"intranet_endpoint", "resource_group_id"),
		bucketCreated:    layout(bucketCreated, "region", "bucket"),
		indexes:          layout(indexesName, "region", "bucket"),
		indexLast:        layout(indexLastSuccess, "region", "bucket"),
		indexInfo:        layout(indexInfo, "region", "bucket", "index", "data_type", "distance_metric", "mode", "status"),
		indexDimension:   layout(indexDimension, "region", "bucket", "index"),
		indexCreatedTime: layout(indexCreated, "region", "bucket", "index"),
	}
}

// seriesOptions says what series an account and its buckets get. It is never changed.
type seriesOptions struct {
	layouts          *layouts
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
	sortedAndLocal bool              // its names ascend and its buckets are of the region asked
	hidden         []bool            // the buckets that get no series; nil if all do
	shown          int               // how many do
	info, created  *exposition.Block // both nil without per-bucket metrics
}

func newPage(source *ossvapi.Page, asked string, o *seriesOptions) *page {
	p := &page{source: source, sortedAndLocal: true}
	for i := range source.Buckets {
		b := &source.Buckets[i]
		p.sortedAndLocal = p.sortedAndLocal && b.Region == asked && (i == 0 || source.Buckets[i-1].Name < b.Name)
	}
	p.filter(o)
	if o.perBucket {
		p.info = exposition.NewBlock(o.layouts.bucketInfo, infoRows(p.buckets))
		p.created = exposition.NewBlock(o.layouts.bucketCreated, createdRows(p.buckets))
	}
	return p
}

func (p *page) filter(o *seriesOptions) {
	p.shown = len(p.source.Buckets)
	if o.include == nil && o.exclude == nil {
		return
	}
	p.hidden = make([]bool, len(p.source.Buckets))
	for i := range p.source.Buckets {
		if !o.shows(p.source.Buckets[i].Name) {
			p.hidden[i] = true
			p.shown--
		}
	}
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

func infoRows(buckets iter.Seq[*ossvapi.Bucket]) exposition.Rows {
	return func(yield func([]string, float64) bool) {
		var row [8]string
		for b := range buckets {
			row = [8]string{
				b.Region, b.Name, b.ARN, b.Location, b.CreationDate, b.ExtranetEndpoint, b.IntranetEndpoint, b.ResourceGroupID,
			}
			if !yield(row[:], 1) {
				return
			}
		}
	}
}

// createdRows leaves out the buckets whose creation time is unknown.
func createdRows(buckets iter.Seq[*ossvapi.Bucket]) exposition.Rows {
	return func(yield func([]string, float64) bool) {
		var row [2]string
		for b := range buckets {
			row = [2]string{b.Region, b.Name}
			if !b.Created.IsZero() && !yield(row[:], unixSeconds(b.Created)) {
				return
			}
		}
	}
}

// unixSeconds keeps the fraction.
func unixSeconds(t time.Time) float64 { return float64(t.Unix()) + float64(t.Nanosecond())/1e9 }

// manySeries are the families of which there is a series for every bucket or index, in the configuration's order.
func manySeries(passes []*accountPass) []*exposition.Family {
	blocks := map[string][]*exposition.Block{}
	add := func(metric string, b *exposition.Block) { blocks[metric] = append(blocks[metric], b) }
	for _, p := range passes {
		for _, region := range p.inventory.order {
			if p.account.PerBucket && !p.inventory.regions[region].over {
				p.inventory.regions[region].addBlocks(p.account.series.layouts, add)
			}
			if view := p.indexes[region]; view != nil {
				view.addBlocks(p.account.series.layouts, add)
			}
		}
	}
	var families []*exposition.Family
	for metric, all := range blocks {
		families = append(families, exposition.NewGauges(metric, help[metric], all))
	}
	return families
}

// addBlocks adds the region's bucket series: those of whole pages, or where buckets are left out its own.
func (p *regionInventory) addBlocks(l *layouts, add func(metric string, b *exposition.Block)) {
	for _, page := range p.pages {
		add(bucketInfo, page.info)
		add(bucketCreated, page.created)
	}
	if len(p.entries) > 0 {
		p.made.Do(func() {
			p.info = exposition.NewBlock(l.bucketInfo, infoRows(p.entryBuckets))
			p.created = exposition.NewBlock(l.bucketCreated, createdRows(p.entryBuckets))
		})
		add(bucketInfo, p.info)
		add(bucketCreated, p.created)
	}
}

func (p *regionInventory) entryBuckets(yield func(*ossvapi.Bucket) bool) {
	for _, one := range p.entries {
		if one.page.shows(one.n) && !yield(&one.page.source.Buckets[one.n]) {
			return
		}
	}
}
