package ossvapi

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
)

const maxKeys = 1000 // entries of a page, the most that the API gives

// Bucket is one vector bucket as a listing gave it. Its strings are valid UTF-8 and otherwise as the service sent them.
type Bucket struct {
	Name             string // without the ARN around it; never empty
	ARN              string // the name as listed if it was an ARN, else empty
	AccountID        string // the ARN's account id, empty without an ARN
	Region           string // the bucket's own region, which is not always the region asked
	Location         string
	CreationDate     string    // exactly as the service wrote it
	Created          time.Time // CreationDate parsed; zero if it is absent or no date
	ExtranetEndpoint string
	IntranetEndpoint string
	ResourceGroupID  string
}

// Page is one page of a bucket listing. It is never changed, so it may be shared and kept.
type Page struct {
	Buckets []Bucket
	// Revision tells whether a page is unchanged: two pages of one client with the same Revision hold the same buckets. 0
	// is like no other.
	Revision uint64
	next     string // where the next page starts; empty on the last one
}

// Buckets walks the listing of a region page by page. Known are the pages of an earlier listing of the same region by
// this client, or nil: a page whose answer is byte for byte that of the known page at its place is not decoded again but is
// that very page, with its Revision. Pages are asked for in order and not ahead by the known markers: one new bucket moves
// every marker behind it, so that this would cost calls just when something changed, to save seconds where 100,000 buckets
// take 2 to 3. After an error, which is an *Error or the context's cause, nothing follows; only a walk that ends without one
// is a listing.
func (c *Client) Buckets(ctx context.Context, region string, known []*Page) iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) {
		r, err := c.bucketsRequest(region)
		if err != nil {
			yield(nil, err)
			return
		}
		pages, total := 0, 0
		walkPages(ctx, c, r, func(body []byte) (*Page, string, error) {
			page, err := c.page(region, body, known[min(pages, len(known)):])
			if err != nil {
				return nil, "", err
			}
			if pages, total = pages+1, total+len(page.Buckets); total > c.o.MaxBuckets {
				return nil, "", shapeError("the listing has more than " + grouped(c.o.MaxBuckets) + " buckets (max_buckets)")
			}
			return page, page.next, nil
		})(yield)
	}
}

func (c *Client) bucketsRequest(region string) (*request, error) {
	u, err := c.regionURL(region)
	if err != nil || !ValidRegion(region) {
		return nil, c.unasked(ListVectorBuckets, region, "the region or the endpoint has no usable form")
	}
	query := url.Values{"max-keys": {strconv.Itoa(c.o.PageSize)}}
	if c.o.Prefix != "" {
		query.Set("prefix", c.o.Prefix)
	}
	header := http.Header{}
	if c.o.ResourceGroupID != "" {
		header.Set("X-Oss-Resource-Group-Id", c.o.ResourceGroupID)
	}
	return &request{
		op: ListVectorBuckets, region: region, method: http.MethodGet, url: u, header: header,
		entries: c.o.PageSize, marker: "NextMarker", page: func(r *request, marker string) {
			if marker != "" {
				query.Set("marker", marker)
			}
			r.url.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // the signature covers a space as %20
		},
	}, nil
}

// page decodes an answer, unless it is that of the first known page.
func (c *Client) page(region string, body []byte, known []*Page) (*Page, error) {
	revision := max(1, maphash.Bytes(c.seed, body)^maphash.String(c.seed, region))
	if len(known) > 0 && known[0].Revision == revision {
		return known[0], nil
	}
	page, err := decodePage(body, bucketQuery{region, c.o.Prefix, c.o.PageSize})
	if err != nil {
		return nil, err
	}
	page.Revision = revision
	return page, nil
}

// bucketQuery is what a page was asked for.
type bucketQuery struct {
	region, prefix string
	size           int
}

// bucketList is the answer of ListVectorBuckets as documented.
type bucketList struct {
	Result *struct {
		IsTruncated bool
		NextMarker  text
		Buckets     bucketEntries
		Rest        map[string]jsontext.Value `json:",embed"`
	} `json:"ListAllMyBucketsResult"`
	Error jsontext.Value            // a root of its own: an error that came with status 200
	Rest  map[string]jsontext.Value `json:",embed"`
}

