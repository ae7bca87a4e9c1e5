package ossvapi

import (
	"context"
	"net"
	"net/http"
	"sync/atomic"
	"testing"
)

// pipes is a listener whose connections are in memory, so that they can be used in a bubble of synctest.
type pipes struct {
	accepted chan net.Conn
	closed   chan struct{}
	opened   atomic.Int32
}

func newPipes() *pipes {
	return &pipes{accepted: make(chan net.Conn), closed: make(chan struct{})}
}

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case conn := <-p.accepted:
		return conn, nil
	case <-p.closed:
		return nil, net.ErrClosed
	}
}

func (p *pipes) Close() error {
	close(p.closed)
	return nil
}

func (p *pipes) Addr() net.Addr { return &net.TCPAddr{} }

// dial connects whatever host is asked for.
func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	p.opened.Add(1)
	ours, theirs := net.Pipe()
	select {
	case p.accepted <- theirs:
		return ours, nil
	case <-p.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// serve runs h behind a transport of ours, whose connections are in memory.
func serve(t *testing.T, h http.Handler) (*http.Transport, *pipes) {
	p := newPipes()
	server := &http.Server{Handler: h}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(p)
	}()
	transport := newTransport(TransportOptions{MaxConns: 4})
	transport.DialContext = bounded(p.dial)
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = server.Close()
		<-done
	})
	return transport, p
}
