package faults

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// front stands before the simulated service and takes every connection first: as a rule it passes them on.
type front struct {
	addr string
	good func(net.Conn) // what passes a connection on

	mu       sync.Mutex
	listener net.Listener // nil while connections are refused
	bad      func(net.Conn)
	open     map[net.Conn]bool
	handlers sync.WaitGroup
}

func newFront(t *testing.T, good func(net.Conn)) *front {
	t.Helper()
	f := &front{good: good, open: map[net.Conn]bool{}}
	must(t, f.listen("127.0.0.1:0"))
	t.Cleanup(func() {
		_ = f.listener.Close()
		f.cut()
		f.handlers.Wait()
	})
	return f
}

func (f *front) listen(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listener, f.addr = l, l.Addr().String()
	f.handlers.Go(func() { f.accept(l) })
	return nil
}

func (f *front) accept(l net.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		f.mu.Lock()
		do := f.good
		if f.bad != nil {
			do = f.bad
		}
		f.open[conn] = true
		f.mu.Unlock()
		f.handlers.Go(func() {
			defer f.drop(conn)
			do(conn)
		})
	}
}

func (f *front) drop(conn net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.open, conn)
	_ = conn.Close()
}

// cut closes the connections that are open.
func (f *front) cut() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for conn := range f.open {
		_ = conn.Close()
	}
}

// left waits until the other side has noticed: a request on a connection that is just ending is another fault than the
// one that is meant.
func (f *front) left(t *testing.T) {
	t.Helper()
	_, port, err := net.SplitHostPort(f.addr)
	must(t, err)
	n, err := strconv.Atoi(port)
	must(t, err)
	remote := fmt.Sprintf("0100007F:%04X", n)
	eventually(t, "the end of the connections to "+f.addr, func() bool {
		table, err := os.ReadFile("/proc/net/tcp")
		must(t, err)
		for line := range strings.Lines(string(table)) {
			const timeWait = "06"
			if at := strings.Fields(line); at[2] == remote && at[3] != timeWait {
				return false
			}
		}
		return true
	})
}

// turn has new connections treated badly, or well again, and ends the present ones.
func (f *front) turn(bad func(net.Conn)) {
	f.mu.Lock()
	f.bad = bad
	f.mu.Unlock()
	f.cut()
}

// refuse closes the listener, until the returned function opens it again.
func (f *front) refuse(t *testing.T) (heal func()) {
	t.Helper()
	must(t, f.listener.Close())
	f.cut()
	f.left(t)
	return func() { must(t, f.listen(f.addr)) }
}

// passTo copies a connection to an address and back.
func passTo(addr string) func(net.Conn) {
	return func(conn net.Conn) {
		to, err := net.Dial("tcp", addr)
		if err != nil {
			return
		}
		var both sync.WaitGroup
		both.Go(func() {
			_, _ = io.Copy(to, conn)
			_ = to.Close()
		})
		both.Go(func() {
			_, _ = io.Copy(conn, to)
			_ = conn.Close()
		})
		both.Wait()
	}
}

// overTLS unwraps a connection first.
func overTLS(config *tls.Config, inner func(net.Conn)) func(net.Conn) {
	return func(conn net.Conn) {
		secured := tls.Server(conn, config)
		if secured.Handshake() == nil {
			inner(secured)
		}
	}
}

// turned is the injection of a strike at the account that is named as its row.
func turned(name string, bad func(net.Conn)) func(*testing.T, *exporter) func() {
	return func(t *testing.T, x *exporter) func() {
		f := x.fronts[name]
		f.turn(bad)
		f.left(t)
		return func() {
			f.turn(nil)
			f.left(t)
		}
	}
}

// silent takes what comes and never answers.
func silent(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// resets ends a connection by a reset.
func resets(conn net.Conn) {
	if c, ok := conn.(*net.TCPConn); ok {
		_ = c.SetLinger(0)
	}
}

// speaks reads the first of a request, says something and either ends the connection or keeps it open.
func speaks(stay bool, text ...string) func(net.Conn) {
	return func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 1))
		for _, part := range text {
			if _, err := io.WriteString(conn, part); err != nil {
				return
			}
		}
		if stay {
			silent(conn)
			return
		}
		if c, ok := conn.(interface{ CloseWrite() error }); ok {
			_ = c.CloseWrite() // a reset would take away what was said
			silent(conn)
		}
	}
}

// repeated says something for ever.
func repeated(begin, again string) func(net.Conn) {
	return func(conn net.Conn) {
		text := begin
		for {
			if _, err := io.WriteString(conn, text); err != nil {
				return
			}
			text = strings.Repeat(again, 100)
		}
	}
}
