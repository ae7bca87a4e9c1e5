package ossvapi

import (
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// one wraps an entry's members into a whole answer.
func one(members string) string {
	return `{"ListAllMyBucketsResult":{"Buckets":[{` + members + `}]}}`
}

func documentedPage(t testing.TB) []byte {
	t.Helper()
	body, err := os.ReadFile("testdata/page.json")
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestDecodePageAsDocumented(t *testing.T) {
	got, err := decodePage(documentedPage(t), wholeRegion("cn-beijing"))
	if err != nil {
		t.Fatal(err)
	}
	endpoints := func(b Bucket) Bucket {
		b.Location = "oss-" + b.Region
		b.ExtranetEndpoint = b.Region + ".oss-vectors.aliyuncs.com"
		b.IntranetEndpoint = b.Region + "-internal.oss-vectors.aliyuncs.com"
		b.AccountID = "1037350000000000"
		b.Created = time.Date(2014, 2, 7, 18, 12, 43, 0, time.UTC)
		b.CreationDate = "2014-02-07T18:12:43.000Z"
		return b
	}
	want := []Bucket{
		endpoints(Bucket{
			Name: "test-bucket-3", ARN: "acs:ossvector:cn-shanghai:1037350000000000:test-bucket-3", Region: "cn-shanghai",
			ResourceGroupID: "rg-acfmxxxxxxxxxxx",
		}),
		endpoints(Bucket{
			Name: "test-bucket-4", ARN: "acs:ossvector:cn-shanghai:1037350000000000:test-bucket-4", Region: "cn-hangzhou",
		}),
	}
	if diff := cmp.Diff(want, got.Buckets); diff != "" {
		t.Errorf("buckets (-want +got):\n%s", diff)
	}
	if got.next != "mybucket10" {
		t.Errorf("next %q", got.next)
	}
}

func TestDecodePageVariants(t *testing.T) {
	arn := `"Name":"acs:ossvector:cn-hangzhou:1037350000000000:b"`
	fromARN := Bucket{Name: "b", ARN: "acs:ossvector:cn-hangzhou:1037350000000000:b", AccountID: "1037350000000000"}
	with := func(b Bucket, edit func(*Bucket)) []Bucket {
		edit(&b)
		return []Bucket{b}
	}
	tests := map[string]struct {
		body string
		want []Bucket
	}{
		"no Buckets":    {`{"ListAllMyBucketsResult":{}}`, nil},
		"empty Buckets": {emptyPage, nil},
		"null Buckets":  {`{"ListAllMyBucketsResult":{"Buckets":null,"IsTruncated":null,"NextMarker":null,"MaxKeys":null},"Error":null}`, nil},
		"region as OSS writes it": {
			one(`"Name":"b","Region":"oss-cn-hangzhou","Location":"oss-cn-beijing"`),
			[]Bucket{{Name: "b", Region: "cn-hangzhou", Location: "oss-cn-beijing"}},
		},
		"text of 1,024 bytes": {
			one(`"Name":"` + strings.Repeat("x", 1024) + `"`), []Bucket{{Name: strings.Repeat("x", 1024), Region: "cn-asked"}},
		},
		"unknown members": {`{"x":{"a":[1]},"ListAllMyBucketsResult":{"Owner":{"ID":null},"Buckets":[],"y":1},"z":null}`, nil},
		"white space":     {" \r\n\t{ \"ListAllMyBucketsResult\" : { } } \n", nil},
		"plain name, region asked": {
			one(`"Name":"b"`), []Bucket{{Name: "b", Region: "cn-asked"}},
		},
		"region of the location": {
			one(`"Name":"b","Location":"oss-cn-beijing"`),
			[]Bucket{{Name: "b", Region: "cn-beijing", Location: "oss-cn-beijing"}},
		},
		"location before ARN": {
			one(arn + `,"Location":"oss-cn-beijing"`),
			with(fromARN, func(b *Bucket) { b.Region, b.Location = "cn-beijing", "oss-cn-beijing" }),
		},
		"location without oss-": {
			one(`"Name":"b","Location":"cn-beijing"`), []Bucket{{Name: "b", Region: "cn-beijing", Location: "cn-beijing"}},
		},
		"location that is nothing but oss-": {
			one(arn + `,"Location":"oss-"`), with(fromARN, func(b *Bucket) { b.Region, b.Location = "cn-hangzhou", "oss-" }),
		},
		"region of the ARN": {one(arn), with(fromARN, func(b *Bucket) { b.Region = "cn-hangzhou" })},
		"region field before all": {
			one(arn + `,"Region":"cn-qingdao","Location":"oss-cn-beijing"`),
			with(fromARN, func(b *Bucket) { b.Region, b.Location = "cn-qingdao", "oss-cn-beijing" }),
		},
		"ARN without region and account": {
			one(`"Name":"acs:ossvector:::b"`), []Bucket{{Name: "b", ARN: "acs:ossvector:::b", Region: "cn-asked"}},
		},
		"null members": {
			one(`"Name":"b","Region":null,"Location":null,"CreationDate":null,"ExtranetEndpoint":null,"ResourceGroupId":null`),
			[]Bucket{{Name: "b", Region: "cn-asked"}},
		},
		"escapes": {
			one(`"Name":"a\"\\\/\u00e9\ud83d\ude00","Region":"\u0063n-x"`), []Bucket{{Name: "a\"\\/é😀", Region: "cn-x"}},
		},
		"unknown members of an entry": {
			one(`"Name":"b","Tags":[{"k":{}}],"NAME":null`), []Bucket{{Name: "b", Region: "cn-asked"}},
		},
		"an unreadable date": {
			one(`"Name":"b","CreationDate":"yesterday"`), []Bucket{{Name: "b", Region: "cn-asked", CreationDate: "yesterday"}},
		},
		"fractions and offsets": {
			one(`"Name":"b","CreationDate":"2014-02-07T18:12:43.25+08:00"`),
			[]Bucket{{
				Name: "b", Region: "cn-asked", CreationDate: "2014-02-07T18:12:43.25+08:00",
				Created: time.Date(2014, 2, 7, 10, 12, 43, 250_000_000, time.UTC),
			}},
		},
		"an entry inherits nothing from the one before": {
			`{"ListAllMyBucketsResult":{"Buckets":[{"Name":"a","Region":"cn-x","ResourceGroupId":"rg-1"},{"Name":"b"}]}}`,
			[]Bucket{{Name: "a", Region: "cn-x", ResourceGroupID: "rg-1"}, {Name: "b", Region: "cn-asked"}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := decodePage([]byte(tt.body), wholeRegion("cn-asked"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got.Buckets, sameTime); diff != "" {
				t.Errorf("buckets (-want +got):\n%s", diff)
			}
			if got.next != "" {
				t.Errorf("next %q without IsTruncated", got.next)
			}
		})
	}
}

// Nothing that the API does not promise may pass for an empty listing, or for any other.
func TestNonsenseIsInvalidResponse(t *testing.T) {
	tests := map[string]string{
		"empty body":                "",
		"white space":               " \n ",
		"null":                      "null",
		"empty object":              "{}",
		"empty array":               "[]",
		"array of results":          "[" + emptyPage + "]",
		"a string":                  `"ListAllMyBucketsResult"`,
		"a number":                  "0",
		"another root":              `{"ListBucketsResult":{"Buckets":[]}}`,
		"the root in another case":  `{"listAllMyBucketsResult":{"Buckets":[]}}`,
		"the root's content":        `{"Buckets":[],"IsTruncated":false}`,
		"an error with status 200":  `{"Error":{"Code":"AccessDenied"}}`,
		"an error beside the root":  `{"ListAllMyBucketsResult":{},"Error":{"Code":"InternalError"}}`,
		"an error in small letters": `{"ListAllMyBucketsResult":{},"error":{"code":"InternalError"}}`,
		"buckets in small letters":  `{"ListAllMyBucketsResult":{"buckets":[{"Name":"a"}]}}`,
		"small letters and right":   `{"ListAllMyBucketsResult":{"Buckets":[{"Name":"a"}],"buckets":[]}}`,
		"a list of another name":    `{"ListAllMyBucketsResult":{"VectorBuckets":[{"Name":"a"}]}}`,
		"a list beside the root":    `{"ListAllMyBucketsResult":{},"Buckets":[{"Name":"a"}]}`,
		"paging in small letters":   `{"ListAllMyBucketsResult":{"isTruncated":true,"nextMarker":"b","Buckets":[]}}`,
		"a NextMarker alone":        `{"ListAllMyBucketsResult":{"NextMarker":"b","Buckets":[{"Name":"a"}]}}`,
		"a NextMarker at the end":   `{"ListAllMyBucketsResult":{"IsTruncated":false,"NextMarker":"b"}}`,
		"a region in capitals":      one(`"Name":"a","REGION":"cn-x"`),
		"a text of 1,025 bytes":     one(`"Name":"a","Location":"` + strings.Repeat("x", 1025) + `"`),
		"a marker of 1,025 bytes":   `{"ListAllMyBucketsResult":{"IsTruncated":true,"NextMarker":"` + strings.Repeat("x", 1025) + `"}}`,
		"1,001 entries":             `{"ListAllMyBucketsResult":{"Buckets":[` + strings.Repeat(`{"Name":"a"},`, 1000) + `{"Name":"a"}]}}`,
		"a null root":               `{"ListAllMyBucketsResult":null}`,
		"an array root":             `{"ListAllMyBucketsResult":[]}`,
		"a text root":               `{"ListAllMyBucketsResult":""}`,
		"an object as Buckets":      `{"ListAllMyBucketsResult":{"Buckets":{}}}`,
		"a text as Buckets":         `{"ListAllMyBucketsResult":{"Buckets":""}}`,
		"a null entry":              `{"ListAllMyBucketsResult":{"Buckets":[{"Name":"a"},null]}}`,
		"a text entry":              `{"ListAllMyBucketsResult":{"Buckets":["a"]}}`,
		"an entry without a name":   `{"ListAllMyBucketsResult":{"Buckets":[{"Name":"a"},{"Region":"cn-x"}]}}`,
		"an empty name":             one(`"Name":""`),
		"a null name":               one(`"Name":null`),
		"a number as name":          one(`"Name":7`),
		"an ARN cut short":          one(`"Name":"acs:ossvector:cn-x:1037350000000000"`),
		"an ARN without a bucket":   one(`"Name":"acs:ossvector:cn-x:1037350000000000:"`),
		"an ARN of another kind":    one(`"Name":"acs:oss:cn-x:1037350000000000:b"`),
		"a number as region":        one(`"Name":"b","Region":1`),
		"a name twice":              one(`"Name":"a","Name":"b"`),
		"Buckets twice":             `{"ListAllMyBucketsResult":{"Buckets":[{"Name":"a"}],"Buckets":[]}}`,
		"the root twice":            `{"ListAllMyBucketsResult":{"Buckets":[{"Name":"a"}]},"ListAllMyBucketsResult":{}}`,
		"a text as IsTruncated":     `{"ListAllMyBucketsResult":{"IsTruncated":"true","Buckets":[]}}`,
		"an array as IsTruncated":   `{"ListAllMyBucketsResult":{"IsTruncated":[],"Buckets":[]}}`,
		"a number as NextMarker":    `{"ListAllMyBucketsResult":{"IsTruncated":true,"NextMarker":1,"Buckets":[]}}`,
		"more after the value":      emptyPage + "x",
		"two values":                emptyPage + emptyPage,
		"broken UTF-8":              one("\"Name\":\"a\xff\""),
		"half a surrogate":          one(`"Name":"\ud800"`),
		"control characters":        one("\"Name\":\"a\x00b\""),
		"a byte order mark":         "\ufeff" + emptyPage,
		"HTML":                      "<html><body>welcome to the hotel's network</body></html>",
		"XML":                       `<ListAllMyBucketsResult><Buckets></Buckets></ListAllMyBucketsResult>`,
		"gzip":                      "\x1f\x8b\x08\x00\x00\x00\x00\x00",
		"cut off in Buckets":        `{"ListAllMyBucketsResult":{"Buckets":[`,
		"a stray comma":             `{"ListAllMyBucketsResult":{"Buckets":[{"Name":"a"},]}}`,
		"single quotes":             `{'ListAllMyBucketsResult':{}}`,
		"nested beyond reason":      strings.Repeat("[", 20_000),
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			c, seen := newClient(answer(http.StatusOK, body, "Content-Type", "application/json", "X-Oss-Request-Id", "5C3D"))
			err := failure(t, c)
			if err.Reason != InvalidResponse || err.Status != 200 || err.RequestID != "5C3D" || err.Message == "" && err.Code == "" {
				t.Errorf("got %+v", err)
			}
			if diff := cmp.Diff([]Reason{InvalidResponse}, seen.reasons()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Wherever a body ends early, that is an error which another attempt may cure, and never a shorter listing.
func TestCutOffPageIsAnError(t *testing.T) {
	body := documentedPage(t)
	for n := range strings.TrimRight(string(body), "\n") {
		page, err := decodePage(body[:n], wholeRegion(region))
		if err == nil || page != nil {
			t.Fatalf("%d of %d bytes pass for %+v", n, len(body), page)
		}
		if n > 0 && !errors.Is(err, errCutOff) {
			t.Errorf("%d bytes %q: %v, want a cut-off", n, body[:n], err)
		}
	}
}

// The error names the member and its value, of which the service's words are scrubbed elsewhere.
func TestShapeErrorsNameTheMember(t *testing.T) {
	inner := func(members string) string { return `{"ListAllMyBucketsResult":{` + members + `}}` }
	tests := map[string]string{
		inner(`"buckets":[{"Name":"a"}]`):                    `ListAllMyBucketsResult.buckets is not spelt Buckets: [{"Name":"a"}]`,
		inner(`"VectorBuckets":[1]`):                         `ListAllMyBucketsResult.VectorBuckets is an undocumented list: [1]`,
		inner(`"NextMarker":"m"`):                            `NextMarker without IsTruncated: "m"`,
		inner(`"IsTruncated":"\u0074rue"`):                   `ListAllMyBucketsResult.IsTruncated is not of the documented type: "\u0074rue"`,
		inner(`"Buckets": {"x":1}`):                          `ListAllMyBucketsResult.Buckets is not of the documented type: {"x":1}`,
		inner(`"Buckets":[{"Name":"a"},{"Name":7}]`):         `Buckets[1].Name is not of the documented type: 7`,
		inner(`"Buckets":[{"Name":"a","name":"b"}]`):         `Buckets[0].name is not spelt Name: "b"`,
		one(`"Name":"` + strings.Repeat("x", 1025) + `"`):    `Buckets[0].Name is longer than 1,024 bytes`,
		one(`"Name":"q"`):                                    `Buckets[0].Name lacks the prefix that was asked for: "q"`,
		one(`"Name":"my-a"},{"Name":"my-b"},{"Name":"my-c"`): `Buckets has 3 entries, 2 were asked for`,
		`{"ListBucketsResult":{}}`:                           `the root is not ListAllMyBucketsResult: {"ListBucketsResult":{}}`,
		inner(`"Buckets":[{"Name":"a"},null]`):               `Buckets[1] is not of the documented type: null`,
		inner(`"Buckets":[{"\u004eame":"a"}]`):               `Buckets[0].Name lacks the prefix that was asked for: "a"`,
		inner(`"Buckets":[{"Region":"x"}]`):                  `Buckets[0] has no Name`,
		inner(`"Buckets":[{"Name":"acs:oss:x"}]`):            `Buckets[0].Name is no ARN of a vector bucket: "acs:oss:x"`,
		`<html>`: `not the documented JSON: <html>`,
	}
	tests[inner(`"isTruncated":true,"nextMarker":"m","buckets":[],"prefix":"p"`)] = `ListAllMyBucketsResult.buckets is not spelt Buckets: []`
	for body, want := range tests {
		if page, err := decodePage([]byte(body), bucketQuery{"cn-asked", "my-", 2}); page != nil || err == nil || err.Error() != want {
			t.Errorf("%.80s: %v, want %s", body, err, want)
		}
	}
}

func TestParseTime(t *testing.T) {
	for _, s := range []string{
		"2014-02-07T18:12:43.250Z", "2014-02-07 18:12:43.25Z", "2014-02-08T02:12:43.25+0800", "2014-02-08 02:12:43.250+08:00",
	} {
		if got := parseTime(s); !got.Equal(time.Date(2014, 2, 7, 18, 12, 43, 250_000_000, time.UTC)) {
			t.Errorf("%q reads as %v", s, got)
		}
	}
	for _, s := range []string{
		"", "0", "2014-02-30T00:00:00Z", "2014-02-07", "2014-02-07 18:12:43", "1391796763",
		"9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00+01:00", "9999-12-31T23:59:59-0100",
	} {
		if got := parseTime(s); !got.IsZero() {
			t.Errorf("%q reads as %v", s, got)
		}
	}
}
