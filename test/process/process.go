// Package process runs a server under test as a process of its own, learns its address from its log and measures it from
// outside: what it costs is then not mixed with what the test costs. Linux only, by /proc.
package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"sync"
	"syscall"
	"time"
)

// listening finds the address in the line that exporter-toolkit writes; Prometheus uses it too.
var listening = regexp.MustCompile(`Listening on.* address=(\S+)`)

// grace is how long a process may take to end after SIGTERM.
const grace = 20 * time.Second

// Options say what to run.
type Options struct {
	Path string
	Args []string
	Env  []string  // added to the test's own environment
	Dir  string    // working folder
	Log  io.Writer // gets everything that it prints; may be nil
}

// Process is a running server.
type Process struct {
	Addr string // host:port that it listens on
	PID  int

	cmd  *exec.Cmd
	out  *output
	done chan struct{} // closed when it has ended
	err  error         // valid after done
}

// Start runs the program and returns once it listens. The context ends the wait, not the process: Stop does that.
func Start(ctx context.Context, o Options) (*Process, error) {
	cmd := exec.Command(o.Path, o.Args...) //nolint:gosec,noctx // the program is the test's; Stop ends it gracefully, which a context would not
	cmd.Env = append(os.Environ(), o.Env...)
	cmd.Dir = o.Dir
	p := &Process{cmd: cmd, out: &output{found: make(chan string, 1), copy: o.Log}, done: make(chan struct{})}
	cmd.Stdout, cmd.Stderr = p.out, p.out
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p.PID = cmd.Process.Pid
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	select {
	case p.Addr = <-p.out.found:
		return p, nil
	case <-p.done:
		return nil, fmt.Errorf("%s ended before it listened: %w\n%s", o.Path, p.err, p.Output())
	case <-ctx.Done():
		return nil, errors.Join(fmt.Errorf("%s did not listen in time: %w\n%s", o.Path, ctx.Err(), p.Output()), p.Stop())
	}
}

// Stop asks the process to end and waits for it; one that does not within 20 s is killed, which is an error.
func (p *Process) Stop() error {
	if err := p.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	late := time.NewTimer(grace)
	defer late.Stop()
	select {
	case <-p.done:
		return p.err
	case <-late.C:
		killed := p.cmd.Process.Kill()
		<-p.done
		return errors.Join(fmt.Errorf("%s did not end within %s of SIGTERM", p.cmd.Path, grace), killed)
	}
}

// Signal sends a signal to the process.
func (p *Process) Signal(s os.Signal) error { return p.cmd.Process.Signal(s) }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// Output is what the process has printed so far.
func (p *Process) Output() string {
	p.out.mu.Lock()
	defer p.out.mu.Unlock()
	return p.out.text.String()
}

// keep bounds the output that is remembered: a soak prints for an hour.
const keep = 4 << 20

// output remembers what is written and looks for the address in it.
type output struct {
	mu    sync.Mutex
	text  bytes.Buffer
	found chan string
	seen  bool
	copy  io.Writer
}

// Write implements io.Writer: it keeps the beginning and looks for the address that is listened on.
func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.text.Len() < keep {
		o.text.Write(b)
	}
	if o.copy != nil {
		_, _ = o.copy.Write(b)
	}
	if !o.seen {
		// The end of the line must be there, or the address might be cut off.
		if m := listening.FindSubmatch(o.text.Bytes()); m != nil && bytes.HasSuffix(o.text.Bytes(), []byte("\n")) {
			o.seen = true
			o.found <- string(bytes.Trim(m[1], `"`))
		}
	}
	return len(b), nil
}
