package ossvtest_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/vectors"

	"ossvector_exporter/ossvapi/ossvtest"
)

// TestDemo lists every region of the demo three times, which is when the throttled one shows it.
func TestDemo(t *testing.T) {
	d := ossvtest.Demo(ossvtest.Options{})
	srv := httptest.NewServer(d)
	defer srv.Close()
	var got []string
	for _, a := range d.Accounts {
		for _, region := range a.Regions {
			c := sdk(srv.URL, region, a.Key)
			line := a.Name + " " + region
			for range 3 {
				line += " " + outcome(t, c, a.PageSize)
			}
			got = append(got, line)
		}
	}
	want := []string{
		"production cn-hangzhou 240/3 240/3 240/3",
		"production cn-shanghai 37/1 37/1 37/1",
		"production ap-southeast-1 12/1 12/1 QpsLimitExceeded",
		"production eu-central-1 0/1 0/1 0/1",
		"staging cn-hangzhou 9/1 9/1 9/1",
		"staging cn-beijing 86/1 86/1 86/1",
		"staging us-west-1 AccessDenied AccessDenied AccessDenied",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// outcome is buckets/pages of one listing, or its error's code.
func outcome(t *testing.T, c *vectors.VectorsClient, size int) string {
	t.Helper()
	p := c.NewListVectorBucketsPaginator(&vectors.ListVectorBucketsRequest{MaxKeys: int32(size)})
	buckets, pages := 0, 0
	for p.HasNext() {
		page, err := p.NextPage(t.Context())
		if err != nil {
			_, text, _ := strings.Cut(code(err), " ")
			return text
		}
		buckets, pages = buckets+len(page.Buckets), pages+1
	}
	return fmt.Sprint(buckets, "/", pages)
}

// TestDemoFitsItsConfiguration checks what the demo says of itself: quotas, ids, and indexes of every status.
func TestDemoFitsItsConfiguration(t *testing.T) {
	d := ossvtest.Demo(ossvtest.Options{})
	statuses := map[string]bool{}
	for _, a := range d.Accounts {
		indexes := 0
		for _, region := range a.Regions {
			buckets := d.Account(a.ID).Buckets(region)
			if len(buckets) > a.BucketQuota {
				t.Errorf("%s %s: %d buckets, quota %d", a.Name, region, len(buckets), a.BucketQuota)
			}
			for _, b := range buckets {
				for _, x := range d.Account(a.ID).Indexes(region, b.Name) {
					statuses[x.Status] = true
					indexes++
				}
			}
		}
		if a.Indexes != (indexes > 0) {
			t.Errorf("%s: %d indexes, Indexes %v", a.Name, indexes, a.Indexes)
		}
	}
	if len(statuses) < 3 {
		t.Errorf("statuses %v", statuses)
	}
}
