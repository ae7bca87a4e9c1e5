package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/prometheus/exporter-toolkit/web"
)

// What a client may take. Reading has no deadline as a whole: it would cancel scrapes that last longer, and request bodies
// are refused.
const (
	headerTimeout  = 10 * time.Second // from the first byte of a request to the end of its header; TLS handshakes too
	toolkitTimeout = 30 * time.Second // to take the toolkit's own answers; New's handler sets its own
	idleTimeout    = 2 * time.Minute  // between two requests; above usual scrape intervals, so that connections are used again
	graceTimeout   = 10 * time.Second // for scrapes in flight after the context ends
	maxHeader      = 64 << 10
)

// Serve answers on every address of flags, or on systemd's sockets, until ctx ends; then it closes its listeners, gives
// the requests in flight 10 s to finish and returns nil. It returns early if one of the addresses cannot be served.
// The toolkit does TLS, basic auth and headers as the web configuration file says.
func Serve(ctx context.Context, h http.Handler, flags *web.FlagConfig, l *slog.Logger) error {
	return serve(ctx, h, flags, l, headerTimeout, graceTimeout)
}

func serve(ctx context.Context, h http.Handler, flags *web.FlagConfig, l *slog.Logger, header, grace time.Duration) error {
	starts, err := listeners(flags, l)
	if err != nil {
		return err
	}
	// Scrapes in flight outlive ctx; what is left of them after the grace ends with base.
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	done := make(chan error, len(starts))
	servers := make([]*http.Server, 0, len(starts))
	for _, start := range starts {
		// One server per address: the toolkit wraps the handler of a shared one unsafely.
		srv := newServer(base, h, l, header)
		servers = append(servers, srv)
		go func() { done <- start(srv) }()
	}
	left := len(starts)
	select {
	case <-ctx.Done():
		l.Info("shutting down", "why", context.Cause(ctx))
	case err = <-done:
		left--
	}
	shutdown(base, servers, l, grace)
	for ; left > 0; left-- {
		if end := <-done; !errors.Is(end, http.ErrServerClosed) {
			err = errors.Join(err, end)
		}
	}
	return err
}

// listeners gives a function per address that serves it until the server is shut down.
func listeners(flags *web.FlagConfig, l *slog.Logger) ([]func(*http.Server) error, error) {
	if *flags.WebSystemdSocket {
		return systemd(flags, l)
	}
	if len(*flags.WebListenAddresses) == 0 {
		return nil, web.ErrNoListeners
	}
	var starts []func(*http.Server) error
	for _, address := range *flags.WebListenAddresses {
		one := *flags
		one.WebListenAddresses = &[]string{address}
		starts = append(starts, func(srv *http.Server) error {
			if err := web.ListenAndServe(srv, &one, l); err != nil {
				return fmt.Errorf("cannot serve on %s: %w", address, err)
			}
			return nil
		})
	}
	return starts, nil
}

func systemd(flags *web.FlagConfig, l *slog.Logger) ([]func(*http.Server) error, error) {
	sockets, err := activation.Listeners()
	if err != nil {
		return nil, fmt.Errorf("systemd sockets: %w", err)
	}
	var starts []func(*http.Server) error
	for _, socket := range sockets {
		if socket == nil { // not a stream socket
			continue
		}
		starts = append(starts, func(srv *http.Server) error {
			defer func(c net.Listener) { _ = c.Close() }(socket)
			return web.Serve(socket, srv, flags, l)
		})
	}
	if len(starts) == 0 {
		return nil, errors.New("--web.systemd-socket: systemd passed no socket; start by a .socket unit, or leave the flag out")
	}
	return starts, nil
}

func newServer(base context.Context, h http.Handler, l *slog.Logger, header time.Duration) *http.Server {
	return &http.Server{
		Handler:           h,
		BaseContext:       func(net.Listener) context.Context { return base },
		ReadHeaderTimeout: header,
		WriteTimeout:      toolkitTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(connectionErrors{l.Handler()}, slog.LevelWarn),
	}
}

// shutdown lets the requests in flight finish within grace and breaks off the rest.
func shutdown(ctx context.Context, servers []*http.Server, l *slog.Logger, grace time.Duration) {
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	var wg sync.WaitGroup
	for _, srv := range servers {
		wg.Go(func() {
			if srv.Shutdown(ctx) != nil {
				l.Warn("requests in flight were cut off", "duration", grace)
				_ = srv.Close()
			}
		})
	}
	wg.Wait()
}

// connectionErrors takes the lines of net/http, which are about single connections. Peers that connect and leave, as
// TCP health checks do, are no news.
type connectionErrors struct{ slog.Handler }

// Handle implements slog.Handler.
func (c connectionErrors) Handle(ctx context.Context, r slog.Record) error {
	level := slog.LevelWarn
	if strings.HasSuffix(r.Message, "EOF") || strings.HasSuffix(r.Message, "connection reset by peer") {
		level = slog.LevelDebug
	}
	if !c.Enabled(ctx, level) {
		return nil
	}
	out := slog.NewRecord(r.Time, level, "connection failed", r.PC)
	out.AddAttrs(slog.String("err", strings.TrimSpace(r.Message)))
	return c.Handler.Handle(ctx, out)
}
