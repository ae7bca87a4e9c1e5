package credentials

import (
	"time"

	"github.com/aliyun/credentials-go/credentials/providers"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

// wrapper puts the configured role, if any, on top of a source.
type wrapper struct {
	text   string        // how it adds to the description
	hold   time.Duration // how long the role's keys count as good; 0 without a role
	around func(providers.CredentialsProvider) (providers.CredentialsProvider, error)
}

// resolve chooses the source.
func resolve(c config.Credentials, getenv func(string) string) (origin, error) {
	wrap, err := newWrapper(c, getenv)
	if err != nil {
		return origin{}, err
	}
	switch c.Type {
	case config.TypeStatic:
		return staticOrigin(c, wrap)
	case config.TypeOIDCRoleARN:
		return oidcOrigin(c, getenv, wrap)
	case config.TypeECSRAMRole:
		return ecsOrigin(c, getenv, wrap)
	case config.TypeCredentialsURI:
		return uriOrigin(string(c.URI), "credentials.uri", wrap)
	case config.TypeDefault, "":
		return defaultOrigin(c, getenv, wrap), nil
	}
	return origin{}, problem("credentials.type is none of default, static, oidc_role_arn, ecs_ram_role and credentials_uri")
}

// defaultOrigin is the first source that is configured. One that is configured but unusable is the one all the same:
// the next would be another identity. The ECS instance's role is not among them, and the library's chain is not used:
// it includes that role, and after one failed round it sticks to its last source for ever.
func defaultOrigin(c config.Credentials, getenv func(string) string, wrap wrapper) origin {
	for _, names := range [...][3]string{
		{"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"},
		{"OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"},
	} {
		if o, ok := envOrigin(names, getenv, wrap); ok {
			return o
		}
	}
	if o, ok := rrsaOrigin(c, getenv, wrap); ok {
		return o
	}
	if o, ok := cliOrigin(c, getenv, wrap); ok {
		return o
	}
	if uri := getenv("ALIBABA_CLOUD_CREDENTIALS_URI"); uri != "" {
		o, err := uriOrigin(uri, "ALIBABA_CLOUD_CREDENTIALS_URI", wrap)
		return orFailing(o, "the credentials URI", err)
	}
	return origin{text: "none found", fixed: true, err: problem("no credentials: none of ALIBABA_CLOUD_ACCESS_KEY_ID and " +
		"_SECRET, OSS_ACCESS_KEY_ID and _SECRET, RRSA's ALIBABA_CLOUD_ROLE_ARN, the CLI's ~/.aliyun/config.json, " +
		"ALIBABA_CLOUD_CREDENTIALS_URI is there; provide one or set credentials.type, then " +
		"reload (a variable needs a restart)")}
}

// envOrigin is the key in the environment. Any of its variables makes it the configured source.
func envOrigin(names [3]string, getenv func(string) string, wrap wrapper) (origin, bool) {
	key := ossvapi.Key{ID: getenv(names[0]), Secret: getenv(names[1]), Token: getenv(names[2])}
	if key == (ossvapi.Key{}) {
		return origin{}, false
	}
	if err := check(key); err != nil {
		return failing("the environment variable "+names[0], problemf("%s, %s: %s", names[0], names[1], err)), true
	}
	return fixedKey(key, "the key "+start4(key.ID)+" of the environment variable "+names[0], wrap), true
}

// failing is a source that has no key and never will: what it lacks is read once.
func failing(text string, err problem) origin {
	return origin{text: text + ", which fails: " + err.Error(), fixed: true, err: err}
}

func orFailing(o origin, text string, err error) origin {
	if err != nil {
		return failing(text, problem(err.Error()))
	}
	return o
}
