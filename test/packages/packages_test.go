// Package packages installs what `make release` has made, in a Debian that runs systemd, and lives with it: configures it, lets
// it serve the simulated service, reloads, upgrades, removes, purges. It needs root, debootstrap, systemd-nspawn, lintian, podman.
//
//	make release packages
package packages

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ossvector_exporter/ossvapi/ossvtest"
	"ossvector_exporter/test/simulation"
)

const (
	unit          = "ossvector_exporter.service"
	configuration = "/etc/ossvector_exporter/config.yml"
	environment   = "/etc/default/ossvector_exporter"
)

// format is a kind of package, and the commands by which it is handled.
type format struct {
	name, install, upgrade, remove, purge string
	// What an upgrade leaves beside an edited configuration, and what is left of that by a removal.
	offered, kept []string
}

func TestPackages(t *testing.T) {
	newer := newerRelease(t)
	for _, f := range []format{
		{
			name:    "deb",
			install: "dpkg --install %s", upgrade: "dpkg --force-confdef --force-confold --install %s",
			remove: "dpkg --remove ossvector-exporter", purge: "dpkg --purge ossvector-exporter",
			offered: []string{configuration + ".dpkg-dist"},
			kept:    []string{configuration, configuration + ".dpkg-dist", environment, "/etc/ossvector_exporter"},
		},
		{
			// Debian's rpm knows nothing of what dpkg has installed.
			name: "rpm", install: "rpm --nodeps --install %s", upgrade: "rpm --nodeps --upgrade %s",
			remove:  "rpm --erase ossvector-exporter",
			offered: []string{configuration + ".rpmnew"},
			kept: []string{
				configuration + ".rpmsave", configuration + ".rpmnew", environment + ".rpmsave", "/etc/ossvector_exporter",
				"/usr/share/zsh/site-functions", // which Debian lacks, and a system with rpm has
			},
		},
	} {
		t.Run(f.name, func(t *testing.T) { live(t, f, built(t, "../../dist", f.name), built(t, newer, f.name)) })
	}
}

// live is the life of a package.
func live(t *testing.T, f format, older, newer string) {
	m := newMachine(t)
	before, users := m.files(), m.run("cat /etc/passwd /etc/group")
	m.take(older, "older")
	m.run(fmt.Sprintf(f.install, "/root/older"))
	checkInstalled(m)

	m.configure("cn-hangzhou")
	m.run("systemctl enable --now " + unit)
	m.logged("Listening on", 1)
	m.scraped(`ossvector_up{account="default",region="cn-hangzhou"} 1`)
	m.configure("cn-hangzhou, cn-shanghai")
	m.run("systemctl reload " + unit)
	m.logged("configuration.* loaded", 2)
	m.scraped(`ossvector_up{account="default",region="cn-shanghai"} 1`)
	// What falls over is started again.
	m.run("systemctl kill --signal=SEGV " + unit)
	m.logged("Listening on", 2)

	edited := m.run("sha256sum " + configuration)
	m.take(newer, "newer")
	m.run(fmt.Sprintf(f.upgrade, "/root/newer"))
	m.logged("Listening on", 3)
	m.scraped(`ossvector_exporter_build_info{.*version="99.0.0"`, `ossvector_up{account="default",region="cn-shanghai"} 1`)
	if after := m.run("sha256sum " + configuration); after != edited {
		t.Errorf("the upgrade changed the edited configuration:\n%s\n%s", edited, after)
	}
	m.run("test -e " + f.offered[0])
	checkSocket(m)

	m.run(f.remove)
	if state, _ := m.try("systemctl is-active " + unit); state != "inactive" {
		t.Errorf("after the removal the unit is %s", state)
	}
	if left := added(before, m.files()); !slices.Equal(left, slices.Sorted(slices.Values(f.kept))) {
		t.Errorf("the removal leaves %q, want %q", left, f.kept)
	}
	if f.purge == "" {
		return
	}
	m.run(f.purge)
	if left := added(before, m.files()); len(left) > 0 {
		t.Errorf("the purge leaves %q", left)
	}
	if after := m.run("cat /etc/passwd /etc/group"); after != users {
		t.Errorf("users before and after:\n%s\n\n%s", users, after)
	}
}

