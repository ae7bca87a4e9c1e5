package ossvtest_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/vectors"

	"ossvector_exporter/ossvapi/ossvtest"
)

// A region is served, and then denies the second page of each listing.
func Example() {
	service := ossvtest.New(ossvtest.Options{Seed: 1})
	srv := httptest.NewServer(service)
	defer srv.Close()
	account := service.AddAccount(accountID, ossvtest.Key{ID: "LTAItest", Secret: "secret"})
	account.Fill("cn-hangzhou", 3)

	list := func(marker string) {
		client := sdk(srv.URL, "cn-hangzhou", ossvtest.Key{ID: "LTAItest", Secret: "secret"})
		page, err := client.ListVectorBuckets(context.Background(), &vectors.ListVectorBucketsRequest{Marker: &marker, MaxKeys: 2})
		if err != nil {
			fmt.Println(code(err))
			return
		}
		fmt.Println(len(page.Buckets), "buckets, more:", page.IsTruncated)
	}
	second := account.Buckets("cn-hangzhou")[1].Name
	list("")
	list(second)

	service.Inject(ossvtest.Fault{Match: ossvtest.Match{Page: 2}, Do: ossvtest.Deny()})
	service.Inject(ossvtest.Fault{Times: 1, Do: ossvtest.Throttle(http.StatusTooManyRequests, "1")})
	list("")
	list("")
	list(second)
	fmt.Println(service.Count(ossvtest.Match{Region: "cn-hangzhou"}), "requests")
	// Output:
	// 2 buckets, more: true
	// 1 buckets, more: false
	// 429 QpsLimitExceeded
	// 2 buckets, more: true
	// 403 AccessDenied
	// 5 requests
}
