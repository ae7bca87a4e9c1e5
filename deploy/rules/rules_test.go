package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"text/template"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

func TestFilesAreMadeFromTheSource(t *testing.T) {
	for file, args := range map[string][]string{
		"ossvector_exporter.rules.yml":                              nil,
		"../k8s/components/prometheus-operator/prometheusrule.yaml": {"-format", "prometheusrule"},
		"../helm/ossvector-exporter/templates/_rules.tpl":           {"-format", "helm"},
		"../compose/ossvector_exporter.rules.yml":                   {"-parameters", "../compose/parameters.yml"},
	} {
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var want strings.Builder
		if err := run(args, nil, &want); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want.String(), string(got)); diff != "" {
			t.Errorf("%s: run make generate (-) to replace what is there (+):\n%s", file, diff)
		}
	}
}

// TestEveryParameterReachesEveryFormat changes each parameter alone: the rules have to change with it, and those that the chart
// renders have to be the same.
func TestEveryParameterReachesEveryFormat(t *testing.T) {
	standard := rules(t, "")
	if diff := cmp.Diff(standard, chart(t, "")); diff != "" {
		t.Errorf("without changes, rules (-) and chart (+) differ:\n%s", diff)
	}
	for _, change := range changes(t) {
		t.Run(change, func(t *testing.T) {
			changed := rules(t, change)
			if changed == standard {
				t.Error("changes nothing")
			}
			if diff := cmp.Diff(changed, chart(t, change)); diff != "" {
				t.Errorf("rules (-) and chart (+) differ:\n%s", diff)
			}
		})
	}
}

// changes are YAML documents that change one parameter each, of all that have a default.
func changes(t *testing.T) []string {
	t.Helper()
	all := []string{
		"exporterURL: https://exporter.example.com", "runbookURL: https://example.com/wiki/ossvector",
		"dashboardURL: https://grafana.example.com/d/x", `selector: 'job="ossvector", cluster=~"a|b"'`,
		"alertLabels: {team: storage, env: 'the \"live\" one'}",
	}
	p, err := load(nil)
	if err != nil {
		t.Fatal(err)
	}
	var names map[string]any
	if err := yaml.Unmarshal(defaults, &names); err != nil || len(names) != len(all)+1 {
		t.Fatalf("%d parameters beside those of the alerts (%v), but %d changes of them", len(names)-1, err, len(all))
	}
	for alert, settings := range p.Alerts {
		for name := range settings {
			all = append(all, fmt.Sprintf("alerts: {%s: {%s: 77}}", alert, name))
		}
	}
	return all
}

func TestWhatHasNoDefaultIsRefused(t *testing.T) {
	for _, change := range []string{
		"runbookUrl: x", "alerts: {OSSVectorNoSuchThing: {for: 1m}}", "alerts: {OSSVectorThrottled: {seconds: 1}}", "alerts: 5",
	} {
		if err := run([]string{"-parameters", "-"}, strings.NewReader(change), new(strings.Builder)); err == nil {
			t.Errorf("%s: no error", change)
		}
	}
}

func rules(t *testing.T, parameters string) string {
	t.Helper()
	var out strings.Builder
	if err := run([]string{"-parameters", "-"}, strings.NewReader(parameters), &out); err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(out.String(), "\n") // less the line on where it comes from
	return text
}

// chart renders the named template as Helm does; of what Helm adds to Go's templates it uses quote alone.
func chart(t *testing.T, changes string) string {
	t.Helper()
	var source, out strings.Builder
	if err := run([]string{"-format", "helm"}, nil, &source); err != nil {
		t.Fatal(err)
	}
	tmpl, err := template.New("").Funcs(template.FuncMap{"quote": strconv.Quote}).Option("missingkey=error").Parse(source.String())
	if err != nil {
		t.Fatal(err)
	}
	p, err := load([]byte(changes))
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]any{}
	text, err := yaml.Marshal(p)
	if err == nil {
		err = yaml.Unmarshal(text, &values)
	}
	if err == nil {
		err = tmpl.ExecuteTemplate(&out, "ossvector-exporter.rules", values)
	}
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(out.String()) + "\n"
}

// TestTheOrderOfRepetition keeps an alert that another one makes superfluous the slower one: otherwise both fire for a while.
func TestTheOrderOfRepetition(t *testing.T) {
	var parsed struct {
		Groups []struct {
			Rules []struct{ Alert, Expr, For string }
		}
	}
	if err := yaml.Unmarshal([]byte(rules(t, "")), &parsed); err != nil {
		t.Fatal(err)
	}
	before := map[string]string{}
	waits := 0
	for _, g := range parsed.Groups {
		for _, r := range g.Rules {
			for _, other := range slices.Sorted(maps.Keys(before)) {
				if strings.Contains(r.Expr, `ALERTS{alertname="`+other+`"`) {
					waits++
					if minutes(t, before[other]) >= minutes(t, r.For) {
						t.Errorf("%s waits %s, and %s, which it must not repeat, %s", r.Alert, r.For, other, before[other])
					}
				}
			}
			before[r.Alert] = r.For
		}
	}
	if all := strings.Count(rules(t, ""), "ALERTS{"); waits != all || all == 0 {
		t.Errorf("%d of %d mentions of ALERTS name an alert that stands above", waits, all)
	}
}

// minutes reads a duration of Prometheus of one unit, as the defaults are.
func minutes(t *testing.T, duration string) int {
	t.Helper()
	n, err := strconv.Atoi(duration[:len(duration)-1])
	if err != nil {
		t.Fatal(err)
	}
	return n * map[string]int{"m": 1, "h": 60}[duration[len(duration)-1:]]
}
