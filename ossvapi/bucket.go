package ossvapi

import "time"

// Bucket is one vector bucket as a listing gave it. Its strings are valid UTF-8 and otherwise as the service sent them.
type Bucket struct {
	Name             string // plain name, without the ARN around it; never empty
	ARN              string // the name as given if it was an ARN, else empty
	AccountID        string // the ARN's account id, empty without an ARN
	Region           string // the bucket's own region, which is not always the region asked
	Location         string
	CreationDate     string    // exactly as the service gave it
	Created          time.Time // CreationDate parsed; zero if it is absent or no RFC 3339 date
	ExtranetEndpoint string
	IntranetEndpoint string
	ResourceGroupID  string
}

// Index is one vector index of a bucket. Statuses, modes, metrics and data types are open sets and come as sent.
type Index struct {
	Name           string // never empty
	DataType       string
	DistanceMetric string
	Mode           string
	Status         string
	Dimension      int       // 0 if the service did not say
	Created        time.Time // zero if absent or unparsable
}
