// Package config reads the configuration file into validated values. After Load nothing needs to be checked again.
//
// The tags of the types are the only description of the file. Load decodes by them, and Schema and the YAML of a Config are
// made from them:
//
//	yaml             the key
//	form             what a text must look like, see forms
//	min, max, above  the bounds of a number or a duration
//	oneof, why       the words that are allowed, and what to add where another one is reported
//	only             the credential type that reads the key
//	own              what that type needs: the key, one of it and its _file, or at most one of them
//	who              the key alone tells its credentials from others, and as what: key, file, role, uri
//	env              the environment variable that fills the key in
//	secret           the YAML of a Config has <secret> in place of the value, and Load accepts that
//	private          no value below may be quoted in a problem
//	need             the problem of a mapping that lacks the key
//	doc              what editors show
package config

import (
	"reflect"
	"strings"
	"time"

	"github.com/prometheus/common/config"
)

// Config is a whole configuration file with its defaults filled in.
type Config struct {
	Scrape   Scrape    `yaml:"scrape" doc:"What applies to every account."`
	Accounts []Account `yaml:"accounts" need:"expected at least one account; add one with its name and regions" doc:"At least one. Two accounts with the same credentials, endpoint, prefix and resource group must not share a region."`

	Warnings []string `yaml:"-"` // what is allowed but probably not meant, one line each, with its path
	Mistakes []string `yaml:"-"` // what cannot be meant but stops no other account: warnings at a start, errors of --config.check
}

// Scrape holds what applies to every account.
type Scrape struct {
	Timeout        time.Duration `yaml:"timeout" above:"0s" doc:"How long a scrape may take: the ceiling, and the length when the scraper sends no timeout of its own."`
	MaxConcurrency int           `yaml:"max_concurrency" min:"1" doc:"Regions of one account that are listed at the same time."`
	MinInterval    time.Duration `yaml:"min_interval" doc:"A region that was listed less than this ago is answered from memory. 0s: list on every scrape."`
}

// Account is one Alibaba Cloud account and the regions that are listed with its credentials.
type Account struct {
	Name             string            `yaml:"name" form:"name" need:"expected a name; it becomes the account label" doc:"The account label of every series; unique."`
	Regions          []string          `yaml:"regions" form:"region" need:"expected at least one region, such as [cn-hangzhou]" doc:"Ids of regions such as cn-hangzhou; at least one, each once."`
	InternalRegions  []string          `yaml:"internal_regions" form:"region" doc:"Those of regions that are reached by their -internal endpoint, which answers only inside the region."`
	Endpoint         string            `yaml:"endpoint" form:"endpoint" doc:"Overrides the public and the internal endpoints: a URL without a path, in which {region} is replaced."`
	Prefix           string            `yaml:"prefix" form:"printable" doc:"Only buckets whose name starts with this."`
	ResourceGroupID  string            `yaml:"resource_group_id" form:"visible" doc:"Only buckets of this resource group, such as rg-acfmxazb4ph6aiy."`
	PageSize         int               `yaml:"page_size" min:"1" max:"1000" doc:"Buckets per page of the listing."`
	RequestTimeout   time.Duration     `yaml:"request_timeout" above:"0s" doc:"One HTTP attempt, headers and body. Keep it below scrape.timeout, else a request that hangs is never tried again."`
	MaxAttempts      int               `yaml:"max_attempts" min:"1" doc:"Attempts per page, the first included."`
	MaxBuckets       int               `yaml:"max_buckets" min:"1" doc:"Buckets of one region. A listing with more is refused, because it would take all memory."`
	BucketQuota      int               `yaml:"bucket_quota" min:"0" doc:"Buckets that the account may create per region, exported as ossvector_bucket_quota. 0: not exported."`
	PerBucketMetrics bool              `yaml:"per_bucket_metrics" doc:"Series of single buckets."`
	MaxBucketSeries  int               `yaml:"max_bucket_series" min:"0" doc:"Buckets of one region that get series of their own; beyond it none does. 0: no limit."`
	Buckets          Buckets           `yaml:"buckets" doc:"Which buckets get series and index listings of their own. The counts are of all."`
	Labels           map[string]string `yaml:"labels" form:"printable" doc:"Labels of all series of the account."`
	MinInterval      time.Duration     `yaml:"min_interval" doc:"Overrides scrape.min_interval."` // resolved: the account's own, or else that of scrape
	Indexes          bool              `yaml:"indexes" doc:"Also list the vector indexes of every bucket; one more request per bucket. Needs per_bucket_metrics."`
	IndexInterval    time.Duration     `yaml:"index_interval" doc:"List a bucket's indexes again after this. 0s: on every scrape."`
	ProxyURL         config.URL        `yaml:"proxy_url" form:"proxy" secret:"true" private:"true" doc:"http://, https:// or socks5://. Empty: HTTPS_PROXY and friends of the environment."` // zero: the environment's
	TLSConfig        config.TLSConfig  `yaml:"tls_config" doc:"Prometheus' TLS settings. Empty: the system's certificate authorities."`
	Credentials      Credentials       `yaml:"credentials" private:"true" doc:"Where the account's key comes from."`
}

// Buckets selects by name which buckets get series and index listings of their own. Each is an anchored RE2, as in
// Prometheus' relabelling.
type Buckets struct {
	Include []string `yaml:"include" form:"pattern" doc:"Regular expressions (RE2) that match the whole name. None: all buckets."`
	Exclude []string `yaml:"exclude" form:"pattern" doc:"Of the included ones, those to leave out."`
}

// The credential types.
const (
	TypeDefault        = "default"
	TypeStatic         = "static"
	TypeOIDCRoleARN    = "oidc_role_arn"
	TypeECSRAMRole     = "ecs_ram_role"
	TypeCredentialsURI = "credentials_uri"
)

