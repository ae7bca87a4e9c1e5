package e2e

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"ossvector_exporter/ossvapi/ossvtest"
	"ossvector_exporter/test/process"
	"ossvector_exporter/test/simulation"
)

const openMetrics = "application/openmetrics-text;version=1.0.0"

// inflating are programs that uncompress a file to their output, and fail if it is more or less than one gzip member.
func inflating() map[string][]string {
	return map[string][]string{
		"gzip": {"gzip", "-dc"},
		"zlib": {"python3", "-c", "import sys, zlib\n" +
			"z = zlib.decompressobj(31)\n" +
			"sys.stdout.buffer.write(z.decompress(open(sys.argv[1], 'rb').read()))\n" +
			"assert z.eof and not z.unused_data"},
		"python": {"python3", "-c", "import gzip, sys\nsys.stdout.buffer.write(gzip.open(sys.argv[1]).read())"},
		"node":   {"node", "-e", "process.stdout.write(require('zlib').gunzipSync(require('fs').readFileSync(process.argv[1])))"},
	}
}

// TestGzip reads the compressed answer, which is put together by hand, with everything that may meet it: each must read
// what the uncompressed answer says.
func TestGzip(t *testing.T) {
	exporter := startUnchanging(t)
	plain := fetch(t, exporter, false)
	want := cloudSeries(t, plain)
	if len(want) < 15_000 {
		t.Fatalf("%d series: too few for blocks of every size", len(want))
	}
	file := filepath.Join(t.TempDir(), "answer.gz")
	if err := os.WriteFile(file, fetch(t, exporter, true), 0o600); err != nil {
		t.Fatal(err)
	}
	output(t, "gzip", "-t", file)
	for name, command := range inflating() {
		t.Run(name, func(t *testing.T) { sameSeries(t, output(t, append(command, file)...), want) })
	}
	t.Run("curl", func(t *testing.T) {
		url := "http://" + exporter.Addr + "/metrics"
		sameSeries(t, output(t, "curl", "-sSf", "--compressed", "-H", "Accept: "+openMetrics, url), want)
		sameSeries(t, output(t, "curl", "-sSf", "--compressed", url), cloudSeries(t, output(t, "curl", "-sSf", url)))
	})
	t.Run("Prometheus", func(t *testing.T) { checkIngested(t, exporter.Addr, plain) })
}

// startUnchanging runs the exporter over buckets that it lists once, so that all answers say the same of them.
func startUnchanging(t *testing.T) *process.Process {
	t.Helper()
	cloud := simulation.Start(ossvtest.Options{Seed: 7})
	t.Cleanup(cloud.Close)
	for region, n := range map[string]int{"cn-none": 0, "cn-few": 15, "cn-some": 40, "cn-many": 4000} {
		cloud.Account.Fill(region, n)
	}
	cloud.Account.FillIndexes("cn-few", 9)
	cloud.Account.FillIndexes("cn-some", 60)
	cloud.Account.Put("cn-few", ossvtest.Bucket{Name: "bücket-\"\\", CreationDate: "never"})
	key := simulation.Key()
	config := write(t, t.TempDir(), "config.yml", `
scrape: {min_interval: 1h}
accounts:
- {name: "a\"b\\c", regions: [cn-none, cn-few, cn-some], endpoint: '%[1]s', indexes: true, index_interval: 1h, credentials: &key {type: static, access_key_id: %[2]s, access_key_secret: %[3]s}}
- {name: many, regions: [cn-many], endpoint: '%[1]s', page_size: 700, credentials: *key}
`, cloud.URL, key.ID, key.Secret)
	return startProcess(t, process.Options{
		Path: variable(t, "OSSVECTOR_EXPORTER"),
		Args: []string{"--config.file=" + config, "--web.listen-address=127.0.0.1:0"},
	})
}

// fetch gives the body of an answer as it was sent.
func fetch(t *testing.T, p *process.Process, compressed bool) []byte {
	t.Helper()
	s := process.Scraper{Client: http.DefaultClient, URL: "http://" + p.Addr, Gzip: compressed, Accept: openMetrics}
	body, err := s.Fetch(t.Context(), "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// output is what a program prints.
func output(t *testing.T, command ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...) //nolint:gosec // the test's own
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", command, err)
	}
	return out
}

// cloudSeries are the lines of an exposition that say something of the cloud, which does not change.
func cloudSeries(t *testing.T, text []byte) []string {
	t.Helper()
	return slices.DeleteFunc(strings.Split(string(text), "\n"), func(line string) bool {
		return !strings.HasPrefix(line, "ossvector_") || strings.HasPrefix(line, "ossvector_exporter_")
	})
}

func sameSeries(t *testing.T, text []byte, want []string) {
	t.Helper()
	if got := cloudSeries(t, text); !slices.Equal(got, want) {
		t.Errorf("%d series that differ from the %d of the uncompressed answer", len(got), len(want))
	}
}

// empty matches a label without a value, which Prometheus does not keep.
var empty = regexp.MustCompile(`[a-z_]+="",?`)

// checkIngested lets a Prometheus scrape, which asks for gzip, and compares its samples with those of the answer.
func checkIngested(t *testing.T, addr string, plain []byte) {
	t.Helper()
	dir := t.TempDir()
	config := write(t, dir, "prometheus.yml", `
scrape_configs: [{job_name: gzip, scrape_interval: 1s, scrape_timeout: 1s, static_configs: [{targets: ['%s']}]}]
`, addr)
	started := startProcess(t, process.Options{
		Path: variable(t, "PROMETHEUS"),
		Args: []string{"--config.file=" + config, "--storage.tsdb.path=" + filepath.Join(dir, "data"), "--web.listen-address=127.0.0.1:0"},
	})
	p := prometheus{url: "http://" + started.Addr}
	want := map[string]string{}
	for _, line := range cloudSeries(t, plain) {
		if strings.Contains(line, `,le="`) {
			continue // not in the order of the names
		}
		at := strings.LastIndexByte(line, ' ')
		want[strings.Replace(empty.ReplaceAllString(line[:at], ""), ",}", "}", 1)] = number(t, line[at+1:])
	}
	eventually(t, time.Minute, func() error {
		got, err := p.ingested(t.Context())
		if err != nil || maps.Equal(got, want) {
			return err
		}
		for series, value := range want {
			if got[series] != value {
				return fmt.Errorf("%d samples, want %d: %s is %q, want %q", len(got), len(want), series, got[series], value)
			}
		}
		return fmt.Errorf("%d samples, want %d", len(got), len(want))
	})
}

// ingested are the exporter's samples of the cloud, by series as an exposition writes them.
func (p prometheus) ingested(ctx context.Context) (map[string]string, error) {
	samples, err := p.query(ctx, `{job="gzip", __name__=~"ossvector_.*", __name__!~"ossvector_exporter_.*|.*_bucket"}`)
	got := map[string]string{}
	for _, s := range samples {
		series := s.Metric["__name__"] + "{"
		for _, name := range slices.Sorted(maps.Keys(s.Metric)) {
			if name != "__name__" && name != "job" && name != "instance" {
				series += name + `="` + strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`).Replace(s.Metric[name]) + `",`
			}
		}
		value, _ := s.Value[1].(string)
		v, err := strconv.ParseFloat(value, 64)
		if err != nil {
			return nil, err
		}
		got[strings.TrimSuffix(series, ",")+"}"] = strconv.FormatFloat(v, 'g', -1, 64)
	}
	return got, err
}

func number(t *testing.T, text string) string {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return strconv.FormatFloat(v, 'g', -1, 64)
}
