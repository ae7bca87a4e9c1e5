package credentials

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

// maxProfileFile bounds the CLI's profile file.
const maxProfileFile = 1 << 20

var profileName = regexp.MustCompile(`^[A-Za-z0-9._@-]+$`)

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

// cli is the CLI's profile file. Its profiles fill no gaps from the environment, and those that would run a command or
// write a file are refused.
type cli struct {
	*resolver
	file string
	name string // of the profile; empty for the file's current one
}

// cli is the CLI's profile, if there is a file or the environment asks for one.
func (r *resolver) cli() (source, bool) {
	file := profileFile(r.getenv)
	asked := r.getenv("ALIBABA_CLOUD_CONFIG_FILE") != "" || r.getenv("ALIBABA_CLOUD_PROFILE") != ""
	if strings.EqualFold(r.getenv("ALIBABA_CLOUD_CLI_PROFILE_DISABLED"), "true") || file == "" && !asked {
		return source{}, false
	}
	if _, err := os.Stat(file); os.IsNotExist(err) && !asked {
		return source{}, false
	}
	c := cli{r, file, r.getenv("ALIBABA_CLOUD_PROFILE")}
	s := r.source("the CLI's profile file", &reread[string]{read: c.read, build: c.provider})
	s.look = func() error {
		content, err := c.read("")
		if err == nil {
			_, err = c.provider(content)
		}
		return err
	}
	return s, true
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
	data, err := readFile("the CLI's profile file", c.file, maxProfileFile)
	return string(data), err
}

// provider makes the provider that the content of the file asks for.
func (c cli) provider(content string) (provider, error) {
	var f struct {
		Current  string     `json:"current"`
		Profiles []*profile `json:"profiles"`
	}
	if err := json.Unmarshal([]byte(content), &f); err != nil {
		return nil, fileProblem("the CLI's profile file", c.file, "is not the JSON that it should be: write it anew with `aliyun configure`")
	}
	name := cmp.Or(c.name, f.Current)
	if name == "" {
		return nil, problemf("the CLI's file %s has no `current` and ALIBABA_CLOUD_PROFILE is not set: choose a profile by one of them",
			config.ShownName(c.file))
	}
	p, err := c.profile(f.Profiles, name, 0)
	if err != nil {
		return nil, err
	}
	return c.assumed(p), nil
}

// problem is one of the profile that is called name.
func (c cli) problem(name, why string) problem {
	if len(name) > 64 || !profileName.MatchString(name) {
		name = "<secret>"
	}
	return problemf("profile %s of the CLI's file %s %s", config.ShownName(name), config.ShownName(c.file), why)
}

// profile makes the provider of the profile called name, which is the depth-th in a chain.
func (c cli) profile(all []*profile, name string, depth int) (provider, error) {
	i := slices.IndexFunc(all, func(p *profile) bool { return p != nil && p.Name == name })
	if i < 0 {
		return nil, c.problem(name, "is not there; ALIBABA_CLOUD_PROFILE, the file's `current` or a source_profile asks for it")
	}
	p := all[i]
	switch p.Mode {
	case "AK":
		return c.key(p, "")
	case "StsToken":
		if p.SecurityToken == "" {
			return nil, c.problem(name, "has no sts_token")
		}
		return c.key(p, p.SecurityToken)
	case "RamRoleArn":
		return c.role(p, func() (provider, error) { return c.key(p, "") })
	case "ChainableRamRoleArn":
		if depth > 4 {
			return nil, c.problem(name, "is in a circle of source_profile, or more than five deep")
		}
		if p.SourceProfile == "" {
			return nil, c.problem(name, "has no source_profile")
		}
		return c.role(p, func() (provider, error) { return c.profile(all, p.SourceProfile, depth+1) })
	case "OIDC":
		return c.role(p, nil)
	case "CloudSSO":
		return c.cloudSSO(p)
	case "EcsRamRole":
		return nil, c.problem(name, "asks for the role of the ECS instance, which is only taken by credentials.type ecs_ram_role")
	}
	return nil, c.problem(name, "has a mode that the exporter does not support; these it does: "+
		"AK, StsToken, RamRoleArn, ChainableRamRoleArn, OIDC, CloudSSO")
}

func (c cli) key(p *profile, token string) (provider, error) {
	key := ossvapi.Key{ID: p.AccessKeyID, Secret: p.AccessKeySecret, Token: token}
	if err := check(key); err != nil {
		return nil, c.problem(p.Name, "is unusable: "+err.Error())
	}
	return static(key), nil
}

// role is the profile's role, assumed with the base's key, or without a base by the profile's OIDC token.
func (c cli) role(p *profile, base func() (provider, error)) (provider, error) {
	service, err := c.sts(p.STSRegion, p.EnableVPC)
	switch {
	case err != nil:
		return nil, err
	case p.RoleARN == "":
		return nil, c.problem(p.Name, "has no ram_role_arn")
	case base == nil && p.OIDCProviderARN == "":
		return nil, c.problem(p.Name, "has no oidc_provider_arn")
	case base == nil && p.OIDCToken == "" && p.OIDCTokenFile == "":
		return nil, c.problem(p.Name, "has no oidc_token_file")
	case p.DurationSeconds != 0 && p.DurationSeconds < 900:
		return nil, c.problem(p.Name, "has an expired_seconds below 900")
	}
	r := role{
		sts: service, arn: p.RoleARN, session: c.sessionName(p.RoleSessionName), externalID: p.ExternalID, policy: p.Policy, seconds: p.DurationSeconds,
	}
	if base == nil {
		r.externalID = ""
		r.providerARN, r.tokenFile, r.token = p.OIDCProviderARN, p.OIDCTokenFile, p.OIDCToken
		return r.byToken(), nil
	}
	under, err := base()
	if err != nil {
		return nil, err
	}
	return r.over(under), nil
}

// cloudSSO is the login of `aliyun configure --mode CloudSSO`, which ends after some hours.
func (c cli) cloudSSO(p *profile) (provider, error) {
	u, err := url.Parse(p.SignInURL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https":
		return nil, c.problem(p.Name, "has no cloud_sso_sign_in_url with https and a host")
	case p.AccessToken == "" || time.Now().Unix() >= p.AccessTokenExpire:
		return nil, c.problem(p.Name, "has a CloudSSO login that has expired: log in again with the CLI")
	}
	body, _ := json.Marshal(map[string]string{"AccountId": p.SSOAccountID, "AccessConfigurationId": p.AccessConfig}) // texts have no error
	q := request{
		service: "CloudSSO at " + config.ShownName(u.Host), method: http.MethodPost, url: "https://" + u.Host + "/cloud-credentials", body: string(body),
		header: http.Header{"Accept": {"application/json"}, "Content-Type": {"application/json"}, "Authorization": {"Bearer " + p.AccessToken}},
	}
	return &temporary{ask: func(ctx context.Context, _ bool) (lease, error) {
		return c.cloud.lease(ctx, q, "CloudCredential")
	}}, nil
}
