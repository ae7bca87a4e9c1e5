package e2e

import (
	"fmt"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"ossvector_exporter/ossvapi/ossvtest"
	"ossvector_exporter/test/process"
)

// TestPrometheusWithLabels gives one of the demo's accounts labels of its own: promtool, the dashboard and the rules work as without.
func TestPrometheusWithLabels(t *testing.T) {
	webConfig, ca := secured(t, t.TempDir())
	exporter := startProcess(t, process.Options{
		Path: variable(t, "OSSVECTOR_EXPORTER"),
		Args: []string{"--config.file=" + labelledConfig(t), "--web.listen-address=127.0.0.1:0", "--web.config.file=" + webConfig},
	})
	metrics := securedMetrics(t, exporter.Addr, ca)
	_, _, rules := ruleFiles(t)
	p, _ := startPrometheus(t, exporter.Addr, ca, []string{absolute(t, deploy+"/rules/ossvector_exporter.rules.yml")})

	promtool(t, metrics, "check", "metrics")
	checkTargets(t, p, exporter.Addr)
	checkAlert(t, p, "OSSVectorAccessDenied")
	checkDashboard(t, p)
	checkRules(t, p, rules)
	checkHealth(t, p)
	checkUnique(t, p)
	for matcher, want := range map[string]bool{
		`account="production",team="search"`: true, `account="production",team!="search"`: false,
		`account="staging",team=""`: true, `account="staging",team!=""`: false,
	} {
		got, err := p.query(t.Context(), "ossvector_up{"+matcher+"}")
		if err != nil || len(got) > 0 != want {
			t.Errorf("%s: %d series (%v), want some: %t", matcher, len(got), err, want)
		}
	}
}

// labelledConfig is the demo's configuration as a file, in which the first account has labels.
func labelledConfig(t *testing.T) string {
	t.Helper()
	cloud := ossvtest.Demo(ossvtest.Options{})
	server := httptest.NewServer(cloud)
	t.Cleanup(server.Close)
	text, err := os.ReadFile(demoConfig(t, cloud, server.URL))
	if err != nil {
		t.Fatal(err)
	}
	config := string(text)
	for i, a := range cloud.Accounts {
		more := fmt.Sprintf("- {page_size: %d, bucket_quota: %d, max_bucket_series: 1000, indexes: %t, ", a.PageSize, a.BucketQuota, a.Indexes)
		if i == 0 {
			more += "labels: {team: search, env: prod}, "
		}
		config = strings.Replace(config, "- {name: "+a.Name, more+"name: "+a.Name, 1)
	}
	return write(t, t.TempDir(), "config.yml", "%s", config)
}

// checkHealth waits until every rule has been evaluated, which must go without an error: no join may find two series for one.
func checkHealth(t *testing.T, p prometheus) {
	t.Helper()
	eventually(t, time.Minute, func() error {
		var answer struct {
			Groups []struct {
				Rules []struct{ Name, Health, LastError string }
			}
		}
		if err := p.get(t.Context(), "/api/v1/rules", nil, &answer); err != nil {
			return err
		}
		n := 0
		for _, g := range answer.Groups {
			for _, r := range g.Rules {
				if n++; r.Health != "ok" {
					return fmt.Errorf("rule %s: %s %s", r.Name, r.Health, r.LastError)
				}
			}
		}
		if n < 15 {
			return fmt.Errorf("%d rules only", n)
		}
		return nil
	})
}
