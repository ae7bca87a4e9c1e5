// Package deploy_test holds what is deployed together: rules, runbooks and dashboard name the same things.
package deploy_test

import (
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

const dashboard = "k8s/components/grafana-dashboard/dashboard.json"

type rules struct {
	Groups []struct {
		Rules []struct {
			Alert       string            `yaml:"alert"`
			Expr        string            `yaml:"expr"`
			Labels      map[string]string `yaml:"labels"`
			Annotations map[string]string `yaml:"annotations"`
		} `yaml:"rules"`
	} `yaml:"groups"`
}

type panel struct {
	ID          int     `json:"id"`
	Type        string  `json:"type"`
	Title       string  `json:"title"`
	Description string  `json:"description"`
	Panels      []panel `json:"panels"`
	Targets     []struct {
		Expr string `json:"expr"`
	} `json:"targets"`
	FieldConfig struct {
		Defaults struct {
			Unit string `json:"unit"`
		} `json:"defaults"`
	} `json:"fieldConfig"`
}

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func loadRules(t *testing.T) rules {
	t.Helper()
	var r rules
	if err := yaml.Unmarshal([]byte(read(t, "rules/ossvector_exporter.rules.yml")), &r); err != nil {
		t.Fatal(err)
	}
	return r
}

// panels are the dashboard's panels, those in collapsed rows too, the rows themselves not.
func panels(t *testing.T) []panel {
	t.Helper()
	var board struct {
		Panels []panel `json:"panels"`
	}
	if err := json.Unmarshal([]byte(read(t, dashboard)), &board); err != nil {
		t.Fatal(err)
	}
	var all []panel
	for _, p := range board.Panels {
		all = append(all, append([]panel{p}, p.Panels...)...)
	}
	return slices.DeleteFunc(all, func(p panel) bool { return p.Type == "row" })
}

// TestEveryAlertHasItsRunbook compares the alerts with the sections of the runbooks, in both directions and in order.
func TestEveryAlertHasItsRunbook(t *testing.T) {
	var alerts, sections []string
	for _, group := range loadRules(t).Groups {
		for _, r := range group.Rules {
			alerts = append(alerts, r.Alert)
			if want := "/runbooks#" + strings.ToLower(r.Alert); !strings.HasSuffix(r.Annotations["runbook_url"], want) {
				t.Errorf("%s: runbook_url %q does not end with %q", r.Alert, r.Annotations["runbook_url"], want)
			}
			if r.Annotations["summary"] == "" || r.Annotations["description"] == "" {
				t.Errorf("%s: no summary or no description", r.Alert)
			}
			if !slices.Contains([]string{"critical", "warning", "info"}, r.Labels["severity"]) {
				t.Errorf("%s: severity %q", r.Alert, r.Labels["severity"])
			}
		}
	}
	for _, m := range regexp.MustCompile(`(?m)^## (OSSVector\w+)$`).FindAllStringSubmatch(read(t, "../docs/runbooks.md"), -1) {
		sections = append(sections, m[1])
	}
	if diff := cmp.Diff(alerts, sections); diff != "" {
		t.Errorf("alerts (-) and runbooks (+):\n%s", diff)
	}
}

// TestLinksResolve looks for what links lead to: the anchors within the runbooks, and the variables of the dashboard that the alerts
// fill in.
func TestLinksResolve(t *testing.T) {
	text := read(t, "../docs/runbooks.md")
	links := regexp.MustCompile(`\]\(#([^)]+)\)`).FindAllStringSubmatch(text, -1)
	if len(links) == 0 {
		t.Error("no links within the runbooks")
	}
	for _, m := range links {
		if !regexp.MustCompile(`(?mi)^## ` + regexp.QuoteMeta(m[1]) + `$`).MatchString(text) {
			t.Errorf("docs/runbooks.md links to #%s, which is no section", m[1])
		}
	}
	var board struct {
		Templating struct{ List []struct{ Name string } }
	}
	if err := json.Unmarshal([]byte(read(t, dashboard)), &board); err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, v := range board.Templating.List {
		known[v.Name] = true
	}
	filled := 0
	for _, group := range loadRules(t).Groups {
		for _, r := range group.Rules {
			for _, m := range regexp.MustCompile(`[?&]var-(\w+)=\{\{ \$labels\.(\w+) `).FindAllStringSubmatch(r.Annotations["dashboard_url"], -1) {
				filled++
				if m[1] != m[2] || !known[m[1]] {
					t.Errorf("%s: the dashboard has no variable %s, or it gets the label %s", r.Alert, m[1], m[2])
				}
			}
		}
	}
	if filled == 0 {
		t.Error("no alert fills a variable in")
	}
}

func TestPanelsExplainThemselves(t *testing.T) {
	ids := map[int]string{}
	for _, p := range panels(t) {
		if p.Description == "" || p.FieldConfig.Defaults.Unit == "" || len(p.Targets) == 0 {
			t.Errorf("panel %q: no description, no unit or no query", p.Title)
		}
		if other, taken := ids[p.ID]; taken {
			t.Errorf("panels %q and %q have the same id %d", other, p.Title, p.ID)
		}
		ids[p.ID] = p.Title
	}
}

// TestExpressionsNameNoJob keeps rules and dashboard usable under any scrape configuration.
func TestExpressionsNameNoJob(t *testing.T) {
	named := regexp.MustCompile(`\b(job|instance)\s*(=|!=|=~|!~)\s*"`)
	for name, expr := range expressions(t) {
		if named.MatchString(expr) {
			t.Errorf("%s names a job or an instance: %s", name, expr)
		}
	}
}

// TestExpressionsNameMetricsThatExist compares with the metric table of the README, which is held against the collector.
func TestExpressionsNameMetricsThatExist(t *testing.T) {
	metric := regexp.MustCompile(`\bossvector_[a-z0-9_]+`)
	known := metric.FindAllString(read(t, "../README.md"), -1)
	for name, expr := range expressions(t) {
		for _, m := range metric.FindAllString(expr, -1) {
			if !slices.Contains(known, strings.TrimSuffix(m, "_bucket")) && !slices.Contains(known, m) {
				t.Errorf("%s: the README knows no metric %s", name, m)
			}
		}
	}
}

// expressions are all PromQL expressions, by the alert or panel that they are of.
func expressions(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, group := range loadRules(t).Groups {
		for _, r := range group.Rules {
			all[r.Alert] = r.Expr
		}
	}
	for _, p := range panels(t) {
		for _, target := range p.Targets {
			all[p.Title] += target.Expr + "\n"
		}
	}
	return all
}
