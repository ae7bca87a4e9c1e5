package main

import (
	"bytes"
	"io"
	"strings"
	"testing"
)

// An error of a flag's value says which flag, what it expects, and which environment variable the value came from.
func TestBadFlagsAreNamed(t *testing.T) {
	for name, test := range map[string]struct {
		args []string
		env  [2]string
		want string
	}{
		"duration": {
			args: []string{"--web.timeout-offset=5"},
			want: `command line: --web.timeout-offset: expected a duration such as 500ms, found "5"; see --help`,
		},
		"choice": {
			args: []string{"--log.level=loud"},
			want: "command line: --log.level: enum value must be one of debug,info,warn,error, got 'loud'; see --help",
		},
		"choice in the environment": {
			args: []string{"--demo"},
			env:  [2]string{"OSSVECTOR_EXPORTER_LOG_LEVEL", "loud"},
			want: "command line: --log.level ($OSSVECTOR_EXPORTER_LOG_LEVEL): enum value must be one of " +
				"debug,info,warn,error, got 'loud'; see --help",
		},
		"boolean in the environment": {
			env:  [2]string{"OSSVECTOR_EXPORTER_DEMO", "maybe"},
			want: `command line: --demo ($OSSVECTOR_EXPORTER_DEMO): expected true or false, found "maybe"; see --help`,
		},
		"the toolkit's": {
			env: [2]string{"OSSVECTOR_EXPORTER_WEB_SYSTEMD_SOCKET", "maybe"},
			want: "command line: --web.systemd-socket ($OSSVECTOR_EXPORTER_WEB_SYSTEMD_SOCKET): expected true or false, " +
				`found "maybe"; see --help`,
		},
		"the command line before the environment": {
			args: []string{"--log.format=xml"},
			env:  [2]string{"OSSVECTOR_EXPORTER_LOG_FORMAT", "xml"},
			want: "command line: --log.format: enum value must be one of logfmt,json, got 'xml'; see --help",
		},
		"no file": {
			args: []string{"--config.file="},
			want: "--config.file is empty: name the configuration file (is a variable of the shell not set?), " +
				"or leave the flag out for config.yml",
		},
	} {
		t.Run(name, func(t *testing.T) {
			if test.env[0] != "" {
				t.Setenv(test.env[0], test.env[1])
			}
			err := run(t.Context(), test.args, io.Discard, io.Discard)
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

// Naming the flags in errors changes nothing else of them: the demo needs no file, and flags of the toolkit repeat.
func TestFlagsKeepTheirKind(t *testing.T) {
	f, err := parseFlags([]string{"--demo", "--no-once", "--config.file=", "--web.listen-address=:1", "--web.listen-address=:2"},
		io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(*f.web.WebListenAddresses, " "); !f.demo || f.once || got != ":1 :2" {
		t.Errorf("demo %t, once %t, addresses %s", f.demo, f.once, got)
	}
	var help bytes.Buffer
	if err := run(t.Context(), []string{"--help"}, &help, io.Discard); err != nil {
		t.Fatal(err)
	}
	want(t, help.String(), "--[no-]demo ", `--config.file="config.yml" `, "--web.listen-address=:10073 ...",
		"--web.timeout-offset=500ms ", "--log.level=info ")
}
