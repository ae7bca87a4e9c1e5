package ossvapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/go-json-experiment/json"
)

const maxIndexResults = 500 // of one page of ListVectorIndexes, the most that the API takes

// Indexes lists the vector indexes of a bucket on its own region's host, all pages of them or an error, which is an
// *Error or the context's cause. An index that two pages hold is returned once. The bucket must be Addressable.
func (c *Client) Indexes(ctx context.Context, b Bucket) ([]Index, error) {
	u, err := c.bucketURL(b)
	if err != nil || !Addressable(b) {
		return nil, c.unasked(ListVectorIndexes, b.Region, "the bucket's name, account id or region has no usable form")
	}
	u.RawQuery = "listVectorIndexes"
	r := &request{
		op: ListVectorIndexes, region: b.Region, bucket: &b, method: http.MethodPost, url: u,
		header: http.Header{"Content-Type": {"application/json"}},
	}
	var all []Index
	names, tokens := map[string]bool{}, map[string]bool{"": true}
	for token, n := "", 0; n < maxPages; n++ {
		next, err := c.indexPage(ctx, r, token, tokens, func(i Index) {
			if !names[i.Name] {
				names[i.Name] = true
				all = append(all, i)
			}
		})
		if err != nil {
			return nil, err
		}
		if next == "" {
			return all, nil
		}
		token = next
	}
	return nil, c.failed(&Error{
		Operation: ListVectorIndexes, Region: b.Region, Reason: InvalidResponse, Status: http.StatusOK,
		Message: fmt.Sprintf("the listing has more than %d pages", maxPages),
	})
}

// indexPage asks for one page and gives its entries to add, once the whole page is good.
func (c *Client) indexPage(
	ctx context.Context, r *request, token string, tokens map[string]bool, add func(Index),
) (next string, err error) {
	asked := struct {
		MaxResults int    `json:"maxResults"`
		NextToken  string `json:"nextToken,omitempty"`
	}{maxIndexResults, token}
	if r.body, err = json.Marshal(asked); err != nil {
		return "", c.unasked(r.op, r.region, "the page's token cannot be sent back")
	}
	err = c.call(ctx, r, func(body []byte) error {
		indexes, after, err := decodeIndexes(body)
		if err != nil {
			return err
		}
		if after != "" && tokens[after] {
			return errors.New("the nextToken does not advance")
		}
		for _, i := range indexes {
			add(i)
		}
		next = after
		return nil
	})
	tokens[next] = true
	return next, err
}
