package ossvapi

import (
	"encoding/json"
	"slices"
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
	if root["Error"] != nil || !ok || misleads(root, "ListAllMyBucketsResult") ||
		misleads(result, "Prefix", "Marker", "MaxKeys", "IsTruncated", "NextMarker", "Buckets") {
		return page, false
	}
	truncated, ok := result["IsTruncated"].(bool)
	if !ok && result["IsTruncated"] != nil {
		return page, false
	}
	if page.next, ok = field(result, "NextMarker"); !ok || (page.next != "") != truncated {
		return page, false
	}
	list, ok := result["Buckets"].([]any)
	ok = ok || result["Buckets"] == nil
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

// misleads reports whether an object has a list under another name, or a name in another case.
func misleads(o object, documented ...string) bool {
	for name, value := range o {
		_, isList := value.([]any)
		known := slices.Contains(documented, name)
		cased := slices.ContainsFunc(documented, func(d string) bool { return strings.EqualFold(d, name) })
		if !known && value != nil && (isList || cased) {
			return true
		}
	}
	return false
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
	regions := []string{strings.TrimPrefix(b.Region, "oss-"), strings.TrimPrefix(b.Location, "oss-"), asked}
	if strings.HasPrefix(b.Name, "acs:") {
		words := strings.Split(b.Name, ":")
		if len(words) < 5 || words[1] != "ossvector" {
			return b, false
		}
		b.ARN, b.AccountID, b.Name = b.Name, words[3], strings.Join(words[4:], ":")
		regions = []string{regions[0], regions[1], strings.TrimPrefix(words[2], "oss-"), asked}
	}
	for _, b.Region = range regions {
		if b.Region != "" {
			break
		}
	}
	b.Created = readTime(b.CreationDate)
	return b, b.Name != ""
}

// readTime tries each form of a date that is read.
func readTime(s string) time.Time {
	for _, day := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		for _, zone := range []string{"Z07:00", "-0700"} {
			if t, err := time.Parse(day+zone, s); err == nil && 0 <= t.UTC().Year() && t.UTC().Year() <= 9999 {
				return t
			}
		}
	}
	return time.Time{}
}

// readIndexes does the same for a page of indexes.
func readIndexes(body []byte) (indexes []Index, next string, ok bool) {
	var root object
	if json.Unmarshal(body, &root) != nil || root == nil || root["Error"] != nil || misleads(root, "indexes", "nextToken") {
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
	i.Created = readTime(created)
	return i, i.Name != "" && (isNumber || o["dimension"] == nil)
}
