package config

import (
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
)

// The environment variables that RRSA injects into a pod. They stand in for the keys of type oidc_role_arn, and are a
// source of type default.
const (
	EnvRoleARN         = "ALIBABA_CLOUD_ROLE_ARN"
	EnvOIDCProviderARN = "ALIBABA_CLOUD_OIDC_PROVIDER_ARN"
	EnvOIDCTokenFile   = "ALIBABA_CLOUD_OIDC_TOKEN_FILE"
)

// validate checks values against each other, and fills in what depends on other values. It reports nothing about values
// that were reported already.
func (d *decoder) validate(c *Config) {
	names := map[string]string{}
	for i := range c.Accounts {
		a, path := &c.Accounts[i], fmt.Sprintf("accounts[%d]", i)
		if _, set := d.lines[path+".min_interval"]; !set {
			a.MinInterval = c.Scrape.MinInterval
		}
		d.account(a, path)
		d.warn(*a, path, c.Scrape)
		if first, dup := names[a.Name]; dup && a.Name != "" {
			d.report(path+".name", "%s has this name already; names become the account label, so give each its own", first)
		} else {
			names[a.Name] = path
		}
	}
	c.fillLabels()
	d.overlap(c.Accounts)
}

// account checks one account.
func (d *decoder) account(a *Account, path string) {
	if a.Indexes && !a.PerBucketMetrics && !d.wrong[path+".per_bucket_metrics"] {
		d.report(path+".indexes", "indexes are series of single buckets, which per_bucket_metrics: false leaves out; "+
			"set one of the two the other way")
	}
	listed := d.unique(path+".regions", a.Regions)
	d.unique(path+".internal_regions", a.InternalRegions)
	for i, r := range a.InternalRegions {
		if _, ok := listed[r]; r != "" && !ok && !d.wrong[path+".regions"] {
			d.report(fmt.Sprintf("%s.internal_regions[%d]", path, i), "%s is not in regions; add it there, or remove it here", r)
		}
	}
	d.tls(a, path+".tls_config")
	if at := path + ".credentials"; !d.wrong[at+".type"] {
		d.credentials(&a.Credentials, at)
	}
}

// unique reports the regions that are in a list again. Wrong ones are empty.
func (d *decoder) unique(path string, regions []string) map[string]int {
	first := map[string]int{}
	for i, r := range regions {
		if at, dup := first[r]; dup && r != "" {
			d.report(fmt.Sprintf("%s[%d]", path, i), "%s is in the list already, at %s[%d]; remove one of the two", r, path, at)
		} else {
			first[r] = i
		}
	}
	return first
}

// warn notes what works and is probably not meant.
func (d *decoder) warn(a Account, path string, s Scrape) {
	warn := func(key, format string, args ...any) {
		d.warnings = append(d.warnings, d.about(path+"."+key, format, args...))
	}
	if a.RequestTimeout >= s.Timeout {
		warn("request_timeout", "%s is not below scrape.timeout (%s), so a request that hangs is never tried again",
			a.RequestTimeout, s.Timeout)
	}
	if len(a.Regions) > s.MaxConcurrency {
		warn("regions", "%d regions are more than scrape.max_concurrency (%d), so slow regions can hold up others",
			len(a.Regions), s.MaxConcurrency)
	}
	if a.BucketQuota > 0 && (a.Prefix != "" || a.ResourceGroupID != "") {
		warn("bucket_quota", "the quota counts all buckets of the account and region, but prefix or resource_group_id leave "+
			"some out")
	}
}

// credentials checks where an account's key comes from. None of its problems holds a value.
func (d *decoder) credentials(c *Credentials, path string) {
	set := map[string]bool{}
	for _, f := range fieldsOf(reflect.ValueOf(c).Elem()) {
		at, only := path+"."+f.key, f.tag.Get("only")
		set[f.key] = !f.target.IsZero() || d.wrong[at]
		switch env := f.tag.Get("env"); {
		case only != "" && only != c.Type && set[f.key]: // it would be ignored without a word
			d.report(at, "only type %s reads this key; set type: %s, or remove the key", only, only)
		case env != "" && only == c.Type && !set[f.key]:
			f.target.SetString(d.fromEnv(at, env))
		}
	}
	for _, f := range fieldsOf(reflect.ValueOf(c).Elem()) {
		if f.tag.Get("only") != c.Type {
			continue
		}
		at, file := path+"."+f.key, f.key+"_file"
		switch own := f.tag.Get("own"); {
		case own == "":
		case set[f.key] && set[file]:
			d.report(at+"_file", "%s is set as well; keep one of the two", f.key)
		case set[f.key] || set[file] || own == "at most one":
		case own == "one":
			d.report(at, "type %s needs it; set %s or %s", c.Type, file, f.key)
		default:
			d.report(at, "type %s needs it; set %s: %s", c.Type, f.key, f.tag.Get("doc"))
		}
	}
}

