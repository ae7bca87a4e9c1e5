package ossvtest_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/retry"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/vectors"

	"ossvector_exporter/ossvapi/ossvtest"
)

const (
	accountID = "1037350000000000"
	otherID   = "1037350000000001"
	hangzhou  = "cn-hangzhou"
	shanghai  = "cn-shanghai"
)

func key() ossvtest.Key { return ossvtest.Key{ID: "LTAItest", Secret: "secret of test"} }

// serve starts a service with one account.
func serve(t *testing.T, o ossvtest.Options) (*ossvtest.Server, *ossvtest.Account, string) {
	t.Helper()
	s := ossvtest.New(o)
	srv := httptest.NewServer(s)
	t.Cleanup(srv.Close)
	return s, s.AddAccount(accountID, key()), srv.URL
}

// sdk is the vendor's own client, unchanged but for its retries.
func sdk(url, region string, k ossvtest.Key) *vectors.VectorsClient {
	return vectors.NewVectorsClient(oss.LoadDefaultConfig().
		WithCredentialsProvider(credentials.NewStaticCredentialsProvider(k.ID, k.Secret, k.Token)).
		WithRegion(region).WithEndpoint(url).WithAccountId(accountID).WithRetryer(retry.NopRetryer{}))
}

// listed walks all pages with the SDK's paginator and returns region and plain name of each bucket.
func listed(t *testing.T, c *vectors.VectorsClient, ask *vectors.ListVectorBucketsRequest) (names []string, pages int) {
	t.Helper()
	p := c.NewListVectorBucketsPaginator(ask)
	for p.HasNext() {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatalf("page %d: %v", pages+1, err)
		}
		pages++
		for _, b := range page.Buckets {
			names = append(names, oss.ToString(b.Region)+"/"+plain(oss.ToString(b.Name)))
		}
	}
	return names, pages
}

func plain(arn string) string { return arn[strings.LastIndexByte(arn, ':')+1:] }

// listedIndexes walks all pages with the SDK's paginator.
func listedIndexes(t *testing.T, c *vectors.VectorsClient, ask *vectors.ListVectorIndexesRequest) (names []string, pages int) {
	t.Helper()
	p := c.NewListVectorIndexesPaginator(ask)
	for p.HasNext() {
		page, err := p.NextPage(t.Context())
		if err != nil {
			t.Fatalf("page %d: %v", pages+1, err)
		}
		pages++
		for _, x := range page.Indexes {
			names = append(names, oss.ToString(x.IndexName))
		}
	}
	return names, pages
}

// code is the service's error code in the SDK's error.
func code(err error) string {
	var e *oss.ServiceError
	if errors.As(err, &e) {
		return fmt.Sprintf("%d %s", e.StatusCode, e.Code)
	}
	return fmt.Sprint(err)
}

func TestSDKListsBuckets(t *testing.T) {
	_, a, url := serve(t, ossvtest.Options{Seed: 1})
	a.Put(hangzhou, ossvtest.Bucket{
		Name: "first", CreationDate: "2026-01-02T03:04:05.000Z", ResourceGroupID: "rg-1",
	})
	got, err := sdk(url, hangzhou, key()).ListVectorBuckets(t.Context(), &vectors.ListVectorBucketsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(got.Buckets); n != 1 || got.IsTruncated || got.Prefix != nil || got.NextMarker != nil || got.MaxKeys != 0 {
		t.Errorf("%d buckets, %+v", n, got)
	}
	b := got.Buckets[0]
	text := fmt.Sprint(*b.Name, " ", *b.Region, " ", *b.Location, " ", b.CreationDate.UTC(), " ", *b.ExtranetEndpoint, " ",
		*b.IntranetEndpoint, " ", *b.ResourceGroupId)
	want := "acs:ossvector:cn-hangzhou:1037350000000000:first cn-hangzhou oss-cn-hangzhou 2026-01-02 03:04:05 +0000 UTC " +
		"cn-hangzhou.oss-vectors.aliyuncs.com cn-hangzhou-internal.oss-vectors.aliyuncs.com rg-1"
	if text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	if got.Headers.Get("X-Oss-Request-Id") == "" || got.Headers.Get("Date") == "" {
		t.Errorf("headers %v", got.Headers)
	}
}

// TestSDKPaging compares the SDK's walks over random inventories with what is in them.
func TestSDKPaging(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 0))
		o := ossvtest.Options{
			Seed: seed, PlainNames: seed%2 == 0, OpaqueMarkers: seed%3 == 0, WholeAccount: seed%5 == 0,
		}
		s, a, url := serve(t, o)
		a.Fill(hangzhou, r.IntN(150))
		a.Fill(shanghai, r.IntN(50))
		for range r.IntN(10) { // names that several regions have, and prefixes of each other
			name := strings.Repeat("a", 1+r.IntN(3)) + pick(r, "", "-b", "-c", "0")
			a.Put(pick(r, hangzhou, shanghai), ossvtest.Bucket{Name: name})
			a.Put(pick(r, hangzhou, shanghai), ossvtest.Bucket{Name: name})
		}
		ask := &vectors.ListVectorBucketsRequest{MaxKeys: 1 + r.Int32N(40)}
		if seed%7 == 0 {
			ask.MaxKeys = 0
		}
		if prefix := pick(r, "", "a", "aa-", "c", "docs-", "zz"); prefix != "" {
			ask.Prefix = oss.Ptr(prefix)
		}
		if group := pick(r, "", "", "rg-aek2demo00000001", "rg-none"); group != "" {
			ask.ResourceGroupId = oss.Ptr(group)
		}
		want := expected(a, o.WholeAccount, oss.ToString(ask.Prefix), oss.ToString(ask.ResourceGroupId))
		got, pages := listed(t, sdk(url, hangzhou, key()), ask)
		if !slices.Equal(got, want) {
			t.Errorf("seed %d, %v:\ngot  %v\nwant %v", seed, ask, got, want)
		}
		size := int(ask.MaxKeys)
		if size == 0 {
			size = 100
		}
		if n := max(1, (len(want)+size-1)/size); pages != n {
			t.Errorf("seed %d: %d pages of %d for %d buckets, want %d", seed, pages, size, len(want), n)
		}
		if n := s.Count(ossvtest.Match{Page: pages}); n != 1 {
			t.Errorf("seed %d: the last page counted %d times", seed, n)
		}
	}
}

