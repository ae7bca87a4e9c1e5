package e2e

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

const deploy = "../../deploy"

// rule is an alerting or a recording rule.
type rule struct {
	Alert, Record, Expr string
}

// rulesFile is what is looked at of a file that Prometheus loads, or that tests one.
type rulesFile struct {
	Kind      string   // of a Kubernetes object; such a copy is not looked at
	RuleFiles []string `yaml:"rule_files"` // of a test of rules, and of a configuration of Prometheus
	Tests     []any    // of a test of rules, and of a test of the chart
	Groups    []struct{ Rules []rule }
}

// ruleFiles finds the rules and their tests below deploy.
func ruleFiles(t *testing.T) (files, tests []string, rules []rule) {
	t.Helper()
	for _, file := range below(t, ".yml", ".yaml") {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var f rulesFile
		if err := yaml.Unmarshal(b, &f); err != nil || f.Kind != "" {
			continue // a patch, or several documents; rules are neither
		}
		switch {
		case f.RuleFiles != nil && f.Tests != nil:
			tests = append(tests, file)
		case f.Groups != nil:
			files = append(files, file)
			for _, g := range f.Groups {
				rules = append(rules, g.Rules...)
			}
		}
	}
	if len(files) == 0 || len(tests) == 0 || len(rules) == 0 {
		t.Fatalf("%d files of rules, %d tests of them, %d rules below %s", len(files), len(tests), len(rules), deploy)
	}
	return files, tests, rules
}

// expression is one query of a panel.
type expression struct{ panel, text string }

// dashboardExpressions finds every query of every panel of the dashboards below deploy.
func dashboardExpressions(t *testing.T) []expression {
	t.Helper()
	var all []expression
	for _, file := range below(t, ".json") {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var d struct{ Panels []panel }
		if err := json.Unmarshal(b, &d); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, p := range d.Panels {
			all = append(all, p.expressions()...)
		}
	}
	if len(all) == 0 {
		t.Fatalf("no dashboard below %s", deploy)
	}
	return all
}

type panel struct {
	Title   string
	Targets []struct{ Expr string }
	Panels  []panel // of a collapsed row
}

func (p panel) expressions() []expression {
	var all []expression
	for _, t := range p.Targets {
		all = append(all, expression{panel: p.Title, text: substitute(t.Expr)})
	}
	for _, inner := range p.Panels {
		all = append(all, inner.expressions()...)
	}
	return all
}

var variables = regexp.MustCompile(`\$\{?(\w+)(:\w+)?\}?`)

// substitute gives the dashboard's variables the values of "All", and Grafana's own those of a short range.
func substitute(expr string) string {
	return variables.ReplaceAllStringFunc(expr, func(v string) string {
		switch variables.FindStringSubmatch(v)[1] {
		case "__rate_interval", "__interval":
			return "30s"
		case "__range":
			return "1m"
		case "__range_s":
			return "60"
		default:
			return ".*"
		}
	})
}

func below(t *testing.T, extensions ...string) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(deploy, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && slices.Contains(extensions, strings.ToLower(filepath.Ext(path))) {
			absolute, err := filepath.Abs(path)
			files = append(files, absolute)
			return err
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
