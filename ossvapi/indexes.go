package ossvapi

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const maxIndexResults = 500 // of one page of ListVectorIndexes, the most that the API takes

// Index is one vector index of a bucket. Statuses, modes, metrics and data types are open sets and come as sent.
type Index struct {
	Name           string // never empty
	DataType       string
	DistanceMetric string
	Mode           string
	Status         string
	Dimension      int       // 0 if the index has not exactly one
	Created        time.Time // zero if it is absent or no date
}

// Indexes lists the vector indexes of a bucket on its own region's host, all pages of them or an error, which is an
// *Error or the context's cause. An index that two pages hold is returned once. The bucket must be Addressable.
func (c *Client) Indexes(ctx context.Context, b Bucket) ([]Index, error) {
	u, err := c.bucketURL(b)
	if err != nil || !Addressable(b) {
		return nil, c.unasked(ListVectorIndexes, b.Region, "the bucket's name, account id or region has no usable form")
	}
	u.RawQuery = "listVectorIndexes"
	r := &request{
		op: ListVectorIndexes, region: b.Region, bucket: &b, method: http.MethodPost, url: u,
		header:  http.Header{"Content-Type": {"application/json"}},
		entries: maxIndexResults, marker: "nextToken", page: askIndexes,
	}
	var all []Index
	names := map[string]bool{}
	for page, err := range walkPages(ctx, c, r, func(body []byte) ([]Index, string, error) {
		page, next, err := decodeIndexes(body)
		if err == nil && len(all)+len(page) > maxIndexes {
			err = shapeError("the bucket has more than " + grouped(maxIndexes) + " indexes")
		}
		return page, next, err
	}) {
		if err != nil {
			return nil, err
		}
		for _, i := range page {
			if !names[i.Name] {
				names[i.Name] = true
				all = append(all, i)
			}
		}
	}
	return all, nil
}

// askIndexes makes r the request for the page after token.
func askIndexes(r *request, token string) {
	r.body, _ = json.Marshal(struct { // what was decoded as a string: cannot fail
		MaxResults int    `json:"maxResults"`
		NextToken  string `json:"nextToken,omitempty"`
	}{maxIndexResults, token})
}

// indexList is the answer of ListVectorIndexes as documented.
type indexList struct {
	Indexes   member[indexEntries]      `json:"indexes"`
	NextToken member[text]              `json:"nextToken"`
	Rest      map[string]jsontext.Value `json:",embed"`
}

// member is a member of an object that knows whether it is there, if only as null.
type member[T any] struct {
	there bool
	value T
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (m *member[T]) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	m.there = true
	return json.UnmarshalDecode(d, &m.value)
}

// decodeIndexes reads an answer of ListVectorIndexes. Absent or null indexes mean none, but not in an object that holds
// unknown members only: another root must not pass for an empty bucket.
func decodeIndexes(body []byte) (indexes []Index, next string, err error) {
	var list *indexList
	if err := unmarshal(body, &list); err != nil {
		return nil, "", err
	}
	if list != nil {
		if err := undocumented(list.Rest, "", true, "indexes", "nextToken", "Error"); err != nil {
			return nil, "", err
		}
	}
	if list == nil || present(list.Rest["Error"]) || len(list.Rest) > 0 && !list.Indexes.there && !list.NextToken.there {
		return nil, "", shapeError("the root is not a list of indexes: " + excerpt(body))
	}
	return list.Indexes.value, list.NextToken.value.now, nil
}

// indexEntries decodes the array of entries one by one into their final form.
type indexEntries []Index

// indexEntry is the wire form of an index. One that fuses several fields has their dimensions in its schema.
type indexEntry struct {
	Name           text `json:"indexName"`
	CreateTime     text `json:"createTime"`
	DataType       text `json:"dataType"`
	Dimension      int  `json:"dimension"`
	DistanceMetric text `json:"distanceMetric"`
	Status         text `json:"status"`
	Mode           text `json:"mode"`
	Schema         struct {
		Fields []struct {
			Dimension int `json:"dimension"`
		} `json:"fields"`
	} `json:"schemaConfiguration"`
	Rest map[string]jsontext.Value `json:",embed"`
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (l *indexEntries) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	var e indexEntry
	return decodeArray(d, maxIndexResults, func(n int) error {
		if err := json.UnmarshalDecode(d, &e); err != nil {
			return err
		}
		why := undocumented(e.Rest, "", false, "indexName", "createTime", "dataType", "dimension", "distanceMetric", "status",
			"bucketArn", "vectorBucketName", "mode", "metadata", "schemaConfiguration")
		if e.Name.now == "" && why == nil {
			why = shapeError("the entry has no indexName")
		}
		if why != nil {
			return shapeError(fmt.Sprintf("indexes[%d]: %v", n, why))
		}
		*l = append(*l, Index{
			Name: e.Name.now, DataType: e.DataType.now, DistanceMetric: e.DistanceMetric.now, Mode: e.Mode.now,
			Status: e.Status.now, Dimension: e.dimension(), Created: parseTime(e.CreateTime.now),
		})
		e.next()
		return nil
	})
}

func (e *indexEntry) next() {
	for _, t := range []*text{&e.Name, &e.CreateTime, &e.DataType, &e.DistanceMetric, &e.Status, &e.Mode} {
		t.next()
	}
	e.Dimension, e.Schema.Fields, e.Rest = 0, nil, nil
}

// dimension is the index's own, or that of its schema's fields if exactly one has any.
func (e *indexEntry) dimension() int {
	found := max(0, e.Dimension)
	for _, f := range e.Schema.Fields {
		if f.Dimension > 0 && e.Dimension <= 0 {
			if found > 0 {
				return 0
			}
			found = f.Dimension
		}
	}
	return found
}
