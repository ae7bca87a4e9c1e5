package credentials

import (
	"github.com/aliyun/credentials-go/credentials/providers"
)

// guard stands around a provider of the library's that asks somebody. It turns panics, of which an answer without an
// expiry causes one, and errors into problems, and refuses half a key, which would be signed with or assume a role.
type guard struct {
	what  string
	inner providers.CredentialsProvider
}

// GetCredentials asks the library's provider.
func (g guard) GetCredentials() (c *providers.Credentials, err error) {
	defer func() {
		if recover() != nil {
			c, err = nil, problem(g.what+": the answer lacks a part, such as the expiry")
		}
	}()
	if c, err = g.inner.GetCredentials(); err != nil {
		return nil, explain(g.what, err)
	}
	if err := check(keyOf(c)); err != nil {
		return nil, problemf("%s: %s", g.what, err)
	}
	return c, nil
}

// GetProviderName names the provider to STS.
func (g guard) GetProviderName() string { return g.inner.GetProviderName() }

// guarded puts a guard around what a Build of the library's gives.
func guarded[P providers.CredentialsProvider](what string, build func() (P, error)) (providers.CredentialsProvider, error) {
	p, err := build()
	if err != nil {
		return nil, problem(what + ": what it needs is incomplete, out of range or expired")
	}
	return guard{what, p}, nil
}
