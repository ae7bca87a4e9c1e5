package ossvapi

import (
	"context"
	"fmt"
	"hash/maphash"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// Page is one page of a bucket listing. It is never changed once it is there, so it may be shared and kept.
type Page struct {
	Buckets   []Bucket
	region    string // asked; it may stand in for a bucket's own
	marker    string // asked with
	next      string // where the next page starts; empty on the last one
	truncated bool
	sum       uint64 // of the body, by the client's own seed
	size      int
}

// Buckets walks the listing of a region page by page. Known are the pages of an earlier listing of the same region by
// this client, or nil: a page whose answer is byte for byte the known one's is not decoded again but is that very *Page,
// which tells the caller that nothing in it changed. After an error, which is an *Error or the context's cause, nothing
// follows; only a walk that ends without one is a listing.
func (c *Client) Buckets(ctx context.Context, region string, known []*Page) iter.Seq2[*Page, error] {
	return func(yield func(*Page, error) bool) {
		seen := map[string]bool{}
		for n, marker := 0, ""; ; n++ {
			if n == maxPages {
				yield(nil, c.tooManyPages(region))
				return
			}
			seen[marker] = true
			page, err := c.page(ctx, region, marker, pageAt(known, n, marker), seen)
			if !yield(page, err) || err != nil || !page.truncated {
				return
			}
			marker = page.next
		}
	}
}

// pageAt finds the known page that was asked with marker: as a rule the n-th.
func pageAt(known []*Page, n int, marker string) *Page {
	if n < len(known) && known[n].marker == marker {
		return known[n]
	}
	for _, p := range known {
		if p.marker == marker {
			return p
		}
	}
	return nil
}

// page asks for the page after marker. A next marker that was asked with before is refused: the walk would never end.
func (c *Client) page(ctx context.Context, region, marker string, known *Page, seen map[string]bool) (*Page, error) {
	r, err := c.pageRequest(region, marker)
	if err != nil {
		return nil, err
	}
	var page *Page
	err = c.call(ctx, r, func(body []byte) error {
		sum := maphash.Bytes(c.seed, body)
		if known != nil && known.region == region && known.sum == sum && known.size == len(body) {
			page = known
		} else {
			decoded, err := decodePage(body, region)
			if err != nil {
				return err
			}
			page = decoded
			page.region, page.marker, page.sum, page.size = region, marker, sum, len(body)
		}
		if page.truncated && (page.next == "" || seen[page.next]) {
			return shapeError("the listing is truncated but its NextMarker does not advance")
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return page, nil
}

func (c *Client) pageRequest(region, marker string) (*request, error) {
	u, err := c.regionURL(region)
	if err != nil || !ValidRegion(region) {
		return nil, c.unasked(ListVectorBuckets, region, "the region or the endpoint has no usable form")
	}
	query := url.Values{"max-keys": {strconv.Itoa(c.o.PageSize)}}
	if c.o.Prefix != "" {
		query.Set("prefix", c.o.Prefix)
	}
	if marker != "" {
		query.Set("marker", marker)
	}
	u.RawQuery = strings.ReplaceAll(query.Encode(), "+", "%20") // the signature covers a space as %20
	header := http.Header{}
	if c.o.ResourceGroupID != "" {
		header.Set("X-Oss-Resource-Group-Id", c.o.ResourceGroupID)
	}
	return &request{op: ListVectorBuckets, region: region, method: http.MethodGet, url: u, header: header}, nil
}

func (c *Client) tooManyPages(region string) error {
	return c.failed(&Error{
		Operation: ListVectorBuckets, Region: region, Reason: InvalidResponse, Status: http.StatusOK,
		Message: fmt.Sprintf("the listing has more than %d pages", maxPages),
	})
}

// unasked is the failure of a call that was never made. A region without the form of one may come out of a response, so
// it gets no further.
func (c *Client) unasked(op Operation, region, why string) error {
	if !ValidRegion(region) {
		region = ""
	}
	return c.failed(&Error{Operation: op, Region: region, Reason: InvalidRequest, Message: why})
}

// failed reports a failure that came to no attempt.
func (c *Client) failed(err *Error) error {
	c.o.Observer.Failure(err)
	return err
}
