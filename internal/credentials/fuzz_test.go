package credentials

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

// fixedTexts is every text that a file's content may lead to. None has a part that comes from the file but a profile's name.
var fixedTexts = regexp.MustCompile(`^(the CLI's profile file is not the JSON[[:print:]]*` +
	`|profile ([A-Za-z0-9._@-]{1,64}|[A-Za-z0-9._@-]*<secret>) of the CLI's file  (is not there|has a mode|asks for the role of|is in a circle|is unusable: the access|has no |has an expired|has a CloudSSO)[[:print:]]*` +
	"|the CLI's file  has no `current` and[[:print:]]*" +
	`|the access key id is empty|the access key secret is empty|the access key id, the secret or the token has characters[ a-z?:]*` +
	`|ALIBABA_CLOUD_STS_REGION is not a host name[[:print:]]*` +
	`|the file of credentials\.[a-z_]*_file, /[[:print:]]*/(id|secret|token), (is empty|is larger than 16 KiB: is it the right one\?))$`)

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
		r := newResolver(config.Credentials{}, Options{Getenv: env()})
		p, err := cli{resolver: r}.provider(content)
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
		o := newResolver(fileCredentials(dir), Options{Getenv: env()}).static()
		k, err := o.provider.key(t.Context(), false)
		switch {
		case err != nil && !fixedTexts.MatchString(err.Error()):
			t.Errorf("an error of unknown text: %q", err)
		case err == nil && (check(k) != nil || k.Token == ""):
			t.Errorf("half a key out of %s", filepath.Base(dir))
		}
	})
}
