package ossvapi

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/vectors"
	"github.com/google/go-cmp/cmp"

	"ossvector_exporter/ossvapi/ossvtest"
)

// row is a bucket in the words of both clients.
type row struct {
	Name, Region, Location, Extranet, Intranet, Group string
	Created                                           time.Time
}

func (w world) buckets(t *testing.T, region string) (rows []row, pages int) {
	for page, err := range w.client(t).Buckets(t.Context(), region, nil) {
		if err != nil {
			t.Fatal(err)
		}
		pages++
		for _, b := range page.Buckets {
			name := b.Name
			if b.ARN != "" {
				name = b.ARN
			}
			rows = append(rows, row{
				Name: name, Region: b.Region, Location: b.Location, Extranet: b.ExtranetEndpoint, Intranet: b.IntranetEndpoint,
				Group: b.ResourceGroupID, Created: b.Created,
			})
		}
	}
	return rows, pages
}

func (w world) oracleBuckets(t *testing.T, region string) (rows []row, pages int) {
	ask := &vectors.ListVectorBucketsRequest{MaxKeys: int32(w.size)}
	if w.prefix != "" {
		ask.Prefix = &w.prefix
	}
	if w.group != "" {
		ask.ResourceGroupId = &w.group
	}
	for p := w.sdk(region).NewListVectorBucketsPaginator(ask); p.HasNext(); pages++ {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range page.Buckets {
			rows = append(rows, row{
				Name: oss.ToString(b.Name), Region: oss.ToString(b.Region), Location: oss.ToString(b.Location),
				Extranet: oss.ToString(b.ExtranetEndpoint), Intranet: oss.ToString(b.IntranetEndpoint),
				Group: oss.ToString(b.ResourceGroupId), Created: oss.ToTime(b.CreationDate),
			})
		}
	}
	return rows, pages
}

// On listings that are well-formed, our client and the vendor's see the same buckets on the same number of pages.
func TestBucketsAgreeWithTheVendorsClient(t *testing.T) {
	total := 0
	for seed := range uint64(24) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			w := newWorld(t, rand.New(rand.NewPCG(seed, 1)))
			for _, region := range []string{home, abroad, "cn-empty"} {
				want, wantPages := w.oracleBuckets(t, region)
				got, pages := w.buckets(t, region)
				if diff := cmp.Diff(want, got, cmp.Comparer(time.Time.Equal)); diff != "" || pages != wantPages {
					t.Errorf("%s: %d pages, want %d; buckets (-vendor +ours):\n%s", region, pages, wantPages, diff)
				}
				total += len(got)
			}
		})
	}
	if total < 500 {
		t.Errorf("only %d buckets were compared", total)
	}
}

// indexRow is an index in the words of both clients.
type indexRow struct {
	Name, DataType, Metric, Mode, Status string
	Dimension                            int
	Created                              time.Time
}

func (w world) indexes(t *testing.T, region, bucket string) (rows []indexRow) {
	indexes, err := w.client(t).Indexes(t.Context(), Bucket{Name: bucket, AccountID: account, Region: region})
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range indexes {
		rows = append(rows, indexRow{
			Name: i.Name, DataType: i.DataType, Metric: i.DistanceMetric, Mode: i.Mode, Status: i.Status,
			Dimension: i.Dimension, Created: i.Created,
		})
	}
	return rows
}

func (w world) oracleIndexes(t *testing.T, region, bucket string) (rows []indexRow) {
	ask := &vectors.ListVectorIndexesRequest{Bucket: &bucket, MaxResults: w.size}
	for p := w.sdk(region).NewListVectorIndexesPaginator(ask); p.HasNext(); {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range page.Indexes {
			rows = append(rows, indexRow{
				Name: oss.ToString(i.IndexName), DataType: oss.ToString(i.DataType), Metric: oss.ToString(i.DistanceMetric),
				Mode: oss.ToString(i.Mode), Status: oss.ToString(i.Status), Dimension: oss.ToInt(i.Dimension),
				Created: oss.ToTime(i.CreateTime),
			})
		}
	}
	return rows
}

func TestIndexesAgreeWithTheVendorsClient(t *testing.T) {
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 2))
			w := newWorld(t, r)
			w.account.Put(home, ossvtest.Bucket{Name: "few"}, ossvtest.Bucket{Name: "none"})
			w.account.FillIndexes(home, r.IntN(3))
			w.account.Put(home, ossvtest.Bucket{Name: "many"})
			many := make([]ossvtest.Index, 501+r.IntN(1000)) // more than a page of ours
			for i := range many {
				many[i] = ossvtest.Index{Name: fmt.Sprintf("index%05d", i), Status: "enable", Dimension: i}
			}
			w.account.PutIndexes(home, "many", many...)
			w.size += 100
			for _, bucket := range []string{"few", "none", "many"} {
				want := w.oracleIndexes(t, home, bucket)
				if diff := cmp.Diff(want, w.indexes(t, home, bucket), cmp.Comparer(time.Time.Equal)); diff != "" {
					t.Errorf("%s: indexes (-vendor +ours):\n%s", bucket, diff)
				}
				if bucket == "many" && len(want) < 501 {
					t.Errorf("only %d indexes were compared", len(want))
				}
			}
		})
	}
}

// What the service refuses, it refuses both.
func TestRefusalsAgreeWithTheVendorsClient(t *testing.T) {
	w := newWorld(t, rand.New(rand.NewPCG(1, 3)))
	for what, edit := range map[string]func(*world){
		"unknown key":  func(w *world) { w.key.ID = "LTAI5tUnknown" },
		"wrong secret": func(w *world) { w.key.Secret += "x" },
		"wrong token":  func(w *world) { w.key.Token = "CAISother" },
	} {
		t.Run(what, func(t *testing.T) {
			w := w
			edit(&w)
			_, err := w.sdk(home).ListVectorBuckets(t.Context(), &vectors.ListVectorBucketsRequest{})
			var want *oss.ServiceError
			if !errors.As(err, &want) {
				t.Fatal(err)
			}
			for _, err := range w.client(t).Buckets(t.Context(), home, nil) {
				var got *Error
				if !errors.As(err, &got) || got.Code != want.Code || got.Status != want.StatusCode || got.RequestID == "" ||
					got.Reason != InvalidCredentials || strings.Contains(got.Error(), w.key.Secret) {
					t.Errorf("got %v, want %v", err, want)
				}
			}
		})
	}
}
