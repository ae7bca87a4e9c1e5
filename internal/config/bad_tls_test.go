package config

import "testing"

func TestBadTLS(t *testing.T) {
	badFiles(t, []badFile{
		{"TLS keys", with("tls_config: {ca_fiel: a, ca_ref: b, min_version: TLS14, max_version: 3, insecure_skip_verify: 1, server_name: a b}"), []string{
			"line 4: accounts[0].tls_config.ca_fiel: unknown key; did you mean ca_file?",
			"line 4: accounts[0].tls_config.ca_ref: unknown key; known are ca, ca_file, cert, cert_file, insecure_skip_verify, key, key_file, max_version, min_version, server_name",
			"line 4: accounts[0].tls_config.min_version: expected TLS12 or TLS13; the exporter speaks no older version",
			"line 4: accounts[0].tls_config.max_version: expected a text, found a number; put it in quotes",
			"line 4: accounts[0].tls_config.insecure_skip_verify: expected true or false, found \"1\"",
			"line 4: accounts[0].tls_config.server_name: a blank, a line break or a character outside ASCII is in the text; remove it",
		}},
		{"TLS with two of a kind", with("tls_config: {ca: a, ca_file: b}"), []string{
			"line 4: accounts[0].tls_config: at most one of ca, ca_file & ca_ref must be configured",
		}},
		{"TLS with half a pair", with("tls_config: {cert_file: b}"), []string{
			"line 4: accounts[0].tls_config: exactly one of key or key_file must be configured when a client certificate is configured",
		}},
		{"TLS versions the wrong way", with("tls_config: {min_version: TLS13, max_version: TLS12}"), []string{
			"line 4: accounts[0].tls_config: min_version is above max_version; swap the two, or remove one",
		}},
		{"TLS versions that would be ignored or never connect", with("tls_config: {min_version: TLS10, max_version: TLS11}"), []string{
			"line 4: accounts[0].tls_config.min_version: expected TLS12 or TLS13; the exporter speaks no older version",
			"line 4: accounts[0].tls_config.max_version: expected TLS12 or TLS13; the exporter speaks no older version",
		}},
		{"TLS no mapping", with("tls_config: true"), []string{
			"line 4: accounts[0].tls_config: expected a mapping (`key: value` lines), found true or false",
		}},
	})
}
