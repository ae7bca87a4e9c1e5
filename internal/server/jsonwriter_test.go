package server

import (
	"bufio"
	"errors"
	"io"
	"testing"
	"time"

	"ossvector_exporter/collector"
)

// refusing is a client that is gone.
type refusing struct{ err error }

func (w refusing) Write([]byte) (int, error) { return 0, w.err }

func TestJSONWriterKeepsItsFirstError(t *testing.T) {
	gone := errors.New("the client is gone")
	j := jsonWriter{Writer: bufio.NewWriterSize(refusing{gone}, 16)}
	j.text("longer than the buffer is")
	j.region(time.Time{}, collector.RegionState{})
	j.value(func() {}) // not JSON
	if err := j.flush(); !errors.Is(err, gone) {
		t.Errorf("%v, want the first error", err)
	}
	j = jsonWriter{Writer: bufio.NewWriter(io.Discard)}
	j.value(func() {})
	first := j.err
	j.region(time.Time{}, collector.RegionState{})
	if err := j.flush(); first == nil || !errors.Is(err, first) {
		t.Errorf("%v, want %v", err, first)
	}
}
