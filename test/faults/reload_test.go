package faults

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ossvector_exporter/ossvapi/ossvtest"
	"ossvector_exporter/test/process"
	"ossvector_exporter/test/simulation"
)

func startReload(t *testing.T, s *suite) *exporter {
	c := startSimulation(t)
	x := s.start(t, twoAccounts(c.URL, 10*time.Second), launch{})
	x.cloud = c
	return x
}

func reloads() []row {
	broken := func(id string, spoil func(t *testing.T, x *exporter), want string) row {
		return row{id: id, do: func(t *testing.T, x *exporter) { x.badReload(t, spoil, want) }, says: []string{"config_last_reload_successful` 0"}}
	}
	spoilt := func(from, to string) func(*testing.T, *exporter) {
		return func(t *testing.T, x *exporter) { x.configure(t, strings.Replace(x.config(t), from, to, 1)) }
	}
	return append([]row{
		broken("reload-missing", func(t *testing.T, x *exporter) { must(t, os.Remove(x.file())) }, "the configuration file does not exist"),
		broken("reload-empty", func(t *testing.T, x *exporter) { x.configure(t, "") }, "the file holds no configuration"),
		broken("reload-pipe", func(t *testing.T, x *exporter) {
			must(t, os.Remove(x.file()))
			must(t, syscall.Mkfifo(x.file(), 0o600))
		}, "the file holds no configuration"),
		broken("reload-unknown-key", spoilt("page_size:", "page_sise:"), "accounts[0].page_sise"),
		broken("reload-syntax", spoilt("accounts:", "accounts: ]["), "config.yml"),
		broken("reload-ca-missing", spoilt("  page_size: 10", "  tls_config: {ca_file: none.pem}"), "none.pem"),
		broken("reload-ca-pipe", func(t *testing.T, x *exporter) {
			spoilt("  page_size: 10", "  tls_config: {ca_file: "+pipe(t)+"}")(t, x)
		}, "accounts[0].tls_config.ca_file"),
		broken("reload-secret", spoilt("access_key_id:", secret("reload")+":"), "accounts[0].credentials"),
		{id: "reload-half-written", do: halfWritten},
		{id: "reload-while-scraping", do: whileScraping},
		{id: "reload-removes-region", do: removesRegion},
		{id: "reload-at-once", do: atOnce},
		{id: "reload-hangup-storm", do: hangupStorm},
		{id: "reload-1000", do: thousand},
		{id: "reload-forbidden", alone: forbidden},
	}, autoReloads()...)
}

const reloaded = "ossvector_exporter_config_last_reload_successful"

// badReload spoils the configuration: the old one stays in force, all say so, and the next good reload heals it.
func (x *exporter) badReload(t *testing.T, spoil func(*testing.T, *exporter), want string) {
	t.Helper()
	good, from := x.config(t), x.logSize()
	before := x.scrape(t)
	spoil(t, x)
	if body := x.reload(t, http.StatusInternalServerError); !strings.Contains(body, want) || !strings.Contains(body, "old configuration is kept") {
		t.Errorf("the answer: %s", body)
	}
	after := x.scrape(t)
	if after[reloaded] != 0 {
		t.Errorf("%s is %v", reloaded, after[reloaded])
	}
	stamp := "ossvector_exporter_config_last_reload_success_timestamp_seconds"
	if after[stamp] != before[stamp] {
		t.Errorf("%s went from %v to %v", stamp, before[stamp], after[stamp])
	}
	wantOthers(t, before, after, regionKey{})
	x.logged(t, from, "level=error", `msg="reload failed, the old configuration stays"`)
	if lines := x.lines(from, "level=error"); len(lines) != 1 {
		t.Errorf("%q", lines)
	}
	if page := x.fetch(t, "/"); !strings.Contains(page, "The last reload failed, the old configuration is kept") {
		t.Error("the page does not say so")
	}
	x.fetch(t, "/-/ready")
	_ = os.Remove(x.file())
	x.configure(t, good)
	x.reload(t, http.StatusOK)
	after = x.scrape(t)
	if after[reloaded] != 1 || after[stamp] <= before[stamp] {
		t.Errorf("after healing: %v at %v", after[reloaded], after[stamp])
	}
	wantOthers(t, before, after, regionKey{})
	if page := x.fetch(t, "/"); strings.Contains(page, "The last reload failed") {
		t.Error("the page still says so")
	}
}

// halfWritten reloads at every stage of the writing of the file. What is there so far may make sense or not; the exporter
// must go on either way and have all of it in the end.
func halfWritten(t *testing.T, x *exporter) {
	good := x.config(t)
	before := x.scrape(t)
	refused := 0
	for cut := 0; cut < len(good); cut += 31 {
		x.configure(t, good[:cut])
		status, body := x.send(t, http.MethodPost, "/-/reload", nil)
		if status != http.StatusOK {
			refused++
		}
		if status != http.StatusOK && status != http.StatusInternalServerError {
			t.Errorf("cut at %d: status %d: %s", cut, status, body)
		}
	}
	if refused < 10 {
		t.Errorf("only %d were refused", refused)
	}
	x.configure(t, good)
	x.reload(t, http.StatusOK)
	for _, p := range []regionKey{struck, other} {
		wantSame(t, "after all of it", state(before, p), state(x.scrape(t), p))
	}
}

