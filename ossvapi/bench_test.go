package ossvapi

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// fullPage is a page of n buckets such as the service sends.
func fullPage(n int, next string) []byte {
	var b strings.Builder
	b.WriteString(`{"ListAllMyBucketsResult":{"Prefix":"","Marker":"","MaxKeys":1000,`)
	if next != "" {
		fmt.Fprintf(&b, `"IsTruncated":true,"NextMarker":%q,`, next)
	}
	b.WriteString(`"Buckets":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"Name":"acs:ossvector:cn-shanghai:1037350000000000:test-bucket-%06d","Region":"cn-shanghai",`+
			`"Location":"oss-cn-shanghai","CreationDate":"2014-02-07T18:12:%02d.%03dZ","ResourceGroupId":"rg-acfmxxxxxxxxxxx",`+
			`"ExtranetEndpoint":"cn-shanghai.oss-vectors.aliyuncs.com",`+
			`"IntranetEndpoint":"cn-shanghai-internal.oss-vectors.aliyuncs.com"}`, i, i%60, i%1000)
	}
	b.WriteString("]}}")
	return []byte(b.String())
}

func BenchmarkDecodePage(b *testing.B) {
	body := fullPage(1000, "x")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if page, err := decodePage(body, wholeRegion(region)); err != nil || len(page.Buckets) != 1000 {
			b.Fatal(err)
		}
	}
}

// benchmarkListing walks a listing of 1,000 buckets a page; known pages make it a walk of unchanged ones.
func benchmarkListing(b *testing.B, pages int, unchanged bool) {
	bodies := map[string]string{}
	for i := range pages {
		marker, next := fmt.Sprint(i), fmt.Sprint(i+1)
		if i == 0 {
			marker = ""
		}
		if i == pages-1 {
			next = ""
		}
		bodies[marker] = string(fullPage(1000, next))
	}
	c, _ := newClient(byMarker(bodies), func(o *Options) { o.Observer = quiet{} })
	known, err := list(b.Context(), c, nil)
	if err != nil || len(known) != pages {
		b.Fatal(len(known), err)
	}
	if !unchanged {
		known = nil
	}
	b.ReportAllocs()
	for b.Loop() {
		if got, err := list(b.Context(), c, known); err != nil || len(got) != pages || unchanged && got[0] != known[0] {
			b.Fatal(len(got), err)
		}
	}
}

func BenchmarkPageChanged(b *testing.B)    { benchmarkListing(b, 1, false) }
func BenchmarkPageUnchanged(b *testing.B)  { benchmarkListing(b, 1, true) }
func BenchmarkList100Pages(b *testing.B)   { benchmarkListing(b, 100, false) }
func BenchmarkRelist100Pages(b *testing.B) { benchmarkListing(b, 100, true) }

func BenchmarkSign(b *testing.B) {
	c, _ := newClient(nil)
	r, err := c.bucketsRequest(region)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		r.page(r, "marker")
		if _, err := c.sign(context.WithoutCancel(b.Context()), r, testKey()); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRefusal(b *testing.B) {
	c, _ := newClient(answer(http.StatusForbidden, expired, "X-Oss-Request-Id", "5C3D9175B6FC201293AD"),
		noRenewal, func(o *Options) { o.Observer = quiet{} })
	b.ReportAllocs()
	for b.Loop() {
		if _, err := list(b.Context(), c, nil); err == nil {
			b.Fatal("no error")
		}
	}
}
