package faults

import (
	"bufio"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"
)

// slowReaders ask for much and read nothing: they hold up nobody, and are dropped in the end.
func slowReaders(t *testing.T, s *suite) {
	c := startSimulation(t)
	c.Account.Fill("cn-calm-1", 5000)
	x := s.start(t, strings.ReplaceAll(twoAccounts(c.URL, 10*time.Second), "page_size: 10", "page_size: 1000"), launch{})
	x.cloud = c
	x.scrape(t)
	_, descriptors, heap := x.usage(t)
	for range 30 {
		conn, err := net.Dial("tcp", x.process.Addr)
		must(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		must(t, conn.(*net.TCPConn).SetReadBuffer(4096))
		// Several answers, as one might fit into the kernel's buffers.
		_, err = io.WriteString(conn, strings.Repeat("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n", 6))
		must(t, err)
	}
	for range 3 {
		x.wantUp(t, other, x.scrape(t))
	}
	if _, _, now := x.usage(t); now > heap+20<<20 {
		t.Errorf("30 slow readers took the heap from %d to %d bytes", heap, now)
	}
	eventuallyLong(t, "the end of the slow readers", func() bool {
		_, now, _ := x.usage(t)
		return now <= descriptors+3
	})
	x.wantUp(t, struck, x.scrape(t))
	eventually(t, "a warning for each slow reader", func() bool {
		return len(x.lines(0, "level=warn", "metrics could not be sent whole")) == 30
	})
	x.end(t)
}

// slowHeaders never finish their request: they are dropped after some seconds.
func slowHeaders(t *testing.T, s *suite) {
	x := startReload(t, s)
	for _, text := range []string{"", "GET", "GET /metrics HTTP/1.1\r\nHost: x\r\nX-A: "} {
		conn, err := net.Dial("tcp", x.process.Addr)
		must(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		_, err = io.WriteString(conn, text)
		must(t, err)
		must(t, conn.SetReadDeadline(time.Now().Add(waitLimit)))
		began := time.Now()
		if _, err := io.Copy(io.Discard, conn); err != nil {
			if errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%q: still open after %s", text, time.Since(began))
			}
		}
	}
	x.wantUp(t, struck, x.scrape(t))
	x.end(t)
}

// slowBodies announce a body and send it byte by byte: they are refused at once and cut off.
func slowBodies(t *testing.T, s *suite) {
	x := startReload(t, s)
	conn, err := net.Dial("tcp", x.process.Addr)
	must(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n")
	must(t, err)
	must(t, conn.SetDeadline(time.Now().Add(waitLimit)))
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	must(t, err)
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d", resp.StatusCode)
	}
	eventually(t, "the end of the connection", func() bool {
		_, err := io.WriteString(conn, "x")
		return err != nil
	})
	x.end(t)
}

// eventuallyLong waits for what has a timeout of its own.
func eventuallyLong(t *testing.T, what string, done func() bool) {
	t.Helper()
	for range 3 {
		late := time.Now().Add(waitLimit - time.Second)
		reached := false
		eventually(t, what, func() bool {
			reached = done()
			return reached || time.Now().After(late)
		})
		if reached {
			return
		}
	}
	t.Fatalf("%s did not come", what)
}
