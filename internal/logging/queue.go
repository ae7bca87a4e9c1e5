package logging

import (
	"bytes"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

const (
	queueLines   = 4096        // at a few hundred bytes each; a burst of every region's warnings fits
	flushTimeout = time.Second // how long the end of the program waits for the lines still queued
)

var errFull = errors.New("the log takes no line")

// queue writes lines in one goroutine, so that a log that blocks (a pipe nobody reads, a full disk) delays nothing but
// the log. A line that finds the queue full, or that could not be written, is dropped and counted; the count is
// written once the log takes lines again.
type queue struct {
	w       io.Writer
	lost    func(w io.Writer, lines int64) error // writes that lines were lost
	lines   chan []byte
	dropped atomic.Int64

	closing sync.Once
	quit    chan struct{}
	done    chan struct{}
}

func startQueue(w io.Writer, lost func(io.Writer, int64) error) *queue {
	q := &queue{w: w, lost: lost, lines: make(chan []byte, queueLines), quit: make(chan struct{}), done: make(chan struct{})}
	go q.run()
	return q
}

// Write implements io.Writer for complete lines. It never blocks.
func (q *queue) Write(line []byte) (int, error) {
	select {
	case q.lines <- bytes.Clone(line): // the caller reuses its buffer
		return len(line), nil
	default:
		q.dropped.Add(1)
		return 0, errFull
	}
}

// close writes what is queued and ends the goroutine, or gives up after flushTimeout.
func (q *queue) close() {
	q.closing.Do(func() { close(q.quit) })
	late := time.NewTimer(flushTimeout)
	defer late.Stop()
	select {
	case <-q.done:
	case <-late.C:
	}
}

func (q *queue) run() {
	defer close(q.done)
	for {
		select {
		case line := <-q.lines:
			q.write(line)
		case <-q.quit:
			for len(q.lines) > 0 {
				q.write(<-q.lines)
			}
			return
		}
	}
}

// write writes one line, and after the last of the queue, where they would have come, how many were lost.
func (q *queue) write(line []byte) {
	if _, err := q.w.Write(line); err != nil {
		q.dropped.Add(1)
		return
	}
	if n := q.dropped.Load(); n > 0 && len(q.lines) == 0 && q.lost(q.w, n) == nil {
		q.dropped.Add(-n)
	}
}
