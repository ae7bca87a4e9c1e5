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

// contender is one of the two exporters: how to start it, and how often it is scraped before the measurement, so that
// caches are full and the heap has found its size, and in it.
type contender struct {
	name            string
	start           func(b *testing.B, cloud *simulation.Cloud, regions []string, page int) *process.Process
	warmUp, scrapes int
}

// yardstick takes seconds for what is measured here, so it gets fewer scrapes.
func yardstick() contender {
	return contender{name: "yardstick", start: startYardstick, warmUp: 2, scrapes: 5}
}

func exporter() contender {
	return contender{name: "exporter", start: startExporter, warmUp: 5, scrapes: 20}
}

// startYardstick runs the hand-written exporter of the folder below.
func startYardstick(b *testing.B, cloud *simulation.Cloud, regions []string, page int) *process.Process {
	key := simulation.Key()
	return start(b, process.Options{
		Path: os.Getenv("YARDSTICK"),
		Args: []string{"-endpoint", cloud.URL, "-regions", strings.Join(regions, ","), "-page", strconv.Itoa(page)},
		Env: []string{
			"OSS_ACCESS_KEY_ID=" + key.ID, "OSS_ACCESS_KEY_SECRET=" + key.Secret, "OSS_ACCOUNT_ID=" + simulation.AccountID,
		},
	})
}

// startExporter runs the binary that make built, as a user would: a file, and otherwise the defaults.
func startExporter(b *testing.B, cloud *simulation.Cloud, regions []string, page int) *process.Process {
	key := simulation.Key()
	file := filepath.Join(b.TempDir(), "config.yml")
	content := fmt.Sprintf("accounts:\n- name: bench\n  regions: [%s]\n  endpoint: %s\n  credentials: "+
		"{type: static, access_key_id: %s, access_key_secret: %s}\n",
		strings.Join(regions, ", "), cloud.URL, key.ID, key.Secret)
	if page > 0 {
		content += fmt.Sprintf("  page_size: %d\n", page)
	}
	if err := os.WriteFile(file, []byte(content), 0o600); err != nil {
		b.Fatal(err)
	}
	return start(b, process.Options{
		Path: os.Getenv("OSSVECTOR_EXPORTER"),
		Args: []string{"--config.file", file, "--web.listen-address", "127.0.0.1:0"},
	})
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
		_ = p.Stop() // the yardstick knows no graceful end
		if b.Failed() {
			b.Logf("%s printed:\n%.4000s", o.Path, p.Output())
		}
	})
	return p
}

// scraper gives p a client of its own, with one connection.
func scraper(b *testing.B, p *process.Process, gzip bool) *process.Scraper {
	t := &http.Transport{DisableCompression: true, MaxConnsPerHost: 1}
	b.Cleanup(t.CloseIdleConnections)
	return &process.Scraper{Client: &http.Client{Transport: t, Timeout: time.Minute}, URL: "http://" + p.Addr, Gzip: gzip}
}