// whileScraping changes the regions while a scrape is under way, which ends as it began.
func whileScraping(t *testing.T, x *exporter) {
	good, gate := x.config(t), ossvtest.NewGate()
	heal := x.cloud.Service.Inject(ossvtest.Fault{Match: ossvtest.Match{Account: simulation.AccountID, Region: struck.region}, Do: gate.Action})
	done := make(chan process.Samples, 1)
	go func() {
		defer close(done) // also if the scrape fails
		done <- x.scrape(t)
	}()
	<-gate.Arrived()
	x.configure(t, strings.Replace(good, "cn-calm-1, cn-empty-1", "cn-calm-1, cn-new-1", 1))
	x.reload(t, http.StatusOK)
	gate.Open()
	s := <-done
	heal()
	fresh := regionKey{struck.account, "cn-new-1"}
	x.wantUp(t, struck, s)
	x.wantUp(t, regionKey{struck.account, "cn-empty-1"}, s)
	if _, there := value(s, fresh, "ossvector_up"); there {
		t.Error("a scrape that began before the reload has the new region")
	}
	x.wantUp(t, fresh, x.scrape(t))
	x.configure(t, good)
	x.reload(t, http.StatusOK)
}

// removesRegion takes a region away and brings it back: its series go, and its counters begin anew.
func removesRegion(t *testing.T, x *exporter) {
	good, gone := x.config(t), regionKey{struck.account, "cn-calm-1"}
	before := x.scrape(t)
	x.configure(t, strings.Replace(good, "cn-calm-1, ", "", 1))
	x.reload(t, http.StatusOK)
	s := x.scrape(t)
	for series := range s {
		if gone.has(series) {
			t.Errorf("still there: %s", series)
		}
	}
	const requests = "ossvector_api_requests_total"
	if was, now := sum(before, struck, requests, ""), sum(s, struck, requests, ""); now <= was {
		t.Errorf("%s of another region went from %v to %v", requests, was, now)
	}
	x.configure(t, good)
	x.reload(t, http.StatusOK)
	s = x.scrape(t)
	x.wantUp(t, gone, s)
	if n := sum(s, gone, requests, ""); n != 1 {
		t.Errorf("%v requests after the return", n)
	}
}

func atOnce(t *testing.T, x *exporter) {
	var all sync.WaitGroup
	for range 30 {
		all.Go(func() {
			if status, body := x.send(t, http.MethodPost, "/-/reload", nil); status != http.StatusOK && status != http.StatusServiceUnavailable {
				t.Errorf("status %d: %s", status, body)
			}
		})
	}
	all.Wait()
	x.wantUp(t, struck, x.scrape(t))
}

// hangupStorm sends signals as fast as they go, while being scraped.
func hangupStorm(t *testing.T, x *exporter) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range 2000 {
			must(t, x.process.Signal(syscall.SIGHUP))
		}
	}()
	for range 5 {
		x.wantUp(t, struck, x.scrape(t))
	}
	<-done
	x.wantUp(t, other, x.scrape(t))
}

// thousand reloads a thousand times: nothing may pile up.
func thousand(t *testing.T, x *exporter) {
	load := func(n int) {
		for range n {
			x.reload(t, http.StatusOK)
		}
		x.scrape(t)
	}
	load(50)
	goroutines, descriptors, heap := x.usage(t)
	load(1000)
	var g, d int
	eventually(t, fmt.Sprintf("no more than %d goroutines and %d descriptors", goroutines, descriptors), func() bool {
		g, d, _ = x.usage(t)
		return g <= goroutines+5 && d <= descriptors+5
	})
	if _, _, h := x.usage(t); h > heap+8<<20 {
		t.Errorf("the heap grew from %d to %d bytes", heap, h)
	}
	x.wantUp(t, struck, x.scrape(t))
}

func forbidden(t *testing.T, s *suite) {
	c := startSimulation(t)
	x := s.start(t, twoAccounts(c.URL, 10*time.Second), launch{plain: true})
	x.configure(t, "broken")
	x.reload(t, http.StatusForbidden)
	if status, _ := x.send(t, http.MethodGet, "/-/reload", nil); status != http.StatusMethodNotAllowed && status != http.StatusForbidden {
		t.Errorf("GET: status %d", status)
	}
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/cmdline", "/debug/pprof/heap", "/debug/vars"} {
		if status, body := x.send(t, http.MethodGet, path, nil); status != http.StatusNotFound {
			t.Errorf("%s: status %d: %s", path, status, body)
		}
	}
	s2 := x.scrape(t)
	x.wantUp(t, struck, s2)
	if s2[reloaded] != 1 {
		t.Error("a reload that was forbidden was tried")
	}
	x.end(t)
}
