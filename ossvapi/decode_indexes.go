package ossvapi

import (
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// indexList is the answer of ListVectorIndexes as documented.
type indexList struct {
	Indexes   []indexEntry              `json:"indexes"`
	NextToken string                    `json:"nextToken"`
	Rest      map[string]jsontext.Value `json:",embed"`
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

// decodeIndexes reads an answer of ListVectorIndexes. Absent or null indexes mean none, but only in an object that holds
// no unknown member: another root must not pass for an empty bucket.
func decodeIndexes(body []byte) (indexes []Index, next string, err error) {
	var list *indexList
	if err := unmarshal(body, &list); err != nil {
		return nil, "", err
	}
	if list == nil || list.Rest["Error"] != nil || list.Indexes == nil && len(list.Rest) > 0 {
		return nil, "", shapeError("the answer's root is not a list of indexes")
	}
	for n, e := range list.Indexes {
		if e.Name == "" {
			return nil, "", shapeError(fmt.Sprintf("indexes[%d]: the entry has no indexName", n))
		}
		indexes = append(indexes, Index{
			Name: e.Name, DataType: e.DataType, DistanceMetric: e.DistanceMetric, Mode: e.Mode, Status: e.Status,
			Dimension: max(0, e.Dimension), Created: parseTime(e.CreateTime),
		})
	}
	return indexes, list.NextToken, nil
}
