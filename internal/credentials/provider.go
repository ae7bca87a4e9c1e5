package credentials

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ossvector_exporter/ossvapi"
)

// provider obtains a key. It is called by one goroutine at a time.
type provider interface {
	// key returns a key that is good for goodFor at least; fresh asks past every cache.
	key(ctx context.Context, fresh bool) (ossvapi.Key, error)
}

// static is a key that never changes.
type static ossvapi.Key

func (s static) key(context.Context, bool) (ossvapi.Key, error) { return ossvapi.Key(s), nil }

// temporary caches a key that expires, and requests the next one when the key has at most goodFor left.
type temporary struct {
	ask  func(ctx context.Context, fresh bool) (lease, error)
	last lease
}

// lease is a key and when it expires.
type lease struct {
	key    ossvapi.Key
	expiry time.Time
}

func (t *temporary) key(ctx context.Context, fresh bool) (ossvapi.Key, error) {
	if !fresh && time.Until(t.last.expiry) > goodFor {
		return t.last.key, nil
	}
	var err error
	t.last, err = t.ask(ctx, fresh) // none after a failure: a key that the service refused is not used again
	return t.last.key, err
}

// reread is a provider made of something that may change under it, such as a file: it reads it at every call, and is built
// anew when it finds another value.
type reread[T comparable] struct {
	read  func(last T) (T, error)
	build func(T) (provider, error)

	last  T
	inner provider
}

func (r *reread[T]) key(ctx context.Context, fresh bool) (ossvapi.Key, error) {
	value, err := r.read(r.last)
	if err != nil {
		return ossvapi.Key{}, err
	}
	if r.inner == nil || value != r.last {
		inner, err := r.build(value)
		if err != nil {
			return ossvapi.Key{}, err
		}
		r.inner, r.last = inner, value
	}
	return r.inner.key(ctx, fresh)
}

// check refuses half a key, and one with characters that no key has, which would end in a header.
func check(k ossvapi.Key) error {
	switch {
	case k.ID == "":
		return problem("the access key id is empty")
	case k.Secret == "":
		return problem("the access key secret is empty")
	case strings.ContainsFunc(k.ID+k.Secret+k.Token, func(r rune) bool { return r <= ' ' || r > '~' }):
		return problem("the access key id, the secret or the token has characters in it that no key has: is it one line?")
	}
	return nil
}

// problem is why there is no key, in words written here: one line, no secrets, and what to do about it. It wraps
// nothing, because the errors of others can hold whole files and response bodies.
type problem string

func (p problem) Error() string { return string(p) }

func problemf(format string, args ...any) problem { return problem(fmt.Sprintf(format, args...)) }
