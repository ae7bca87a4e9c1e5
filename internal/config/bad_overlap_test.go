package config

import "testing"

func TestBadOverlap(t *testing.T) {
	badFiles(t, []badFile{
		{"default twice", `accounts:
- name: a
  regions: [cn-hangzhou]
- name: b
  regions: [cn-beijing, cn-hangzhou]
`, []string{
			"line 5: accounts[1].regions[1]: accounts[0] lists this region with the same credentials, endpoint, prefix and resource_group_id, so its buckets would appear under two names; give one of the two its own credentials or assume_role, or remove the region",
		}},
		{"three accounts", `accounts:
- name: a
  regions: [cn-hangzhou]
- name: b
  regions: [cn-hangzhou]
- name: c
  regions: [cn-hangzhou]
`, []string{
			"line 5: accounts[1].regions[0]: accounts[0] lists this region with the same credentials, endpoint, prefix and resource_group_id, so its buckets would appear under two names; give one of the two its own credentials or assume_role, or remove the region",
			"line 7: accounts[2].regions[0]: accounts[0] lists this region with the same credentials, endpoint, prefix and resource_group_id, so its buckets would appear under two names; give one of the two its own credentials or assume_role, or remove the region",
		}},
		{"one key", `accounts:
- name: a
  credentials: &c {type: static, access_key_id: LTAIsecret, access_key_secret: s}
  regions: [cn-hangzhou]
- name: b
  regions: [cn-hangzhou]
  credentials: {type: static, access_key_id: LTAIsecret, access_key_secret_file: s}
`, []string{
			"line 6: accounts[1].regions[0]: accounts[0] lists this region with the same credentials, endpoint, prefix and resource_group_id, so its buckets would appear under two names; give one of the two its own credentials or assume_role, or remove the region",
		}},
		{"one file", `accounts:
- name: a
  regions: [cn-hangzhou]
  credentials:
    type: static
    access_key_id_file: a/../k
    access_key_secret: s
- name: b
  regions: [cn-hangzhou]
  credentials: {type: static, access_key_id_file: ./k, access_key_secret_file: s}
`, []string{
			"line 9: accounts[1].regions[0]: accounts[0] lists this region with the same credentials, endpoint, prefix and resource_group_id, so its buckets would appear under two names; give one of the two its own credentials or assume_role, or remove the region",
		}},
		{"one role", `accounts:
- name: a
  regions: [cn-hangzhou]
  credentials:
    assume_role: {role_arn: 'acs:ram::1037350000000000:role/a'}
- name: b
  regions: [cn-hangzhou]
  credentials: {type: ecs_ram_role, assume_role: {role_arn: 'acs:ram::1037350000000000:role/a', external_id: x}}
`, []string{
			"line 7: accounts[1].regions[0]: accounts[0] lists this region with the same credentials, endpoint, prefix and resource_group_id, so its buckets would appear under two names; give one of the two its own credentials or assume_role, or remove the region",
		}},
		{"one instance", `accounts:
- name: a
  regions: [cn-hangzhou]
  credentials:
    type: ecs_ram_role
- name: b
  regions: [cn-hangzhou]
  credentials: {type: ecs_ram_role, role_name: a}
`, []string{
			"line 7: accounts[1].regions[0]: accounts[0] lists this region with the same credentials, endpoint, prefix and resource_group_id, so its buckets would appear under two names; give one of the two its own credentials or assume_role, or remove the region",
		}},
		{"one URI", `accounts:
- name: a
  regions: [cn-hangzhou]
  credentials:
    type: credentials_uri
    uri: http://a
- name: b
  regions: [cn-hangzhou]
  credentials: {type: credentials_uri, uri: 'http://a'}
`, []string{
			"line 8: accounts[1].regions[0]: accounts[0] lists this region with the same credentials, endpoint, prefix and resource_group_id, so its buckets would appear under two names; give one of the two its own credentials or assume_role, or remove the region",
		}},
		{"inside and outside", `accounts:
- name: a
  regions: [cn-hangzhou]
  internal_regions: [cn-hangzhou]
- name: b
  regions: [cn-hangzhou]
`, []string{
			"line 6: accounts[1].regions[0]: accounts[0] lists this region with the same credentials, endpoint, prefix and resource_group_id, so its buckets would appear under two names; give one of the two its own credentials or assume_role, or remove the region",
		}},
		{"endpoint spelt out", `accounts:
- name: a
  regions: [cn-hangzhou]
- name: b
  regions: [cn-hangzhou]
  endpoint: http://{region}-internal.OSS-vectors.aliyuncs.com
`, []string{
			"line 5: accounts[1].regions[0]: accounts[0] lists this region with the same credentials, endpoint, prefix and resource_group_id, so its buckets would appear under two names; give one of the two its own credentials or assume_role, or remove the region",
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
			"line 6: accounts[1].regions[1]: expected a region such as cn-hangzhou (lower case letters and digits in parts joined by -, at most 63 characters), found \"x\"",
			"line 6: accounts[1].regions[0]: accounts[0] lists this region with the same credentials, endpoint, prefix and resource_group_id, so its buckets would appear under two names; give one of the two its own credentials or assume_role, or remove the region",
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
		{"not where the prefix is wrong", `accounts:
- name: a
  regions: [cn-hangzhou]
- name: b
  regions: [cn-hangzhou]
  prefix: 3
`, []string{
			"line 6: accounts[1].prefix: expected a text, found a number; put it in quotes",
		}},
	})
}
