package packages

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"ossvector_exporter/ossvapi/ossvtest"
	"ossvector_exporter/test/simulation"
)

// limits stand in the place of podman's own, which are above what it may set where it runs as root within a container.
const limits = `[containers]
default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
`

// runContainer types the command of docs/install.md for the image, as it is taken from a registry. Podman takes the part of
// Docker; the container's network is one of its own, so that the page's port is free.
func runContainer(t *testing.T, script string) {
	t.Helper()
	tag, _ := pushed(t)
	folder := t.TempDir()
	for name, text := range map[string]string{
		"containers.conf": limits,
		"storage.conf":    fmt.Sprintf("[storage]\ndriver = \"vfs\"\ngraphroot = %q\nrunroot = %q\n", folder+"/graph", folder+"/run"),
		"registries.conf": fmt.Sprintf("[[registry]]\nlocation = %q\ninsecure = true\n", tag.RegistryStr()),
	} {
		must(t, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	podman, err := exec.LookPath("podman")
	must(t, err)
	must(t, os.Mkdir(folder+"/bin", 0o700))
	must(t, os.Symlink(podman, folder+"/bin/docker"))

	network := newNetwork(t)
	l := listenIn(t, network, "0.0.0.0:0") // the address of the container's host is not there yet
	cloud := simulation.StartOn(l, ossvtest.Options{Seed: 1})
	t.Cleanup(cloud.Close)
	cloud.Account.Fill("cn-hangzhou", 3)
	_, port, err := net.SplitHostPort(l.Addr().String())
	must(t, err)
	must(t, os.WriteFile(folder+"/config.yml", []byte( //nolint:gosec // the image's user reads it
		"accounts:\n  - name: default\n    regions: [cn-hangzhou]\n    endpoint: http://host.containers.internal:"+port+"\n"), 0o644))

	key := simulation.Key()
	cmd := exec.CommandContext(t.Context(), "/bin/sh", "-ec", `
		docker pull --quiet $IMAGE # the registry is not in the container's network
		exec nsenter --net=/proc/`+network+`/ns/net /bin/sh -ec "$SCRIPT"`)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "PATH="+folder+"/bin:"+os.Getenv("PATH"), "IMAGE="+tag.String(),
		"SCRIPT="+strings.TrimSpace(script)+" &\n"+`
			curl --silent --show-error --fail --retry 30 --retry-delay 1 --retry-all-errors http://localhost:10073/metrics || scraped=no
			kill $!
			wait $!
			test -z "$scraped"`,
		"CONTAINERS_CONF="+folder+"/containers.conf", "CONTAINERS_STORAGE_CONF="+folder+"/storage.conf",
		"CONTAINERS_REGISTRIES_CONF="+folder+"/registries.conf",
		"ALIBABA_CLOUD_ACCESS_KEY_ID="+key.ID, "ALIBABA_CLOUD_ACCESS_KEY_SECRET="+key.Secret)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), `ossvector_up{account="default",region="cn-hangzhou"} 1`) {
		t.Errorf("%s: %v\n%s", script, err, out)
	}
}

// newNetwork makes a network with nothing but a loopback, and gives a process in it.
func newNetwork(t *testing.T) (pid string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "unshare", "--net", "/bin/sh", "-ec", "ip link set lo up; echo up; exec cat")
	in, err := cmd.StdinPipe() // cat ends with it
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = in.Close()
		_ = cmd.Wait()
	})
	if _, err := io.ReadFull(out, make([]byte, len("up\n"))); err != nil {
		t.Fatalf("a network of its own: %v", err)
	}
	return strconv.Itoa(cmd.Process.Pid)
}
