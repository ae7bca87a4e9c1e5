//go:build linux

package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"ossvector_exporter/ossvapi/ossvtest"
)

// terminal is a pseudo terminal: what is written to one end can be read, once that end is closed, from the other.
func terminal(t *testing.T) (end, screen *os.File) {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = screen.Close() })
	var locked, number int32
	for request, value := range map[uintptr]*int32{syscall.TIOCSPTLCK: &locked, syscall.TIOCGPTN: &number} {
		if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, screen.Fd(), request, uintptr(unsafe.Pointer(value))); errno != 0 {
			t.Fatal(errno)
		}
	}
	end, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	return end, screen
}

// What passes by on a terminal while the regions are checked has no names taken out, so a report that shall have none is
// all that is shown.
func TestProgressOnATerminal(t *testing.T) {
	w := newWard(t, ossvtest.Options{})
	message := "no indexes of docs for 1037350000000000"
	w.service.Inject(ossvtest.Fault{Match: ossvtest.Match{Operation: ossvtest.ListVectorIndexes}, Do: ossvtest.Fail(403, "AccessDenied", message)})
	for _, c := range []struct {
		flags []string
		shown bool
	}{{nil, true}, {[]string{"--doctor.redact"}, false}} {
		end, screen := terminal(t)
		w.stderr = end
		if _, err := w.doctor(c.flags...); err == nil {
			t.Error("well")
		}
		_ = end.Close()
		passedBy, _ := io.ReadAll(screen) // ends with an error, as the other end is closed
		if strings.Contains(string(passedBy), message) != c.shown {
			t.Errorf("%v: on the terminal: %s", c.flags, passedBy)
		}
	}
}
