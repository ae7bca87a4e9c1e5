package ossvapi

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const maxKeys = 1000 // entries of a page, the most that the API gives

// bucketList is the answer of ListVectorBuckets as documented.
type bucketList struct {
	Result *struct {
		IsTruncated flag
		NextMarker  text
		Buckets     buckets
	} `json:"ListAllMyBucketsResult"`
	Error jsontext.Value // a root of its own: an error that came with status 200
}

// decodePage reads an answer of ListVectorBuckets to a request for the region asked. Unknown fields are accepted; any
// other shape than the documented one is an error, because reading it as "no buckets" would be a lie. An inner object
// without Buckets means none.
func decodePage(body []byte, asked string) (*Page, error) {
	var list bucketList
	if err := unmarshal(body, &list); err != nil {
		return nil, err
	}
	if list.Result == nil || list.Error != nil {
		return nil, shapeError("the answer's root is not ListAllMyBucketsResult")
	}
	found := list.Result.Buckets
	for i := range found {
		if b := &found[i]; b.Region == "" {
			b.Region = asked
		}
	}
	return &Page{Buckets: found, next: list.Result.NextMarker.now, truncated: bool(list.Result.IsTruncated)}, nil
}

// flag is a boolean that null does not pass for: a listing must not end because IsTruncated makes no sense.
type flag bool

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (f *flag) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	token, err := d.ReadToken()
	if err != nil {
		return err
	}
	switch token.Kind() {
	case 't', 'f':
		*f = flag(token.Bool())
		return nil
	}
	return shapeError("IsTruncated is no boolean")
}

// buckets decodes the array of entries one by one into their final form.
type buckets []Bucket

// entry is the wire form of a bucket.
type entry struct {
	Name, Region, Location, CreationDate, ExtranetEndpoint, IntranetEndpoint text
	ResourceGroupID                                                          text `json:"ResourceGroupId"`
}

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (l *buckets) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	open, err := d.ReadToken()
	if err != nil {
		return err
	}
	if open.Kind() != '[' {
		return shapeError("Buckets is no array")
	}
	// One allocation of the right size: growing would leave a fifth of it unused for as long as the page lives.
	*l = slices.Grow(*l, min(maxKeys, bytes.Count(d.UnreadBuffer(), []byte(`"Name"`))))
	var e entry
	for n := 0; d.PeekKind() != ']'; n++ {
		if err := json.UnmarshalDecode(d, &e); err != nil {
			return err
		}
		b, why := e.bucket()
		if why != "" {
			return shapeError(fmt.Sprintf("Buckets[%d]: %s", n, why))
		}
		*l = append(*l, b)
		e.next()
	}
	_, err = d.ReadToken()
	return err
}

func (e *entry) next() {
	for _, t := range []*text{
		&e.Name, &e.Region, &e.Location, &e.CreationDate, &e.ExtranetEndpoint, &e.IntranetEndpoint, &e.ResourceGroupID,
	} {
		t.next()
	}
}

// bucket resolves an entry, or says why it is none. Its region is the field's, else the location's, else the ARN's,
// else left to the caller.
func (e *entry) bucket() (b Bucket, why string) {
	b = Bucket{
		Name: e.Name.now, Region: e.Region.now, Location: e.Location.now, CreationDate: e.CreationDate.now,
		ExtranetEndpoint: e.ExtranetEndpoint.now, IntranetEndpoint: e.IntranetEndpoint.now,
		ResourceGroupID: e.ResourceGroupID.now,
	}
	if b.Region == "" {
		b.Region = strings.TrimPrefix(b.Location, "oss-")
	}
	if rest, isARN := strings.CutPrefix(b.Name, "acs:"); isARN {
		part := strings.SplitN(rest, ":", 4) // ossvector:{region}:{account id}:{bucket}
		if len(part) < 4 || part[0] != "ossvector" {
			return Bucket{}, "the name is no ARN of a vector bucket"
		}
		if b.Region == "" {
			b.Region = part[1]
		}
		b.ARN, b.AccountID, b.Name = b.Name, part[2], part[3]
	}
	if b.Name == "" {
		return Bucket{}, "the entry has no name"
	}
	b.Created = parseTime(b.CreationDate)
	return b, ""
}

// parseTime reads a time of the API; zero if it is none, which means no timestamp series, never a wrong one.
func parseTime(s string) time.Time {
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return time.Time{}
	}
	return t
}