// expected sorts and filters in the plainest way there is.
func expected(a *ossvtest.Account, whole bool, prefix, group string) []string {
	var all []string
	for _, region := range []string{hangzhou, shanghai} {
		for _, b := range a.Buckets(region) {
			if (whole || region == hangzhou) && strings.HasPrefix(b.Name, prefix) && (group == "" || b.ResourceGroupID == group) {
				all = append(all, b.Name+" "+region)
			}
		}
	}
	slices.Sort(all)
	for i, s := range all {
		name, region, _ := strings.Cut(s, " ")
		all[i] = region + "/" + name
	}
	return all
}

func pick(r *rand.Rand, of ...string) string { return of[r.IntN(len(of))] }

func TestSDKListsIndexes(t *testing.T) {
	_, a, url := serve(t, ossvtest.Options{})
	a.Put(hangzhou, ossvtest.Bucket{Name: "bucket-a"})
	a.PutIndexes(hangzhou, "bucket-a", ossvtest.Index{
		Name: "i1", CreateTime: "2025-08-02T10:49:17.289372919Z", DataType: "float32", Dimension: 128,
		DistanceMetric: "cosine", Mode: "standard", Status: "enable",
	})
	got, err := sdk(url, hangzhou, key()).ListVectorIndexes(t.Context(),
		&vectors.ListVectorIndexesRequest{Bucket: oss.Ptr("bucket-a")})
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Indexes) != 1 || got.NextToken != nil {
		t.Fatalf("%+v", got)
	}
	x := got.Indexes[0]
	text := fmt.Sprint(*x.IndexName, " ", x.CreateTime.UTC(), " ", *x.DataType, " ", *x.Dimension, " ", *x.DistanceMetric, " ",
		*x.Mode, " ", *x.Status, " ", *x.BucketArn, " ", *x.VectorBucketName, " ", x.Metadata)
	want := "i1 2025-08-02 10:49:17.289372919 +0000 UTC float32 128 cosine standard enable " +
		"acs:ossvector:cn-hangzhou:1037350000000000:bucket-a bucket-a map[nonFilterableMetadataKeys:[]]"
	if text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
}

func TestSDKPagesIndexes(t *testing.T) {
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 1))
		_, a, url := serve(t, ossvtest.Options{Seed: seed, OpaqueMarkers: seed%2 == 0})
		a.Put(hangzhou, ossvtest.Bucket{Name: "bucket-a"})
		a.FillIndexes(hangzhou, r.IntN(130))
		ask := &vectors.ListVectorIndexesRequest{Bucket: oss.Ptr("bucket-a"), MaxResults: r.IntN(40)}
		prefix := pick(r, "", "body", "t", "x")
		if prefix != "" {
			ask.Prefix = oss.Ptr(prefix)
		}
		var want []string
		for _, x := range a.Indexes(hangzhou, "bucket-a") {
			if strings.HasPrefix(x.Name, prefix) {
				want = append(want, x.Name)
			}
		}
		got, pages := listedIndexes(t, sdk(url, hangzhou, key()), ask)
		if !slices.Equal(got, want) || !slices.IsSorted(got) {
			t.Errorf("seed %d: got %v, want %v", seed, got, want)
		}
		size := ask.MaxResults
		if size == 0 {
			size = 100
		}
		if n := max(1, (len(want)+size-1)/size); pages != n {
			t.Errorf("seed %d: %d pages, want %d", seed, pages, n)
		}
	}
}

func TestSDKSeesErrors(t *testing.T) {
	_, _, url := serve(t, ossvtest.Options{})
	for _, c := range []struct {
		name string
		call func(context.Context) error
		want string
	}{
		{"unknown key", func(ctx context.Context) error {
			_, err := sdk(url, hangzhou, ossvtest.Key{ID: "LTAIother", Secret: "s"}).ListVectorBuckets(ctx, nil)
			return err
		}, "403 InvalidAccessKeyId"},
		{"no such bucket", func(ctx context.Context) error {
			_, err := sdk(url, hangzhou, key()).ListVectorIndexes(ctx, &vectors.ListVectorIndexesRequest{Bucket: oss.Ptr("none")})
			return err
		}, "404 NoSuchBucket"},
		{"bucket's information", func(ctx context.Context) error {
			_, err := sdk(url, hangzhou, key()).GetVectorBucket(ctx, &vectors.GetVectorBucketRequest{Bucket: oss.Ptr("some")})
			return err
		}, "501 NotImplemented"},
		{"other operation", func(ctx context.Context) error {
			_, err := sdk(url, hangzhou, key()).PutVectorBucket(ctx, &vectors.PutVectorBucketRequest{Bucket: oss.Ptr("new")})
			return err
		}, "501 NotImplemented"},
	} {
		if got := code(c.call(t.Context())); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
}
