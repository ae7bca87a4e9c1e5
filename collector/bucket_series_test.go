package collector_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

func TestBucketSeries(t *testing.T) {
	at := func(text string) time.Time {
		parsed, err := time.Parse(time.RFC3339Nano, text)
		if err != nil {
			t.Fatal(err)
		}
		return parsed
	}
	for name, tt := range map[string]struct {
		bucket ossvapi.Bucket
		want   string
	}{
		"a plain name": {
			ossvapi.Bucket{Name: "one", Region: "cn-a"}, `
ossvector_bucket_info{account="prod",arn="",bucket="one",creation_date="",extranet_endpoint="",intranet_endpoint="",location="",region="cn-a",resource_group_id=""} 1`,
		},
		"a date that is none": {
			ossvapi.Bucket{Name: "one", Region: "cn-a", CreationDate: "yesterday \"\\\n"}, `
ossvector_bucket_info{account="prod",arn="",bucket="one",creation_date="yesterday \"\\\n",extranet_endpoint="",intranet_endpoint="",location="",region="cn-a",resource_group_id=""} 1`,
		},
		"a fraction of a second": {
			ossvapi.Bucket{Name: "one", Region: "cn-a", CreationDate: "odd", Created: at("2014-02-07T18:12:43.125Z")}, `
ossvector_bucket_created_timestamp_seconds{account="prod",bucket="one",region="cn-a"} 1.391796763125e+09
ossvector_bucket_info{account="prod",arn="",bucket="one",creation_date="odd",extranet_endpoint="",intranet_endpoint="",location="",region="cn-a",resource_group_id=""} 1`,
		},
		"before 1970, in another zone": {
			ossvapi.Bucket{Name: "one", Region: "cn-a", Created: at("1969-12-31T23:59:58.5+01:00")}, `
ossvector_bucket_created_timestamp_seconds{account="prod",bucket="one",region="cn-a"} -3601.5
ossvector_bucket_info{account="prod",arn="",bucket="one",creation_date="",extranet_endpoint="",intranet_endpoint="",location="",region="cn-a",resource_group_id=""} 1`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				api := newCloud()
				api.set("cn-a", pages(mixed(tt.bucket)))
				r := newRig(t, account("prod", api, "cn-a"))
				same(t, only(r.everything(), "ossvector_bucket_"), tt.want)
				// Beside a duplicate the buckets go another way.
				api.set("cn-a", pages(mixed(tt.bucket, tt.bucket)))
				same(t, only(r.everything(), "ossvector_bucket_"), tt.want)
			})
		})
	}
}

// Buckets without a date stand among others that have one.
func TestDatesOfSomeBucketsOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := newCloud()
		dateless := bucket("cn-a", "b")
		dateless.Created = time.Time{}
		api.set("cn-a", pages(mixed(bucket("cn-a", "a"), dateless, bucket("cn-a", "c"))))
		text := newRig(t, account("prod", api, "cn-a")).everything()
		same(t, only(text, "ossvector_bucket_created"), golden(`
			bucket_created_timestamp_seconds{cn-a a} 1.76732304525e+09
			bucket_created_timestamp_seconds{cn-a c} 1.76732304525e+09`))
		if names := infoNames(text); len(names) != 3 {
			t.Errorf("info of %v", names)
		}
	})
}

// family gives the series of a name.
func family(t testing.TB, families []*dto.MetricFamily, name string) []*dto.Metric {
	t.Helper()
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()
		}
	}
	t.Fatalf("no %s", name)
	return nil
}

// everyKind is a collector whose scrape shows every series that there is.
func everyKind(t testing.TB) *rig {
	api := newCloud()
	api.set("cn-a", pages(mixed(bucket("cn-a", "one"), bucket("cn-z", "far"))))
	api.set("cn-b", answers{fails: denied})
	api.setIndexes("cn-a", indexAnswers{indexes: []ossvapi.Index{{
		Name: "i", DataType: "float32", DistanceMetric: "cosine", Mode: "m", Status: "ready", Dimension: 8, Created: time.Unix(1, 0),
	}}})
	a := account("prod", api, "cn-a", "cn-b")
	a.Indexes, a.BucketQuota = true, 7
	return newRig(t, a)
}

func TestLintHasNothingToSay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := everyKind(t)
		problems, err := promlint.New(strings.NewReader(r.everything())).Lint()
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Errorf("%s: %s", p.Metric, p.Text)
		}
		families, _ := r.Gatherer(t.Context(), collector.Selection{}, 0).Gather()
		if len(families) != 19 {
			t.Errorf("%d families were looked at, want all 19", len(families))
		}
		for _, f := range families {
			if f.GetHelp() == "" {
				t.Errorf("%s has no help", f.GetName())
			}
		}
	})
}
