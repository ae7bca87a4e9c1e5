package collector

import (
	"slices"
	"time"

	"ossvector_exporter/internal/exposition"
	"ossvector_exporter/ossvapi"
)

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
