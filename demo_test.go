package main

import (
	"io"
	"path/filepath"
	"testing"
)

// The log names an address only where a browser finds the page there.
func TestDemoNamesItsPage(t *testing.T) {
	dir := t.TempDir()
	users, tls := filepath.Join(dir, "users.yml"), filepath.Join(dir, "tls.yml")
	write(t, users, "basic_auth_users: {me: $2y$10$QOauhQNbBCuQDKes6eFzPeMqBSjb7Mr5DUmpZ/VcEd00UAV/LDeSi}\n")
	write(t, tls, "tls_server_config: {cert_file: c.pem, key_file: k.pem, min_version: TLS13, cipher_suites: [TLS_AES_128_GCM_SHA256]}\n"+
		"http_server_config: {http2: false}\n")
	empty := filepath.Join(dir, "empty.yml")
	write(t, empty, "tls_server_config: {min_version: TLS13}\n")
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"default":         {want: "demo of simulated accounts with keys that are made up: look at http://localhost:10073/ and its /metrics"},
		"a host":          {args: []string{"--web.listen-address=127.0.0.2:80"}, want: "demo of simulated accounts with keys that are made up: look at http://127.0.0.2:80/ and its /metrics"},
		"any host":        {args: []string{"--web.listen-address=[::]:80"}, want: "demo of simulated accounts with keys that are made up: look at http://localhost:80/ and its /metrics"},
		"passwords alone": {args: []string{"--web.config.file=" + users}, want: "demo of simulated accounts with keys that are made up: look at http://localhost:10073/ and its /metrics"},
		"TLS":             {args: []string{"--web.config.file=" + tls}, want: "demo of simulated accounts with keys that are made up: look at https://localhost:10073/ and its /metrics"},
		"no certificate":  {args: []string{"--web.config.file=" + empty}, want: "demo of simulated accounts with keys that are made up: look at http://localhost:10073/ and its /metrics"},
		"systemd":         {args: []string{"--web.systemd-socket"}, want: "demo of simulated accounts with keys that are made up"},
		"no host":         {args: []string{"--web.listen-address=vsock://:10073"}, want: "demo of simulated accounts with keys that are made up"},
		"any port":        {args: []string{"--web.listen-address=:0"}, want: "demo of simulated accounts with keys that are made up"},
	} {
		t.Run(name, func(t *testing.T) {
			f, err := parseFlags(append(test.args, "--demo"), io.Discard, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			if got := demoMessage(f); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
		})
	}
}
