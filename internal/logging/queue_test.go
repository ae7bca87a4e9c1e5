package logging

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log/level"
)

// pipe is a log whose reader can stop reading.
type pipe struct {
	open chan struct{} // closed while it is read
	mu   sync.Mutex
	text bytes.Buffer
	err  error // of every write; nil: they succeed
}

func (p *pipe) Write(b []byte) (int, error) {
	<-p.open
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err != nil {
		return 0, p.err
	}
	return p.text.Write(b)
}

func (p *pipe) fail(err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.err = err
}

// A log that nobody reads delays nobody; what did not fit is counted, and the end waits a second for it at most.
func TestStuckLogDelaysNobody(t *testing.T) {
	for format, lost := range map[string]string{
		"logfmt": `level=warn caller=queue.go msg="log lines were lost: nobody read them" lines=20`, "json": `"lines":20`,
	} {
		synctest.Test(t, func(t *testing.T) {
			p := &pipe{open: make(chan struct{})}
			l, flush, err := New(p, "info", format)
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			_ = level.Info(l).Log("msg", "being written")
			synctest.Wait()
			for n := range queueLines + 20 {
				_ = level.Info(l).Log("msg", fmt.Sprintf("line %d", n))
			}
			if took := time.Since(began); took != 0 {
				t.Errorf("a stuck log took %s", took)
			}
			flush()
			if took := time.Since(began); took != flushTimeout {
				t.Errorf("the end took %s", took)
			}
			close(p.open)
			synctest.Wait()
			lines := strings.Split(strings.TrimSpace(p.text.String()), "\n")
			if len(lines) != queueLines+2 || !strings.Contains(lines[queueLines+1], lost) ||
				!strings.Contains(lines[queueLines], fmt.Sprintf("line %d", queueLines-1)) {
				t.Errorf("%s: %d lines, the last %q", format, len(lines), lines[len(lines)-1])
			}
		})
	}
}

// Lines that a full disk refuses are counted until it takes lines again, the one that tells so included.
func TestFullDiskIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &pipe{open: make(chan struct{}), err: errors.New("no space left")}
		close(p.open)
		l, flush, err := New(p, "info", "logfmt")
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			_ = level.Info(l).Log("msg", "lost")
			synctest.Wait()
		}
		p.fail(nil)
		_ = level.Info(l).Log("msg", "kept")
		flush()
		if lines := strings.Split(p.text.String(), "\n"); len(lines) != 3 || !strings.Contains(lines[1], "lines=3") {
			t.Errorf("logged %q", lines)
		}
	})
}

// The end writes all that was logged before it, in order.
func TestEndFlushes(t *testing.T) {
	p := &pipe{open: make(chan struct{})}
	close(p.open)
	l, flush, err := New(p, "info", "logfmt")
	if err != nil {
		t.Fatal(err)
	}
	for n := range 1000 {
		_ = level.Info(l).Log("n", n)
	}
	flush()
	flush() // a second time changes nothing
	lines := strings.Split(strings.TrimSpace(p.text.String()), "\n")
	for n, line := range lines {
		if !strings.HasSuffix(line, fmt.Sprintf(" n=%d", n)) {
			t.Fatalf("line %d is %s", n, line)
		}
	}
	if len(lines) != 1000 {
		t.Errorf("%d lines", len(lines))
	}
}
