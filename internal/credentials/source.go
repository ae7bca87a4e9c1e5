package credentials

import (
	"cmp"
	"context"
	"net/http"
	"strings"
	"time"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

// source is where the keys of one account come from.
type source struct {
	text     string        // for Describe; no secrets
	goodFor  time.Duration // how long a key counts as good after the provider gave it out; 0: it is asked for every key
	provider provider
	look     func() error // reads what is in files and makes no call; nil: there is nothing to read
}

// resolver makes the source that a configuration asks for.
type resolver struct {
	config.Credentials
	asked  string // host of STS, once a source needs it
	getenv func(string) string
	local  *client // of the credentials URI: the environment's proxies and the system's authorities
	direct *client // of the instance metadata, which no proxy may answer for
	cloud  *client // of STS and CloudSSO: the account's proxy and authorities
	role   *role   // of assume_role; nil: none
}

func newResolver(c config.Credentials, o Options) *resolver {
	proxy := o.Proxy
	if proxy == nil {
		proxy = http.ProxyFromEnvironment
	}
	return &resolver{
		Credentials: c, getenv: o.Getenv,
		local:  newClient(callTimeout, http.ProxyFromEnvironment, nil, o.dial),
		direct: newClient(localTimeout, nil, nil, o.dial),
		cloud:  newClient(callTimeout, proxy, o.TLS, o.dial),
	}
}

func (r *resolver) resolve() source {
	if a := r.AssumeRole; a != nil {
		sts, err := r.sts("", false)
		if err != nil {
			return failing("assume_role", err)
		}
		r.role = &role{sts: sts, arn: a.RoleARN, session: a.SessionName, externalID: a.ExternalID}
	}
	switch r.Type {
	case config.TypeStatic:
		return r.static()
	case config.TypeOIDCRoleARN:
		return r.oidc(r.Credentials)
	case config.TypeECSRAMRole:
		return r.ecs()
	case config.TypeCredentialsURI:
		return r.uri(string(r.URI), "credentials.uri")
	case config.TypeDefault, "":
		return r.byDefault()
	}
	return failing("an unknown type", problem("credentials.type is none of "+strings.Join(config.CredentialTypes(), ", ")))
}

// byDefault is the first source that is configured. A source that is configured but unusable is still chosen: the next
// would be another identity. The ECS instance's role is used only if configured.
func (r *resolver) byDefault() source {
	for _, find := range [...]func() (source, bool){r.vendorKey, r.serviceKey, r.rrsa, r.cli, r.environmentURI} {
		if s, ok := find(); ok {
			return s
		}
	}
	none := failing("", problem("no credentials: none of ALIBABA_CLOUD_ACCESS_KEY_ID and "+
		"_SECRET, OSS_ACCESS_KEY_ID and _SECRET, RRSA's ALIBABA_CLOUD_ROLE_ARN, the CLI's ~/.aliyun/config.json, "+
		"ALIBABA_CLOUD_CREDENTIALS_URI is there; provide one or set credentials.type, then "+
		"reload (a variable needs a restart)"))
	none.text = "none found"
	return none
}

func (r *resolver) vendorKey() (source, bool) {
	return r.environment("ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN")
}

func (r *resolver) serviceKey() (source, bool) {
	return r.environment("OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN")
}

// environment is the key in the environment. Any of its variables makes it the configured source.
func (r *resolver) environment(id, secret, token string) (source, bool) {
	key := ossvapi.Key{ID: r.getenv(id), Secret: r.getenv(secret), Token: r.getenv(token)}
	if key == (ossvapi.Key{}) {
		return source{}, false
	}
	if err := check(key); err != nil {
		return failing("the environment variable "+id, problemf("%s, %s: %s", id, secret, err)), true
	}
	return r.fixed(key, "the key "+start4(key.ID)+" of the environment variable "+id), true
}

func (r *resolver) environmentURI() (source, bool) {
	uri := r.getenv("ALIBABA_CLOUD_CREDENTIALS_URI")
	if uri == "" {
		return source{}, false
	}
	return r.uri(uri, "ALIBABA_CLOUD_CREDENTIALS_URI"), true
}

// source is a source whose provider has the role of assume_role on top of it already.
func (r *resolver) source(text string, p provider) source {
	if r.role != nil {
		text += ", then " + roleText(r.role.arn) + " by assume_role"
	}
	return source{text: text, goodFor: goodFor, provider: p}
}

// assumed puts the role of assume_role, if there is one, on top of p.
func (r *resolver) assumed(p provider) provider {
	if r.role == nil {
		return p
	}
	return r.role.over(p)
}

// fixed is a key that cannot change, or the key of a role on top of it.
func (r *resolver) fixed(key ossvapi.Key, text string) source {
	return r.source(text, r.assumed(static(key)))
}

// sts is the STS that the configuration, a CLI profile's region and vpc, and the environment name.
func (r *resolver) sts(region string, vpc bool) (sts, error) {
	host, err := stsHost(r.STSEndpoint, region, vpc, r.getenv)
	r.asked = host
	return sts{host: host, client: r.cloud}, err
}

// sessionName is what a role's session is called in the cloud's audit log.
func (r *resolver) sessionName(profile string) string {
	return cmp.Or(profile, r.getenv("ALIBABA_CLOUD_ROLE_SESSION_NAME"), defaultSession)
}

// failing is a source that has no key and never will: what it lacks is read once.
func failing(text string, err error) source {
	return source{text: text + ", which fails: " + err.Error(), provider: failure{err}, look: func() error { return err }}
}

// failure is a provider that has no key.
type failure struct{ error }

func (f failure) key(context.Context, bool) (ossvapi.Key, error) { return ossvapi.Key{}, f.error }

// start4 shows the first four characters of a key's id, and nothing of one so short that this would be much of it.
func start4(id string) string {
	if len(id) < 8 {
		return "..."
	}
	return id[:4] + "..."
}
