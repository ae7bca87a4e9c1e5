package ossvapi

import (
	"fmt"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// indexList is the answer of ListVectorIndexes as documented.
type indexList struct {
	Indexes   member[[]indexEntry]      `json:"indexes"`
	NextToken member[string]            `json:"nextToken"`
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

// indexEntry is the wire form of an index.
type indexEntry struct {
	Name           string `json:"indexName"`
	CreateTime     string `json:"createTime"`
	DataType       string `json:"dataType"`
	Dimension      int    `json:"dimension"`
	DistanceMetric string `json:"distanceMetric"`
	Status         string `json:"status"`
	Mode           string `json:"mode"`
}

// decodeIndexes reads an answer of ListVectorIndexes. Absent or null indexes mean none, but not in an object that holds
// unknown members only: another root must not pass for an empty bucket.
func decodeIndexes(body []byte) (indexes []Index, next string, err error) {
	var list *indexList
	if err := unmarshal(body, &list); err != nil {
		return nil, "", err
	}
	if list == nil || list.Rest["Error"] != nil || len(list.Rest) > 0 && !list.Indexes.there && !list.NextToken.there {
		return nil, "", shapeError("the answer's root is not a list of indexes")
	}
	for n, e := range list.Indexes.value {
		if e.Name == "" {
			return nil, "", shapeError(fmt.Sprintf("indexes[%d]: the entry has no indexName", n))
		}
		indexes = append(indexes, Index{
			Name: e.Name, DataType: e.DataType, DistanceMetric: e.DistanceMetric, Mode: e.Mode, Status: e.Status,
			Dimension: max(0, e.Dimension), Created: parseTime(e.CreateTime),
		})
	}
	return indexes, list.NextToken.value, nil
}
