package packages

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

const page = "../../docs/install.md"

// section is a part of the page: what it has people type.
type section struct{ title, script string }

// sections are the commands of docs/install.md, one script for each way in.
func sections(t *testing.T) []section {
	t.Helper()
	text, err := os.ReadFile(filepath.Clean(page))
	if err != nil {
		t.Fatal(err)
	}
	var all []section
	for _, part := range regexp.MustCompile(`(?m)^## `).Split(string(text), -1)[1:] {
		title, rest, _ := strings.Cut(part, "\n")
		var script strings.Builder
		for _, line := range regexp.MustCompile(`(?m)^ {4}(.*)$`).FindAllStringSubmatch(rest, -1) {
			script.WriteString(line[1] + "\n")
		}
		all = append(all, section{title, script.String()})
	}
	return all
}

// TestInstallPage types what docs/install.md says into a fresh machine, with the files of dist/ in the place of a release's.
// What needs a cluster is typed by make e2e-k8s, which also builds the Dockerfile; make build has built what is tested here.
func TestInstallPage(t *testing.T) {
	elsewhere := map[string]bool{"Kubernetes": true, "Source": true}
	seen := 0
	for _, s := range sections(t) {
		if elsewhere[s.title] {
			seen++
			continue
		}
		t.Run(strings.Fields(s.title)[0], func(t *testing.T) {
			if s.title == "Container image" {
				runContainer(t, s.script)
			} else {
				install(t, s)
			}
		})
	}
	if seen != len(elsewhere) {
		t.Errorf("%d of the sections %v are on the page", seen, elsewhere)
	}
}

// install runs a section. A person writes the configuration before the first command that reads it.
func install(t *testing.T, s section) {
	m := newMachine(t)
	files, err := filepath.Glob("../../dist/*_linux_amd64.*")
	if err != nil || len(files) == 0 {
		t.Fatalf("%q, %v: make release makes dist/", files, err)
	}
	m.run("mkdir /root/release /etc/ossvector_exporter")
	for _, file := range append(files, "../../dist/SHA256SUMS") {
		m.take(file, "release/"+filepath.Base(file))
	}
	m.configure("cn-hangzhou")
	m.run("mv " + configuration + " /root/config.yml && rmdir /etc/ossvector_exporter")
	script := s.script
	if strings.Contains(s.title, "rpm") { // Debian's rpm knows nothing of what dpkg has installed
		script = strings.Replace(script, "rpm --upgrade", "rpm --nodeps --upgrade", 1)
		script = strings.Replace(script, "sudo rpm --erase", "cp /root/config.yml "+configuration+"\nsudo systemctl enable --now ossvector_exporter\nsudo rpm --erase", 1)
	}
	first := regexp.MustCompile(`(?m)^.*--config\.check.*$`)
	target := configuration
	if strings.Contains(script, "tar -xzf") {
		target = "config.yml"
	}
	if at := first.FindStringIndex(script); at != nil {
		script = script[:at[0]] + "cp /root/config.yml " + target + "\n" + script[at[0]:]
	}
	if strings.Count(script, "\n") < 5 {
		t.Fatalf("%s has hardly a command: %s", page, script)
	}
	t.Log(m.run("cd $(mktemp -d)\nVERSION=dev RELEASE=file:///root/release\n" + script))
}
