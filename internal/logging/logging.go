// Package logging makes the program's logger: go-kit/log lines in logfmt or JSON with the keys ts, level, caller and
// msg, each once, and a bridge that gives the lines of libraries on log/slog the same shape.
package logging

import (
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	sloggokit "github.com/tjhop/slog-gokit"
)

// timeLayout is that of the official exporters: UTC with milliseconds.
const timeLayout = "2006-01-02T15:04:05.000Z07:00"

// New returns a logger that writes one line per event to w. Its level is debug, info, warn or error, its format logfmt
// or json. It is safe for concurrent use and never waits for w. Call flush before the program ends: it waits until
// every line is written, a second at most; what is logged after it is lost.
func New(w io.Writer, levelName, format string) (logger log.Logger, flush func(), err error) {
	_, allowed, err := parseLevel(levelName)
	if err != nil {
		return nil, nil, err
	}
	sink, known := map[string]func(io.Writer) log.Logger{"logfmt": log.NewLogfmtLogger, "json": log.NewJSONLogger}[format]
	if !known {
		return nil, nil, fmt.Errorf("unknown log format %q: logfmt or json", format)
	}
	now := log.TimestampFormat(func() time.Time { return time.Now().UTC() }, timeLayout)
	out := startQueue(w, func(w io.Writer, lines int64) error {
		return sink(w).Log(keyTime, now(), level.Key(), level.WarnValue(), keyCaller, "queue.go",
			"msg", "log lines were lost: nobody read them", "lines", lines)
	})
	filtered := level.NewFilter(tidy{next: sink(out)}, allowed)
	return log.With(filtered, keyTime, now, keyCaller, log.DefaultCaller), out.close, nil
}

// Slog returns a logger whose records become lines of l, which must come from New. The level only saves the work of
// making records that l would drop; one that New refuses counts as info.
func Slog(l log.Logger, levelName string) *slog.Logger {
	least, _, _ := parseLevel(levelName)
	return slog.New(sloggokit.NewGoKitHandler(bridge{next: l}, least))
}

// parseLevel is stricter than the two libraries, which also take other cases, spaces and offsets such as "warn+2". What it
// refuses is info, too.
func parseLevel(name string) (slog.Level, level.Option, error) {
	switch name {
	case "debug":
		return slog.LevelDebug, level.AllowDebug(), nil
	case "info":
		return slog.LevelInfo, level.AllowInfo(), nil
	case "warn":
		return slog.LevelWarn, level.AllowWarn(), nil
	case "error":
		return slog.LevelError, level.AllowError(), nil
	}
	return slog.LevelInfo, nil, fmt.Errorf("unknown log level %q: debug, info, warn or error", name)
}

// bridge drops the time that slog-gokit adds beside the logger's own, and unpacks attributes, so that JSON lines keep
// their numbers.
type bridge struct{ next log.Logger }

// Log implements log.Logger.
func (b bridge) Log(keyvals ...any) error {
	out := make([]any, 0, len(keyvals))
	for i := 0; i+1 < len(keyvals); i += 2 {
		value := keyvals[i+1]
		if _, added := value.(time.Time); added && keyvals[i] == slog.TimeKey {
			continue
		}
		if v, ok := value.(slog.Value); ok {
			value = v.Any()
		}
		out = append(out, keyvals[i], value)
	}
	return b.next.Log(out...)
}