// checkInstalled looks at what an installation has left to the administrator, and at the unit.
func checkInstalled(m *machine) {
	m.t.Helper()
	for script, want := range map[string]string{
		"systemctl is-enabled " + unit + " || true":                                                                  "disabled",
		"systemctl is-active " + unit + " || true":                                                                   "inactive",
		"stat -c '%U:%G %a' /etc/ossvector_exporter":                                                                 "root:ossvector_exporter 750",
		"stat -c '%U:%G %a' " + environment:                                                                          "root:root 600",
		"zgrep -c '^.TH ossvector_exporter' /usr/share/man/man1/ossvector_exporter.1.gz":                             "1",
		"bash -c 'source /usr/share/bash-completion/completions/ossvector_exporter; complete -p ossvector_exporter'": "complete -o default -F _ossvector_exporter_bash_autocomplete ossvector_exporter",
		"systemd-analyze verify --man=no ossvector_exporter.service ossvector_exporter.socket 2>&1":                  "",
	} {
		if got := m.run(script); got != want {
			m.t.Errorf("%s: %q, want %q", script, got, want)
		}
	}
	// The threshold is in tenths: it fails above 2.0.
	exposure := m.run("systemd-analyze security --no-pager --threshold=20 " + unit)
	lines := strings.Split(exposure, "\n")
	m.t.Log(lines[len(lines)-1])
}

// checkSocket has systemd listen: the port stays open while the exporter restarts.
func checkSocket(m *machine) {
	m.t.Helper()
	m.write(environment, `ARGS="--web.systemd-socket"`+"\n")
	m.run("systemctl stop " + unit + " && systemctl start ossvector_exporter.socket")
	m.scraped(`ossvector_up{account="default",region="cn-hangzhou"} 1`) // which starts the service
	if state := m.run("systemctl is-active " + unit); state != "active" {
		m.t.Errorf("a scrape of the socket leaves the unit %s", state)
	}
}

// configure writes a configuration for the simulated service, which it starts in the machine's network.
func (m *machine) configure(regions string) {
	m.t.Helper()
	if m.endpoint == "" {
		cloud := simulation.StartOn(listenIn(m.t, m.leader, "127.0.0.1:0"), ossvtest.Options{Seed: 1})
		m.t.Cleanup(cloud.Close)
		cloud.Account.Fill("cn-hangzhou", 3)
		cloud.Account.Fill("cn-shanghai", 2)
		m.endpoint = cloud.URL
	}
	key := simulation.Key()
	m.write(configuration, fmt.Sprintf("accounts:\n  - name: default\n    regions: [%s]\n    endpoint: %s\n"+
		"    credentials: {type: static, access_key_id: %s, access_key_secret: %s}\n", regions, m.endpoint, key.ID, key.Secret))
}

// scraped fails the test unless a scrape has lines that match.
func (m *machine) scraped(patterns ...string) {
	m.t.Helper()
	for _, p := range patterns {
		m.run("curl --silent --show-error --fail --retry 5 --retry-connrefused http://127.0.0.1:10073/metrics | grep -e '^" + p + "'")
	}
}

// take copies a file into the machine's /root.
func (m *machine) take(file, name string) {
	m.t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		m.t.Fatal(err)
	}
	m.write("/root/"+name, string(b))
}

func added(before, after map[string]bool) []string {
	var names []string
	for name := range after {
		if !before[name] {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// built finds the package for this machine.
func built(t *testing.T, folder, extension string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*_linux_amd64."+extension))
	if err != nil || len(files) != 1 {
		t.Fatalf("%s has %q (%v), want one %s for amd64; make release makes it", folder, files, err, extension)
	}
	return files[0]
}

// newerRelease makes the packages of a later version with another example in a clone, and gives the folder.
func newerRelease(t *testing.T) string {
	t.Helper()
	clone := t.TempDir()
	for _, script := range []string{
		"git clone --quiet ../.. $CLONE",
		"cd $CLONE && sed -i 's/targets: .*/targets: [linux_amd64]/' .goreleaser.yaml && echo '# Changed.' >>config.example.yml",
		"cd $CLONE && git -c user.name=test -c user.email=test@localhost commit --quiet --all --message='A later version' && git tag v99.0.0",
		"cd $CLONE && ${GORELEASER:?make packages sets it} release --clean --skip=publish,announce,archive,sbom",
	} {
		cmd := exec.CommandContext(t.Context(), "bash", "-ec", script)
		cmd.Env = append(os.Environ(), "CLONE="+clone)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", script, err, out)
		}
	}
	return filepath.Join(clone, "dist")
}

// TestLintian wants no word from Debian's checker of packages; what it may not say has its reason in packaging/lintian-overrides.
func TestLintian(t *testing.T) {
	for _, arch := range []string{"amd64", "arm64"} {
		files, err := filepath.Glob("../../dist/*_linux_" + arch + ".deb")
		if err != nil || len(files) != 1 {
			t.Fatalf("%q, %v", files, err)
		}
		out, err := exec.CommandContext(t.Context(), "lintian", "--allow-root", "--display-info", files[0]).CombinedOutput()
		if err != nil || len(out) > 0 {
			t.Errorf("%s: %v\n%s", files[0], err, out)
		}
	}
}
