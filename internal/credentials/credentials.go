// Package credentials turns the credentials that an account is configured with into the keys that its requests are signed
// with. It asks STS, the instance metadata and the other services itself: what it reads of them is bounded, no connection
// outlives its call, and no text of theirs reaches a log. At most one call per account is in flight and never on a
// request's path, keys are renewed ahead of time, and a source that fails is never replaced by another identity.
package credentials

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-kit/log"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

// Options are what Keys need in addition to their configuration.
type Options struct {
	Account string                                // names the account in log lines
	Getenv  func(string) string                   // the environment; nil: an empty one
	Logger  log.Logger                            // nil: nothing is logged
	Proxy   func(*http.Request) (*url.URL, error) // of the calls of STS and CloudSSO; nil: the environment's
	TLS     *tls.Config                           // of the same calls; nil: the system's authorities

	dial dialer // of all calls; nil: the network
}

type dialer func(ctx context.Context, network, address string) (net.Conn, error)

// Keys are one account's signing keys, from one source. They are safe for concurrent use.
type Keys struct {
	source source
	sts    string
	logger log.Logger

	cached atomic.Pointer[cachedKey]
	closed atomic.Bool

	mu     sync.Mutex
	call   *call     // the call in flight, nil if none
	failed time.Time // when the last call that failed began

	warned bool // the present streak of failures has been logged; it belongs to the call in flight
}

var _ ossvapi.Keys = (*Keys)(nil)

// New chooses the source that c asks for, which config.Load has filled and checked. What is wrong with the environment
// (nothing configured, half a key) is the error of every Key, so that one account's trouble leaves the others running. It
// makes no call and starts no goroutine.
func New(c config.Credentials, o Options) *Keys {
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	if o.Logger == nil {
		o.Logger = log.NewNopLogger()
	}
	r := newResolver(c, o)
	s := r.resolve()
	return &Keys{source: s, sts: r.asked, logger: log.With(o.Logger, "account", o.Account)}
}

// Check says why the source cannot have a key, as far as that can be told without a call: nothing is configured, half of
// something is, or a file is not there. A start goes on without, because the rest of the accounts can be listed.
func (k *Keys) Check() error {
	if k.source.look == nil {
		return nil
	}
	return k.source.look()
}

// Describe says in a few words which source is used, for the log line at the start. Of a key it shows at most the first
// four characters, of a URL the host.
func (k *Keys) Describe() string { return k.source.text }

// STSHost is the host of STS that the source asks, empty if it asks none.
func (k *Keys) STSHost() string { return k.sts }

// Close ends the renewing ahead of time: from then on nothing is asked that no caller waits for. Callers of before and
// after still get their key, so that a reload breaks no scrape. A call in flight ends by its own timeouts.
func (k *Keys) Close() { k.closed.Store(true) }

// Key returns the key in force, from memory as long as it counts as good.
func (k *Keys) Key(ctx context.Context) (ossvapi.Key, error) {
	if c := k.good(); c != nil {
		k.renewAhead(ctx, c)
		return c.key, nil
	}
	return k.start(ctx, false, ossvapi.Key{}).await(ctx)
}

// Renew returns another key than the refused one: the one in force if that is another by now, else a new one, asked for
// past every cache.
func (k *Keys) Renew(ctx context.Context, refused ossvapi.Key) (ossvapi.Key, error) {
	for {
		c := k.start(ctx, true, refused)
		key, err := c.await(ctx)
		switch {
		case err == nil && key != refused:
			return key, nil
		case err != nil && (c.fresh || ctx.Err() != nil):
			return ossvapi.Key{}, err
		case c.fresh:
			return ossvapi.Key{}, problem("the service refused the key, and " + k.source.text + " has no other: replace it there, and reload " +
				"if it is in the configuration")
		}
		// The call in flight was an ordinary one, which may be answered from a cache.
	}
}
