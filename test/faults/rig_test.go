package faults

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"ossvector_exporter/ossvapi/ossvtest"
	"ossvector_exporter/test/process"
	"ossvector_exporter/test/simulation"
)

// waitLimit is the longest that a test waits for anything. The scraper's own timeout is that, too.
const waitLimit = 30 * time.Second

// exporter is a running exporter, the service that it asks, and what its rows need beside.
type exporter struct {
	suite    *suite
	dir      string // of the configuration
	cloud    *simulation.Cloud
	process  *process.Process
	web      *process.Scraper
	fronts   map[string]*front
	ca       *authority
	accounts int                          // added to the service
	keyed    map[string]*ossvtest.Account // the accounts of key files
	keys     *keyServer
	stopped  bool
}

// launch is how an exporter is started, beyond its configuration.
type launch struct {
	args, env []string
	dir       string // of the configuration; default: a new one
	plain     bool   // without reload and profiles over HTTP
}

// start runs an exporter with a configuration until the test ends.
func (s *suite) start(t *testing.T, config string, l launch) *exporter {
	t.Helper()
	x := &exporter{suite: s, dir: l.dir}
	if x.dir == "" {
		x.dir = t.TempDir()
	}
	x.configure(t, config)
	ctx, cancel := context.WithTimeout(t.Context(), waitLimit)
	defer cancel()
	work := t.TempDir()
	p, err := process.Start(ctx, process.Options{
		Path: s.path, Args: append(x.args(l.plain), l.args...), Env: append(quietEnv(), l.env...), Dir: work, Log: s.leaks.ear("the log"),
	})
	must(t, err)
	x.process = p
	x.web = &process.Scraper{Client: &http.Client{Timeout: 2 * waitLimit, Transport: s.leaks.transport()}, URL: "http://" + p.Addr}
	t.Cleanup(func() {
		if !x.stopped {
			_ = p.Stop()
		}
		if t.Failed() {
			out := p.Output()
			t.Logf("the exporter printed, at the end:\n%s", out[max(0, len(out)-3000):])
		}
		written(t, work)
	})
	return x
}

func (x *exporter) args(plain bool) []string {
	args := []string{"--config.file=" + x.file(), "--web.listen-address=127.0.0.1:0"}
	if plain {
		return args
	}
	return append(args, "--web.enable-lifecycle", "--web.enable-pprof")
}

// quietEnv keeps the machine's own settings out.
func quietEnv() []string {
	return []string{"HTTP_PROXY=", "HTTPS_PROXY=", "http_proxy=", "https_proxy=", "HOME=/nonexistent"}
}

func (x *exporter) file() string { return filepath.Join(x.dir, "config.yml") }

func (x *exporter) configure(t *testing.T, config string) {
	t.Helper()
	must(t, os.WriteFile(x.file(), []byte(config), 0o600))
}

// end stops the exporter, which must end well and must have logged no error.
func (x *exporter) end(t *testing.T) {
	t.Helper()
	x.stopped = true
	if err := x.process.Stop(); err != nil {
		t.Errorf("the end after SIGTERM: %v", err)
	}
	for line := range strings.Lines(x.process.Output()) {
		if strings.Contains(line, "panic") || strings.Contains(line, "level=error") && !strings.Contains(line, "reload failed") {
			t.Errorf("logged: %s", line)
		}
	}
}

// inventory is a region as /api/v1/buckets tells it.
type inventory struct {
	State  string
	Errors []struct {
		Reason, Code string
		Status       int
	}
	BucketCount *int `json:"bucket_count"`
}

func (x *exporter) inventory(t *testing.T, p regionKey) inventory {
	t.Helper()
	var all struct{ Regions []inventory }
	must(t, json.Unmarshal([]byte(x.fetch(t, "/api/v1/buckets?account="+p.account+"&region="+p.region)), &all))
	if len(all.Regions) != 1 {
		t.Fatalf("%d regions of %s", len(all.Regions), p)
	}
	return all.Regions[0]
}

// pageRow is what the page says of a region.
func (x *exporter) pageRow(t *testing.T, p regionKey) string {
	t.Helper()
	page := x.fetch(t, "/")
	_, rest, found := strings.Cut(page, fmt.Sprintf(`<tr id="region/%s/%s"`, p.account, p.region))
	if !found {
		t.Fatalf("the page has no row of %s:\n%s", p, page)
	}
	text, _, _ := strings.Cut(rest, `<tr id=`)
	return text
}

// logged waits until the log, from an offset on, has a line with all of these.
func (x *exporter) logged(t *testing.T, from int, parts ...string) {
	t.Helper()
	eventually(t, fmt.Sprintf("a log line with %q", parts), func() bool { return len(x.lines(from, parts...)) > 0 })
}

// lines are those with all of these, whole ones only.
func (x *exporter) lines(from int, parts ...string) []string {
	var found []string
next:
	for line := range strings.Lines(x.process.Output()[from:]) {
		for _, part := range parts {
			if !strings.Contains(line, part) || !strings.HasSuffix(line, "\n") {
				continue next
			}
		}
		found = append(found, line)
	}
	return found
}

func (x *exporter) logSize() int { return len(x.process.Output()) }

// eventually polls.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	late := time.NewTimer(waitLimit)
	defer late.Stop()
	again := time.NewTicker(5 * time.Millisecond)
	defer again.Stop()
	for !done() {
		select {
		case <-again.C:
		case <-late.C:
			t.Fatalf("%s did not come within %s", what, waitLimit)
		}
	}
}

// visitAll looks at every page that there is: whatever it says, it may say no secret.
func (x *exporter) visitAll(t *testing.T) {
	t.Helper()
	for _, path := range []string{
		"/", "/metrics", "/metrics/exporter", "/discovery", "/api/v1/buckets", "/-/healthy", "/-/ready", "/debug/pprof/",
		"/debug/pprof/cmdline", "/debug/pprof/goroutine?debug=2", "/debug/pprof/heap", "/debug/pprof/heap?debug=1", "/debug/pprof/allocs?debug=1",
	} {
		x.fetch(t, path)
	}
	target := regexp.MustCompile(`"__param_account":\s*"([^"]+)"`)
	for _, m := range target.FindAllStringSubmatch(x.fetch(t, "/discovery"), -1) {
		x.fetch(t, "/probe?account="+m[1])
	}
}
