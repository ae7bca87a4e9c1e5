package faults

import (
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"ossvector_exporter/ossvapi/ossvtest"
	"ossvector_exporter/test/process"
	"ossvector_exporter/test/simulation"
)

func processRows() []row {
	return []row{
		{id: "end-while-scraping", alone: func(t *testing.T, s *suite) { endsWhileScraping(t, s, syscall.SIGTERM) }},
		{id: "interrupt-while-scraping", alone: func(t *testing.T, s *suite) { endsWhileScraping(t, s, os.Interrupt) }},
		{id: "end-while-hanging", alone: endsWhileHanging},
		{id: "hangup-while-ending", alone: hangupWhileEnding},
		{id: "end-while-starting", alone: endsWhileStarting},
		{id: "end-of-once", alone: endOfOnce},
		{id: "once-with-failure", alone: onceWithFailure},
		{id: "no-descriptors", alone: noDescriptors},
		{id: "memory-tight", alone: memoryTight},
		{id: "one-processor", alone: oneProcessor},
		{id: "log-closed", alone: func(t *testing.T, s *suite) { logLost(t, s, `exec "$0" "$@" 2>&-`) }},
		{id: "log-disk-full", alone: func(t *testing.T, s *suite) { logLost(t, s, `exec "$0" "$@" 2>/dev/full`) }},
		{id: "log-reader-gone", alone: func(t *testing.T, s *suite) { logPiped(t, s, true) }},
		{id: "log-reader-stuck", alone: func(t *testing.T, s *suite) { logPiped(t, s, false) }},
	}
}

// gated starts an exporter whose struck region waits at a gate.
func gated(t *testing.T, s *suite) (*exporter, *ossvtest.Gate) {
	t.Helper()
	x := startReload(t, s)
	gate := ossvtest.NewGate()
	x.cloud.Service.Inject(ossvtest.Fault{Match: ossvtest.Match{Account: simulation.AccountID, Region: struck.region}, Do: gate.Action})
	return x, gate
}

// endsWhileScraping asks the process to end in the middle of a scrape, which is finished first.
func endsWhileScraping(t *testing.T, s *suite, sig os.Signal) {
	x, gate := gated(t, s)
	done := make(chan process.Samples, 1)
	go func() {
		defer close(done) // also if the scrape fails
		done <- x.scrape(t)
	}()
	<-gate.Arrived()
	must(t, x.process.Signal(sig))
	x.refusing(t)
	gate.Open()
	x.wantUp(t, struck, <-done)
	x.end(t)
}

// refusing waits until no new connection is taken.
func (x *exporter) refusing(t *testing.T) {
	t.Helper()
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: waitLimit}
	eventually(t, "the end of listening", func() bool {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, x.web.URL+"/-/healthy", http.NoBody)
		must(t, err)
		resp, err := client.Do(req)
		if err == nil {
			resp.Body.Close()
		}
		return err != nil
	})
}

// endsWhileHanging has a scrape that would outlast the grace of 10 s: it is cut off, and that is no error.
func endsWhileHanging(t *testing.T, s *suite) {
	x, gate := gated(t, s)
	done := make(chan error, 1)
	go func() {
		_, err := x.web.Scrape(t.Context(), "/metrics")
		done <- err
	}()
	<-gate.Arrived()
	began := time.Now()
	x.end(t)
	if took := time.Since(began); took > 10*time.Second+2*slack {
		t.Errorf("the end took %s", took)
	}
	if err := <-done; err == nil {
		t.Error("a scrape that was cut off succeeded")
	}
	x.logged(t, 0, "level=warn", "requests in flight were cut off")
}

// hangupWhileEnding hangs up again and again while the process ends: that is not what ends it.
func hangupWhileEnding(t *testing.T, s *suite) {
	x, gate := gated(t, s)
	done := make(chan process.Samples, 1)
	go func() {
		defer close(done)
		done <- x.scrape(t)
	}()
	<-gate.Arrived()
	must(t, x.process.Signal(syscall.SIGTERM))
	x.refusing(t)
	for range 200 {
		must(t, x.process.Signal(syscall.SIGHUP))
	}
	gate.Open()
	x.wantUp(t, struck, <-done)
	for x.process.Signal(syscall.SIGHUP) == nil { //nolint:revive // until it has ended
	}
	x.end(t)
	if last := lastLine(x.process.Output()); !strings.HasSuffix(last, "msg=ended") {
		t.Errorf("the last line is %s", last)
	}
}

// endsWhileStarting asks for the end at the first line that is logged, before anything listens.
func endsWhileStarting(t *testing.T, s *suite) {
	for range 5 {
		first := make(chan struct{})
		started := startTricked(t, s, `exec "$0" "$@"`, onWrite(first))
		<-first
		must(t, started.cmd.Process.Signal(syscall.SIGTERM))
		if err := started.wait(t); err != nil {
			t.Errorf("the end: %v", err)
		}
	}
}