// decodePage reads an answer of ListVectorBuckets. Anything but the documented shape is an error, because reading it as
// "no buckets", or as fewer than there are, would be a lie. An inner object without Buckets means none.
func decodePage(body []byte, q bucketQuery) (*Page, error) {
	var list bucketList
	if err := unmarshal(body, &list); err != nil {
		return nil, err
	}
	if list.Result == nil || present(list.Error) {
		return nil, shapeError("the root is not ListAllMyBucketsResult: " + excerpt(body))
	}
	if err := list.check(); err != nil {
		return nil, err
	}
	found := list.Result.Buckets
	if len(found) > q.size {
		return nil, shapeError(fmt.Sprintf("Buckets has %s entries, %s were asked for", grouped(len(found)), grouped(q.size)))
	}
	for i := range found {
		b := &found[i]
		if b.Region == "" {
			b.Region = q.region
		}
		if !strings.HasPrefix(b.Name, q.prefix) {
			return nil, shapeError(fmt.Sprintf("Buckets[%d].Name lacks the prefix that was asked for: %q", i, b.Name))
		}
	}
	return &Page{Buckets: found, next: list.Result.NextMarker.now}, nil
}

// check refuses what says that there is more than the documented members tell.
func (l *bucketList) check() error {
	if err := undocumented(l.Rest, "", true, "ListAllMyBucketsResult", "Error"); err != nil {
		return err
	}
	err := undocumented(l.Result.Rest, "ListAllMyBucketsResult.", true,
		"Prefix", "Marker", "MaxKeys", "IsTruncated", "NextMarker", "Buckets")
	next := l.Result.NextMarker.now
	switch {
	case err != nil:
		return err
	case next == "" && l.Result.IsTruncated:
		return shapeError("IsTruncated is true but there is no NextMarker")
	case next != "" && !l.Result.IsTruncated:
		return shapeError(fmt.Sprintf("NextMarker without IsTruncated: %q", next))
	}
	return nil
}

// bucketEntries decodes the array of entries one by one into their final form.
type bucketEntries []Bucket

// The documented members of a bucket, as indexes of a bucketEntry.
const (
	memberName = iota
	memberRegion
	memberLocation
	memberCreationDate
	memberExtranetEndpoint
	memberIntranetEndpoint
	memberResourceGroupID
	bucketMembers
)

// bucketEntry is the wire form of a bucket.
type bucketEntry [bucketMembers]text

// UnmarshalJSONFrom implements json.UnmarshalerFrom.
func (l *bucketEntries) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	// One allocation of the right size: growing would leave a fifth of it unused for as long as the page lives. An N is
	// rarer than a quotation mark, so it is found faster.
	*l = slices.Grow(*l, min(maxKeys, bytes.Count(d.UnreadBuffer(), []byte(`Name":`))))
	var e bucketEntry
	names := [bucketMembers]string{
		"Name", "Region", "Location", "CreationDate", "ExtranetEndpoint", "IntranetEndpoint", "ResourceGroupId",
	}
	return decodeArray(d, maxKeys, func(n int) error {
		var shape shapeError
		err := decodeTexts(d, names[:], e[:])
		if err == nil {
			var b Bucket
			b, err = e.bucket()
			*l = append(*l, b)
		}
		if errors.As(err, &shape) {
			return shapeError(fmt.Sprintf("Buckets[%d]%s", n, shape))
		}
		return err
	})
}

// bucket resolves an entry. Its region is the field's, else the location's, else the ARN's, else left to the caller.
func (e *bucketEntry) bucket() (Bucket, error) {
	b := Bucket{
		Name: e[memberName].now, Region: regionID(e[memberRegion].now), Location: e[memberLocation].now,
		ExtranetEndpoint: e[memberExtranetEndpoint].now, IntranetEndpoint: e[memberIntranetEndpoint].now,
		ResourceGroupID: e[memberResourceGroupID].now,
		CreationDate:    e[memberCreationDate].now, Created: parseTime(e[memberCreationDate].now),
	}
	if b.Region == "" {
		b.Region = regionID(b.Location)
	}
	if arn, isARN := strings.CutPrefix(b.Name, "acs:"); isARN {
		product, arn, _ := strings.Cut(arn, ":") // ossvector:{region}:{account id}:{bucket}
		region, arn, _ := strings.Cut(arn, ":")
		account, name, complete := strings.Cut(arn, ":")
		if product != "ossvector" || !complete {
			return Bucket{}, shapeError(fmt.Sprintf(".Name is no ARN of a vector bucket: %q", b.Name))
		}
		if b.Region == "" {
			b.Region = regionID(region)
		}
		b.ARN, b.AccountID, b.Name = b.Name, account, name
	}
	if b.Name == "" {
		return Bucket{}, shapeError(" has no Name")
	}
	return b, nil
}
