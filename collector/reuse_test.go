package collector_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/common/expfmt"

	"ossvector_exporter/internal/exposition"
	"ossvector_exporter/ossvapi"
)

// blocks gathers and gives the blocks of a family.
func (r *rig) blocks(metric string) []*exposition.Block {
	families, err := r.Gatherer(r.t.Context(), all, 0).(exposition.Gatherer)()
	if err != nil {
		r.t.Fatal(err)
	}
	i := slices.IndexFunc(families, func(f *exposition.Family) bool { return f.Name() == metric })
	return families[i].Blocks()
}

// The series of a page that has not changed are made once.
func TestUnchangedPagesKeepTheirSeries(t *testing.T) {
	for _, metric := range []string{"ossvector_bucket_info", "ossvector_bucket_created_timestamp_seconds"} {
		synctest.Test(t, func(t *testing.T) {
			api := newCloud()
			r := newRig(t, account("prod", api, "cn-a"))
			api.set("cn-a", pages(page("cn-a", "a", "b"), page("cn-a", "c", "d"), mixed(bucket("cn-a", "f"))))
			before := r.blocks(metric)
			api.set("cn-a", answers{fails: denied})
			r.everything()                                                                                     // a failure in between forgets nothing
			api.set("cn-a", pages(page("cn-a", "a", "b"), page("cn-a", "c", "e"), mixed(bucket("cn-a", "f")))) // the last without a revision
			after := r.blocks(metric)
			for i, want := range []bool{true, false, false} {
				if got := before[i] == after[i]; got != want {
					t.Errorf("%s: block %d is the old one: %t, want %t", metric, i, got, want)
				}
			}
		})
	}
}

// Where each region lists the buckets of all, what they come to is put together once, until one of them lists another.
func TestUnchangedListingsOfTheWholeAccountKeepTheirSeries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		everything := mixed(bucket("cn-a", "a"), bucket("cn-b", "b"))
		everything.Revision = 7
		r := newRig(t, account("prod", api, "cn-a", "cn-b"))
		api.set("cn-a", pages(everything))
		api.set("cn-b", pages(everything))
		before := r.blocks("ossvector_bucket_info")
		if after := r.blocks("ossvector_bucket_info"); len(before) != 2 || !slices.Equal(before, after) {
			t.Errorf("blocks %v, then %v", before, after)
		}
		api.set("cn-b", answers{fails: denied})
		if after := r.blocks("ossvector_bucket_info"); len(after) != 1 {
			t.Errorf("%d blocks while cn-b fails", len(after))
		}
		api.set("cn-b", pages(mixed(bucket("cn-b", "another"))))
		if got := infoNames(r.everything()); !slices.Equal(got, []string{"cn-a/a", "cn-b/b", "cn-b/another"}) {
			t.Errorf("buckets %q", got)
		}
	})
}

// The series of indexes that are not listed again are made once.
func TestKnownIndexesKeepTheirSeries(t *testing.T) {
	for _, metric := range []string{"ossvector_index_info", "ossvector_index_dimension", "ossvector_index_created_timestamp_seconds"} {
		synctest.Test(t, func(t *testing.T) {
			api := newCloud()
			api.set("cn-a", pages(page("cn-a", "a", "b")))
			api.setIndexes("cn-a", indexAnswers{indexes: []ossvapi.Index{{Name: "i", Dimension: 3}}})
			r := newRig(t, indexed(api, time.Hour, "cn-a"))
			if before, after := r.blocks(metric), r.blocks(metric); len(before) != 2 || !slices.Equal(before, after) {
				t.Errorf("%s: blocks %v, then %v", metric, before, after)
			}
		})
	}
}

// What scrapes share is only read: every encoding of it may run at the same time. The race detector watches.
func TestSharedSeriesAreNeverWritten(t *testing.T) {
	api := newCloud()
	api.set("cn-a", pages(page("cn-a", "a", "b"), mixed(bucket("cn-a", "c"), bucket("cn-z", "far"))))
	api.setIndexes("cn-a", indexAnswers{indexes: []ossvapi.Index{{Name: "i", Dimension: 3}}})
	a := account("prod", api, "cn-a")
	a.Indexes = true
	r := newRig(t, a)
	encoder := exposition.NewEncoder()
	var clients sync.WaitGroup
	for _, kind := range []expfmt.FormatType{
		expfmt.TypeTextPlain, expfmt.TypeOpenMetrics, expfmt.TypeProtoDelim, expfmt.TypeProtoText, expfmt.TypeProtoCompact,
	} {
		for range 4 {
			clients.Go(func() {
				families, err := r.Gatherer(t.Context(), all, 0).(exposition.Gatherer)()
				if err != nil {
					t.Error(err)
				}
				request := httptest.NewRequest(http.MethodGet, "/", http.NoBody)
				request.Header = http.Header{"Accept": {string(expfmt.NewFormat(kind))}, "Accept-Encoding": {"gzip"}}
				if err := encoder.Serve(httptest.NewRecorder(), request, families); err != nil {
					t.Errorf("%v: %v", kind, err)
				}
			})
		}
	}
	clients.Wait()
}

// broken is a client that has hung up.
type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

// Who hangs up in the middle of the series ends the walk over them.
func TestSeriesEndEarly(t *testing.T) {
	api := newCloud()
	spread(api, "cn-a", 1000) // more than is sent at once
	r := newRig(t, account("prod", api, "cn-a"))
	families, err := r.Gatherer(t.Context(), all, 0).(exposition.Gatherer)()
	if err != nil {
		t.Fatal(err)
	}
	if err := exposition.NewEncoder().WriteText(broken{}, families); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v", err)
	}
}
