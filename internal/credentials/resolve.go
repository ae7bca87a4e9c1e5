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
	wrap := wrapper{around: func(p providers.CredentialsProvider) (providers.CredentialsProvider, error) { return p, nil }}
	switch c.Type {
	case config.TypeStatic:
		return staticOrigin(c, wrap)
	case config.TypeDefault, "":
		return defaultOrigin(getenv, wrap), nil
	}
	return origin{}, problemf("credentials.type is none of the supported ones")
}

// defaultOrigin is the first source that is configured. One that is configured but unusable is the one all the same:
// the next would be another identity.
func defaultOrigin(getenv func(string) string, wrap wrapper) origin {
	for _, names := range [...][3]string{
		{"ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABA_CLOUD_ACCESS_KEY_SECRET", "ALIBABA_CLOUD_SECURITY_TOKEN"},
		{"OSS_ACCESS_KEY_ID", "OSS_ACCESS_KEY_SECRET", "OSS_SESSION_TOKEN"},
	} {
		if o, ok := envOrigin(names, getenv, wrap); ok {
			return o
		}
	}
	return failing("no source of credentials",
		"no credentials are configured: set ALIBABA_CLOUD_ACCESS_KEY_ID and _SECRET, or OSS_ACCESS_KEY_ID and _SECRET, "+
			"or credentials.type in the configuration")
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
