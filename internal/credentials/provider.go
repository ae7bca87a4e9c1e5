package credentials

import (
	"github.com/aliyun/credentials-go/credentials/providers"

	"ossvector_exporter/ossvapi"
)

// static is a provider of one key that never changes. The library's own would fill what is missing from the
// environment, which is another identity.
type static ossvapi.Key

// GetCredentials gives the key.
func (s static) GetCredentials() (*providers.Credentials, error) {
	return &providers.Credentials{
		AccessKeyId: s.ID, AccessKeySecret: s.Secret, SecurityToken: s.Token, ProviderName: s.GetProviderName(),
	}, nil
}

// GetProviderName names the provider to STS, as the library's do.
func (static) GetProviderName() string { return "static" }

// watched is a provider made of something that may change under it, such as a file: it looks at every call, and is built
// anew when it finds another value.
type watched[T comparable] struct {
	read  func(last T) (T, error)
	build func(T) (providers.CredentialsProvider, error)

	last  T
	inner providers.CredentialsProvider
}

// GetCredentials gives the key that the present value stands for.
func (w *watched[T]) GetCredentials() (*providers.Credentials, error) {
	value, err := w.read(w.last)
	if err != nil {
		return nil, err
	}
	if w.inner == nil || value != w.last {
		inner, err := w.build(value)
		if err != nil {
			return nil, err
		}
		w.inner, w.last = inner, value
	}
	return w.inner.GetCredentials()
}

// GetProviderName names the provider to STS.
func (*watched[T]) GetProviderName() string { return "file" }

// keyOf is the library's key as ours.
func keyOf(c *providers.Credentials) ossvapi.Key {
	return ossvapi.Key{ID: c.AccessKeyId, Secret: c.AccessKeySecret, Token: c.SecurityToken}
}

// check refuses half a key, and one with characters that no key has, which would end in a header.
func check(k ossvapi.Key) error {
	switch {
	case k.ID == "":
		return problem("the access key id is empty")
	case k.Secret == "":
		return problem("the access key secret is empty")
	case !plain(k.ID) || !plain(k.Secret) || !plain(k.Token):
		return problem("the access key id, the secret or the token has characters in it that no key has: is it one line?")
	}
	return nil
}

func plain(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}
