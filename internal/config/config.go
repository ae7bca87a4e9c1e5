// Package config reads the configuration file into validated values. After Load nothing needs to be checked again.
package config

import (
	"time"

	"github.com/prometheus/common/config"
)

// Config is a whole configuration file with its defaults filled in.
type Config struct {
	Scrape   Scrape
	Accounts []Account
	Warnings []string // what is allowed but probably not meant, one line each, with its path
}

// Scrape holds what applies to every account.
type Scrape struct {
	Timeout        time.Duration // ceiling of a scrape, and its length when the scraper names none
	MaxConcurrency int           // regions of one account that are listed at the same time
	MinInterval    time.Duration // a region listed less than this ago is answered from memory
}

// Account is one Alibaba Cloud account and the regions that are listed with its credentials.
type Account struct {
	Name             string
	Regions          []string
	InternalRegions  []string
	Endpoint         string // URL in which {region} is replaced; empty for the public or internal one
	Prefix           string
	ResourceGroupID  string
	PageSize         int
	RequestTimeout   time.Duration
	MaxAttempts      int
	MaxBuckets       int // of one region; a listing with more is refused
	BucketQuota      int
	PerBucketMetrics bool
	MaxBucketSeries  int               // buckets of one region that get series; beyond it none does; 0: no limit
	Buckets          Buckets           // which buckets get series
	Labels           map[string]string // of all series of the account
	MinInterval      time.Duration     // the account's own, or else that of scrape
	Indexes          bool
	IndexInterval    time.Duration
	ProxyURL         config.URL // zero: the environment's proxies
	TLSConfig        config.TLSConfig
	Credentials      Credentials
}

// Buckets says by name which buckets get series and index listings of their own. Each is an anchored RE2, as in
// Prometheus' relabelling.
type Buckets struct {
	Include []string // none: all
	Exclude []string // of the included ones
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
	Type                string
	AccessKeyID         string
	AccessKeyIDFile     string
	AccessKeySecret     config.Secret
	AccessKeySecretFile string
	SecurityToken       config.Secret
	SecurityTokenFile   string
	RoleARN             string // oidc_role_arn: defaults to ALIBABA_CLOUD_ROLE_ARN
	OIDCProviderARN     string // oidc_role_arn: defaults to ALIBABA_CLOUD_OIDC_PROVIDER_ARN
	OIDCTokenFile       string // oidc_role_arn: defaults to ALIBABA_CLOUD_OIDC_TOKEN_FILE
	RoleName            string
	URI                 config.Secret // may hold a token, so it is masked like one
	STSEndpoint         string
	AssumeRole          *AssumeRole
}

// AssumeRole is the role taken on top of any credential type.
type AssumeRole struct {
	RoleARN     string
	SessionName string
	ExternalID  string
}
