package credentials

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aliyun/credentials-go/credentials/providers"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

// fixedTexts is every text that a file's content may lead to. None has a part that comes from the file.
var fixedTexts = regexp.MustCompile(`^(the CLI's profile( file has no such| file is not the JSON| has a mode that| asks for the role of)[[:print:]]*` +
	`|the CLI's profiles name each other[[:print:]]*` +
	`|(the CLI's profile: )?the access key (id is empty|secret is empty|id, the secret or the token has characters[ a-z?:]*)` +
	`|the CLI's profile: (the sts_token|the ram_role_arn|ram_role_arn, oidc_provider_arn or oidc_token_file) is empty` +
	`|(STS AssumeRole(WithOIDC)?|the CLI profile's CloudSSO login): what it needs is incomplete, out of range or expired` +
	`|ALIBABA_CLOUD_STS_REGION is not a host name[[:print:]]*` +
	`|the file of credentials\.[a-z_]*_file is empty` +
	`|the file of credentials\.[a-z_]*_file is larger than 16 KiB: is it the right one\?)$`)

// Building the provider makes no request, so any mode may be met.
func FuzzProfileFile(f *testing.F) {
	for _, seed := range []string{
		"", "null", "{", profiles(profileX("AK", "")), profiles(profileX("StsToken", `, "sts_token": "t"`)), profiles("null"),
		profiles(profileX("RamRoleArn", `, "ram_role_arn": "acs:ram::1:role/x", "sts_region": "cn-hangzhou"`)),
		profiles(`{"name": "profile-x", "mode": "ChainableRamRoleArn", "source_profile": "profile-x", "ram_role_arn": "r"}`),
		profiles(profileX("OIDC", `, "ram_role_arn": "r", "oidc_provider_arn": "p", "oidc_token_file": "/nowhere"`)),
		profiles(profileX("CloudSSO", `, "access_token": "t", "cloud_sso_access_token_expire": 1`)), profiles(profileX("EcsRamRole", "")),
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		wrap, err := newWrapper(config.Credentials{}, env())
		if err != nil {
			t.Fatal(err)
		}
		p, err := cli{getenv: env(), wrap: wrap}.provider(content)
		if err != nil && !fixedTexts.MatchString(err.Error()) {
			t.Errorf("an error of unknown text: %q", err)
		}
		if s, ok := p.(static); ok && check(ossvapi.Key(s)) != nil {
			t.Errorf("half a key: %v", s)
		}
	})
}

func FuzzKeyFiles(f *testing.F) {
	f.Add("LTAIexampleA\n", "secret\r\n", "")
	f.Add("", "secret", "token")
	f.Add("id", "two\nlines", "token")
	f.Add("id", strings.Repeat("x", maxKeyFile+1), "\xff")
	f.Fuzz(func(t *testing.T, id, secret, token string) {
		dir := write(t, "id", id, "secret", secret, "token", token)
		var p providers.CredentialsProvider
		o, err := staticOrigin(fileCredentials(dir), wrapper{around: func(p providers.CredentialsProvider) (providers.CredentialsProvider, error) {
			return p, nil
		}})
		if err == nil {
			p, err = o.build()
		}
		if err != nil {
			t.Fatal(err)
		}
		c, err := p.GetCredentials()
		switch {
		case err != nil && !fixedTexts.MatchString(err.Error()):
			t.Errorf("an error of unknown text: %q", err)
		case err == nil && (check(keyOf(c)) != nil || c.SecurityToken == ""):
			t.Errorf("half a key out of %s", filepath.Base(dir))
		}
	})
}