// Credentials says where an account's key comes from. File names are absolute or relative to the working directory:
// Load has joined them to the configuration file's folder.
type Credentials struct {
	Type                string        `yaml:"type" oneof:"default static oidc_role_arn ecs_ram_role credentials_uri" doc:"default takes the first source that is configured: the environment's key, RRSA, the CLI's profile, ALIBABA_CLOUD_CREDENTIALS_URI."`
	AccessKeyID         string        `yaml:"access_key_id" form:"visible" only:"static" own:"one" who:"key" doc:"The key's id."`
	AccessKeyIDFile     string        `yaml:"access_key_id_file" form:"file" only:"static" who:"file" doc:"A file with the key's id, read again when it changes."`
	AccessKeySecret     config.Secret `yaml:"access_key_secret" secret:"true" form:"visible" only:"static" own:"one" doc:"The key's secret. A file is better."`
	AccessKeySecretFile string        `yaml:"access_key_secret_file" form:"file" only:"static" doc:"A file with the key's secret, read again when it changes."`
	SecurityToken       config.Secret `yaml:"security_token" secret:"true" form:"visible" only:"static" own:"at most one" doc:"Only for a temporary key."`
	SecurityTokenFile   string        `yaml:"security_token_file" form:"file" only:"static" doc:"Only for a temporary key."`
	RoleARN             string        `yaml:"role_arn" form:"role_arn" only:"oidc_role_arn" who:"role" env:"ALIBABA_CLOUD_ROLE_ARN" doc:"The role to take. Default: ALIBABA_CLOUD_ROLE_ARN."`
	OIDCProviderARN     string        `yaml:"oidc_provider_arn" form:"visible" only:"oidc_role_arn" env:"ALIBABA_CLOUD_OIDC_PROVIDER_ARN" doc:"Default: ALIBABA_CLOUD_OIDC_PROVIDER_ARN."`
	OIDCTokenFile       string        `yaml:"oidc_token_file" form:"file" only:"oidc_role_arn" env:"ALIBABA_CLOUD_OIDC_TOKEN_FILE" doc:"Default: ALIBABA_CLOUD_OIDC_TOKEN_FILE."`
	RoleName            string        `yaml:"role_name" form:"role_name" only:"ecs_ram_role" doc:"The instance's role. Empty: ask the instance for its name."`
	URI                 config.Secret `yaml:"uri" secret:"true" form:"url" only:"credentials_uri" own:"key" who:"uri" doc:"The local service that hands out the key."` // may hold a token
	STSEndpoint         string        `yaml:"sts_endpoint" form:"sts_host" doc:"The host of the security token service. Default: ALIBABA_CLOUD_STS_ENDPOINT, then the public one."`
	AssumeRole          *AssumeRole   `yaml:"assume_role" doc:"Another account's role, taken on top of any type."`
}

// CredentialTypes lists the credential types, default first.
func CredentialTypes() []string {
	f, _ := reflect.TypeFor[Credentials]().FieldByName("Type")
	return strings.Fields(f.Tag.Get("oneof"))
}

// AssumeRole is the role taken on top of any credential type. Without its ARN the pod's own role would be taken.
type AssumeRole struct {
	RoleARN     string `yaml:"role_arn" form:"role_arn" need:"assume_role needs the ARN of the role to take; set role_arn, or remove assume_role" doc:"The ARN of the role."`
	SessionName string `yaml:"session_name" form:"session" doc:"2 to 64 letters, digits or any of . @ - _"`
	ExternalID  string `yaml:"external_id" form:"visible" doc:"If the role's trust policy asks for one."`
}

// tlsConfig is Prometheus' type with this package's tags.
type tlsConfig struct {
	CA                 string            `yaml:"ca" doc:"Certificate authorities to trust instead of the system's, as PEM."`
	Cert               string            `yaml:"cert" doc:"A client certificate, as PEM."`
	Key                config.Secret     `yaml:"key" secret:"true" private:"true" doc:"Its key, as PEM."`
	CAFile             string            `yaml:"ca_file" form:"file" doc:"A file with certificate authorities to trust instead of the system's."`
	CertFile           string            `yaml:"cert_file" form:"file" doc:"A file with a client certificate."`
	KeyFile            string            `yaml:"key_file" form:"file" doc:"A file with its key."`
	CARef              string            `yaml:"-"`
	CertRef            string            `yaml:"-"`
	KeyRef             string            `yaml:"-"`
	ServerName         string            `yaml:"server_name" form:"visible" doc:"The name to expect in the server's certificate, if not the host's."`
	InsecureSkipVerify bool              `yaml:"insecure_skip_verify" doc:"true trusts any certificate: for tests only."`
	MinVersion         config.TLSVersion `yaml:"min_version" oneof:"TLS12 TLS13" why:"; the exporter speaks no older version" doc:"TLS12 or TLS13."`
	MaxVersion         config.TLSVersion `yaml:"max_version" oneof:"TLS12 TLS13" why:"; the exporter speaks no older version" doc:"TLS12 or TLS13."`
}

// fresh is a new value of a type with its defaults.
func fresh(t reflect.Type) reflect.Value {
	v := reflect.New(t)
	switch t := v.Interface().(type) {
	case *Config:
		t.Scrape = Scrape{Timeout: 30 * time.Second, MaxConcurrency: 64}
	case *Account:
		*t = Account{
			PageSize: 1000, RequestTimeout: 3 * time.Second, MaxAttempts: 3, MaxBuckets: 100_000, PerBucketMetrics: true,
			IndexInterval: 5 * time.Minute, Credentials: Credentials{Type: TypeDefault},
		}
	case *AssumeRole:
		t.SessionName = "ossvector_exporter"
	}
	return v.Elem()
}
