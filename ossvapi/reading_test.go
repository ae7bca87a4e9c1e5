package ossvapi

import (
	"encoding/json"
	"strings"
	"time"
)

// This file reads answers a second time, by the standard library and by other code, to hold the decoder's results against.

type object = map[string]any

// field is a string member; ok is false if it is there and neither a string nor null.
func field(o object, name string) (value string, ok bool) {
	if o[name] == nil {
		return "", true
	}
	value, ok = o[name].(string)
	return value, ok
}

// readPage is what a listing says, read independently. ok is false if it is not the documented shape.
func readPage(body []byte, asked string) (page Page, ok bool) {
	var root object
	if json.Unmarshal(body, &root) != nil {
		return page, false
	}
	result, ok := root["ListAllMyBucketsResult"].(object)
	if _, failed := root["Error"]; failed || !ok {
		return page, false
	}
	if truncated, there := result["IsTruncated"]; there {
		if page.truncated, ok = truncated.(bool); !ok {
			return page, false
		}
	}
	if page.next, ok = field(result, "NextMarker"); !ok {
		return page, false
	}
	entries, there := result["Buckets"]
	if !there {
		return page, true
	}
	list, ok := entries.([]any)
	for _, e := range list {
		o, isObject := e.(object)
		b, good := readBucket(o, asked)
		if !isObject || !good {
			return page, false
		}
		page.Buckets = append(page.Buckets, b)
	}
	return page, ok
}

func readBucket(o object, asked string) (b Bucket, ok bool) {
	for name, into := range map[string]*string{
		"Name": &b.Name, "Region": &b.Region, "Location": &b.Location, "CreationDate": &b.CreationDate,
		"ExtranetEndpoint": &b.ExtranetEndpoint, "IntranetEndpoint": &b.IntranetEndpoint, "ResourceGroupId": &b.ResourceGroupID,
	} {
		if *into, ok = field(o, name); !ok {
			return b, false
		}
	}
	regions := []string{b.Region, b.Location, asked}
	if strings.HasPrefix(b.Location, "oss-") {
		regions[1] = b.Location[4:]
	}
	if strings.HasPrefix(b.Name, "acs:") {
		words := strings.Split(b.Name, ":")
		if len(words) < 5 || words[1] != "ossvector" {
			return b, false
		}
		b.ARN, b.AccountID, b.Name = b.Name, words[3], strings.Join(words[4:], ":")
		regions = []string{regions[0], regions[1], words[2], asked}
	}
	for _, b.Region = range regions {
		if b.Region != "" {
			break
		}
	}
	b.Created, _ = time.Parse(time.RFC3339, b.CreationDate)
	return b, b.Name != ""
}

// readIndexes does the same for a page of indexes.
func readIndexes(body []byte) (indexes []Index, next string, ok bool) {
	var root object
	if json.Unmarshal(body, &root) != nil || root == nil || root["Error"] != nil {
		return nil, "", false
	}
	if next, ok = field(root, "nextToken"); !ok {
		return nil, "", false
	}
	list, ok := root["indexes"].([]any)
	for _, e := range list {
		o, isObject := e.(object)
		i, good := readIndex(o)
		if !isObject || !good {
			return nil, "", false
		}
		indexes = append(indexes, i)
	}
	return indexes, next, ok || root["indexes"] == nil
}

func readIndex(o object) (i Index, ok bool) {
	var created string
	for name, into := range map[string]*string{
		"indexName": &i.Name, "dataType": &i.DataType, "distanceMetric": &i.DistanceMetric, "mode": &i.Mode,
		"status": &i.Status, "createTime": &created,
	} {
		if *into, ok = field(o, name); !ok {
			return i, false
		}
	}
	dimension, isNumber := o["dimension"].(float64)
	i.Dimension = max(0, int(dimension))
	i.Created, _ = time.Parse(time.RFC3339, created)
	return i, i.Name != "" && (isNumber || o["dimension"] == nil)
}
