package config

import (
	"path/filepath"
	"strings"
)

// listing is what a region's list of buckets depends on: two accounts that agree in it show the same buckets.
type listing struct {
	identity, endpoint, prefix, resourceGroup, region string
}

// checkOverlap finds accounts that would show the same buckets under two names, as a forgotten assume_role does.
func (d *decoder) checkOverlap(accounts []placed) {
	faulty := d.faultyParts()
	first := map[listing]placed{}
	for _, a := range accounts {
		id := d.identity(a.Credentials)
		if id == "" || faulty[a.path+".credentials"] || faulty[a.path+".endpoint"] || faulty[a.path+".prefix"] ||
			faulty[a.path+".resource_group_id"] {
			continue
		}
		for _, r := range a.list("regions") {
			name := r.node.Value
			l := listing{id, effectiveEndpoint(a.Endpoint, name), a.Prefix, a.ResourceGroupID, name}
			other, taken := first[l]
			switch {
			case !regionForm.MatchString(name):
			case !taken:
				first[l] = a
			case other.path != a.path:
				r.problem("%s lists this region with the same credentials, endpoint, prefix and resource_group_id, so its "+
					"buckets would appear under two names; give one of the two its own credentials or assume_role, or remove "+
					"the region", other.path)
			}
		}
	}
}

// faultyParts are the paths of an account's keys that have a problem.
func (d *decoder) faultyParts() map[string]bool {
	m := map[string]bool{}
	for _, p := range d.problems {
		account, rest, _ := strings.Cut(p.Path, ".")
		key, _, _ := strings.Cut(rest, ".")
		m[account+"."+key] = true
	}
	return m
}

// identity is who the credentials make an account; empty: not known. It is compared and never shown.
func (d *decoder) identity(c Credentials) string {
	switch {
	case c.AssumeRole != nil:
		return named("role ", c.AssumeRole.RoleARN)
	case c.Type == TypeStatic && c.AccessKeyIDFile != "":
		return "file " + filepath.Clean(c.AccessKeyIDFile)
	case c.Type == TypeStatic:
		return named("key ", c.AccessKeyID)
	case c.Type == TypeOIDCRoleARN:
		return named("role ", c.RoleARN)
	case c.Type == TypeECSRAMRole:
		return "the instance's role" // it has one at most, named here or not
	case c.Type == TypeCredentialsURI:
		return named("uri ", string(c.URI))
	}
	return d.defaultIdentity()
}

// defaultIdentity follows the order of type default as far as the environment decides.
func (d *decoder) defaultIdentity() string {
	for _, prefix := range []string{"ALIBABA_CLOUD_", "OSS_"} {
		if id := d.Getenv(prefix + "ACCESS_KEY_ID"); id != "" && d.Getenv(prefix+"ACCESS_KEY_SECRET") != "" {
			return "key " + id
		}
	}
	if arn := d.Getenv(EnvRoleARN); arn != "" && d.Getenv(EnvOIDCProviderARN) != "" && d.Getenv(EnvOIDCTokenFile) != "" {
		return "role " + arn
	}
	return "default"
}

func named(kind, name string) string {
	if name == "" {
		return ""
	}
	return kind + name
}

// effectiveEndpoint is the host that lists a region, less what makes no difference to the list: the scheme, and whether
// the region is reached from inside.
func effectiveEndpoint(endpoint, region string) string {
	if endpoint == "" {
		endpoint = "https://{region}.oss-vectors.aliyuncs.com"
	}
	_, host, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(endpoint, "{region}", region)), "://")
	return strings.Replace(host, "-internal.oss-vectors.aliyuncs.com", ".oss-vectors.aliyuncs.com", 1)
}
