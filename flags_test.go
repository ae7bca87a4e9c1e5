package main

import (
	"bytes"
	"errors"
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
		"interval": {
			args: []string{"--demo", "--config.auto-reload-interval=0s"},
			want: "--config.auto-reload-interval 0s: give more than 0",
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
			err := run(ended(t), test.args, io.Discard, io.Discard)
			if err == nil || err.Error() != test.want {
				t.Errorf("got  %v\nwant %s", err, test.want)
			}
		})
	}
}

// The demo needs no file, and flags of the toolkit repeat.
func TestFlagsKeepTheirKind(t *testing.T) {
	f, err := parseFlags([]string{"--demo", "--no-once", "--config.file=", "--web.listen-address=:1", "--web.listen-address=:2"},
		io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(*f.web.WebListenAddresses, " "); !f.demo || f.once || got != ":1 :2" {
		t.Errorf("demo %t, once %t, addresses %s", f.demo, f.once, got)
	}
}

// full is an output that takes nothing, like /dev/full or a pipe whose reader has ended.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// What the flags answer goes to the writer that was passed in, and it is an error if that does not take it.
func TestAnswersAreWritten(t *testing.T) {
	for flag, says := range map[string]string{
		"--help":      "--web.telemetry-path",
		"-h":          "--web.telemetry-path",
		"--help-long": "--web.telemetry-path",
		// The title is one line, with the version alone; by the name, whatis finds the program.
		"--help-man":               ".TH " + program + " 1 dev \"\"\n.SH \"NAME\"\n" + program + ` \- Prometheus exporter`,
		"--completion-script-bash": "complete -F",
		"--completion-script-zsh":  "#compdef " + program,
		"--version":                program + ", version",
	} {
		t.Run(flag, func(t *testing.T) {
			var out bytes.Buffer
			if err := run(t.Context(), []string{flag}, &out, io.Discard); err != nil {
				t.Error(err)
			}
			if strings.Count(out.String(), says) != 1 {
				t.Errorf("want %s once in:\n%s", says, &out)
			}
			err := run(t.Context(), []string{flag}, full{}, io.Discard)
			if want := "standard output: no space left; let it go to a file or a program that takes all of it"; err == nil || err.Error() != want {
				t.Errorf("got  %v\nwant %s", err, want)
			}
		})
	}
}

// An answer of --config.check that cannot be written is an error: nobody has read that the configuration is valid.
func TestCheckIsWritten(t *testing.T) {
	err := run(t.Context(), []string{"--demo", "--config.check"}, full{}, io.Discard)
	if err == nil || !strings.HasPrefix(err.Error(), "standard output: no space left") {
		t.Errorf("got %v", err)
	}
}
