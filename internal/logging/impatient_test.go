package logging

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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
}

func (p *pipe) Write(b []byte) (int, error) {
	<-p.open
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.text.Write(b)
}

func TestStuckLogHoldsUpNobody(t *testing.T) {
	for format, lost := range map[string]string{"logfmt": `level=warn caller=impatient.go msg="log lines were lost: nobody read them" lines=20`, "json": `"lines":20`} {
		synctest.Test(t, func(t *testing.T) {
			p := &pipe{open: make(chan struct{})}
			l, err := New(p, "info", format)
			if err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			for n := range 21 {
				_ = level.Info(l).Log("msg", fmt.Sprintf("line %d", n))
			}
			if took := time.Since(began); took != patience {
				t.Errorf("a stuck log took %s", took)
			}
			close(p.open)
			synctest.Wait()
			_ = level.Info(l).Log("msg", "afterwards")
			lines := strings.Split(strings.TrimSpace(p.text.String()), "\n")
			if len(lines) != 3 || !strings.Contains(lines[0], "line 0") || !strings.Contains(lines[1], lost) || !strings.Contains(lines[2], "afterwards") {
				t.Errorf("%s: %q", format, lines)
			}
		})
	}
}

func TestLogInOrder(t *testing.T) {
	var text bytes.Buffer
	w := newImpatient(&text, time.Hour, func(io.Writer, int64) { t.Error("lines were lost") })
	var all sync.WaitGroup
	for n := range 20 {
		all.Go(func() {
			for range 50 {
				if size, err := fmt.Fprintf(w, "%02d\n", n); size != 3 || err != nil {
					t.Errorf("%d, %v", size, err)
				}
			}
		})
	}
	all.Wait()
	if lines := strings.Split(text.String(), "\n"); len(lines) != 1001 || strings.ContainsFunc(text.String(), func(r rune) bool { return r != '\n' && (r < '0' || r > '9') }) {
		t.Errorf("%d lines", len(lines))
	}
}

func TestLogErrorIsTold(t *testing.T) {
	r, w := io.Pipe()
	r.Close()
	if _, err := newImpatient(w, time.Hour, nil).Write([]byte("x\n")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("error %v", err)
	}
}
