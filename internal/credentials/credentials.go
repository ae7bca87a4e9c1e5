// Package credentials turns the credentials that an account is configured with into the keys that its requests are
// signed with. The sources are those of credentials-go; what this package adds is what a long-lived process needs: at
// most one call of the library at a time and never on the request's path, keys that are renewed ahead of time, no fall-
// through to another identity, and errors in its own words, since the library's can hold whole files and responses.
package credentials

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aliyun/credentials-go/credentials/providers"
	"github.com/go-kit/log"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

// Options are what a Source needs besides its configuration.
type Options struct {
	Account string              // names the account in log lines
	Getenv  func(string) string // the environment; nil: an empty one
	Logger  log.Logger          // nil: nothing is logged
	Now     func() time.Time    // nil: time.Now
}

// Source gives one account's signing key. It is safe for concurrent use.
type Source struct {
	from   origin
	now    func() time.Time
	logger log.Logger

	held   atomic.Pointer[held]
	closed atomic.Bool

	mu     sync.Mutex
	flight *flight   // the call in flight, nil if none
	failed time.Time // when the last call that failed began

	// These belong to the flight's goroutine, of which there is one at a time.
	provider providers.CredentialsProvider
	warned   bool // the present streak of failures has been logged
}

var _ ossvapi.Keys = (*Source)(nil)

// origin is where the keys of one account come from: a configured source, chosen once.
type origin struct {
	text  string        // what Describe says; no secrets
	hold  time.Duration // how long a key counts as good after the provider gave it out
	fixed bool          // key and err are the answer for ever, and nothing is ever asked
	key   ossvapi.Key
	err   error
	// build makes the provider with an empty cache, so that its first answer is a new key.
	build func() (providers.CredentialsProvider, error)
}

// New chooses the source that c asks for, which config.Load has filled and checked. What is wrong with c beyond that is an
// error; what is wrong with the environment (nothing configured, half a key) is the error of every Key, so that one
// account's trouble leaves the others running. It makes no call and starts no goroutine.
func New(c config.Credentials, o Options) (*Source, error) {
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	if o.Logger == nil {
		o.Logger = log.NewNopLogger()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	from, err := resolve(c, o.Getenv)
	if err != nil {
		return nil, err
	}
	return &Source{from: from, now: o.Now, logger: log.With(o.Logger, "account", o.Account)}, nil
}

// Describe says in a few words which source is used, for the log line at the start. Of a key it shows at most the first
// four characters, of a URL the host, of a file nothing.
func (s *Source) Describe() string { return clip(s.from.text) }

// Close ends the renewing ahead of time: from then on nothing is asked that no caller waits for. Callers of before and
// after still get their answer, so that a reload breaks no scrape. The library cannot be interrupted: a call in flight
// ends by its own timeouts.
func (s *Source) Close() { s.closed.Store(true) }

// Key gives the key in force, from memory as long as it counts as good.
func (s *Source) Key(ctx context.Context) (ossvapi.Key, error) {
	if s.from.fixed {
		return s.from.key, s.from.err
	}
	if h := s.good(); h != nil {
		s.renewAhead(h)
		return h.key, nil
	}
	return s.start(false, ossvapi.Key{}).await(ctx)
}

// Renew gives another key than the refused one: the one in force if that is another by now, else a new one, for which
// the provider is built anew, because the library has no other way past its cache.
func (s *Source) Renew(ctx context.Context, refused ossvapi.Key) (ossvapi.Key, error) {
	if s.from.fixed {
		return s.renewFixed(refused)
	}
	for {
		f := s.start(true, refused)
		key, err := f.await(ctx)
		switch {
		case err == nil && key != refused:
			return key, nil
		case err != nil && (f.forced || ctx.Err() != nil):
			return ossvapi.Key{}, err
		case f.forced:
			return ossvapi.Key{}, problem("the source still gives the key that the service refused")
		}
		// What was under way asked the library's cache.
	}
}

func (s *Source) renewFixed(refused ossvapi.Key) (ossvapi.Key, error) {
	switch {
	case s.from.err != nil:
		return ossvapi.Key{}, s.from.err
	case s.from.key != refused:
		return s.from.key, nil
	}
	return ossvapi.Key{}, problem("the service refused the key, and " + s.from.text + " has no other: replace it and reload")
}
