package credentials

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/aliyun/credentials-go/credentials/providers"

	"ossvector_exporter/internal/config"
)

// ecsOrigin is the role of the ECS instance that the process runs on, by the hardened metadata service (IMDSv2) alone:
// without its token nothing is asked.
func ecsOrigin(c config.Credentials, getenv func(string) string, wrap wrapper) (origin, error) {
	name := or(c.RoleName, getenv("ALIBABA_CLOUD_ECS_METADATA"))
	if name != "" && config.RoleName(name) != nil {
		return origin{}, problem("credentials.role_name or ALIBABA_CLOUD_ECS_METADATA is not the name of a role (a name, not an ARN)")
	}
	if strings.EqualFold(getenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED"), "true") {
		return failing("the ECS instance's role", "the instance metadata is switched off by ALIBABA_CLOUD_ECS_METADATA_DISABLED"), nil
	}
	text := "the ECS instance's role " + name
	if name == "" {
		text = "the ECS instance's role"
	}
	return origin{text: text + proxied() + wrap.text, hold: goodFor, build: func() (providers.CredentialsProvider, error) {
		p, err := guarded("ECS instance metadata", providers.NewECSRAMRoleCredentialsProviderBuilder().
			WithRoleName(name).
			WithDisableIMDSv1(true).
			WithHttpOptions(&providers.HttpOptions{ConnectTimeout: 1000, ReadTimeout: 2000}).
			Build)
		if err != nil {
			return nil, err
		}
		return wrap.around(p)
	}}, nil
}

// proxied warns of a proxy that the library would send the metadata requests through: it is the proxy's instance then
// that answers.
func proxied() string {
	r := &http.Request{URL: &url.URL{Scheme: "http", Host: "100.100.100.200"}}
	if u, err := http.ProxyFromEnvironment(r); err != nil || u == nil {
		return ""
	}
	return " (through HTTP_PROXY: add 100.100.100.200 to NO_PROXY)"
}