// endOfOnce interrupts a single scrape that hangs.
func endOfOnce(t *testing.T, s *suite) {
	cloud := startSimulation(t)
	gate := ossvtest.NewGate()
	cloud.Service.Inject(ossvtest.Fault{Do: gate.Action})
	dir := t.TempDir()
	file := dir + "/config.yml"
	content(twoAccounts(cloud.URL, 10*time.Second))(t, file)
	started := launchTricked(t, s, `exec "$0" "$@"`, nil, "--config.file="+file, "--once")
	<-gate.Arrived()
	must(t, started.cmd.Process.Signal(syscall.SIGTERM))
	if err := started.wait(t); err == nil || started.cmd.ProcessState.ExitCode() != 1 {
		t.Errorf("the end: %v", err)
	}
}

// onceWithFailure is --once where a region fails: all the rest is printed, and the status tells.
func onceWithFailure(t *testing.T, s *suite) {
	cloud := startSimulation(t)
	dir := t.TempDir()
	file := dir + "/config.yml"
	content(twoAccounts(cloud.URL, 10*time.Second))(t, file)
	if e := s.run(t, dir, nil, "--config.file="+file, "--once"); e.code != 0 || strings.Count(e.stdout, "\nossvector_up{") != 4 {
		t.Errorf("healthy: status %d: %s", e.code, e.stderr)
	}
	cloud.Service.Inject(ossvtest.Fault{Match: ossvtest.Match{Account: simulation.AccountID, Region: struck.region}, Do: ossvtest.Deny()})
	e := s.run(t, dir, nil, "--config.file="+file, "--once")
	if e.code != 1 || !strings.Contains(e.stderr, "1 of 4 regions could not be listed") {
		t.Errorf("status %d: %s", e.code, e.stderr)
	}
	if strings.Contains(e.stdout, `ossvector_buckets{account="struck",region="cn-struck-1"}`) ||
		!strings.Contains(e.stdout, `ossvector_buckets{account="struck",region="cn-calm-1"} 5`) {
		t.Errorf("printed: %s", e.stdout)
	}
}

// noDescriptors takes away the right to open files and connections, for some scrapes.
func noDescriptors(t *testing.T, s *suite) {
	c := startSimulation(t)
	f := newFront(t, passTo(strings.TrimPrefix(c.URL, "http://")))
	x := s.start(t, twoAccounts("http://"+f.addr, 10*time.Second), launch{})
	before := x.scrape(t)
	x.wantUp(t, struck, before)
	old := limitFiles(t, x.process.PID, 5)
	f.cut() // so that new connections are needed
	f.left(t)
	during := x.scrape(t)
	for _, p := range []regionKey{struck, other} {
		if up, there := value(during, p, "ossvector_up"); up != 0 || !there {
			t.Errorf("%s: up is %v", p, up)
		}
		if _, there := value(during, p, "ossvector_buckets"); there {
			t.Error("buckets of a region that was not listed")
		}
		if sum(during, p, "ossvector_last_error_info", `reason="network"`) != 1 {
			t.Errorf("%v", samplesOf(during, p, "ossvector_last_error_info"))
		}
	}
	x.logged(t, 0, "too many open files")
	limitFiles(t, x.process.PID, old)
	after := x.scrape(t)
	for _, p := range []regionKey{struck, other} {
		wantSame(t, "after healing", state(before, p), state(after, p))
	}
	x.end(t)
}

// limitFiles sets the soft limit of a process's open files and returns the one before.
func limitFiles(t *testing.T, pid int, limit uint64) uint64 {
	t.Helper()
	var old unix.Rlimit
	must(t, unix.Prlimit(pid, unix.RLIMIT_NOFILE, nil, &old))
	must(t, unix.Prlimit(pid, unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: limit, Max: old.Max}, nil))
	return old.Cur
}

// memoryTight has a limit that the inventory does not fit into: slow at worst, but never wrong.
func memoryTight(t *testing.T, s *suite) {
	c := startSimulation(t)
	c.Account.Fill("cn-calm-1", 3000)
	config := strings.ReplaceAll(twoAccounts(c.URL, 10*time.Second), "page_size: 10", "page_size: 1000")
	x := s.start(t, config, launch{env: []string{"GOMEMLIMIT=8MiB"}})
	x.cloud = c
	for range 5 {
		all := x.scrape(t)
		if n, _ := value(all, regionKey{"struck", "cn-calm-1"}, "ossvector_buckets"); n != 3005 {
			t.Fatalf("%v buckets", n)
		}
	}
	x.strike(t, strike{inject: does(ossvtest.Deny()), reason: "access_denied", code: "AccessDenied", status: "403", tries: 1})
	x.end(t)
}

// oneProcessor has one region keep busy what there is only one of.
func oneProcessor(t *testing.T, s *suite) {
	c := startSimulation(t)
	x := s.start(t, twoAccounts(c.URL, 1500*time.Millisecond), launch{env: []string{"GOMAXPROCS=1"}})
	x.cloud = c
	x.strike(t, strike{inject: does(ossvtest.Hang()), reason: "timeout", status: "none", tries: 2})
	x.strike(t, strike{inject: does(ossvtest.Huge(5 << 20)), reason: "invalid_response", status: "200", tries: 1})
	x.end(t)
}
