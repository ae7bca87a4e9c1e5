package server

import (
	"bufio"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"

	"ossvector_exporter/collector"
)

// regionJSON is a region of /api/v1/buckets; its "buckets" follow, bucket by bucket.
type regionJSON struct {
	Account            string            `json:"account"`
	Region             string            `json:"region"`
	Labels             map[string]string `json:"labels,omitempty"` // the account's own
	State              string            `json:"state"`            // up, failing or unknown
	LastSuccess        *time.Time        `json:"last_success"`     // null: never listed completely
	AgeSeconds         *float64          `json:"age_seconds"`      // of the inventory; null like last_success
	DurationSeconds    *float64          `json:"duration_seconds"` // of the last listing
	Pages              *int              `json:"pages"`
	BucketCount        *int              `json:"bucket_count"`
	FilteredBuckets    int               `json:"filtered_buckets,omitempty"`
	BucketQuota        int               `json:"bucket_quota,omitempty"`
	IndexCount         *int              `json:"index_count,omitempty"` // absent like the next: indexes are off or were never listed
	IndexFailedBuckets *int              `json:"index_failed_buckets,omitempty"`
	Errors             []failureJSON     `json:"errors"`
}

type failureJSON struct {
	collector.Explanation
	Since *time.Time `json:"since"`
	At    *time.Time `json:"at"`
}

// bucketFields has the fields of ossvapi.Bucket, so that the one converts to the other.
type bucketFields struct {
	Name             string    `json:"name"`
	ARN              string    `json:"arn,omitempty"`
	AccountID        string    `json:"-"` // a part of the ARN
	Region           string    `json:"region"`
	Location         string    `json:"location,omitempty"`
	CreationDate     string    `json:"creation_date,omitempty"`
	Created          time.Time `json:"-"` // the same, if it is a date
	ExtranetEndpoint string    `json:"extranet_endpoint,omitempty"`
	IntranetEndpoint string    `json:"intranet_endpoint,omitempty"`
	ResourceGroupID  string    `json:"resource_group_id,omitempty"`
}

type bucketJSON struct {
	bucketFields
	IndexesListed *time.Time  `json:"indexes_listed,omitempty"`
	Indexes       []indexJSON `json:"indexes,omitempty"`
}

// indexFields has the fields of ossvapi.Index.
type indexFields struct {
	Name           string    `json:"name"`
	DataType       string    `json:"data_type"`
	DistanceMetric string    `json:"distance_metric"`
	Mode           string    `json:"mode,omitempty"`
	Status         string    `json:"status"`
	Dimension      int       `json:"dimension"`
	Created        time.Time `json:"-"`
}

type indexJSON struct {
	indexFields
	Created *time.Time `json:"created,omitempty"`
}

// buckets writes the inventory of the last complete listings, bucket by bucket, so that a large one takes no memory.
func (s *server) buckets(w http.ResponseWriter, r *http.Request, sel collector.Selection) {
	w.Header().Set("Content-Type", "application/json")
	if r.Method == http.MethodHead {
		return
	}
	writeInventory(w, time.Now(), s.Backend.State(sel))
}

func writeInventory(w io.Writer, now time.Time, all []collector.RegionState) {
	j := jsonWriter{bufio.NewWriterSize(w, 32<<10)}
	j.text(`{"generated_at":`)
	j.value(now.UTC())
	j.text(`,"regions":[`)
	for i, region := range all {
		if i > 0 {
			j.text(",")
		}
		j.region(now, region)
	}
	j.text("]}\n")
	_ = j.Flush() // an error is the client's hanging up
}

// jsonWriter breaks the connection where it fails: what was sent would pass for everything.
type jsonWriter struct{ *bufio.Writer }

func (j jsonWriter) text(s string) {
	if _, err := j.WriteString(s); err != nil {
		panic(http.ErrAbortHandler)
	}
}

func (j jsonWriter) value(v any) { j.text(marshal(v)) }

// marshal panics for what JSON cannot hold, which is a bug.
func marshal(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// region writes null for the buckets of a region that was never listed: [] would say that it has none.
func (j jsonWriter) region(now time.Time, r collector.RegionState) {
	j.text(strings.TrimSuffix(marshal(newRegionJSON(now, r)), "}") + `,"buckets":`)
	if !r.Listed {
		j.text("null}")
		return
	}
	j.text("[")
	separator := ""
	for b := range r.Inventory {
		j.text(separator)
		j.value(newBucketJSON(b))
		separator = ","
	}
	j.text("]}")
}

func newRegionJSON(now time.Time, r collector.RegionState) regionJSON {
	tried, indexed := stateOf(r) != unknown, r.Listed && r.IndexesOn
	j := regionJSON{
		Account: r.Account, Region: r.Region, Labels: r.Labels, State: stateOf(r).String(), LastSuccess: timeOrNull(r.LastSuccess),
		AgeSeconds:      only(r.Listed, max(0, now.Sub(r.LastSuccess).Seconds())),
		DurationSeconds: only(tried, r.Took.Seconds()), Pages: only(tried, r.Pages),
		BucketCount: only(r.Listed, r.Buckets), FilteredBuckets: r.Filtered, BucketQuota: r.Quota,
		IndexCount: only(indexed, r.Indexes), IndexFailedBuckets: only(indexed, r.IndexFailed), Errors: []failureJSON{},
	}
	for _, f := range r.Failures {
		j.Errors = append(j.Errors, failureJSON{collector.Explain(f.Error), timeOrNull(f.Since), timeOrNull(f.At)})
	}
	return j
}

// only is null unless the value means something.
func only[T any](known bool, value T) *T {
	if !known {
		return nil
	}
	return &value
}

func newBucketJSON(l collector.Listed) bucketJSON {
	j := bucketJSON{bucketFields: bucketFields(l.Bucket), IndexesListed: timeOrNull(l.IndexesListed)}
	for _, i := range l.Indexes {
		j.Indexes = append(j.Indexes, indexJSON{indexFields(i), timeOrNull(i.Created)})
	}
	return j
}

// timeOrNull is null for no time and for one that JSON cannot hold, such as the creation time of a foreign index in the
// year 10000.
func timeOrNull(t time.Time) *time.Time {
	utc := t.UTC()
	if t.IsZero() || utc.Year() < 0 || utc.Year() > 9999 {
		return nil
	}
	return &utc
}
