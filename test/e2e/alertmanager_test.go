package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ossvector_exporter/test/process"
)

// alertmanager is a running Alertmanager with the routes of deploy, whose receivers are a printer.
type alertmanager struct {
	url     string
	printer *process.Process
}

func startAlertmanager(t *testing.T) alertmanager {
	t.Helper()
	printer := startProcess(t, process.Options{Path: variable(t, "PRINTER"), Args: []string{"-listen=127.0.0.1:0"}})
	dir := t.TempDir()
	write(t, dir, "receiver_url", "http://%s/\n", printer.Addr)
	p := startProcess(t, process.Options{
		Path: variable(t, "ALERTMANAGER"), Dir: dir,
		Args: []string{
			"--config.file=" + absolute(t, routes), "--storage.path=" + filepath.Join(dir, "data"), "--web.listen-address=127.0.0.1:0",
			"--cluster.listen-address=",
		},
	})
	return alertmanager{url: "http://" + p.Addr, printer: printer}
}

const routes = deploy + "/alertmanager/alertmanager.yml"

// sent is an alert as Alertmanager takes and shows it.
type sent struct {
	Labels      map[string]string `json:"labels"`
	Annotations map[string]string `json:"annotations"`
	Status      *struct {
		InhibitedBy []string `json:"inhibitedBy"`
	} `json:"status,omitempty"`
}

// send fires alerts.
func (a alertmanager) send(t *testing.T, alerts ...sent) {
	t.Helper()
	body, err := json.Marshal(alerts)
	if err != nil {
		t.Fatal(err)
	}
	a.call(t, http.MethodPost, "/api/v2/alerts", body)
}

// muted are the names of an account's alerts that another one keeps back.
func (a alertmanager) muted(t *testing.T, account string) []string {
	t.Helper()
	var alerts []sent
	if err := json.Unmarshal(a.call(t, http.MethodGet, "/api/v2/alerts", nil), &alerts); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, s := range alerts {
		if s.Labels["account"] == account && len(s.Status.InhibitedBy) > 0 {
			names = append(names, s.Labels["alertname"]+" "+s.Labels["region"])
		}
	}
	slices.Sort(names)
	return names
}

func (a alertmanager) call(t *testing.T, method, path string, body []byte) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, a.url+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s %s: %s %s (%v)", method, path, resp.Status, answer, err)
	}
	return answer
}

// TestAlertmanagerRoutes asks amtool where each of the alerts goes.
func TestAlertmanagerRoutes(t *testing.T) {
	amtool(t, "check-config", routes)
	text, err := os.ReadFile(deploy + "/rules/ossvector_exporter.rules.yml")
	if err != nil {
		t.Fatal(err)
	}
	receiver := map[string]string{"critical": "pager", "warning": "tickets", "info": "record"}
	seen := map[string]int{}
	for _, m := range regexp.MustCompile(`(?s)- alert: (\w+).*?severity: (\w+)`).FindAllStringSubmatch(string(text), -1) {
		amtool(t, "config", "routes", "test", "--config.file="+routes, "--verify.receivers="+receiver[m[2]],
			"alertname="+m[1], "severity="+m[2])
		seen[m[2]]++
	}
	if len(seen) != len(receiver) {
		t.Errorf("alerts by severity: %v", seen)
	}
}

// TestAlertmanagerMutes sends what could fire at the same time to a real Alertmanager, and sees what it keeps back.
func TestAlertmanagerMutes(t *testing.T) {
	a := startAlertmanager(t)
	region := []string{"RegionFlapping", "Throttled", "ListingSlow", "IndexListingFailing"}
	for _, c := range []struct {
		cause, operation string
		muted, left      []string // of the same region
		elsewhere        bool     // those of another region are muted as well
	}{
		{"AccountFailing", "", append(region, "AccessDenied", "RegionFailing"), []string{"BucketQuotaFull"}, true},
		{"AccessDenied", "ListVectorBuckets", append(region, "RegionFailing"), []string{"BucketQuotaFull"}, false},
		{"AccessDenied", "ListVectorIndexes", []string{"IndexListingFailing"}, []string{"Throttled", "RegionFlapping"}, false},
		{"RegionFailing", "", region, []string{"BucketQuotaFull"}, false},
		{"BucketQuotaFull", "", []string{"BucketQuotaNearlyUsed"}, []string{"Throttled"}, false},
		{"BucketsVanished", "", nil, append(region, "BucketQuotaFull", "AccessDenied"), false},
	} {
		account := c.cause + " " + c.operation
		alerts := []sent{{Labels: map[string]string{
			"alertname": "OSSVector" + c.cause, "account": account, "region": "here", "operation": c.operation,
		}}}
		var want []string
		for _, name := range append(c.muted, c.left...) {
			for _, region := range []string{"here", "there"} {
				if name == "RegionFailing" && region == "there" && !c.elsewhere {
					continue // would mute the others there itself
				}
				alerts = append(alerts, sent{Labels: map[string]string{"alertname": "OSSVector" + name, "account": account, "region": region}})
				if slices.Contains(c.muted, name) && (region == "here" || c.elsewhere) {
					want = append(want, "OSSVector"+name+" "+region)
				}
			}
		}
		if c.elsewhere {
			delete(alerts[0].Labels, "region")
		}
		a.send(t, alerts...)
		slices.Sort(want)
		eventually(t, 10*time.Second, func() error {
			if got := a.muted(t, account); !slices.Equal(got, want) {
				return fmt.Errorf("%s keeps back %q, want %q", account, got, want)
			}
			return nil
		})
	}
	// The exporter's own absence explains everything else.
	a.send(t, sent{Labels: map[string]string{"alertname": "OSSVectorExporterDown"}},
		sent{Labels: map[string]string{"alertname": "OSSVectorExporterAbsent"}})
	eventually(t, 10*time.Second, func() error {
		if got := a.muted(t, ""); !slices.Equal(got, []string{"OSSVectorExporterDown "}) {
			return fmt.Errorf("OSSVectorExporterAbsent keeps back %q", got)
		}
		return nil
	})
}

// amtool runs one of its checks, which must have nothing to complain about.
func amtool(t *testing.T, args ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if out, err := exec.CommandContext(ctx, variable(t, "AMTOOL"), args...).CombinedOutput(); err != nil {
		t.Errorf("amtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}
