package credentials

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"strings"

	"ossvector_exporter/internal/config"
)

const (
	metadataHost = "100.100.100.200"
	metadataName = "the ECS instance metadata at " + metadataHost
	metadataURL  = "http://" + metadataHost + "/latest/"
)

// ecs is the role of the ECS instance that the process runs on, by the hardened metadata service (IMDSv2) alone: without
// its token nothing is asked.
func (r *resolver) ecs() source {
	name := cmp.Or(r.RoleName, r.getenv("ALIBABA_CLOUD_ECS_METADATA"))
	if name != "" && config.RoleName(name) != nil {
		return failing("the ECS instance's role", problem("credentials.role_name or ALIBABA_CLOUD_ECS_METADATA is not the name of a role (a name, not an ARN)"))
	}
	if strings.EqualFold(r.getenv("ALIBABA_CLOUD_ECS_METADATA_DISABLED"), "true") {
		return failing("the ECS instance's role", problem("the instance metadata is switched off by ALIBABA_CLOUD_ECS_METADATA_DISABLED"))
	}
	ask := func(ctx context.Context, _ bool) (lease, error) {
		return askMetadata(ctx, r.direct, name)
	}
	return r.source(strings.TrimSpace("the ECS instance's role "+name), r.assumed(&temporary{ask: ask}))
}

func askMetadata(ctx context.Context, c *client, role string) (lease, error) {
	q := request{
		service: metadataName, method: http.MethodPut, url: metadataURL + "api/token",
		header: http.Header{"X-Aliyun-Ecs-Metadata-Token-Ttl-Seconds": {"60"}},
	}
	token, err := c.do(ctx, q)
	if err != nil {
		return lease{}, err
	}
	q.method, q.url = http.MethodGet, metadataURL+"meta-data/ram/security-credentials/"
	q.header = http.Header{"X-Aliyun-Ecs-Metadata-Token": {strings.TrimSpace(string(token))}}
	if role == "" {
		answer, err := c.do(ctx, q)
		if err != nil {
			return lease{}, noRole(err)
		}
		if role = strings.TrimSpace(string(answer)); role == "" || config.RoleName(role) != nil {
			return lease{}, problem(metadataName + ": the answer is not the name of a role")
		}
	}
	q.url += role
	l, err := c.lease(ctx, q, "")
	return l, noRole(err)
}

// noRole adds what a 404 of the metadata means.
func noRole(err error) error {
	if err != nil && strings.Contains(err.Error(), "HTTP status 404") {
		return problem(err.Error() + "; is a RAM role attached to the instance, and is it the one that is configured?")
	}
	return err
}

// uri is a local service that gives out keys. Its URI may hold a token, so no text shows more than its host.
func (r *resolver) uri(uri, key string) source {
	u, err := url.Parse(uri)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return failing("the credentials URI", problem(key+" is not a URL with http or https and a host"))
	}
	name := "the credentials URI at " + config.ShownName(u.Host)
	return r.source(name, r.assumed(&temporary{ask: func(ctx context.Context, _ bool) (lease, error) {
		return r.local.lease(ctx, request{service: name, method: http.MethodGet, url: uri}, "")
	}}))
}
