package ossvapi

import (
	"errors"
	"fmt"
	"io"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// shapeError says what in an answer is not the documented shape.
type shapeError string

// Error implements error.
func (e shapeError) Error() string { return string(e) }

// unmarshal decodes strictly: case-sensitive names, no duplicates, valid UTF-8, nothing after the value. What ends too
// early is errCutOff. The decoder's own errors quote the body, so they go no further.
func unmarshal(body []byte, into any) error {
	err := json.Unmarshal(body, into)
	var shape shapeError
	switch {
	case err == nil:
		return nil
	case len(body) == 0:
		return shapeError("the body is empty")
	case errors.As(err, &shape):
		return shape
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: %d bytes of JSON without an end", errCutOff, len(body))
	}
	return shapeError("the body is not the documented JSON")
}

// text decodes a JSON string and keeps the string it has if the next one is the same: most fields of a page's entries
// are, and a page of 1,000 buckets then needs 2,000 strings instead of 7,000.
type text struct {
	now, last string
}

// next forgets the value, which the next entry may lack, but not the string.
func (t *text) next() { t.now, t.last = "", t.now }

// UnmarshalJSONFrom implements json.UnmarshalerFrom. Null reads as an absent string.
func (t *text) UnmarshalJSONFrom(d *jsontext.Decoder) error {
	value, err := d.ReadValue()
	if err != nil {
		return err
	}
	switch value.Kind() {
	case 'n':
		return nil
	case '"':
	default:
		return shapeError("a field that is a string by the documentation is none")
	}
	raw := value[1 : len(value)-1]
	for _, c := range raw {
		if c == '\\' {
			unquoted, err := jsontext.AppendUnquote(nil, value)
			t.now = string(unquoted)
			return err
		}
	}
	if t.now = t.last; string(raw) != t.last {
		t.now = string(raw)
	}
	return nil
}
