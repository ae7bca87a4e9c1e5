package server

import (
	"cmp"
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/exporter-toolkit/web"
)

// MaxProbes is how many probes may be in flight.
const MaxProbes = maxProbes

// MaxPages is how many requests for everything else but health may be in flight.
const MaxPages = maxPages

// NewBriefly is New with a write timeout that a test can wait for.
func NewBriefly(o Options, write time.Duration) (http.Handler, error) { return newHandler(o, write) }

// ServeBriefly is Serve with limits that a test can wait for; 0 leaves one as it is.
func ServeBriefly(ctx context.Context, h http.Handler, flags *web.FlagConfig, l *slog.Logger, header, grace time.Duration) error {
	return serve(ctx, h, flags, l, cmp.Or(header, headerTimeout), cmp.Or(grace, graceTimeout))
}
