package packages

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// debianSuite is what machines run: the oldest Debian that the packages are meant for.
const debianSuite = "bookworm"

// machine is a freshly installed Debian of which systemd is the first process, with a network of its own: nothing but a
// loopback. What happens in it happens as on a server, hardening of units included.
type machine struct {
	t      *testing.T
	root   string // its file system, seen from here
	leader string // its first process, seen from here

	endpoint string // of the simulated service in its network, once there is one
}

// debian is the folder with a minimal Debian that machines are copies of. It is made once and kept in .cache.
var debian = sync.OnceValues(func() (string, error) {
	folder, err := filepath.Abs("../../.cache/debian/" + debianSuite)
	if err != nil {
		return "", err
	}
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}
	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return "", err
	}
	making, err := os.MkdirTemp(filepath.Dir(folder), "making-")
	if err != nil {
		return "", err
	}
	if err := os.Chmod(making, 0o755); err != nil { //nolint:gosec // the machine's /, which its services have to pass
		return "", err
	}
	cmd := exec.Command("debootstrap", "--variant=minbase", "--include=systemd,systemd-sysv,dbus,curl,ca-certificates,rpm,sudo", //nolint:noctx // bounded by go test's timeout
		debianSuite, making)
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("debootstrap: %w\n%s", err, out)
	}
	return folder, os.Rename(making, folder)
})

// newMachine starts a machine and waits until systemd in it has started everything.
func newMachine(t *testing.T) *machine {
	t.Helper()
	base, err := debian()
	if err != nil {
		t.Fatal(err)
	}
	m := &machine{t: t, root: filepath.Join(t.TempDir(), "root")}
	if out, err := exec.CommandContext(t.Context(), "cp", "-a", base, m.root).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v\n%s", err, out)
	}
	notices, address := noticeSocket(t)
	var console bytes.Buffer
	cmd := exec.Command("systemd-nspawn", "--directory="+m.root, "--boot", "--register=no", "--keep-unit", "--private-network", //nolint:noctx // ended by Cleanup
		"--notify-ready=yes", "--console=pipe", "--machine=ossvector-test", "--hostname=debian")
	cmd.Env = append(os.Environ(), "NOTIFY_SOCKET="+address)
	cmd.Stdout, cmd.Stderr = &console, &console
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		killMachine(cmd.Process.Pid)
		_ = cmd.Wait() // systemd-nspawn ends with what it has started
		if t.Failed() {
			t.Logf("the machine's console:\n%s", console.String())
		}
	})
	m.leader = waitForReady(t, notices)
	return m
}

// killMachine kills the first process of the machine that systemd-nspawn runs, and so all of them. They would outlive
// systemd-nspawn, and keep the next machine from starting.
func killMachine(nspawn int) {
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", nspawn, nspawn)) // empty if it has ended
	for child := range strings.FieldsSeq(string(children)) {
		if pid, err := strconv.Atoi(child); err == nil {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
	}
	if len(children) == 0 {
		_ = syscall.Kill(nspawn, syscall.SIGKILL)
	}
}

// noticeSocket is where systemd-nspawn tells that the machine has started.
func noticeSocket(t *testing.T) (*net.UnixConn, string) {
	t.Helper()
	// The name of a socket has at most 107 bytes, which t.TempDir's may exceed.
	folder, err := os.MkdirTemp("", "notify") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	name := filepath.Join(folder, "socket")
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, name
}

var leaderPID = regexp.MustCompile(`(?m)^X_NSPAWN_LEADER_PID=(\d+)$`)

// waitForReady gives the machine's first process.
func waitForReady(t *testing.T, c *net.UnixConn) string {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(3 * time.Minute)); err != nil {
		t.Fatal(err)
	}
	leader, b := "", make([]byte, 4096)
	for {
		n, err := c.Read(b)
		if err != nil {
			t.Fatalf("the machine did not start: %v", err)
		}
		if found := leaderPID.FindSubmatch(b[:n]); found != nil {
			leader = string(found[1])
		}
		if leader != "" && bytes.Contains(b[:n], []byte("READY=1")) {
			return leader
		}
	}
}

// run runs a script in the machine as root and gives what it prints. It fails the test unless it ends with status 0.
func (m *machine) run(script string) string {
	m.t.Helper()
	out, err := m.try(script)
	if err != nil {
		m.t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return out
}

// try is run without the verdict.
func (m *machine) try(script string) (string, error) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), 2*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "nsenter", "--target="+m.leader, "--all", "--root", "--wdns=/", "/bin/sh", "-ec", script)
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", "LC_ALL=C.UTF-8",
		"DEBIAN_FRONTEND=noninteractive"}
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

// write writes a file in the machine, with the mode and owner that it has if it exists.
func (m *machine) write(name, text string) {
	m.t.Helper()
	if err := os.WriteFile(filepath.Join(m.root, name), []byte(text), 0o644); err != nil {
		m.t.Fatal(err)
	}
}

// listenIn listens in the network of a process.
func listenIn(t *testing.T, pid, address string) net.Listener {
	t.Helper()
	type result struct {
		l   net.Listener
		err error
	}
	done := make(chan result)
	go func() {
		runtime.LockOSThread() // for good: the thread is in that network now, and ends with the goroutine
		fd, err := os.Open("/proc/" + pid + "/ns/net")
		if err == nil {
			defer func() { _ = fd.Close() }()
			err = unix.Setns(int(fd.Fd()), unix.CLONE_NEWNET)
		}
		if err != nil {
			done <- result{nil, err}
			return
		}
		var config net.ListenConfig
		l, err := config.Listen(t.Context(), "tcp", address)
		done <- result{l, err}
	}()
	r := <-done
	if r.err != nil {
		t.Fatal(errors.Join(fmt.Errorf("the network of process %s", pid), r.err))
	}
	return r.l
}

// logged waits until the exporter's log has a number of lines that match, and gives the last of them.
func (m *machine) logged(pattern string, count int) string {
	m.t.Helper()
	return m.run(fmt.Sprintf("timeout 60 journalctl --unit=ossvector_exporter --output=cat --lines=all --follow | grep -m%d -e '%s' | tail -n1",
		count, pattern))
}

// files lists what is in the machine beside what every use of it changes.
func (m *machine) files() map[string]bool {
	m.t.Helper()
	found := map[string]bool{}
	list := m.run(`find / -xdev -path /tmp -prune -o -path /var/log -prune -o -path /var/tmp -prune -o -path /root -prune -o ` +
		`-path /var/cache -prune -o -path /var/lib/systemd -prune -o -path /var/lib/dpkg -prune -o -path /var/lib/rpm -prune -o ` +
		`-path /run -prune -o -print`)
	for name := range strings.Lines(list) {
		found[strings.TrimSpace(name)] = true
	}
	return found
}
