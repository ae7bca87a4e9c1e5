package faults

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// ending is how a program that ends by itself did so.
type ending struct {
	code           int
	stdout, stderr string
}

// run starts the exporter in a folder of its own and waits for its end.
func (s *suite) run(t *testing.T, dir string, env []string, args ...string) ending {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), waitLimit)
	defer cancel()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, s.path, args...)
	cmd.Dir, cmd.Env = dir, append(append(os.Environ(), quietEnv()...), env...)
	cmd.Stdout, cmd.Stderr = io.MultiWriter(&stdout, s.leaks.ear("a run")), io.MultiWriter(&stderr, s.leaks.ear("a run"))
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return ending{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// badStart is a row of a configuration with which the exporter does not start: status 1, a line for each problem that
// names the file, and nothing listens.
func badStart(id string, prepare func(t *testing.T, file string), lines ...string) row {
	return row{id: id, alone: func(t *testing.T, s *suite) {
		dir := t.TempDir()
		file := filepath.Join(dir, "config.yml")
		prepare(t, file)
		for _, mode := range []string{"--web.listen-address=127.0.0.1:0", "--config.check", "--once"} {
			e := s.run(t, dir, nil, "--config.file="+file, mode)
			if e.code != 1 || e.stdout != "" {
				t.Errorf("%s: exit status %d, standard output %q", mode, e.code, e.stdout)
			}
			if strings.Contains(e.stderr, "Listening on") || strings.Contains(e.stderr, "panic") {
				t.Errorf("%s: %s", mode, e.stderr)
			}
			if got := strings.Split(strings.TrimSpace(e.stderr), "\n"); len(got) != len(lines) {
				t.Errorf("%s: %d lines, want %d: %s", mode, len(got), len(lines), e.stderr)
			} else {
				for i, want := range lines {
					if !strings.Contains(got[i], want) || !strings.Contains(got[i], "config.yml") {
						t.Errorf("%s: line %d is %q, want %q", mode, i, got[i], want)
					}
				}
			}
		}
	}}
}

func content(text string) func(*testing.T, string) {
	return func(t *testing.T, file string) { must(t, os.WriteFile(file, []byte(text), 0o600)) }
}

func configuration() []row {
	return []row{
		badStart("config-missing", func(*testing.T, string) {}, "the configuration file does not exist"),
		badStart("config-directory", func(t *testing.T, file string) { must(t, os.Mkdir(file, 0o700)) }, "is a directory"),
		badStart("config-empty", content(""), "the file holds no configuration"),
		badStart("config-pipe", func(t *testing.T, file string) { must(t, syscall.Mkfifo(file, 0o600)) }, "the file holds no configuration"),
		badStart("config-endless", func(t *testing.T, file string) { must(t, os.Symlink("/dev/zero", file)) }, "larger than"),
		badStart("config-null", content("null\n"), "accounts"),
		badStart("config-no-accounts", content("accounts: []\n"), "accounts"),
		badStart("config-binary", content("\x7fELF\x00\x01\xff"), ""),
		badStart("config-syntax", content("accounts:\n- name: [\n"), ""),
		badStart("config-unknown-key", content("accounts:\n- {name: a, regions: [cn-a-1], region: x}\n"), "accounts[0].region"),
		badStart("config-many-problems", content("scrape: {timeout: soon}\naccounts:\n- {name: a, regions: [UP], page_size: 0}\n- {regions: []}\n"),
			"scrape.timeout", "accounts[0].regions[0]", "accounts[0].page_size", "accounts[1].name", "accounts[1].regions"),
		badStart("config-secrets", content(misplaced()),
			"accounts[0].proxy_url", "accounts[0].credentials.access_key_secret", "accounts[1].credentials", "accounts[1].credentials"),
		{id: "config-bomb", alone: bombed},
		badStart("config-ca-missing", content("accounts:\n- {name: a, regions: [cn-a-1], page_size: 0,\n   tls_config: {ca_file: none.pem}}\n"),
			"accounts[0].page_size", "config.yml:3: accounts[0].tls_config.ca_file: "),
		badStart("config-ca-pipe", func(t *testing.T, file string) {
			content("accounts:\n- {name: a, regions: [cn-a-1], tls_config: {ca_file: "+pipe(t)+"}}\n")(t, file)
		}, "config.yml:2: accounts[0].tls_config.ca_file: "),
		{id: "web-config-broken", alone: webConfig},
		{id: "listen-address-taken", alone: taken},
		{id: "flags-wrong", alone: wrongFlags},
	}
}

// pipe is the name of a pipe that is held open for writing, so that reading it never ends.
func pipe(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "pipe")
	must(t, syscall.Mkfifo(name, 0o600))
	writer, err := os.OpenFile(name, os.O_RDWR, 0)
	must(t, err)
	t.Cleanup(func() { _ = writer.Close() })
	return name
}

