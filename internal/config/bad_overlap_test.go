package config

import "testing"

func TestBadOverlap(t *testing.T) {
	for name, pair := range map[string][2]string{
		"default twice": {"prefix: ''", "prefix: ''"},
		"one key": {"credentials: {type: static, access_key_id: LTAIsecret, access_key_secret: s}",
			"credentials: {type: static, access_key_id: LTAIsecret, access_key_secret_file: s}"},
		"one file": {"credentials: {type: static, access_key_id_file: a/../k, access_key_secret: s}",
			"credentials: {type: static, access_key_id_file: ./k, access_key_secret_file: s}"},
		"one role": {"credentials: {assume_role: {role_arn: 'acs:ram::1037350000000000:role/a'}}",
			"credentials: {type: ecs_ram_role, assume_role: {role_arn: 'acs:ram::1037350000000000:role/a', external_id: x}}"},
		"one instance":       {"credentials: {type: ecs_ram_role}", "credentials: {type: ecs_ram_role, role_name: a}"},
		"one URI":            {"credentials: {type: credentials_uri, uri: 'http://a'}", "credentials: {type: credentials_uri, uri: 'http://a'}"},
		"inside and outside": {"internal_regions: [cn-hangzhou]", "prefix: ''"},
		"endpoint spelt out": {"prefix: ''", "endpoint: http://{region}-internal.OSS-vectors.aliyuncs.com"},
	} {
		second := "- name: b\n  regions: [cn-hangzhou]\n  " + pair[1] + "\n"
		badFiles(t, []badFile{{name, with(pair[0]) + second, one("line 6: accounts[1].regions[0]: " + again)}})
	}
	badFiles(t, []badFile{
		{"three accounts", `accounts:
- name: a
  regions: [cn-hangzhou]
- name: b
  regions: [cn-beijing, cn-hangzhou]
- name: c
  regions: [cn-hangzhou]
`, []string{
			"line 5: accounts[1].regions[1]: " + again,
			"line 7: accounts[2].regions[0]: " + again,
		}},
		{"beside another mistake", `accounts:
- name: a
  regions: [cn-hangzhou]
  page_size: 0
- name: b
  regions: [cn-hangzhou, x]
  max_attempts: 0
`, []string{
			"line 4: accounts[0].page_size: expected a whole number from 1 to 1000, found \"0\"",
			"line 6: accounts[1].regions[1]: " + wantRegion + ", found \"x\"",
			"line 6: accounts[1].regions[0]: " + again,
			"line 7: accounts[1].max_attempts: expected a whole number of at least 1, found \"0\"",
		}},
		{"not where the credentials are wrong", `accounts:
- name: a
  regions: [cn-hangzhou]
- name: b
  regions: [cn-hangzhou]
  credentials: {tipe: static}
`, []string{
			"line 6: accounts[1].credentials.tipe: unknown key; did you mean type?",
		}},
		{"not where the prefix is wrong", "accounts:\n- name: a\n  regions: [cn-hangzhou]\n- name: b\n  regions: [cn-hangzhou]\n  prefix: 3\n", one("line 6: accounts[1].prefix: expected a text, found a number; put it in quotes")},
	})
}
