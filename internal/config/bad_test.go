package config

import (
	"slices"
	"strings"
	"testing"
)

// badFile is a configuration that is refused, and every line of the refusal.
type badFile struct {
	name string
	text string
	want []string
}

func badFiles(t *testing.T, files []badFile) {
	t.Helper()
	for _, f := range files {
		t.Run(f.name, func(t *testing.T) {
			c, err := Load(strings.NewReader(f.text), Options{})
			agree(t, f.text, err)
			if err == nil {
				t.Fatalf("loaded as %v, want an error", c)
			}
			if got := strings.Split(err.Error(), "\n"); !slices.Equal(got, f.want) {
				t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(f.want, "\n  "))
			}
		})
	}
}

// one is a refusal of one line.
func one(line string) []string { return []string{line} }

// What several refusals say.
const (
	wantName    = "expected at most 128 characters, no control character or line break among them and no blank at either end"
	wantRegion  = "expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, at most 63 characters)"
	accountKeys = "bucket_quota, buckets, credentials, endpoint, index_interval, indexes, internal_regions, labels, max_attempts, " +
		"max_bucket_series, max_buckets, min_interval, name, page_size, per_bucket_metrics, prefix, proxy_url, regions, request_timeout, " +
		"resource_group_id, tls_config"
	credentialKeys = "access_key_id, access_key_id_file, access_key_secret, access_key_secret_file, assume_role, oidc_provider_arn, " +
		"oidc_token_file, role_arn, role_name, security_token, security_token_file, sts_endpoint, type, uri"
	again = "accounts[0] lists this region with the same credentials, endpoint, prefix and resource_group_id, so its buckets would appear " +
		"under two names; give one of the two its own credentials or assume_role, or remove the region"
)

// badValue is a key with a value that is refused, and what the refusal says of it.
type badValue struct{ name, text, want string }

// badValues have each value at the end of a good account.
func badValues(t *testing.T, values []badValue) {
	t.Helper()
	badKeys(t, with, "line 4: accounts[0].", values)
}

// badCredentials have each value as the credentials of one.
func badCredentials(t *testing.T, values []badValue) {
	t.Helper()
	badKeys(t, withCredentials, "line 5: accounts[0].credentials.", values)
}

func badKeys(t *testing.T, file func(lines ...string) string, at string, values []badValue) {
	t.Helper()
	var files []badFile
	for _, v := range values {
		key, _, _ := strings.Cut(v.text, ":")
		files = append(files, badFile{v.name, file(v.text), []string{at + key + ": " + v.want}})
	}
	badFiles(t, files)
}

// with is a good account, and further lines of it.
func with(lines ...string) string {
	return "accounts:\n- name: a\n  regions: [cn-hangzhou]\n  " + strings.Join(lines, "\n  ") + "\n"
}

func withCredentials(lines ...string) string {
	return with("credentials:\n    " + strings.Join(lines, "\n    "))
}
