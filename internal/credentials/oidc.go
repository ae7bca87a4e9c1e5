package credentials

import (
	"github.com/aliyun/credentials-go/credentials/providers"

	"ossvector_exporter/internal/config"
)

// maxToken bounds the OIDC token, of which STS accepts 20,000 characters.
const maxToken = 64 << 10

// oidc is a role that an OIDC token lets one assume: RRSA on ACK.
type oidc struct {
	arn, providerARN, tokenFile, session, policy, endpoint string
	token                                                  string // in place of the file; a CLI profile may have one
	seconds                                                int
}

// rrsaOrigin is the role that the variables of RRSA alone describe. Any of them makes it the configured source.
func rrsaOrigin(c config.Credentials, getenv func(string) string, wrap wrapper) (origin, bool) {
	c.RoleARN, c.OIDCProviderARN = getenv(config.EnvRoleARN), getenv(config.EnvOIDCProviderARN)
	c.OIDCTokenFile = getenv(config.EnvOIDCTokenFile)
	if c.RoleARN == "" && c.OIDCProviderARN == "" && c.OIDCTokenFile == "" {
		return origin{}, false
	}
	for _, need := range [...]struct{ value, key, variable string }{
		{c.RoleARN, "role_arn", config.EnvRoleARN},
		{c.OIDCProviderARN, "oidc_provider_arn", config.EnvOIDCProviderARN},
		{c.OIDCTokenFile, "oidc_token_file", config.EnvOIDCTokenFile},
	} {
		if need.value == "" {
			return failing("RRSA", problemf("RRSA: neither credentials.%s nor %s is set: "+
				"are the namespace's label and the service account's annotation for the injection there?", need.key, need.variable)), true
		}
	}
	o, err := oidcOrigin(c, getenv, wrap)
	return orFailing(o, "RRSA", err), true
}

// oidcOrigin is the role of the configuration, all of whose values are there.
func oidcOrigin(c config.Credentials, getenv func(string) string, wrap wrapper) (origin, error) {
	endpoint, err := stsEndpoint(c.STSEndpoint, "", false, getenv)
	if err != nil {
		return origin{}, err
	}
	if err := overridden("RRSA", "the token file", getenv); err != "" {
		return failing("RRSA", err), nil
	}
	r := oidc{
		arn: c.RoleARN, providerARN: c.OIDCProviderARN, tokenFile: c.OIDCTokenFile,
		session: getenv("ALIBABA_CLOUD_ROLE_SESSION_NAME"), endpoint: endpoint,
	}
	return origin{text: roleText(r.arn) + " by RRSA" + wrap.text, hold: goodFor, build: func() (providers.CredentialsProvider, error) {
		p, err := r.provider()
		if err != nil {
			return nil, err
		}
		return wrap.around(p)
	}}, nil
}

// overridden says that a token file would not be read: the library prefers a variable to any. It is empty if none is set.
func overridden(who, file string, getenv func(string) string) problem {
	if getenv("ALIBABA_CLOUD_OIDC_TOKEN") == "" {
		return ""
	}
	return problem(who + ": ALIBABA_CLOUD_OIDC_TOKEN is set and would be used in place of " + file + ": unset it")
}

func (r oidc) provider() (providers.CredentialsProvider, error) {
	p, err := guarded("STS AssumeRoleWithOIDC", providers.NewOIDCCredentialsProviderBuilder().
		WithRoleArn(r.arn).
		WithOIDCProviderARN(r.providerARN).
		WithOIDCTokenFilePath(r.tokenFile).
		WithOIDCToken(r.token).
		WithRoleSessionName(or(r.session, defaultSession)).
		WithPolicy(r.policy).
		WithDurationSeconds(r.seconds).
		WithSTSEndpoint(r.endpoint).
		WithHttpOptions(timeouts()).
		Build)
	if err != nil || r.token != "" {
		return p, err
	}
	return tokenChecked{p, r.tokenFile}, nil
}

// tokenChecked looks at the token file before the library does: that would send an empty one, and its error has the
// file's name.
type tokenChecked struct {
	providers.CredentialsProvider
	file string
}

// GetCredentials gives the key of the role.
func (t tokenChecked) GetCredentials() (*providers.Credentials, error) {
	token, err := readFile("RRSA: the OIDC token file", t.file, maxToken)
	if err != nil {
		return nil, err
	}
	if len(token) == 0 {
		return nil, problem("RRSA: the OIDC token file is empty")
	}
	return t.CredentialsProvider.GetCredentials()
}
