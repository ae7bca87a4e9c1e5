package ossvtest_test

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/vectors"

	"ossvector_exporter/ossvapi/ossvtest"
)

// put adds buckets that have nothing but a name.
func put(a *ossvtest.Account, region string, names ...string) {
	for _, name := range names {
		a.Put(region, ossvtest.Bucket{Name: name})
	}
}

// result is a page of buckets as the documentation draws it, with what is absent told from what is zero.
type result struct {
	ListAllMyBucketsResult struct {
		Prefix, Marker, NextMarker *string
		MaxKeys                    *int
		IsTruncated                *bool
		Buckets                    []map[string]string
	}
}

func decode(t *testing.T, body string) (r result, names string) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(&r); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	var all []string
	for _, b := range r.ListAllMyBucketsResult.Buckets {
		all = append(all, plain(b["Name"]))
	}
	return r, strings.Join(all, " ")
}

func TestTruncatedPage(t *testing.T) {
	_, a, url := serve(t, ossvtest.Options{Now: noon})
	put(a, hangzhou, "my-a", "my-b", "my-c", "my-d", "other")
	_, body := raw{key: key(), query: "prefix=my&marker=my-a&max-keys=2"}.send(t, url)
	head := `{"ListAllMyBucketsResult":{"Prefix":"my","Marker":"my-a","MaxKeys":2,"IsTruncated":true,"NextMarker":"my-c",` +
		`"Buckets":[{"Name":"acs:ossvector:cn-hangzhou:1037350000000000:my-b",`
	if !strings.HasPrefix(body, head) {
		t.Errorf("got %s", body)
	}
	if _, names := decode(t, body); names != "my-b my-c" {
		t.Errorf("names %s", names)
	}
}

func TestCompletePagesSayNothing(t *testing.T) {
	_, a, url := serve(t, ossvtest.Options{Now: noon, PlainNames: true})
	put(a, hangzhou, "a", "b", "c")
	for query, want := range map[string]string{
		"":                             "a b c",
		"max-keys=3":                   "a b c",
		"marker=a&max-keys=2":          "b c",
		"marker=aa":                    "b c", // need not exist
		"marker=c":                     "",
		"marker=zzz":                   "",
		"prefix=b":                     "b",
		"prefix=b&marker=a":            "b",
		"prefix=b&marker=0":            "b",
		"prefix=b&marker=0&max-keys=1": "b",
		"prefix=a&marker=b":            "",
		"prefix=&marker=":              "a b c",
		"max-keys=":                    "a b c",
		"prefix=B":                     "",
		"max-keys=1000&unknown":        "a b c",
	} {
		_, body := raw{key: key(), query: query}.send(t, url)
		r, names := decode(t, body)
		l := r.ListAllMyBucketsResult
		if l.Prefix != nil || l.Marker != nil || l.NextMarker != nil || l.MaxKeys != nil || l.IsTruncated != nil {
			t.Errorf("%s: has paging fields: %s", query, body)
		}
		if names != want || l.Buckets == nil {
			t.Errorf("%s: %q, want %q (%s)", query, names, want, body)
		}
	}
}

func TestAbsentFields(t *testing.T) {
	_, a, url := serve(t, ossvtest.Options{Now: noon, PlainNames: true})
	a.Put(hangzhou, ossvtest.Bucket{Name: "a", Location: "oss-x", ExtranetEndpoint: "e", IntranetEndpoint: "i"})
	_, body := raw{key: key()}.send(t, url)
	want := `{"ListAllMyBucketsResult":{"Buckets":[{"Name":"a","Region":"cn-hangzhou","Location":"oss-x",` +
		`"ExtranetEndpoint":"e","IntranetEndpoint":"i"}]}}`
	if body != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
}

func TestBadLimits(t *testing.T) {
	_, a, url := serve(t, ossvtest.Options{Now: noon})
	put(a, hangzhou, "bucket-a")
	for _, ask := range []raw{
		{query: "max-keys=0"}, {query: "max-keys=1001"}, {query: "max-keys=-1"}, {query: "max-keys=x"}, {query: "max-keys=1.5"},
		{bucket: "bucket-a", body: `{"maxResults":-1}`}, {bucket: "bucket-a", body: `{"maxResults":501}`},
		{bucket: "bucket-a", body: `{"maxResults":"x"}`}, {bucket: "bucket-a", body: `{`}, {bucket: "bucket-a", body: `[]`},
	} {
		ask.key = key()
		resp, body := ask.send(t, url)
		if resp.StatusCode != http.StatusBadRequest || !strings.Contains(body, `"Code":"InvalidArgument"`) {
			t.Errorf("%s%s: %d %s", ask.query, ask.body, resp.StatusCode, body)
		}
	}
}

