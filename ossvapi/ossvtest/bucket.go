package ossvtest

import "encoding/json"

// Bucket is a vector bucket. Of the empty fields, the location and the endpoints get those that the region implies; the
// others are absent from listings.
type Bucket struct {
	Name             string // plain
	CreationDate     string // as listed, such as 2026-01-02T03:04:05.000Z
	ResourceGroupID  string
	Location         string
	ExtranetEndpoint string
	IntranetEndpoint string
}

// Index is a vector index. Empty fields are absent from listings.
type Index struct {
	Name           string
	CreateTime     string // as listed
	DataType       string
	Dimension      int
	DistanceMetric string
	Mode           string
	Status         string
}

// stored is a bucket with what listings show of it. It never changes once it is stored, its indexes aside, which the
// account's lock guards.
type stored struct {
	bucket  Bucket
	region  string
	json    []byte
	indexes []Index // sorted; replaced as a whole
}

// wireBucket is a bucket as JSON shows it.
type wireBucket struct {
	Name             string
	Region           string
	Location         string
	CreationDate     string `json:",omitempty"`
	ExtranetEndpoint string
	IntranetEndpoint string
	ResourceGroupID  string `json:"ResourceGroupId,omitempty"`
}

// wireIndex is an index as JSON shows it.
type wireIndex struct {
	IndexName        string    `json:"indexName"`
	CreateTime       string    `json:"createTime,omitempty"`
	DataType         string    `json:"dataType,omitempty"`
	Dimension        int       `json:"dimension,omitempty"`
	DistanceMetric   string    `json:"distanceMetric,omitempty"`
	Mode             string    `json:"mode,omitempty"`
	Status           string    `json:"status,omitempty"`
	BucketARN        string    `json:"bucketArn"`
	VectorBucketName string    `json:"vectorBucketName"`
	Metadata         *metadata `json:"metadata"`
}

type metadata struct {
	NonFilterableMetadataKeys []string `json:"nonFilterableMetadataKeys"`
}

// store makes a bucket ready to be listed.
func (a *Account) store(regionID string, b Bucket) *stored {
	name := b.Name
	if !a.server.opts.PlainNames {
		name = a.arn(regionID, b.Name)
	}
	text, _ := json.Marshal(wireBucket{ // strings only: cannot fail
		Name:             name,
		Region:           regionID,
		Location:         or(b.Location, "oss-"+regionID),
		CreationDate:     b.CreationDate,
		ExtranetEndpoint: or(b.ExtranetEndpoint, regionID+productHost),
		IntranetEndpoint: or(b.IntranetEndpoint, regionID+"-internal"+productHost),
		ResourceGroupID:  b.ResourceGroupID,
	})
	return &stored{bucket: b, region: regionID, json: text}
}

func (a *Account) arn(regionID, bucket string) string {
	return "acs:ossvector:" + regionID + ":" + a.id + ":" + bucket
}

// wire is the index as the listing of that bucket shows it.
func (x Index) wire(arn, bucket string) wireIndex {
	return wireIndex{
		IndexName: x.Name, CreateTime: x.CreateTime, DataType: x.DataType, Dimension: x.Dimension,
		DistanceMetric: x.DistanceMetric, Mode: x.Mode, Status: x.Status, BucketARN: arn, VectorBucketName: bucket,
		Metadata: &metadata{NonFilterableMetadataKeys: []string{}},
	}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
