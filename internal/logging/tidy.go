package logging

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/go-kit/log"
)

const (
	keyTime   = "ts"
	keyCaller = "caller"
	keyError  = "err"
)

// maxError is how many characters of an error's text a line keeps.
const maxError = 300

// keyOrder is the order of the keys in a line; others follow in the order in which they were passed.
var keyOrder = []string{ //nolint:gochecknoglobals // a table that is never written
	keyTime, "level", keyCaller, "msg", "account", "region", "operation", "reason", "code", "ec", "status",
	"request_id", "attempts", "duration", keyError,
}

func keyRank(key string) int {
	if at := slices.Index(keyOrder, key); at >= 0 {
		return at
	}
	return len(keyOrder)
}

type pair struct {
	key   string
	value any
}

// tidy puts the keys of a line into their order, keeps the last value of a key that was given twice, and makes an
// error's text one line of bounded length.
type tidy struct{ next log.Logger }

// Log implements log.Logger.
func (t tidy) Log(keyvals ...any) error {
	if len(keyvals)%2 != 0 {
		keyvals = append(keyvals, log.ErrMissingValue)
	}
	pairs := make([]pair, 0, len(keyvals)/2)
	for i := 0; i < len(keyvals); i += 2 {
		p := pair{fmt.Sprint(keyvals[i]), keyvals[i+1]}
		if p.key == keyError {
			p.value = oneLine(p.value)
		}
		if at := slices.IndexFunc(pairs, func(q pair) bool { return q.key == p.key }); at >= 0 {
			pairs[at] = p
			continue
		}
		pairs = append(pairs, p)
	}
	slices.SortStableFunc(pairs, func(a, b pair) int { return keyRank(a.key) - keyRank(b.key) })
	out := make([]any, 0, 2*len(pairs))
	for _, p := range pairs {
		out = append(out, p.key, p.value)
	}
	return t.next.Log(out...)
}

// oneLine is the text of an error without line breaks, cut after maxError characters. Values that have no text of
// their own are left to the encoder.
func oneLine(value any) any {
	var text string
	switch v := value.(type) {
	case nil:
		return nil
	case error:
		text = fmt.Sprint(v) // survives a nil pointer in the interface, unlike v.Error()
	case string:
		text = v
	default:
		return value
	}
	text = strings.Join(strings.Fields(text), " ")
	if utf8.RuneCountInString(text) <= maxError {
		return text
	}
	return string([]rune(text)[:maxError-1]) + "…"
}
