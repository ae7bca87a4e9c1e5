package main

import (
	"cmp"
	_ "embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/template"
)

//go:embed rules.yml.tmpl
var source string

const (
	made = "# Made by `make generate` from deploy/rules/rules.yml.tmpl and parameters.yml: change those.\n"

	object = made + `apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: ossvector-exporter
spec:
`
	// The variables stand for what values writes out: each empty where its parameter is.
	helmBegin = `{{- /* Made by "make generate" from deploy/rules/rules.yml.tmpl and parameters.yml: change those.
The groups of rules. The context is the parameters, .Values.prometheusRule say. */}}
{{- define "ossvector-exporter.rules" -}}
{{- $only := "" }}{{ $also := "" }}
{{- with .selector }}{{ $only = printf "{%%s}" . }}{{ $also = printf ", %%s" . }}{{ end }}
{{- $exporter := or .exporterURL (printf %q $only) }}
{{- $runbook := or .runbookURL (printf "%%s/runbooks" $exporter) }}
{{- $dashboard := .dashboardURL }}
`
	helmEnd = "{{- end }}\n"

	// scraped finds the exporter's address when an alert is sent: one that answers, else one that did within a day, else the
	// default on this machine, where kubectl port-forward puts it.
	scraped = "{{ with or (query `ossvector_exporter_build_info%[1]s`) (query `last_over_time(ossvector_exporter_build_info%[1]s[1d])`) }}" +
		`http://{{ (. | sortByLabel "instance" | first).Labels.instance }}{{ else }}http://localhost:10073{{ end }}`
)

// render writes the rules in one of the formats. That of Helm takes the parameters at installation and ignores p.
func render(format string, p parameters) (string, error) {
	switch format {
	case "rules":
		text, err := values(p).execute(source)
		return made + text, err
	case "prometheusrule":
		text, err := values(p).execute(source)
		return object + indent(text), err
	case "helm":
		text, err := references().execute(literal(source))
		return fmt.Sprintf(helmBegin, scraped) + text + helmEnd, err
	default:
		return "", fmt.Errorf("unknown format %q", format)
	}
}

// words are what the rules say where a parameter decides.
type words struct {
	only, also        string // the selector for a metric without matchers, and behind matchers
	exporter, runbook string // addresses
	dashboard         string // the same, which may be empty
	labels            string // of every alert, a line each
	matchers          string // the same behind the matchers of ALERTS
	value             func(alert, name string) string
	action            func(string) string // an action for Prometheus
}

// literal writes Prometheus' actions such that they come through Helm's templates.
func literal(text string) string { return strings.ReplaceAll(text, "{{", `{{ "{{" }}`) }

// values writes the parameters out.
func values(p parameters) words {
	w := words{
		dashboard: p.DashboardURL,
		value:     func(alert, name string) string { return fmt.Sprint(p.Alerts[alert][name]) },
		action:    func(text string) string { return text },
	}
	if p.Selector != "" {
		w.only, w.also = "{"+p.Selector+"}", ", "+p.Selector
	}
	w.exporter = cmp.Or(p.ExporterURL, fmt.Sprintf(scraped, w.only))
	w.runbook = cmp.Or(p.RunbookURL, w.exporter+"/runbooks")
	for _, name := range slices.Sorted(maps.Keys(p.AlertLabels)) {
		w.labels += fmt.Sprintf("\n          %s: %q", name, p.AlertLabels[name])
		w.matchers += fmt.Sprintf(", %s=%q", name, p.AlertLabels[name])
	}
	return w
}

// references names the parameters, for Helm to write out.
func references() words {
	return words{
		only: "{{ $only }}", also: "{{ $also }}", exporter: "{{ $exporter }}", runbook: "{{ $runbook }}",
		dashboard: "{{ $dashboard }}",
		labels: "\n          {{- range $name, $value := .alertLabels }}\n          {{ $name }}: {{ $value | quote }}" +
			"\n          {{- end }}",
		matchers: "{{ range $name, $value := .alertLabels }}, {{ $name }}={{ $value | quote }}{{ end }}",
		value:    func(alert, name string) string { return fmt.Sprintf("{{ .alerts.%s.%s }}", alert, name) },
		action:   literal,
	}
}

// execute fills a source of rules in.
func (w words) execute(source string) (string, error) {
	t, err := template.New("rules").Delims("[[", "]]").Funcs(template.FuncMap{
		"only":   func() string { return w.only },
		"also":   func() string { return w.also },
		"alert":  func(name string) alert { return alert{Name: name, words: w} },
		"firing": w.firing,
	}).Parse(source)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	err = t.Execute(&b, nil)
	return b.String(), err
}

// firing selects an alert's series while it fires, with the labels that every alert has.
func (w words) firing(alert string, matchers ...string) string {
	all := append([]string{fmt.Sprintf("alertname=%q", alert), `alertstate="firing"`}, matchers...)
	return "ALERTS{" + strings.Join(all, ", ") + w.matchers + "}"
}

// alert is one alert of the source.
type alert struct {
	Name  string
	words words
}

// Value is one of the alert's parameters.
func (a alert) Value(name string) string { return a.words.value(a.Name, name) }

// Settings are the keys of the rule that parameters alone decide.
func (a alert) Settings() string {
	return fmt.Sprintf("for: %s\n        labels:\n          severity: %s%s", a.Value("for"), a.Value("severity"), a.words.labels)
}

// Links are the annotations that lead to the runbook and to the dashboard, whose variables the labels become. Without a dashboard they
// name the row of the exporter's page. The dashboard's address stands between the first two quotation marks, where kustomize and sed
// can replace it.
func (a alert) Links(labels ...string) string {
	query, row := "", ""
	for i, label := range labels {
		value := a.words.action("{{ $labels." + label + " | urlquery }}")
		query += []string{"?", "&"}[min(i, 1)] + "var-" + label + "=" + value
		row += "/" + value
	}
	if len(labels) > 0 {
		row = "#" + labels[len(labels)-1] + row
	}
	dashboard := a.words.action(`{{ with "`) + a.words.dashboard + a.words.action(`" }}{{ . }}`) + query +
		a.words.action("{{ else }}") + a.words.exporter + "/" + row + a.words.action("{{ end }}")
	return fmt.Sprintf("runbook_url: '%s#%s'\n          dashboard_url: '%s'", a.words.runbook, strings.ToLower(a.Name), dashboard)
}

// indent puts a text one level deeper in YAML.
func indent(text string) string {
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		if strings.TrimSpace(line) != "" {
			lines[i] = "  " + line
		}
	}
	return strings.Join(lines, "")
}
