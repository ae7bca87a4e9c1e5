package e2e

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestPrometheus lets one Prometheus scrape one demo, and asks it everything that a user's would be asked.
func TestPrometheus(t *testing.T) {
	webConfig, ca := secured(t, t.TempDir())
	demo := startDemo(t, "--web.config.file="+webConfig)
	metrics := securedMetrics(t, demo.Addr, ca)
	_, _, rules := ruleFiles(t)
	p, config := startPrometheus(t, demo.Addr, ca, []string{absolute(t, deploy+"/rules/ossvector_exporter.rules.yml")})

	t.Run("promtool", func(t *testing.T) {
		promtool(t, "", "check", "config", config)
		promtool(t, metrics, "check", "metrics")
	})
	t.Run("targets", func(t *testing.T) { checkTargets(t, p, demo.Addr) })
	t.Run("denied region", func(t *testing.T) { checkAlert(t, p, "OSSVectorAccessDenied") })
	t.Run("dashboard", func(t *testing.T) { checkDashboard(t, p) })
	t.Run("rules", func(t *testing.T) { checkRules(t, p, rules) })
	t.Run("one series each", func(t *testing.T) { checkUnique(t, p) })
	t.Run("native histogram", func(t *testing.T) { checkNative(t, p, metrics) })
}

// TestRules runs the rules' own tests, which need nothing but promtool.
func TestRules(t *testing.T) {
	files, tests, _ := ruleFiles(t)
	promtool(t, "", append([]string{"check", "rules"}, files...)...)
	promtool(t, "", append([]string{"test", "rules"}, tests...)...)
}

// securedMetrics reads /metrics as it is served with TLS and basic auth; without a password it must not be served.
func securedMetrics(t *testing.T, addr, ca string) (metrics string) {
	t.Helper()
	pem, err := os.ReadFile(ca)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}
	defer transport.CloseIdleConnections()
	client := http.Client{Transport: transport, Timeout: 10 * time.Second}
	for _, login := range []bool{false, true} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+addr+"/metrics", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		want := http.StatusUnauthorized
		if login {
			req.SetBasicAuth(user, password)
			want = http.StatusOK
		}
		resp, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode != want {
			t.Fatalf("with login %t: %s (%v), want %d", login, resp.Status, err, want)
		}
		metrics = string(body)
	}
	return metrics
}

// checkTargets waits until every target is up, the static one and one per region.
func checkTargets(t *testing.T, p prometheus, addr string) {
	t.Helper()
	eventually(t, time.Minute, func() error {
		configured, err := p.query(t.Context(), "group by (account, region) (ossvector_up{job='static'})")
		if err != nil {
			return err
		}
		want := []string{addr}
		for _, s := range configured {
			want = append(want, addr+"/"+s.Metric["account"]+"/"+s.Metric["region"])
		}
		up, err := p.query(t.Context(), "up{job!='native'} == 1")
		if err != nil {
			return err
		}
		var got []string
		for _, s := range up {
			got = append(got, s.Metric["instance"])
		}
		slices.Sort(want)
		slices.Sort(got)
		if len(want) < 5 || !slices.Equal(got, want) {
			return fmt.Errorf("targets that are up: %q, want %q", got, want)
		}
		return nil
	})
}

// checkAlert waits until the alert for the denied region is at least pending; nothing is shortened in the rules, so it
// need not fire.
func checkAlert(t *testing.T, p prometheus, name string) {
	t.Helper()
	eventually(t, time.Minute, func() error {
		failing, err := p.query(t.Context(), `group by (account, region) (ossvector_last_error_info{reason="access_denied"})`)
		if err != nil {
			return err
		}
		if len(failing) == 0 {
			return errors.New("no region is denied")
		}
		var answer struct {
			Alerts []struct {
				Labels map[string]string
				State  string
			}
		}
		if err := p.get(t.Context(), "/api/v1/alerts", nil, &answer); err != nil {
			return err
		}
		for _, a := range answer.Alerts {
			l := failing[0].Metric
			if a.Labels["alertname"] == name && a.Labels["account"] == l["account"] && a.Labels["region"] == l["region"] {
				return nil // an alert that is listed is pending or firing
			}
		}
		return fmt.Errorf("no %s for %v among %v", name, failing[0].Metric, answer.Alerts)
	})
}

// checkDashboard runs every query of every panel.
func checkDashboard(t *testing.T, p prometheus) {
	expressions := dashboardExpressions(t)
	needed(t, silentPanels(), expressions)
	eventually(t, 2*time.Minute, func() error {
		var without []string
		for _, e := range expressions {
			got, err := p.query(t.Context(), e.text)
			if err != nil {
				return err
			}
			if len(got) == 0 && !explained(silentPanels(), e.panel, e.text) {
				without = append(without, e.panel+": "+e.text)
			}
		}
		return complain(without)
	})
}

// checkRules looks for data behind every selector of every rule: an alert's expression itself has none as long as all is
// well.
func checkRules(t *testing.T, p prometheus, rules []rule) {
	eventually(t, 2*time.Minute, func() error {
		var without []string
		for _, r := range rules {
			selectors, err := p.selectors(t.Context(), r.Expr)
			if err != nil {
				return err
			}
			if len(selectors) == 0 {
				return fmt.Errorf("%s%s selects nothing: %s", r.Alert, r.Record, r.Expr)
			}
			for _, s := range selectors {
				if strings.Contains(s, `__name__="ALERTS"`) {
					continue // no alert fires within a minute
				}
				got, err := p.query(t.Context(), s)
				if err != nil {
					return err
				}
				if len(got) == 0 {
					without = append(without, r.Alert+r.Record+": "+s)
				}
			}
		}
		return complain(without)
	})
}

func complain(without []string) error {
	if len(without) == 0 {
		return nil
	}
	return fmt.Errorf("no data for\n%s", strings.Join(without, "\n"))
}

// checkUnique compares what the two jobs saw: the same buckets in every region that answers, by /metrics and by /probe.
func checkUnique(t *testing.T, p prometheus) {
	eventually(t, time.Minute, func() error {
		seen := map[string]map[string]any{}
		for _, job := range []string{"static", "discovered"} {
			samples, err := p.query(t.Context(), fmt.Sprintf("count by (account, region) (ossvector_bucket_info{job=%q})", job))
			if err != nil {
				return err
			}
			seen[job] = map[string]any{}
			for _, s := range samples {
				seen[job][s.Metric["account"]+"/"+s.Metric["region"]] = s.Value[1]
			}
		}
		if len(seen["static"]) == 0 || !maps.Equal(seen["static"], seen["discovered"]) {
			return fmt.Errorf("buckets by /metrics %v, by /probe %v", seen["static"], seen["discovered"])
		}
		return nil
	})
}

// promtool runs one of its checks, which must have nothing to say.
func promtool(t *testing.T, input string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, variable(t, "PROMTOOL"), args...)
	cmd.Stdin = strings.NewReader(input)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	t.Logf("promtool %s %s\n%s", args[0], args[1], out)
}
