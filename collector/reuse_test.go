package collector_test

import (
	"io"
	"sync"
	"testing"
	"testing/synctest"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"ossvector_exporter/ossvapi"
)

// bucketSeries gathers and gives the series of the buckets.
func (r *rig) bucketSeries() []*dto.Metric {
	families, err := r.Gatherer(r.t.Context(), all, 0).Gather()
	if err != nil {
		r.t.Fatal(err)
	}
	return append(family(r.t, families, "ossvector_bucket_info"), family(r.t, families, "ossvector_bucket_created_timestamp_seconds")...)
}

// The series of a page that has not changed are made once.
func TestUnchangedPagesKeepTheirSeries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		one, two := page("cn-a", "a", "b"), page("cn-a", "c", "d")
		api := newCloud()
		r := newRig(t, account("prod", api, "cn-a"))
		api.set("cn-a", pages(one, two))
		before := r.bucketSeries()
		api.set("cn-a", answers{fails: denied})
		r.everything() // a failure in between forgets nothing
		api.set("cn-a", pages(one, page("cn-a", "c", "d")))
		after := r.bucketSeries()
		for i, want := range []bool{true, true, false, false, true, true, false, false} {
			if got := before[i] == after[i]; got != want {
				t.Errorf("series %d is the old one: %t, want %t", i, got, want)
			}
		}
	})
}

// What scrapes share is only read: every encoding of it may run at the same time. The race detector watches.
func TestSharedSeriesAreNeverWritten(t *testing.T) {
	api := newCloud()
	api.set("cn-a", pages(page("cn-a", "a", "b"), mixed(bucket("cn-a", "c"), bucket("cn-z", "far"))))
	api.setIndexes("cn-a", indexAnswers{indexes: []ossvapi.Index{{Name: "i", Dimension: 3}}})
	a := account("prod", api, "cn-a")
	a.Indexes = true
	r := newRig(t, a)
	var encoders sync.WaitGroup
	for _, kind := range []expfmt.FormatType{
		expfmt.TypeTextPlain, expfmt.TypeOpenMetrics, expfmt.TypeProtoDelim, expfmt.TypeProtoText, expfmt.TypeProtoCompact,
	} {
		for range 4 {
			encoders.Go(func() {
				families, err := r.Gatherer(t.Context(), all, 0).Gather()
				if err != nil {
					t.Error(err)
				}
				encoder := expfmt.NewEncoder(io.Discard, expfmt.NewFormat(kind))
				for _, f := range families {
					if err := encoder.Encode(f); err != nil {
						t.Errorf("%v: %v", kind, err)
					}
				}
			})
		}
	}
	encoders.Wait()
}
