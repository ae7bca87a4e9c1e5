package collector

import (
	"time"

	"ossvector_exporter/internal/exposition"
	"ossvector_exporter/ossvapi"
)

// indexListing is a complete listing of one bucket's indexes with its series, shared and never changed.
type indexListing struct {
	layouts                  *layouts
	bucket                   ossvapi.Bucket
	indexes                  []ossvapi.Index
	listed                   time.Time
	info, dimension, created *exposition.Block
}

func newIndexListing(l *layouts, b *ossvapi.Bucket, indexes []ossvapi.Index, listed time.Time) *indexListing {
	listing := &indexListing{layouts: l, bucket: *b, indexes: indexes, listed: listed}
	listing.info = exposition.NewBlock(l.indexInfo, listing.infoRows)
	listing.dimension = exposition.NewBlock(l.indexDimension, listing.numbers(func(i *ossvapi.Index) (float64, bool) {
		return float64(i.Dimension), i.Dimension > 0
	}))
	listing.created = exposition.NewBlock(l.indexCreatedTime, listing.numbers(func(i *ossvapi.Index) (float64, bool) {
		return unixSeconds(i.Created), !i.Created.IsZero()
	}))
	return listing
}

// with is the listing with its series as they have to be, see listing.with.
func (l *indexListing) with(layouts *layouts) *indexListing {
	if l.layouts == layouts {
		return l
	}
	return newIndexListing(layouts, &l.bucket, l.indexes, l.listed)
}

func (l *indexListing) infoRows(yield func([]string, float64) bool) {
	row := make([]string, 7)
	for n := range l.indexes {
		i := &l.indexes[n]
		row = append(row[:0], l.bucket.Region, l.bucket.Name, i.Name, i.DataType, i.DistanceMetric, i.Mode, i.Status)
		if !yield(row, 1) {
			return
		}
	}
}

// numbers are the rows of the indexes that have the number.
func (l *indexListing) numbers(number func(*ossvapi.Index) (float64, bool)) exposition.Rows {
	return func(yield func([]string, float64) bool) {
		row := make([]string, 3)
		for n := range l.indexes {
			value, ok := number(&l.indexes[n])
			row = append(row[:0], l.bucket.Region, l.bucket.Name, l.indexes[n].Name)
			if ok && !yield(row, value) {
				return
			}
		}
	}
}

// addBlocks adds the index series of the region's buckets.
func (v *indexView) addBlocks(l *layouts, add func(metric string, b *exposition.Block)) {
	add(indexesName, exposition.NewPassingBlock(l.indexes, v.rows(func(l *indexListing) float64 {
		return float64(len(l.indexes))
	})))
	add(indexLastSuccess, exposition.NewPassingBlock(l.indexLast, v.rows(func(l *indexListing) float64 {
		return unixSeconds(l.listed)
	})))
	for _, listing := range v.listings {
		add(indexInfo, listing.info)
		add(indexDimension, listing.dimension)
		add(indexCreated, listing.created)
	}
}

// rows are one for each bucket.
func (v *indexView) rows(value func(*indexListing) float64) exposition.Rows {
	return func(yield func([]string, float64) bool) {
		row := make([]string, 2)
		for _, l := range v.listings {
			row = append(row[:0], l.bucket.Region, l.bucket.Name)
			if !yield(row, value(l)) {
				return
			}
		}
	}
}