// fromEnv is the environment variable that RRSA injects for a key that is not set.
func (d *decoder) fromEnv(path, env string) string {
	s := d.Getenv(env)
	if s == "" {
		d.report(path, "neither this key nor the environment variable %s is set; set the key, or see that RRSA is "+
			"enabled for the pod (its namespace's and service account's labels and annotations)", env)
	} else if forms["printable"].judge(s) != nil {
		d.report(path, "the environment variable %s holds a control character or a line break; correct it", env)
	}
	return s
}

// fillLabels gives every account every label that one of them has, so that all series of a metric have the same names.
func (c *Config) fillLabels() {
	names := map[string]bool{}
	for _, a := range c.Accounts {
		for name := range a.Labels {
			names[name] = true
		}
	}
	for i := range c.Accounts {
		a := &c.Accounts[i]
		if a.Labels == nil && len(names) > 0 {
			a.Labels = map[string]string{}
		}
		for name := range names {
			a.Labels[name] += ""
		}
	}
}

// listing is what a region's list of buckets depends on: two accounts that agree in it show the same buckets.
type listing struct {
	identity, endpoint, prefix, resourceGroup, region string
}

// overlap finds accounts that would show the same buckets under two names, as a forgotten assume_role does.
func (d *decoder) overlap(accounts []Account) {
	first := map[listing]int{}
	for i, a := range accounts {
		path := fmt.Sprintf("accounts[%d]", i)
		id := d.identity(a.Credentials)
		if id == "" || d.wrong[path+".credentials"] || d.wrong[path+".endpoint"] || d.wrong[path+".prefix"] ||
			d.wrong[path+".resource_group_id"] {
			continue
		}
		for j, r := range a.Regions {
			l := listing{id, effectiveEndpoint(a.Endpoint, r), a.Prefix, a.ResourceGroupID, r}
			if other, taken := first[l]; taken && other != i && r != "" {
				d.report(fmt.Sprintf("%s.regions[%d]", path, j), "accounts[%d] lists this region with the same credentials, endpoint, "+
					"prefix and resource_group_id, so its buckets would appear under two names; give one of the two its own "+
					"credentials or assume_role, or remove the region", other)
			} else {
				first[l] = i
			}
		}
	}
}

// identity is who the credentials make an account; empty: masked. It is compared and never shown.
func (d *decoder) identity(c Credentials) string {
	switch {
	case c.AssumeRole != nil:
		return "role " + c.AssumeRole.RoleARN
	case c.Type == TypeDefault:
		return d.defaultIdentity()
	case c.Type == TypeECSRAMRole:
		return c.Type // the instance has one role at most, named here or not
	}
	all := c.Type
	for _, f := range fieldsOf(reflect.ValueOf(&c).Elem()) {
		text, who := f.target.String(), f.tag.Get("who")
		switch {
		case f.tag.Get("only") != c.Type || text == "":
		case who == "":
			all += " " + text
		case text == maskedText:
			return ""
		case who == "file":
			return "file " + filepath.Clean(text)
		default:
			return who + " " + text
		}
	}
	return all // no single key identifies the credentials
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

// effectiveEndpoint is the host that lists a region, less what makes no difference to the list: the scheme, and whether
// the region is reached from inside.
func effectiveEndpoint(endpoint, region string) string {
	if endpoint == "" {
		endpoint = "https://{region}.oss-vectors.aliyuncs.com"
	}
	_, host, _ := strings.Cut(strings.ToLower(strings.ReplaceAll(endpoint, "{region}", region)), "://")
	return strings.Replace(host, "-internal.oss-vectors.aliyuncs.com", ".oss-vectors.aliyuncs.com", 1)
}
