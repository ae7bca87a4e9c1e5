package faults

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// settle is how long a changed file must stay the same before the exporter believes it.
const settle = time.Second

func autoReloads() []row {
	return []row{
		{id: "auto-reload-half-written", alone: autoHalfWritten},
		{id: "auto-reload-broken", alone: autoBroken, says: []string{"config_last_reload_successful` 0"}},
		{id: "auto-reload-swapped", alone: autoSwapped},
	}
}

// startAuto runs an exporter that looks at its configuration by itself.
func startAuto(t *testing.T, s *suite, dir string, interval time.Duration) *exporter {
	t.Helper()
	c := startSimulation(t)
	return s.start(t, twoAccounts(c.URL, 10*time.Second), launch{
		dir: dir, args: []string{"--config.enable-auto-reload", "--config.auto-reload-interval=" + interval.String()},
	})
}

// autoHalfWritten writes slowly what would load at each stage. A machine that stops the writer for as long as the exporter waits
// proves nothing, so the writing begins again.
func autoHalfWritten(t *testing.T, s *suite) {
	x := startAuto(t, s, "", settle)
	good, half, whole := x.config(t), regionKey{struck.account, "cn-half-1"}, regionKey{struck.account, "cn-whole-1"}
	for stops := 0; !x.writeSlowly(t, strings.Replace(good, "cn-calm-1", half.region, 1), half); stops++ {
		if stops == 20 {
			t.Fatal("this machine stops the writer each time")
		}
		x.configure(t, good)
		eventually(t, "the old configuration", func() bool {
			_, there := value(x.scrape(t), regionKey{struck.account, "cn-calm-1"}, "ossvector_up")
			return there
		})
	}
	x.configure(t, strings.Replace(good, "cn-calm-1", whole.region, 1))
	eventually(t, "the whole file", func() bool {
		_, there := value(x.scrape(t), whole, "ossvector_up")
		return there
	})
	x.wantUp(t, whole, x.scrape(t))
	x.end(t)
}

// writeSlowly adds to the file over several looks of the exporter's and wants none of it in force. It reports whether the file was never
// left alone for long.
func (x *exporter) writeSlowly(t *testing.T, text string, half regionKey) bool {
	t.Helper()
	begin := time.Now()
	last := begin
	for n := 0; time.Since(begin) < 4*settle; n++ {
		x.configure(t, text+"# "+strings.Repeat("x", n)+"\n")
		_, inForce := value(x.scrape(t), half, "ossvector_up")
		if time.Since(last) > settle/2 {
			return false
		}
		last = time.Now()
		if inForce {
			t.Fatalf("after %d steps the half that is written is in force", n)
		}
	}
	return true
}

// autoBroken breaks the file under an exporter that nobody asks to reload, and mends it.
func autoBroken(t *testing.T, s *suite) {
	x := startAuto(t, s, "", 50*time.Millisecond)
	good, before, from := x.config(t), x.scrape(t), x.logSize()
	x.configure(t, strings.Replace(good, "page_size:", "page_sise:", 1))
	x.logged(t, from, "level=error", `msg="reload failed, the old configuration stays"`, "accounts[0].page_sise")
	after := x.scrape(t)
	stamp := "ossvector_exporter_config_last_reload_success_timestamp_seconds"
	if after[reloaded] != 0 || after[stamp] != before[stamp] {
		t.Errorf("%s is %v, %s went from %v to %v", reloaded, after[reloaded], stamp, before[stamp], after[stamp])
	}
	wantOthers(t, before, after, regionKey{})
	if page := x.fetch(t, "/"); !strings.Contains(page, "The last reload failed, the old configuration is kept") {
		t.Error("the page does not say so")
	}
	x.configure(t, good)
	x.logged(t, from, `msg="configuration loaded"`)
	after = x.scrape(t)
	if after[reloaded] != 1 || after[stamp] <= before[stamp] {
		t.Errorf("after healing: %v at %v", after[reloaded], after[stamp])
	}
	wantOthers(t, before, after, regionKey{})
	x.end(t)
}

// autoSwapped changes the configuration as Kubernetes does: a link to the folder of the files leads to another folder.
func autoSwapped(t *testing.T, s *suite) {
	dir := t.TempDir()
	version := func(n int) string { return fmt.Sprintf("..version-%d", n) }
	must(t, os.Mkdir(filepath.Join(dir, version(0)), 0o700))
	must(t, os.Symlink(version(0), filepath.Join(dir, "..data")))
	must(t, os.Symlink(filepath.Join("..data", "config.yml"), filepath.Join(dir, "config.yml")))
	x := startAuto(t, s, dir, 50*time.Millisecond)
	good := x.config(t)
	for n := 1; n <= 10; n++ {
		fresh := regionKey{struck.account, fmt.Sprintf("cn-swap-%d", n)}
		must(t, os.Mkdir(filepath.Join(dir, version(n)), 0o700))
		text := strings.Replace(good, "cn-calm-1", fresh.region, 1)
		must(t, os.WriteFile(filepath.Join(dir, version(n), "config.yml"), []byte(text), 0o600))
		must(t, os.Symlink(version(n), filepath.Join(dir, "..data_tmp")))
		must(t, os.Rename(filepath.Join(dir, "..data_tmp"), filepath.Join(dir, "..data")))
		must(t, os.RemoveAll(filepath.Join(dir, version(n-1))))
		eventually(t, "the configuration of "+version(n), func() bool {
			samples := x.scrape(t)
			x.wantUp(t, struck, samples)
			_, there := value(samples, fresh, "ossvector_up")
			return there
		})
	}
	if lines := x.lines(0, "level=error"); len(lines) > 0 {
		t.Errorf("%q", lines)
	}
	x.end(t)
}
