package credentials

import (
	"encoding/json"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/aliyun/credentials-go/credentials/providers"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

// maxProfileFile bounds the CLI's profile file.
const maxProfileFile = 1 << 20

const cliText = "the CLI's profile file"

// profile is what this package uses of one entry of the CLI's file.
type profile struct {
	Name              string `json:"name"`
	Mode              string `json:"mode"`
	AccessKeyID       string `json:"access_key_id"`
	AccessKeySecret   string `json:"access_key_secret"`
	SecurityToken     string `json:"sts_token"`
	RoleARN           string `json:"ram_role_arn"`
	RoleSessionName   string `json:"ram_session_name"`
	DurationSeconds   int    `json:"expired_seconds"`
	STSRegion         string `json:"sts_region"`
	EnableVPC         bool   `json:"enable_vpc"`
	SourceProfile     string `json:"source_profile"`
	OIDCTokenFile     string `json:"oidc_token_file"`
	OIDCToken         string `json:"oidc_token"`
	OIDCProviderARN   string `json:"oidc_provider_arn"`
	Policy            string `json:"policy"`
	ExternalID        string `json:"external_id"`
	SignInURL         string `json:"cloud_sso_sign_in_url"`
	SSOAccountID      string `json:"cloud_sso_account_id"`
	AccessConfig      string `json:"cloud_sso_access_config"`
	AccessToken       string `json:"access_token"`
	AccessTokenExpire int64  `json:"cloud_sso_access_token_expire"`
}

// cli is the CLI's profile file, read by this package and not by the library, whose errors quote the file, whose
// profiles fill gaps from the environment and may name each other in a circle, and which runs commands and writes files.
type cli struct {
	file        string
	name        string // of the profile; empty for the file's current one
	stsEndpoint string
	getenv      func(string) string
	wrap        wrapper
}

// cliOrigin is the CLI's profile, if there is a file or the environment asks for one.
func cliOrigin(c config.Credentials, getenv func(string) string, wrap wrapper) (origin, bool) {
	file := profileFile(getenv)
	asked := getenv("ALIBABA_CLOUD_CONFIG_FILE") != "" || getenv("ALIBABA_CLOUD_PROFILE") != ""
	if strings.EqualFold(getenv("ALIBABA_CLOUD_CLI_PROFILE_DISABLED"), "true") || file == "" && !asked {
		return origin{}, false
	}
	if _, err := os.Stat(file); os.IsNotExist(err) && !asked {
		return origin{}, false
	}
	p := cli{file, getenv("ALIBABA_CLOUD_PROFILE"), c.STSEndpoint, getenv, wrap}
	return origin{text: cliText + wrap.text, hold: goodFor, build: func() (providers.CredentialsProvider, error) {
		return &watched[string]{read: p.read, build: p.provider}, nil
	}}, true
}

func profileFile(getenv func(string) string) string {
	if file := getenv("ALIBABA_CLOUD_CONFIG_FILE"); file != "" {
		return file
	}
	home := getenv("HOME")
	if runtime.GOOS == "windows" {
		home = getenv("USERPROFILE")
	}
	if home == "" {
		return ""
	}
	return filepath.Join(home, ".aliyun", "config.json")
}

func (c cli) read(string) (string, error) {
	data, err := readFile(cliText, c.file, maxProfileFile)
	return string(data), err
}

// provider makes the provider that the content of the file asks for.
func (c cli) provider(content string) (providers.CredentialsProvider, error) {
	var f struct {
		Current  string     `json:"current"`
		Profiles []*profile `json:"profiles"`
	}
	if err := json.Unmarshal([]byte(content), &f); err != nil {
		return nil, problem(cliText + " is not the JSON that it should be: write it anew with `aliyun configure`")
	}
	p, err := c.profile(f.Profiles, or(c.name, f.Current), 0)
	if err != nil {
		return nil, err
	}
	return c.wrap.around(p)
}

// profile makes the provider of the profile called name, which is the depth-th in a chain.
func (c cli) profile(all []*profile, name string, depth int) (providers.CredentialsProvider, error) {
	for _, p := range all {
		if p == nil || p.Name != name {
			continue
		}
		switch p.Mode {
		case "AK":
			return c.static(p, "")
		case "StsToken":
			return c.session(p)
		case "RamRoleArn":
			return c.role(p, func() (providers.CredentialsProvider, error) { return c.static(p, "") })
		case "ChainableRamRoleArn":
			return c.chained(all, p, depth)
		case "OIDC":
			return c.oidc(p)
		case "CloudSSO":
			return c.cloudSSO(p)
		case "EcsRamRole":
			return nil, problem("the CLI's profile asks for the role of the ECS instance, which is only taken by credentials.type ecs_ram_role")
		}
		return nil, problem("the CLI's profile has a mode that the exporter does not support; these it does: " +
			"AK, StsToken, RamRoleArn, ChainableRamRoleArn, OIDC, CloudSSO")
	}
	return nil, problem(cliText + " has no such profile as ALIBABA_CLOUD_PROFILE, its own `current` or a source_profile says")
}

func (cli) static(p *profile, token string) (providers.CredentialsProvider, error) {
	key := ossvapi.Key{ID: p.AccessKeyID, Secret: p.AccessKeySecret, Token: token}
	if err := check(key); err != nil {
		return nil, problemf("the CLI's profile: %s", err)
	}
	return static(key), nil
}

func (c cli) session(p *profile) (providers.CredentialsProvider, error) {
	if p.SecurityToken == "" {
		return nil, problem("the CLI's profile: the sts_token is empty")
	}
	return c.static(p, p.SecurityToken)
}

func (c cli) chained(all []*profile, p *profile, depth int) (providers.CredentialsProvider, error) {
	if depth > 4 {
		return nil, problem("the CLI's profiles name each other as source_profile in a circle, or more than five deep")
	}
	return c.role(p, func() (providers.CredentialsProvider, error) { return c.profile(all, p.SourceProfile, depth+1) })
}

// role puts the profile's role on top of the source.
func (c cli) role(p *profile, source func() (providers.CredentialsProvider, error)) (providers.CredentialsProvider, error) {
	endpoint, err := stsEndpoint(c.stsEndpoint, p.STSRegion, p.EnableVPC, c.getenv)
	if err != nil {
		return nil, err
	}
	if p.RoleARN == "" {
		return nil, problem("the CLI's profile: the ram_role_arn is empty")
	}
	base, err := source()
	if err != nil {
		return nil, err
	}
	r := role{
		arn: p.RoleARN, session: c.sessionName(p), externalID: p.ExternalID, policy: p.Policy, endpoint: endpoint,
		seconds: p.DurationSeconds,
	}
	return r.around(base)
}

func (c cli) oidc(p *profile) (providers.CredentialsProvider, error) {
	endpoint, err := stsEndpoint(c.stsEndpoint, p.STSRegion, p.EnableVPC, c.getenv)
	if err != nil {
		return nil, err
	}
	if p.RoleARN == "" || p.OIDCProviderARN == "" || p.OIDCToken == "" && p.OIDCTokenFile == "" {
		return nil, problem("the CLI's profile: ram_role_arn, oidc_provider_arn or oidc_token_file is empty")
	}
	if err := overridden("the CLI's profile", "its oidc_token_file", c.getenv); p.OIDCToken == "" && err != "" {
		return nil, err
	}
	return oidc{
		arn: p.RoleARN, providerARN: p.OIDCProviderARN, tokenFile: p.OIDCTokenFile, token: p.OIDCToken,
		session: c.sessionName(p), policy: p.Policy, endpoint: endpoint, seconds: p.DurationSeconds,
	}.provider()
}

func (cli) cloudSSO(p *profile) (providers.CredentialsProvider, error) {
	return guarded("the CLI profile's CloudSSO login", providers.NewCloudSSOCredentialsProviderBuilder().
		WithSignInUrl(p.SignInURL).
		WithAccountId(p.SSOAccountID).
		WithAccessConfig(p.AccessConfig).
		WithAccessToken(p.AccessToken).
		WithAccessTokenExpire(p.AccessTokenExpire).
		WithHttpOptions(timeouts()).
		Build)
}

func (c cli) sessionName(p *profile) string {
	return or(p.RoleSessionName, c.getenv("ALIBABA_CLOUD_ROLE_SESSION_NAME"))
}