// misplaced has secrets where they are wrong, so that an error might quote them.
func misplaced() string {
	s := secret("misplaced")
	return "accounts:\n" +
		"- {name: a, regions: [cn-a-1], proxy_url: 'http://user:" + s + "@[x', credentials: {type: static, access_key_id: LTAIx, access_key_secret: [" + s + "]}}\n" +
		"- {name: b, regions: [cn-a-1], credentials: {type: default, security_token: " + s + ", " + s + ": 1}}\n"
}

// bomb is small and would be large.
func bomb() string {
	text := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := range 9 {
		one := "*a" + string(rune('0'+i))
		text += "a" + string(rune('1'+i)) + ": &a" + string(rune('1'+i)) + " [" + strings.Repeat(one+",", 9) + one + "]\n"
	}
	return text + "accounts: *a9\n"
}

func bombed(t *testing.T, s *suite) {
	dir := t.TempDir()
	file := filepath.Join(dir, "config.yml")
	content(bomb())(t, file)
	e := s.run(t, dir, []string{"GOMEMLIMIT=100MiB"}, "--config.file="+file, "--config.check")
	if n := strings.Count(e.stderr, "\n"); e.code != 1 || n > 100 || strings.Contains(e.stderr, "panic") {
		t.Errorf("status %d, %d lines: %.1000s", e.code, n, e.stderr)
	}
}

func webConfig(t *testing.T, s *suite) {
	dir := t.TempDir()
	file, web := filepath.Join(dir, "config.yml"), filepath.Join(dir, "web.yml")
	content("accounts:\n- {name: a, regions: [cn-a-1]}\n")(t, file)
	for _, text := range []string{"basic_auth_users: [", "unknown: 1\nunheard: 2\n", "basic_auth_users: {me: plain}\n", "tls_server_config: {cert_file: none, key_file: none}\n"} {
		content(text)(t, web)
		for _, mode := range []string{"--config.check", "--web.listen-address=127.0.0.1:0"} {
			e := s.run(t, dir, nil, "--config.file="+file, "--web.config.file="+web, mode)
			last := lastLine(e.stderr)
			if e.code != 1 || !strings.Contains(last, web+": ") || !strings.Contains(last, "--web.config.file") {
				t.Errorf("%s with %q: status %d: %s", mode, text, e.code, e.stderr)
			}
		}
	}
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

func taken(t *testing.T, s *suite) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer l.Close()
	dir := t.TempDir()
	file := filepath.Join(dir, "config.yml")
	content("accounts:\n- {name: a, regions: [cn-a-1]}\n")(t, file)
	e := s.run(t, dir, nil, "--config.file="+file, "--web.listen-address=127.0.0.1:0", "--web.listen-address="+l.Addr().String())
	lines := strings.Split(strings.TrimSpace(e.stderr), "\n")
	last := lines[max(0, len(lines)-2)] // "ended" comes after it
	if e.code != 1 || !strings.Contains(last, l.Addr().String()) || !strings.Contains(last, "address already in use") {
		t.Errorf("status %d: %s", e.code, e.stderr)
	}
}

func wrongFlags(t *testing.T, s *suite) {
	dir := t.TempDir()
	wrong := func(says, env string, args ...string) {
		t.Helper()
		e := s.run(t, dir, []string{env}, args...)
		if e.code != 1 || !strings.Contains(e.stderr, says) || strings.Contains(e.stderr, "panic") {
			t.Errorf("%q: status %d, want %q: %s", args, e.code, says, e.stderr)
		}
	}
	for flag, says := range map[string]string{
		"stray": "stray", "--no-such-flag": "--no-such-flag", "--config.file=": "--config.file is empty",
		"--web.timeout-offset=soon": "--web.timeout-offset: ", "--log.level=loud": "--log.level: ", "--log.format=xml": "--log.format: ",
	} {
		wrong(says, "", flag)
	}
	for flag, says := range map[string]string{
		"--web.timeout-offset=-1s": "--web.timeout-offset ", "--web.telemetry-path=metrics": "--web.telemetry-path ",
		"--web.telemetry-path=/-/ready": "--web.telemetry-path ", "--web.listen-address=nowhere": "nowhere",
	} {
		wrong(says, "", "--demo", flag)
	}
	wrong("--log.level ($OSSVECTOR_EXPORTER_LOG_LEVEL): ", "OSSVECTOR_EXPORTER_LOG_LEVEL=loud", "--demo")
	wrong("--demo ($OSSVECTOR_EXPORTER_DEMO): ", "OSSVECTOR_EXPORTER_DEMO=maybe")
}
