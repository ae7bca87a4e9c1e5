package main

import (
	"io"
	"testing"
)

// The log names an address only where a browser finds the page there.
func TestDemoNamesItsPage(t *testing.T) {
	const demo = "demo of simulated accounts with keys that are made up"
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"default":    {want: demo + ": look at http://localhost:10073/ and its /metrics"},
		"a host":     {args: []string{"--web.listen-address=127.0.0.2:80"}, want: demo + ": look at http://127.0.0.2:80/ and its /metrics"},
		"any host":   {args: []string{"--web.listen-address=[::]:80"}, want: demo + ": look at http://localhost:80/ and its /metrics"},
		"TLS, maybe": {args: []string{"--web.config.file=web.yml"}, want: demo},
		"systemd":    {args: []string{"--web.systemd-socket"}, want: demo},
		"no host":    {args: []string{"--web.listen-address=vsock://:10073"}, want: demo},
		"any port":   {args: []string{"--web.listen-address=:0"}, want: demo},
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