func TestIndexPages(t *testing.T) {
	_, a, url := serve(t, ossvtest.Options{Now: noon})
	put(a, hangzhou, "bucket-a")
	for _, name := range []string{"x3", "x1", "x2", "y1"} {
		a.PutIndexes(hangzhou, "bucket-a", ossvtest.Index{Name: name})
	}
	const rest = `,"bucketArn":"acs:ossvector:cn-hangzhou:1037350000000000:bucket-a","vectorBucketName":"bucket-a",` +
		`"metadata":{"nonFilterableMetadataKeys":[]}}`
	for ask, want := range map[string]string{
		`{"maxResults":1,"prefix":"x","nextToken":"x1"}`: `{"indexes":[{"indexName":"x2"` + rest + `],"nextToken":"x2"}`,
		`{"maxResults":500,"nextToken":"x3"}`:            `{"indexes":[{"indexName":"y1"` + rest + `]}`,
		`{"prefix":"z"}`:                                 `{"indexes":[]}`,
		`{"prefix":"x","nextToken":"y1"}`:                `{"indexes":[]}`,
		`{"prefix":"y","nextToken":"a"}`:                 `{"indexes":[{"indexName":"y1"` + rest + `]}`,
	} {
		_, body := raw{key: key(), bucket: "bucket-a", body: ask}.send(t, url)
		if body != want {
			t.Errorf("%s:\ngot  %s\nwant %s", ask, body, want)
		}
	}
}

// TestOpaqueMarkers holds that nobody can guess a marker, and that its special characters need care.
func TestOpaqueMarkers(t *testing.T) {
	_, a, url := serve(t, ossvtest.Options{Now: noon, OpaqueMarkers: true})
	put(a, hangzhou, "a", "b", "c")
	_, body := raw{key: key(), query: "max-keys=1"}.send(t, url)
	r, _ := decode(t, body)
	marker := *r.ListAllMyBucketsResult.NextMarker
	if marker != "CAES"+base64.StdEncoding.EncodeToString([]byte("?>a")) {
		t.Errorf("marker %s", marker)
	}
	for query, want := range map[string]string{
		encoded("marker", marker): "b c", "marker=a": "b c", encoded("marker", "CAES*"): "a b c",
	} {
		_, body := raw{key: key(), query: query}.send(t, url)
		if _, names := decode(t, body); names != want {
			t.Errorf("%s: %s, want %s", query, names, want)
		}
	}
}

// TestChangesBetweenPages holds that a marker outlives the bucket that it names, and that no listing is stale.
func TestChangesBetweenPages(t *testing.T) {
	for _, whole := range []bool{false, true} {
		_, a, url := serve(t, ossvtest.Options{Now: noon, WholeAccount: whole})
		put(a, hangzhou, "a", "b", "c", "d")
		for _, c := range []struct {
			change func()
			query  string
			want   string
		}{
			{func() {}, "", "a b c d"},
			{func() { a.Remove(hangzhou, "b", "d", "none") }, "marker=b", "c"},
			{func() { put(a, hangzhou, "a2", "e") }, "marker=a", "a2 c e"},
			{func() { a.Remove("cn-none", "e") }, "", "a a2 c e"},
		} {
			c.change()
			_, body := raw{key: key(), query: c.query}.send(t, url)
			if _, names := decode(t, body); names != c.want {
				t.Errorf("whole account %v: %s, want %s", whole, names, c.want)
			}
		}
	}
}

// TestSameNameInTwoRegions holds that a listing of the whole account loses none of them between two pages.
func TestSameNameInTwoRegions(t *testing.T) {
	for _, opaque := range []bool{false, true} {
		_, a, url := serve(t, ossvtest.Options{WholeAccount: true, OpaqueMarkers: opaque})
		for _, region := range []string{hangzhou, shanghai, "cn-beijing"} {
			put(a, region, "a", "a-b")
		}
		got, pages := listed(t, sdk(url, hangzhou, key()), &vectors.ListVectorBucketsRequest{MaxKeys: 1})
		want := "cn-beijing/a cn-hangzhou/a cn-shanghai/a cn-beijing/a-b cn-hangzhou/a-b cn-shanghai/a-b"
		if strings.Join(got, " ") != want || pages != 6 {
			t.Errorf("%d pages: %v", pages, got)
		}
	}
}
