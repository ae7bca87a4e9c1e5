package config

import (
	"fmt"
	"math"
	"time"

	"github.com/prometheus/common/config"
	"go.yaml.in/yaml/v4"
)

// placed is a decoded account and where it stands, for the checks that need more than one value.
type placed struct {
	*Account
	object
}

// config decodes the whole file.
func (d *decoder) config(root *yaml.Node) Config {
	c := Config{Scrape: defaultScrape()}
	var accounts []placed
	v := value{d: d, node: target(root)}
	top := v.fields(rootFields(&c.Scrape, &accounts))
	if d.full { // what is half decoded has a hundred thousand problems, none of which is the one to mend
		d.problems = Problems{{File: d.Name, Text: fmt.Sprintf("the file, with its aliases and merge keys followed, has more "+
			"than %d values; write fewer accounts and regions", d.limit)}}
		return c
	}
	if top.lacksAny("accounts") {
		top.at("accounts").problem("expected at least one account; add `- name: ...` with its regions")
	}
	for _, a := range accounts {
		if a.MinInterval == unset {
			a.MinInterval = c.Scrape.MinInterval
		}
		a.check()
		a.warnings(c.Scrape)
		c.Accounts = append(c.Accounts, *a.Account)
	}
	c.fillLabels()
	d.checkNames(accounts)
	d.checkOverlap(accounts)
	return c
}

// unset is the min_interval of an account that has none of its own.
const unset time.Duration = -1

func defaultScrape() Scrape {
	return Scrape{Timeout: 30 * time.Second, MaxConcurrency: 64}
}

func defaultAccount() Account {
	return Account{
		PageSize:         1000,
		RequestTimeout:   3 * time.Second,
		MaxAttempts:      3,
		MaxBuckets:       100_000,
		PerBucketMetrics: true,
		IndexInterval:    5 * time.Minute,
		Credentials:      Credentials{Type: TypeDefault},
	}
}

func rootFields(s *Scrape, accounts *[]placed) fields {
	return fields{
		"scrape": func(v value) { v.fields(scrapeFields(s)) },
		"accounts": func(v value) {
			for _, v := range v.elements() {
				a := defaultAccount()
				a.MinInterval = unset
				*accounts = append(*accounts, placed{&a, v.fields(accountFields(&a))})
			}
		},
	}
}

func scrapeFields(s *Scrape) fields {
	return fields{
		"timeout":         into(&s.Timeout, duration(false)),
		"max_concurrency": into(&s.MaxConcurrency, integer(1, math.MaxInt)),
		"min_interval":    into(&s.MinInterval, duration(true)),
	}
}

func accountFields(a *Account) fields {
	return fields{
		"name":               into(&a.Name, text[string](accountName)),
		"regions":            regions(&a.Regions),
		"internal_regions":   regions(&a.InternalRegions),
		"endpoint":           into(&a.Endpoint, text[string](endpoint)),
		"prefix":             into(&a.Prefix, text[string](printable)),
		"resource_group_id":  into(&a.ResourceGroupID, text[string](solid)),
		"page_size":          into(&a.PageSize, integer(1, 1000)),
		"request_timeout":    into(&a.RequestTimeout, duration(false)),
		"max_attempts":       into(&a.MaxAttempts, integer(1, math.MaxInt)),
		"max_buckets":        into(&a.MaxBuckets, integer(1, math.MaxInt)),
		"max_bucket_series":  into(&a.MaxBucketSeries, integer(0, math.MaxInt)),
		"buckets":            func(v value) { v.fields(bucketFields(&a.Buckets)) },
		"labels":             labels(&a.Labels),
		"min_interval":       into(&a.MinInterval, duration(true)),
		"bucket_quota":       into(&a.BucketQuota, integer(0, math.MaxInt)),
		"per_bucket_metrics": into(&a.PerBucketMetrics, boolean),
		"indexes":            into(&a.Indexes, boolean),
		"index_interval":     into(&a.IndexInterval, duration(true)),
		"proxy_url":          private(into(&a.ProxyURL, proxy)),
		"tls_config":         tlsConfig(&a.TLSConfig),
		"credentials":        private(credentials(&a.Credentials)),
	}
}

func bucketFields(b *Buckets) fields {
	return fields{"include": patterns(&b.Include), "exclude": patterns(&b.Exclude)}
}

func tlsFields(t *config.TLSConfig) fields {
	return fields{
		"ca":                   into(&t.CA, text[string]()),
		"cert":                 into(&t.Cert, text[string]()),
		"key":                  private(into(&t.Key, text[config.Secret]())),
		"ca_file":              into(&t.CAFile, text[string](printable)),
		"cert_file":            into(&t.CertFile, text[string](printable)),
		"key_file":             into(&t.KeyFile, text[string](printable)),
		"server_name":          into(&t.ServerName, text[string](solid)),
		"insecure_skip_verify": into(&t.InsecureSkipVerify, boolean),
		"min_version":          into(&t.MinVersion, tlsVersion),
		"max_version":          into(&t.MaxVersion, tlsVersion),
	}
}

func credentialFields(c *Credentials) fields {
	return fields{
		"type":                   credentialType(&c.Type),
		"access_key_id":          into(&c.AccessKeyID, text[string](solid)),
		"access_key_id_file":     into(&c.AccessKeyIDFile, text[string](printable)),
		"access_key_secret":      into(&c.AccessKeySecret, text[config.Secret](solid)),
		"access_key_secret_file": into(&c.AccessKeySecretFile, text[string](printable)),
		"security_token":         into(&c.SecurityToken, text[config.Secret](solid)),
		"security_token_file":    into(&c.SecurityTokenFile, text[string](printable)),
		"role_arn":               into(&c.RoleARN, text[string](solid, roleARN)),
		"oidc_provider_arn":      into(&c.OIDCProviderARN, text[string](solid)),
		"oidc_token_file":        into(&c.OIDCTokenFile, text[string](printable)),
		"role_name":              into(&c.RoleName, text[string](RoleName)),
		"uri":                    into(&c.URI, text[config.Secret](solid, httpURL)),
		"sts_endpoint":           into(&c.STSEndpoint, text[string](STSHost)),
		"assume_role":            assumeRole(&c.AssumeRole),
	}
}

func assumeRoleFields(r *AssumeRole) fields {
	return fields{
		"role_arn":     into(&r.RoleARN, text[string](solid, roleARN)),
		"session_name": into(&r.SessionName, text[string](sessionName)),
		"external_id":  into(&r.ExternalID, text[string](solid)),
	}
}

// section is a mapping's place in words, and the keys that it may have.
type section struct {
	place string
	known fields
}

// schema is every mapping of a configuration.
func schema() []section {
	return []section{
		{"at the top level", rootFields(nil, nil)},
		{"under scrape", scrapeFields(&Scrape{})},
		{"under accounts[]", accountFields(&Account{})},
		{"under accounts[].buckets", bucketFields(&Buckets{})},
		{"under accounts[].tls_config", tlsFields(&config.TLSConfig{})},
		{"under accounts[].credentials", credentialFields(&Credentials{})},
		{"under accounts[].credentials.assume_role", assumeRoleFields(&AssumeRole{})},
	}
}

// private lets nothing of a value be quoted.
func private(take func(value)) func(value) {
	return func(v value) {
		v.private = true
		take(v)
	}
}
