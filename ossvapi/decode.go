package ossvapi

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// maxExcerpt is how much of a value an error may quote before it is scrubbed and cut short.
const maxExcerpt = 4 << 10

// errCutOff marks an answer that ended before it was complete: another attempt may get the rest.
var errCutOff = errors.New("the answer is cut off")

// shapeError says what in an answer is not the documented shape. It may quote the answer.
type shapeError string

// Error implements error.
func (e shapeError) Error() string { return string(e) }

// valueError says what is wrong with a value, to follow the name of its member.
type valueError string

// Error implements error.
func (e valueError) Error() string { return string(e) }

func wrongType(value []byte) valueError {
	return valueError(" is not of the documented type: " + excerpt(value))
}

// unmarshal decodes strictly: case-sensitive names, no duplicates, valid UTF-8, nothing after the value. What ends too
// early is errCutOff; any other error is a shapeError that names the member and its value.
func unmarshal(body []byte, into any) error {
	err := json.Unmarshal(body, into)
	var (
		shape  shapeError
		value  valueError
		typed  *json.SemanticError
		syntax *jsontext.SyntacticError
	)
	switch {
	case err == nil:
		return nil
	case len(body) == 0:
		return shapeError("the body is empty")
	case errors.As(err, &shape):
		return shape
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: %d bytes of JSON without an end", errCutOff, len(body))
	case errors.As(err, &typed):
		if !errors.As(err, &value) {
			value = wrongType(body[typed.ByteOffset:])
		}
		return shapeError(memberPath(typed.JSONPointer) + string(value))
	case errors.As(err, &syntax):
		return shapeError("not the documented JSON: " + excerpt(body[syntax.ByteOffset:]))
	}
	return shapeError("not the documented JSON")
}

// entryNumber is an entry of a list in a path.
var entryNumber = regexp.MustCompile(`\.([0-9]+)`)

// memberPath writes a JSON pointer the way people do: indexes[3].dimension.
func memberPath(p jsontext.Pointer) string {
	path := strings.ReplaceAll(strings.TrimPrefix(string(p), "/"), "/", ".")
	return cmp.Or(entryNumber.ReplaceAllString(path, "[$1]"), "the answer")
}

// excerpt is the value at the beginning of raw JSON. Scrubbing it resolves its escapes.
func excerpt(raw []byte) string {
	raw = bytes.TrimLeft(raw, " \t\r\n:,")
	value, err := jsontext.NewDecoder(bytes.NewReader(raw)).ReadValue()
	if err != nil {
		value = raw
	}
	return string(value[:min(len(value), maxExcerpt)])
}

// present reports whether a member is there and not null, which is the same as absent.
func present(v jsontext.Value) bool { return v != nil && v.Kind() != 'n' }

// undocumented refuses members that would make an answer read as less than it says: those whose names differ from a
// documented one in case only and, if arrays is set, arrays under other names. Null is the same as absent.
func undocumented(rest map[string]jsontext.Value, where string, arrays bool, documented ...string) error {
	for _, name := range slices.Sorted(maps.Keys(rest)) { // in one order, so that the same answer has the same error
		value := rest[name]
		if value.Kind() == 'n' || slices.Contains(documented, name) {
			continue
		}
		if err := checkSpelling(where, name, value, documented); err != nil {
			return err
		}
		if arrays && value.Kind() == '[' {
			return shapeError(where + name + " is an undocumented list: " + excerpt(value))
		}
	}
	return nil
}

// checkSpelling refuses an undocumented member whose name is a documented one in another writing.
func checkSpelling(where, name string, value jsontext.Value, documented []string) error {
	i := slices.IndexFunc(documented, func(d string) bool { return strings.EqualFold(d, name) })
	if i < 0 || value.Kind() == 'n' {
		return nil
	}
	return shapeError(where + name + " is not spelt " + documented[i] + ": " + excerpt(value))
}

// decodeArray calls each for every entry of an array, or for none if there is null in its place.
func decodeArray(d *jsontext.Decoder, limit int, each func(n int) error) error {
	if kind := d.PeekKind(); kind != '[' {
		value, err := d.ReadValue()
		if err == nil && kind != 'n' {
			err = wrongType(value)
		}
		return err
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for n := 0; d.PeekKind() != ']'; n++ {
		if n == limit {
			return valueError(" has more entries than the " + grouped(limit) + " of a full page")
		}
		if err := each(n); err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// decodeTexts decodes an object whose documented members are strings, each into the text of the same index. It does what
// package json would, in less time: a page has thousands of them.
func decodeTexts(d *jsontext.Decoder, names []string, into []text) error {
	for i := range into {
		into[i].next()
	}
	if d.PeekKind() != '{' {
		value, err := d.ReadValue()
		if err == nil {
			err = shapeError(wrongType(value))
		}
		return err
	}
	if _, err := d.ReadToken(); err != nil {
		return err
	}
	for next := 0; d.PeekKind() != '}'; next++ {
		name, err := d.ReadValue()
		if err != nil {
			return err
		}
		undocumented := ""
		if next >= len(names) || string(name[1:len(name)-1]) != names[next] { // members come in one order, as a rule
			next, undocumented = find(name, names)
		}
		value, err := d.ReadValue()
		if err != nil {
			return err
		}
		if next < 0 {
			err = checkSpelling(".", undocumented, value, names)
		} else if wrong := into[next].set(value); wrong != nil {
			err = shapeError("." + names[next] + wrong.Error())
		}
		if err != nil {
			return err
		}
	}
	_, err := d.ReadToken()
	return err
}

// find is the index of a member's name among others, or -1 and the name without escapes.
func find(name jsontext.Value, among []string) (int, string) {
	if i := slices.Index(among, string(name[1:len(name)-1])); i >= 0 {
		return i, ""
	}
	unquoted, _ := jsontext.AppendUnquote(nil, name) // the decoder has checked it: cannot fail
	return slices.Index(among, string(unquoted)), string(unquoted)
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
	return t.set(value)
}

func (t *text) set(value jsontext.Value) error {
	switch value.Kind() {
	case 'n':
		return nil
	case '"':
	default:
		return wrongType(value)
	}
	raw := value[1 : len(value)-1]
	switch {
	case bytes.IndexByte(raw, '\\') >= 0:
		unquoted, err := jsontext.AppendUnquote(nil, value)
		if err != nil {
			return err
		}
		t.now = string(unquoted)
	case string(raw) == t.last:
		t.now = t.last
		return nil
	default:
		t.now = string(raw)
	}
	if len(t.now) > maxText {
		return valueError(" is longer than " + grouped(maxText) + " bytes")
	}
	return nil
}

// parseTime reads a time of the API: RFC 3339, also with a blank for the T or an offset without its colon. It is zero if
// s is none or its year has not four digits in UTC, which means no timestamp series, never a wrong one.
func parseTime(s string) time.Time {
	if len(s) > 10 && s[10] == ' ' {
		s = s[:10] + "T" + s[11:]
	}
	t, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t, err = time.Parse("2006-01-02T15:04:05.999999999-0700", s)
	}
	if year := t.UTC().Year(); err != nil || year < 0 || year > 9999 {
		return time.Time{}
	}
	return t
}
