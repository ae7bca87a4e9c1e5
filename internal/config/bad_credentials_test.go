package config

import (
	"strings"
	"testing"
)

func TestBadCredentials(t *testing.T) {
	badValues(t, []badValue{
		{"text", "credentials: secret", "expected a mapping (`key: value` lines), found a text"},
	})
	badCredentials(t, []badValue{
		{"number as a type", "type: 3", "expected one of default, static, oidc_role_arn, ecs_ram_role, credentials_uri"},
		{"key of assume_role", "session_name: a", "unknown key; it belongs under accounts[].credentials.assume_role"},
		{"STS endpoint as a URL", "sts_endpoint: https://sts.aliyuncs.com", "expected a host such as sts.cn-hangzhou.aliyuncs.com, without https://, path and underscore"},
		{"STS endpoint with a path", "sts_endpoint: sts.aliyuncs.com/a", "expected a host such as sts.cn-hangzhou.aliyuncs.com, without https://, path and underscore"},
		{"STS endpoint with an underscore", "sts_endpoint: a_b", "expected a host such as sts.cn-hangzhou.aliyuncs.com, without https://, path and underscore"},
		{"assume_role as a text", "assume_role: acs:ram::1037350000000000:role/a", "expected a mapping (`key: value` lines), found a text"},
	})
	badFiles(t, []badFile{
		{"unknown type", withCredentials("type: ram_role_arn", "access_key_id: a"), one("line 5: accounts[0].credentials.type: expected one of default, static, oidc_role_arn, ecs_ram_role, credentials_uri")},
		{"key that is not known", withCredentials("colour: secret"), one("line 5: accounts[0].credentials: a key that is not known (it is not shown here, as it may be a secret); known are " + credentialKeys)},
		{"mistyped key", withCredentials("type: static", "acces_key_id: a", "access_key_secret: b"), []string{
			"line 5: accounts[0].credentials.access_key_id: type static needs it; set access_key_id_file or access_key_id",
			"line 6: accounts[0].credentials.acces_key_id: unknown key; did you mean access_key_id?",
		}},
		{"key without a blank", with("credentials: {type: static, access_key_secret:secret}"), []string{
			"line 4: accounts[0].credentials: a key that is not known (it is not shown here, as it may be a secret); known are " + credentialKeys,
			"line 4: accounts[0].credentials.access_key_id: type static needs it; set access_key_id_file or access_key_id",
			"line 4: accounts[0].credentials.access_key_secret: type static needs it; set access_key_secret_file or access_key_secret",
		}},
		{"static without a key", withCredentials("type: static"), []string{
			"line 5: accounts[0].credentials.access_key_id: type static needs it; set access_key_id_file or access_key_id",
			"line 5: accounts[0].credentials.access_key_secret: type static needs it; set access_key_secret_file or access_key_secret",
		}},
		{"static with an empty key", withCredentials("type: static", "access_key_id: ''", "access_key_secret_file: ''"), []string{
			"line 5: accounts[0].credentials.access_key_secret: type static needs it; set access_key_secret_file or access_key_secret",
			"line 6: accounts[0].credentials.access_key_id: type static needs it; set access_key_id_file or access_key_id",
		}},
		{"static with both", withCredentials("type: static", "access_key_id: a", "access_key_id_file: a", "access_key_secret: b", "access_key_secret_file: b", "security_token: c", "security_token_file: c"), []string{
			"line 7: accounts[0].credentials.access_key_id_file: access_key_id is set as well; keep one of the two",
			"line 9: accounts[0].credentials.access_key_secret_file: access_key_secret is set as well; keep one of the two",
			"line 11: accounts[0].credentials.security_token_file: security_token is set as well; keep one of the two",
		}},
		{"static with a line break", withCredentials("type: static", "access_key_id: |", "  a", "access_key_secret: |", "  b", "security_token: c d"), []string{
			"line 6: accounts[0].credentials.access_key_id: a blank, a line break or a character outside ASCII is in the text; remove it",
			"line 8: accounts[0].credentials.access_key_secret: a blank, a line break or a character outside ASCII is in the text; remove it",
			"line 10: accounts[0].credentials.security_token: a blank, a line break or a character outside ASCII is in the text; remove it",
		}},
		{"static with numbers", withCredentials("type: static", "access_key_id: 12", "access_key_secret: 1e3", "security_token: [a]"), []string{
			"line 6: accounts[0].credentials.access_key_id: expected a text, found a number; put it in quotes",
			"line 7: accounts[0].credentials.access_key_secret: expected a text, found a number; put it in quotes",
			"line 8: accounts[0].credentials.security_token: expected a text, found a list",
		}},
		{"file name with a line break", withCredentials("type: static", "access_key_id: a", "access_key_secret_file: \"a\\nb\""), one("line 7: accounts[0].credentials.access_key_secret_file: a control character or a line break is in the text; remove it")},
		{"keys of other types under default", withCredentials("access_key_id: a", "access_key_secret: b", "role_name: c", "uri: http://d", "role_arn: acs:ram::1:role/e"), []string{
			"line 5: accounts[0].credentials.access_key_id: only type static reads this key; set type: static, or remove the key",
			"line 6: accounts[0].credentials.access_key_secret: only type static reads this key; set type: static, or remove the key",
			"line 7: accounts[0].credentials.role_name: only type ecs_ram_role reads this key; set type: ecs_ram_role, or remove the key",
			"line 8: accounts[0].credentials.uri: only type credentials_uri reads this key; set type: credentials_uri, or remove the key",
			"line 9: accounts[0].credentials.role_arn: only type oidc_role_arn reads this key; set type: oidc_role_arn, or remove the key",
		}},
		{"keys of other types under ecs_ram_role", withCredentials("type: ecs_ram_role", "role_name: a", "access_key_id: b", "access_key_id_file: b", "access_key_secret_file: c", "security_token_file: d", "oidc_token_file: e"), []string{
			"line 7: accounts[0].credentials.access_key_id: only type static reads this key; set type: static, or remove the key",
			"line 8: accounts[0].credentials.access_key_id_file: only type static reads this key; set type: static, or remove the key",
			"line 9: accounts[0].credentials.access_key_secret_file: only type static reads this key; set type: static, or remove the key",
			"line 10: accounts[0].credentials.security_token_file: only type static reads this key; set type: static, or remove the key",
			"line 11: accounts[0].credentials.oidc_token_file: only type oidc_role_arn reads this key; set type: oidc_role_arn, or remove the key",
		}},
		{"keys of other types under static", withCredentials("type: static", "access_key_id: a", "access_key_secret: b", "oidc_provider_arn: c"), one("line 8: accounts[0].credentials.oidc_provider_arn: only type oidc_role_arn reads this key; set type: oidc_role_arn, or remove the key")},
		{"oidc_role_arn without injection", withCredentials("type: oidc_role_arn", "role_arn: acs:ram::1037350000000000:role/a"), []string{
			"line 5: accounts[0].credentials.oidc_provider_arn: neither this key nor the environment variable ALIBABA_CLOUD_OIDC_PROVIDER_ARN is set; set the key, or see that RRSA is enabled for the pod (its namespace's and service account's labels and annotations)",
			"line 5: accounts[0].credentials.oidc_token_file: neither this key nor the environment variable ALIBABA_CLOUD_OIDC_TOKEN_FILE is set; set the key, or see that RRSA is enabled for the pod (its namespace's and service account's labels and annotations)",
		}},
		{"credentials_uri without uri", withCredentials("type: credentials_uri"), one("line 5: accounts[0].credentials.uri: type credentials_uri needs it; set uri: The local service that hands out the key.")},
		{"credentials_uri with another scheme", withCredentials("type: credentials_uri", "uri: file:///etc/passwd"), one("line 6: accounts[0].credentials.uri: expected a URL such as https://host:8080; begin it with http:// or https://")},
		{"credentials_uri with a blank", withCredentials("type: credentials_uri", "uri: http://a/ b"), one("line 6: accounts[0].credentials.uri: a blank, a line break or a character outside ASCII is in the text; remove it")},
		{"roles of an instance that are no names", "accounts:\n" +
			"- {name: a, regions: [cn-a], credentials: {type: ecs_ram_role, role_name: a/b}}\n" +
			"- {name: b, regions: [cn-a], credentials: {type: ecs_ram_role, role_name: " + strings.Repeat("r", 65) + "}}\n" +
			"- {name: c, regions: [cn-a], credentials: {type: ecs_ram_role, role_name: 'acs:ram::1:role/a'}, page_size: 0}\n" +
			"- {name: d, regions: [cn-a], credentials: {type: ecs_ram_role, role_name: " + strings.Repeat("r", 64) + "}}\n", []string{
			"line 2: accounts[0].credentials.role_name: expected a role's name, of at most 64 letters, digits or any of . _ -, and not its ARN; copy it from the RAM console",
			"line 3: accounts[1].credentials.role_name: expected a role's name, of at most 64 letters, digits or any of . _ -, and not its ARN; copy it from the RAM console",
			"line 4: accounts[2].credentials.role_name: expected a role's name, of at most 64 letters, digits or any of . _ -, and not its ARN; copy it from the RAM console",
			"line 4: accounts[2].page_size: expected a whole number from 1 to 1000, found \"0\"",
		}},
		{"assume_role without a role", withCredentials("assume_role: {}"), one("line 5: accounts[0].credentials.assume_role.role_arn: assume_role needs the ARN of the role to take; set role_arn, or remove assume_role")},
		{"assume_role with an empty role", withCredentials("assume_role: {role_arn: '', external_id: a}"), one("line 5: accounts[0].credentials.assume_role.role_arn: assume_role needs the ARN of the role to take; set role_arn, or remove assume_role")},
		{"roles that are no ARNs", withCredentials("type: oidc_role_arn", "role_arn: reader", "oidc_provider_arn: p", "oidc_token_file: t", "assume_role: {role_arn: 'acs:ram::1037350000000000:user/a'}"), []string{
			"line 6: accounts[0].credentials.role_arn: expected the ARN of a role, acs:ram::ACCOUNTID:role/NAME; copy it from the RAM console",
			"line 9: accounts[0].credentials.assume_role.role_arn: expected the ARN of a role, acs:ram::ACCOUNTID:role/NAME; copy it from the RAM console",
		}},
		{"assume_role with bad values", withCredentials("assume_role: {role_arn: a b, session_name: x, external_id: 3, role: a}"), []string{
			"line 5: accounts[0].credentials.assume_role.role_arn: expected the ARN of a role, acs:ram::ACCOUNTID:role/NAME; copy it from the RAM console",
			"line 5: accounts[0].credentials.assume_role.session_name: expected 2 to 64 letters, digits or any of . @ - _",
			"line 5: accounts[0].credentials.assume_role.external_id: expected a text, found a number; put it in quotes",
			"line 5: accounts[0].credentials.assume_role: a key that is not known (it is not shown here, as it may be a secret); known are external_id, role_arn, session_name",
		}},
	})
}
