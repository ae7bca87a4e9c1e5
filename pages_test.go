package main

import (
	"net/http"
	"os"
	"regexp"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"ossvector_exporter/internal/config"
)

// The page of the runbooks has every anchor that the alerts lead to, and no link that leads nowhere.
func TestRunbooksAreServed(t *testing.T) {
	e := start(t, "--demo")
	status, page := e.do(t, http.MethodGet, "/runbooks")
	if status != http.StatusOK {
		t.Fatalf("%d %s", status, page)
	}
	rules, err := os.ReadFile("deploy/rules/ossvector_exporter.rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	anchors := regexp.MustCompile(`/runbooks#(\w+)`).FindAllStringSubmatch(string(rules), -1)
	if len(anchors) < 15 {
		t.Errorf("%d links in the rules", len(anchors))
	}
	for _, m := range append(anchors, regexp.MustCompile(`href="#([^"]*)"`).FindAllStringSubmatch(page, -1)...) {
		if !strings.Contains(page, `id="`+m[1]+`"`) {
			t.Errorf("nothing has the anchor %s", m[1])
		}
	}
	for _, m := range regexp.MustCompile(`href="([^#"]*)"`).FindAllStringSubmatch(page, -1) {
		if m[1] != "./" && !strings.HasPrefix(m[1], "https://") {
			t.Errorf("a link to %s", m[1])
		}
	}
	want(t, page, "<table>", "<h2 id=")
	if strings.Contains(page, " style=") {
		t.Error("a style that the content policy refuses")
	}
}

// GET /config is the configuration in force: it loads again and tells no secret.
func TestConfigIsServed(t *testing.T) {
	file := t.TempDir() + "/config.yml"
	write(t, file, "accounts: [{name: a, regions: [cn-hangzhou], credentials: {type: static, access_key_id: LTAIexample, access_key_secret: marked-secret}}]\n")
	e := start(t, "--config.file="+file)
	write(t, file, "accounts: []") // not loaded
	status, text := e.do(t, http.MethodGet, "/config")
	if status != http.StatusOK || strings.Contains(text, "marked-secret") {
		t.Fatalf("%d %s", status, text)
	}
	want(t, text, "name: a", "page_size: 1000", "<secret>")
	cfg, err := config.Load(strings.NewReader(text), config.Options{})
	if err != nil || len(cfg.Accounts) != 1 || cfg.Accounts[0].Regions[0] != "cn-hangzhou" {
		t.Errorf("%+v, %v", cfg, err)
	}
}

func TestWithoutExporterMetrics(t *testing.T) {
	e := start(t, "--demo", "--web.disable-exporter-metrics")
	for _, path := range []string{"/metrics", "/metrics/exporter"} {
		_, text := e.do(t, http.MethodGet, path)
		want(t, text, "ossvector_exporter_build_info", "ossvector_exporter_config_last_reload_successful 1")
		if m := regexp.MustCompile(`(?m)^(go_|process_|promhttp_)\w+`).FindString(text); m != "" {
			t.Errorf("%s has %s", path, m)
		}
	}
}

// The memory limit is 90% of the container's, unless GOMEMLIMIT is set.
func TestMemoryLimit(t *testing.T) {
	before := debug.SetMemoryLimit(-1)
	defer debug.SetMemoryLimit(before)
	container := memlimit.Limit(1000 << 20)
	t.Setenv("GOMEMLIMIT", "off")
	if limitMemory(container); debug.SetMemoryLimit(-1) != before {
		t.Errorf("GOMEMLIMIT is overridden by %d", debug.SetMemoryLimit(-1))
	}
	if err := os.Unsetenv("GOMEMLIMIT"); err != nil { // until the end of the test
		t.Fatal(err)
	}
	if limitMemory(container); debug.SetMemoryLimit(-1) != 900<<20 {
		t.Errorf("the limit is %d", debug.SetMemoryLimit(-1))
	}
}
