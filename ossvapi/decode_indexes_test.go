package ossvapi

import (
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func documentedIndexes(t testing.TB) []byte {
	t.Helper()
	body, err := os.ReadFile("testdata/indexes.json")
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestDecodeIndexesAsDocumented(t *testing.T) {
	got, next, err := decodeIndexes(documentedIndexes(t))
	if err != nil {
		t.Fatal(err)
	}
	want := []Index{
		{
			Name: "docs", DataType: "float32", DistanceMetric: "cosine", Mode: "standard", Status: "enable", Dimension: 1024,
			Created: time.Date(2025, 4, 2, 1, 23, 45, 678_000_000, time.UTC),
		},
		{Name: "faces", Status: "creating"},
	}
	if diff := cmp.Diff(want, got); diff != "" || next != "MTIzNDU2Nzg6aW1tdXRhYmxl" {
		t.Errorf("next %q, indexes (-want +got):\n%s", next, diff)
	}
}

func TestDecodeIndexesVariants(t *testing.T) {
	tests := map[string]struct {
		body string
		want []Index
	}{
		"no members":               {`{}`, nil},
		"empty":                    {`{"indexes":[]}`, nil},
		"null":                     {`{"indexes":null}`, nil},
		"null with unknown":        {`{"indexes":null,"requestId":"5C3D"}`, nil},
		"only a null token":        {`{"nextToken":null}`, nil},
		"null token with unknown":  {`{"nextToken":null,"maxResults":500}`, nil},
		"empty token with unknown": {`{"nextToken":"","maxResults":500}`, nil},
		"unknown members":          {`{"indexes":[{"indexName":"a","x":{}}],"requestId":"5C3D"}`, []Index{{Name: "a"}}},
		"null members": {
			`{"indexes":[{"indexName":"a","status":null,"dimension":null,"createTime":null}]}`, []Index{{Name: "a"}},
		},
		"an unreadable year": {
			`{"indexes":[{"indexName":"a","createTime":"9999-12-31T23:00:00-07:00"}]}`, []Index{{Name: "a"}},
		},
		"a fusion of one vector": {
			`{"indexes":[{"indexName":"a","mode":"fusion","schemaConfiguration":{"fields":[{"name":"v","type":"vector","dimension":512},{"name":"t","type":"string"}]}},{"indexName":"b"}]}`,
			[]Index{{Name: "a", Mode: "fusion", Dimension: 512}, {Name: "b"}},
		},
		"a fusion of two": {
			`{"indexes":[{"indexName":"a","schemaConfiguration":{"fields":[{"dimension":512},{"dimension":512}]}}]}`, []Index{{Name: "a"}},
		},
		"a schema beside a dimension": {
			`{"indexes":[{"indexName":"a","dimension":64,"schemaConfiguration":{"fields":[{"dimension":512}]}}]}`, []Index{{Name: "a", Dimension: 64}},
		},
		"a null error":        {`{"indexes":[{"indexName":"a"}],"Error":null}`, []Index{{Name: "a"}}},
		"a null schema":       {`{"indexes":[{"indexName":"a","schemaConfiguration":null}]}`, []Index{{Name: "a"}}},
		"a dimension below 0": {`{"indexes":[{"indexName":"a","dimension":-1}]}`, []Index{{Name: "a"}}},
		"an unreadable date":  {`{"indexes":[{"indexName":"a","createTime":"soon"}]}`, []Index{{Name: "a"}}},
		"an open set of words": {
			`{"indexes":[{"indexName":"a","status":"on fire","mode":"turbo","distanceMetric":"taxi","dataType":"int4"}]}`,
			[]Index{{Name: "a", Status: "on fire", Mode: "turbo", DistanceMetric: "taxi", DataType: "int4"}},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, next, err := decodeIndexes([]byte(tt.body))
			if err != nil || next != "" {
				t.Fatalf("next %q, error %v", next, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("indexes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeIndexesRefuses(t *testing.T) {
	tests := map[string]string{
		"empty body":                "",
		"null":                      "null",
		"an array":                  `[{"indexName":"a"}]`,
		"another root":              `{"ListVectorIndexesResult":{"indexes":[]}}`,
		"an error with status 200":  `{"Error":{"Code":"AccessDenied"}}`,
		"an error beside the list":  `{"indexes":[],"Error":{"Code":"InternalError"}}`,
		"an error in small letters": `{"indexes":[],"error":{"code":"InternalError"}}`,
		"the member in capitals":    `{"Indexes":[]}`,
		"capitals beside it":        `{"indexes":[],"Indexes":[{"indexName":"a"}]}`,
		"a token in capitals":       `{"indexes":[],"NextToken":"t"}`,
		"a list of another name":    `{"indexes":[],"vectorIndexes":[{"indexName":"a"}]}`,
		"a name in capitals":        `{"indexes":[{"indexName":"a","Dimension":3}]}`,
		"a text of 1,025 bytes":     `{"indexes":[{"indexName":"` + strings.Repeat("x", 1025) + `"}]}`,
		"an object as indexes":      `{"indexes":{}}`,
		"a text as indexes":         `{"indexes":"a"}`,
		"a null entry":              `{"indexes":[null]}`,
		"an entry without a name":   `{"indexes":[{"indexName":"a"},{"status":"enable"}]}`,
		"an empty name":             `{"indexes":[{"indexName":""}]}`,
		"a number as name":          `{"indexes":[{"indexName":1}]}`,
		"a text as dimension":       `{"indexes":[{"indexName":"a","dimension":"1024"}]}`,
		"a dimension beyond int":    `{"indexes":[{"indexName":"a","dimension":1e30}]}`,
		"a number as token":         `{"indexes":[],"nextToken":1}`,
		"indexes twice":             `{"indexes":[{"indexName":"a"}],"indexes":[]}`,
		"more after the value":      `{"indexes":[]}{}`,
		"HTML":                      `<html></html>`,
	}
	for name, body := range tests {
		t.Run(name, func(t *testing.T) {
			if got, next, err := decodeIndexes([]byte(body)); err == nil || errors.Is(err, errCutOff) {
				t.Errorf("reads as %+v, next %q, error %v", got, next, err)
			}
		})
	}
}

func TestCutOffIndexesAreAnError(t *testing.T) {
	body := strings.TrimRight(string(documentedIndexes(t)), "\n")
	for n := 1; n < len(body); n++ {
		if got, _, err := decodeIndexes([]byte(body[:n])); !errors.Is(err, errCutOff) || got != nil {
			t.Fatalf("%d of %d bytes read as %+v, %v", n, len(body), got, err)
		}
	}
}
