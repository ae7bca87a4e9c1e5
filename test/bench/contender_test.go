package bench

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"ossvector_exporter/test/process"
	"ossvector_exporter/test/simulation"
)

// contender is one of the programs that are compared: how to start it, and how often it is scraped before the
// measurement, so that caches are full and the heap has found its size, and in it.
type contender struct {
	name            string
	start           func(b *testing.B, r rig) *process.Process
	warmUp, scrapes int
}

// rig is what a contender is started with.
type rig struct {
	scenario
	cloud   *simulation.Cloud
	regions []string
	answer  []byte // of the exporter, if it has been measured
}

// yardstick is the hand-written exporter. It takes seconds for what is measured here, so it gets fewer scrapes.
func yardstick() contender {
	return contender{name: "hand-written", start: startYardstick, warmUp: 1, scrapes: 4}
}

// floor does as little as can be done.
func floor() contender { return contender{name: "floor", start: startFloor, warmUp: 5, scrapes: 20} }

func exporter() contender {
	return contender{name: "ossvector_exporter", start: startBinary("OSSVECTOR_EXPORTER"), warmUp: 5, scrapes: 20}
}

// baseline is the exporter as it was before it kept compressed text.
func baseline() contender {
	return contender{name: "before", start: startBinary("BASELINE"), warmUp: 5, scrapes: 20}
}

func startYardstick(b *testing.B, r rig) *process.Process {
	return start(b, process.Options{
		Path: os.Getenv("YARDSTICK"),
		Args: []string{"-endpoint", r.cloud.URL, "-regions", strings.Join(r.regions, ","), "-page", strconv.Itoa(r.page)},
		Env:  keyInEnvironment(),
	})
}

func startFloor(b *testing.B, r rig) *process.Process {
	file := filepath.Join(b.TempDir(), "answer")
	if err := os.WriteFile(file, r.answer, 0o600); err != nil {
		b.Fatal(err)
	}
	page, encoding := max(r.page, 1), "identity"
	if r.page == 0 {
		page = 1000
	}
	if r.gzip {
		encoding = "gzip"
	}
	return start(b, process.Options{
		Path: os.Getenv("FLOOR"),
		Args: []string{"-endpoint", r.cloud.URL, "-regions", strings.Join(r.regions, ","), "-page", strconv.Itoa(page),
			"-answer", file, "-encoding", encoding},
		Env: keyInEnvironment(),
	})
}

func keyInEnvironment() []string {
	key := simulation.Key()
	return []string{
		"OSS_ACCESS_KEY_ID=" + key.ID, "OSS_ACCESS_KEY_SECRET=" + key.Secret, "OSS_ACCOUNT_ID=" + simulation.AccountID,
	}
}

// startBinary runs a binary that make built, as a user would: a file, and otherwise the defaults.
func startBinary(variable string) func(*testing.B, rig) *process.Process {
	return func(b *testing.B, r rig) *process.Process {
		key := simulation.Key()
		file := filepath.Join(b.TempDir(), "config.yml")
		content := fmt.Sprintf("accounts:\n- name: bench\n  regions: [%s]\n  endpoint: %s\n  indexes: %t\n  index_interval: 1h\n"+
			"  credentials: {type: static, access_key_id: %s, access_key_secret: %s}\n",
			strings.Join(r.regions, ", "), r.cloud.URL, r.indexes > 0, key.ID, key.Secret)
		if r.page > 0 {
			content += fmt.Sprintf("  page_size: %d\n", r.page)
		}
		if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
			b.Fatal(err)
		}
		return start(b, process.Options{
			Path: os.Getenv(variable),
			Args: []string{"--config.file", file, "--web.listen-address", "127.0.0.1:0"},
		})
	}
}

func start(b *testing.B, o process.Options) *process.Process {
	b.Helper()
	if o.Path == "" {
		b.Fatal("run this by make bench, which builds the binaries")
	}
	p, err := process.Start(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = p.Stop() // the hand-written ones know no graceful end
		if b.Failed() {
			b.Logf("%s printed:\n%.4000s", o.Path, p.Output())
		}
	})
	return p
}

// scraper gives p a client of its own, with one connection, that asks as Prometheus does.
func scraper(b *testing.B, p *process.Process, gzip bool) *process.Scraper {
	t := &http.Transport{DisableCompression: true, MaxConnsPerHost: 1}
	b.Cleanup(t.CloseIdleConnections)
	return &process.Scraper{
		Client: &http.Client{Transport: t, Timeout: time.Minute}, URL: "http://" + p.Addr, Gzip: gzip,
		Accept: "application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.3",
	}
}
