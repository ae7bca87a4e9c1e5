package faults

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ossvector_exporter/ossvapi/ossvtest"
	"ossvector_exporter/test/process"
	"ossvector_exporter/test/simulation"
)

// tricked is an exporter that a shell started with something wrong about its output.
type tricked struct {
	cmd   *exec.Cmd
	cloud *simulation.Cloud
	done  chan struct{}
	err   error
}

// launchTricked runs a line of shell, in which "$0" "$@" is the exporter with its arguments.
func launchTricked(t *testing.T, s *suite, script string, stderr io.Writer, args ...string) *tricked {
	t.Helper()
	cmd := exec.Command("/bin/sh", append([]string{"-c", script, s.path}, args...)...)
	cmd.Env, cmd.Dir, cmd.Stderr = append(os.Environ(), quietEnv()...), t.TempDir(), stderr
	must(t, cmd.Start())
	x := &tricked{cmd: cmd, done: make(chan struct{})}
	go func() {
		x.err = cmd.Wait()
		close(x.done)
	}()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-x.done
	})
	return x
}

func startTricked(t *testing.T, s *suite, script string, stderr io.Writer) *tricked {
	t.Helper()
	cloud, file := startSimulation(t), filepath.Join(t.TempDir(), "config.yml")
	content(twoAccounts(cloud.URL, 10*time.Second))(t, file)
	x := launchTricked(t, s, script, stderr, "--config.file="+file, "--web.listen-address=127.0.0.1:0", "--log.level=debug")
	x.cloud = cloud
	return x
}

// wait waits for the end of the process.
func (x *tricked) wait(t *testing.T) error {
	t.Helper()
	select {
	case <-x.done:
		return x.err
	case <-time.After(waitLimit):
		t.Fatal("the process does not end")
		return nil
	}
}

// address finds out where a process listens that cannot tell.
func (x *tricked) address(t *testing.T) string {
	t.Helper()
	addr := ""
	eventually(t, "listening", func() bool {
		addr = listensOn(x.cmd.Process.Pid)
		return addr != ""
	})
	return addr
}

// listensOn is the loopback address on which a process listens, by /proc.
func listensOn(pid int) string {
	table, _ := os.ReadFile(fmt.Sprintf("/proc/%d/net/tcp", pid))
	open, _ := filepath.Glob(fmt.Sprintf("/proc/%d/fd/*", pid))
	for _, line := range strings.Split(string(table), "\n") {
		f := strings.Fields(line)
		if len(f) < 10 || f[3] != "0A" {
			continue
		}
		for _, fd := range open {
			if to, _ := os.Readlink(fd); to == "socket:["+f[9]+"]" {
				_, port, _ := strings.Cut(f[1], ":")
				n, _ := strconv.ParseUint(port, 16, 16)
				return fmt.Sprintf("127.0.0.1:%d", n)
			}
		}
	}
	return ""
}

// serves checks that such a process does its work, transitions included, which are logged.
func (x *tricked) serves(t *testing.T, s *suite) {
	t.Helper()
	e := &exporter{suite: s, cloud: x.cloud}
	e.web = &process.Scraper{Client: &http.Client{Timeout: waitLimit, Transport: s.leaks.transport()}, URL: "http://" + x.address(t)}
	before := e.scrape(t)
	e.wantUp(t, struck, before)
	for range 20 {
		heal := does(ossvtest.Deny())(t, e)
		during := e.scrape(t)
		wantOthers(t, before, during, struck)
		e.wantFailing(t, strike{at: struck, reason: "access_denied", code: "AccessDenied", status: "403", tries: 1}, before, during)
		heal()
		before = e.scrape(t)
		e.wantUp(t, struck, before)
	}
}

// logLost starts an exporter whose log goes nowhere: it works, and ends well.
func logLost(t *testing.T, s *suite, script string) {
	x := startTricked(t, s, script, nil)
	x.serves(t, s)
	must(t, x.cmd.Process.Signal(os.Interrupt))
	if err := x.wait(t); err != nil {
		t.Errorf("the end: %v", err)
	}
}

// logPiped starts an exporter whose log is a pipe that nobody reads from, because the reader is gone or because it is
// stuck.
func logPiped(t *testing.T, s *suite, gone bool) {
	r, w, err := os.Pipe()
	must(t, err)
	_, err = unix.FcntlInt(w.Fd(), unix.F_SETPIPE_SZ, 4096) // soon full
	must(t, err)
	x := startTricked(t, s, `exec "$0" "$@"`, w)
	must(t, w.Close())
	x.address(t)
	if gone {
		must(t, r.Close())
	} else {
		defer r.Close()
	}
	x.serves(t, s)
	must(t, x.cmd.Process.Signal(os.Interrupt))
	if err := x.wait(t); err != nil {
		t.Errorf("the end: %v", err)
	}
}

// onWrite closes a channel at the first write.
func onWrite(first chan struct{}) io.Writer {
	var once sync.Once
	return writer(func(b []byte) (int, error) {
		once.Do(func() { close(first) })
		return len(b), nil
	})
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }
