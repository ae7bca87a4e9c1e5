package logging_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/google/go-cmp/cmp"

	"ossvector_exporter/internal/logging"
)

// lines returns what use logs with a new logger.
func lines(t *testing.T, levelName, format string, use func(log.Logger)) string {
	t.Helper()
	var b bytes.Buffer
	l, flush, err := logging.New(&b, levelName, format)
	if err != nil {
		t.Fatal(err)
	}
	use(l)
	flush()
	return b.String()
}

// normal replaces what differs from run to run: the time and the line number.
func normal(s string) string {
	s = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`).ReplaceAllString(s, "TIME")
	return regexp.MustCompile(`_test\.go:\d+`).ReplaceAllString(s, "_test.go:N")
}

func compare(t *testing.T, got, want string) {
	t.Helper()
	if d := cmp.Diff(want, normal(got)); d != "" {
		t.Errorf("-want +got:\n%s", d)
	}
}

type nilError struct{}

func (*nilError) Error() string { panic("called on nil") }

func TestLines(t *testing.T) {
	var none *nilError
	for name, c := range map[string]struct {
		log  func(l log.Logger)
		want string
	}{
		"the order of keys is fixed": {
			func(l log.Logger) {
				l = log.With(l, "region", "cn-a", "account", "a")
				_ = level.Warn(l).Log("err", "boom", "other", 1, "status", "403", "duration", time.Second, "attempts", 2,
					"request_id", "ID", "ec", "0003-00000201", "code", "AccessDenied", "reason", "access_denied", "operation", "O", "msg", "m")
			},
			"ts=TIME level=warn caller=logging_test.go:N msg=m account=a region=cn-a operation=O reason=access_denied " +
				"code=AccessDenied ec=0003-00000201 status=403 request_id=ID attempts=2 duration=1s err=boom other=1\n",
		},
		"the last of two values wins": {
			func(l log.Logger) { _ = level.Info(log.With(l, "region", "x")).Log("msg", "m", "region", "y") },
			"ts=TIME level=info caller=logging_test.go:N msg=m region=y\n",
		},
		"an error is one line": {
			func(l log.Logger) { _ = level.Error(l).Log("msg", "m", "err", errors.New("a\n\tb\r\nc")) },
			"ts=TIME level=error caller=logging_test.go:N msg=m err=\"a b c\"\n",
		},
		"an error is cut": {
			func(l log.Logger) { _ = level.Error(l).Log("err", strings.Repeat("ä", 301)) },
			"ts=TIME level=error caller=logging_test.go:N err=" + strings.Repeat("ä", 299) + "…\n",
		},
		"an error of 300 characters is whole": {
			func(l log.Logger) { _ = level.Error(l).Log("err", strings.Repeat("ä", 300)) },
			"ts=TIME level=error caller=logging_test.go:N err=" + strings.Repeat("ä", 300) + "\n",
		},
		"no error": {
			func(l log.Logger) { _ = level.Error(l).Log("err", nil) },
			"ts=TIME level=error caller=logging_test.go:N err=null\n",
		},
		"a nil pointer as error": {
			func(l log.Logger) { _ = level.Error(l).Log("err", error(none)) },
			"ts=TIME level=error caller=logging_test.go:N err=<nil>\n",
		},
		"a number as error": {
			func(l log.Logger) { _ = level.Error(l).Log("err", 7) },
			"ts=TIME level=error caller=logging_test.go:N err=7\n",
		},
		"a missing value": {
			func(l log.Logger) { _ = level.Error(l).Log("msg") },
			"ts=TIME level=error caller=logging_test.go:N msg=(MISSING)\n",
		},
		"below the level": {func(l log.Logger) { _ = level.Debug(l).Log("msg", "m") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			compare(t, lines(t, "info", "logfmt", c.log), c.want)
		})
	}
}

func TestJSON(t *testing.T) {
	compare(t, lines(t, "info", "json", func(l log.Logger) {
		_ = level.Info(l).Log("msg", "m", "attempts", 2, "err", errors.New("x\ny"))
	}),
		`{"attempts":2,"caller":"logging_test.go:N","err":"x y","level":"info","msg":"m","ts":"TIME"}`+"\n")
}

func TestSlog(t *testing.T) {
	for name, c := range map[string]struct {
		log  func(l *slog.Logger)
		want string
	}{
		"each key once": {
			func(l *slog.Logger) { l.Info("Listening on", "address", "[::]:10073") },
			"ts=TIME level=info caller=logging_test.go:N msg=\"Listening on\" address=[::]:10073\n",
		},
		"attributes of the logger, groups and errors": {
			func(l *slog.Logger) {
				l.With("a", 1).WithGroup("g").Error("m", "b", true, "err", errors.New("x\ny"))
			},
			"ts=TIME level=error caller=logging_test.go:N msg=m a=1 g.b=true g.err=\"x\\ny\"\n",
		},
		"an attribute named time stays": {
			func(l *slog.Logger) { l.Warn("m", "time", "noon") },
			"ts=TIME level=warn caller=logging_test.go:N msg=m time=noon\n",
		},
		"below the level": {func(l *slog.Logger) { l.Debug("m") }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			compare(t, lines(t, "info", "logfmt", func(l log.Logger) { c.log(logging.Slog(l, "info")) }), c.want)
		})
	}
}

func TestSlogJSONKeepsNumbers(t *testing.T) {
	text := lines(t, "info", "json", func(l log.Logger) { logging.Slog(l, "info").Info("m", "burst", 20) })
	var line map[string]any
	if err := json.Unmarshal([]byte(text), &line); err != nil {
		t.Fatal(err)
	}
	if line["burst"] != 20.0 || line["time"] != nil {
		t.Errorf("line %v", line)
	}
}

func TestLevels(t *testing.T) {
	names := []string{"debug", "info", "warn", "error"}
	for i, name := range names {
		text := lines(t, name, "logfmt", func(l log.Logger) {
			s := logging.Slog(l, name)
			s.Debug("debug")
			s.Info("info")
			s.Warn("warn")
			s.Error("error")
		})
		if got := strings.Count(text, "\n"); got != len(names)-i {
			t.Errorf("level %s: %d lines, want %d:\n%s", name, got, len(names)-i, text)
		}
	}
}

func TestSlogWithUnknownLevelIsInfo(t *testing.T) {
	compare(t, lines(t, "debug", "logfmt", func(l log.Logger) {
		s := logging.Slog(l, "loud")
		s.Debug("no")
		s.Info("yes")
	}), "ts=TIME level=info caller=logging_test.go:N msg=yes\n")
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []struct{ level, format, want string }{
		{"loud", "logfmt", `unknown log level "loud": debug, info, warn or error`},
		{"INFO", "logfmt", `unknown log level "INFO": debug, info, warn or error`},
		{"", "logfmt", `unknown log level "": debug, info, warn or error`},
		{"info", "xml", `unknown log format "xml": logfmt or json`},
	} {
		_, _, err := logging.New(io.Discard, c.level, c.format)
		if err == nil || err.Error() != c.want {
			t.Errorf("New(%q, %q): %v, want %s", c.level, c.format, err, c.want)
		}
	}
}

func TestConcurrentLinesStayWhole(t *testing.T) {
	text := lines(t, "info", "logfmt", func(l log.Logger) {
		s := logging.Slog(l, "info")
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() { _ = level.Info(l).Log("msg", "m") })
			wg.Go(func() { s.Info("m") })
		}
		wg.Wait()
	})
	compare(t, text, strings.Repeat("ts=TIME level=info caller=logging_test.go:N msg=m\n", 40))
}
