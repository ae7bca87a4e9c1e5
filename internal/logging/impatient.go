package logging

import (
	"bytes"
	"errors"
	"io"
	"sync/atomic"
	"time"
)

// patience is how long a line may take to be written before the program goes on without it.
const patience = time.Second

var errStuck = errors.New("the log takes no line")

// impatient writes one line after the other, and as a rule returns when the line is written. But where the log is a pipe
// that its reader has stopped reading, a write lasts for ever, and every listing that has something to say would hang
// with it. So it then gives up, drops what comes while the line is stuck, and says how much that was once it is not.
type impatient struct {
	w    io.Writer
	lost func(w io.Writer, lines int64) // writes that lines were lost
	wait time.Duration

	busy    chan struct{} // of size one, full while a line is being written
	stuck   atomic.Bool   // the line that is being written is late: do not wait for it again
	dropped atomic.Int64
}

func newImpatient(w io.Writer, wait time.Duration, lost func(io.Writer, int64)) *impatient {
	return &impatient{w: w, lost: lost, wait: wait, busy: make(chan struct{}, 1)}
}

// Write implements io.Writer for whole lines, by any number of goroutines.
func (i *impatient) Write(line []byte) (int, error) {
	late := time.NewTimer(i.wait)
	defer late.Stop()
	if !i.enter(late.C) {
		i.dropped.Add(1)
		return 0, errStuck
	}
	done := make(chan error, 1)
	line = bytes.Clone(line) // the caller's buffer is used again
	go func() {
		if n := i.dropped.Swap(0); n > 0 {
			i.lost(i.w, n)
		}
		_, err := i.w.Write(line)
		i.stuck.Store(false)
		<-i.busy
		done <- err
	}()
	select {
	case err := <-done:
		return len(line), err
	case <-late.C:
		i.stuck.Store(true)
		return 0, errStuck
	}
}

// enter waits for the line before, unless that is known to be stuck.
func (i *impatient) enter(late <-chan time.Time) bool {
	select {
	case i.busy <- struct{}{}:
		return true
	default:
	}
	if i.stuck.Load() {
		return false
	}
	select {
	case i.busy <- struct{}{}:
		return true
	case <-late:
		return false
	}
}
