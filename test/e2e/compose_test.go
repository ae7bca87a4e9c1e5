package e2e

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

// project is deploy/compose as Compose itself reads and checks it; there is no Docker here to run it.
func project(t *testing.T) *types.Project {
	t.Helper()
	o, err := cli.NewProjectOptions([]string{deploy + "/compose/compose.yaml"}, cli.WithoutEnvironmentResolution)
	if err != nil {
		t.Fatal(err)
	}
	p, err := o.LoadProject(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestComposeMounts holds what is mounted to the files that the tests use, and finds the names under which programs ask for them.
func TestComposeMounts(t *testing.T) {
	p := project(t)
	want := map[string]string{
		"prometheus /etc/prometheus/prometheus.yml":                           "compose/prometheus.yml",               // TestStack
		"prometheus /etc/prometheus/ossvector_exporter.rules.yml":             "compose/ossvector_exporter.rules.yml", // TestStack
		"alertmanager /etc/alertmanager/alertmanager.yml":                     "alertmanager/alertmanager.yml",        // TestStack
		"alertmanager /etc/alertmanager/ossvector_exporter.tmpl":              "alertmanager/ossvector_exporter.tmpl", // TestStack
		"receiver /src/main.go":                                               "alertmanager/printer/main.go",         // TestStack
		"grafana /var/lib/grafana/dashboards/ossvector_exporter.json":         "k8s/components/grafana-dashboard/dashboard.json",
		"grafana /etc/grafana/provisioning/datasources/prometheus.yml":        "compose/grafana/datasource.yml",
		"grafana /etc/grafana/provisioning/dashboards/ossvector_exporter.yml": "compose/grafana/dashboards.yml",
	}
	got := map[string]string{}
	for _, s := range p.Services {
		for _, v := range s.Volumes {
			if _, err := os.Stat(v.Source); err != nil || !v.ReadOnly {
				t.Errorf("%s: %s: %v, read-only %t", s.Name, v.Source, err, v.ReadOnly)
			}
			relative, err := filepath.Rel(absolute(t, deploy), v.Source)
			if err != nil {
				t.Fatal(err)
			}
			got[s.Name+" "+v.Target] = relative
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("mounted files, wanted (-) and found (+):\n%s", diff)
	}
	if build := p.Services["exporter"].Build; build == nil || build.Context != absolute(t, "../..") {
		t.Errorf("the exporter is built from %+v", build)
	}
}

// TestComposeNamesWhatThereIs follows every name from one file to another: files that are mounted, services and their ports.
func TestComposeNamesWhatThereIs(t *testing.T) {
	p := project(t)
	var prometheus struct {
		RuleFiles     []string `yaml:"rule_files"`
		ScrapeConfigs []struct {
			FileSD []struct{ Files []string } `yaml:"file_sd_configs"`
		} `yaml:"scrape_configs"`
		Alerting struct {
			Alertmanagers []struct {
				FileSD []struct{ Files []string } `yaml:"file_sd_configs"`
			}
		}
	}
	load(t, deploy+"/compose/prometheus.yml", &prometheus)
	var alertmanager struct {
		Global struct {
			SlackAPIURLFile string `yaml:"slack_api_url_file"`
		}
		Templates []string
	}
	load(t, routes, &alertmanager)
	wanted := map[string][]string{
		"prometheus": slices.Concat(prometheus.RuleFiles, prometheus.ScrapeConfigs[0].FileSD[0].Files,
			prometheus.Alerting.Alertmanagers[0].FileSD[0].Files),
		"alertmanager": append(alertmanager.Templates, alertmanager.Global.SlackAPIURLFile),
	}
	for name, files := range wanted {
		targets := targets(p.Services[name])
		for _, file := range files {
			if inside := path.Join("/etc", name, file); !slices.Contains(targets, inside) {
				t.Errorf("%s asks for %s, and there is %q", name, inside, targets)
			}
		}
	}
	if dir := p.Services["alertmanager"].WorkingDir; dir != "/etc/alertmanager" {
		t.Errorf("Alertmanager reads receiver_url in %s", dir)
	}
	var datasource struct{ Datasources []struct{ URL string } }
	load(t, deploy+"/compose/grafana/datasource.yml", &datasource)
	var provider struct {
		Providers []struct{ Options struct{ Path string } }
	}
	load(t, deploy+"/compose/grafana/dashboards.yml", &provider)
	grafana := p.Services["grafana"]
	home := *grafana.Environment["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
	if !slices.Contains(targets(grafana), home) || path.Dir(home) != provider.Providers[0].Options.Path {
		t.Errorf("the dashboard: %s, looked for in %s, of %q", home, provider.Providers[0].Options.Path, targets(grafana))
	}
	listening := []string{"http://exporter:10073/", "http://prometheus:9090", "http://alertmanager:9093/", "http://receiver:9094/"}
	named := []string{datasource.Datasources[0].URL, p.Configs["receiver_url"].Content}
	for _, name := range []string{"exporter", "alertmanager"} {
		var groups []struct{ Targets []string }
		if err := yaml.Unmarshal([]byte(p.Configs[name].Content), &groups); err != nil || len(groups) != 1 {
			t.Fatalf("%s: %d groups (%v)", name, len(groups), err)
		}
		named = append(named, "http://"+groups[0].Targets[0]+"/")
	}
	if slices.Sort(named); !slices.Equal(named, slices.Sorted(slices.Values(listening))) {
		t.Errorf("addresses named: %q, want %q", named, listening)
	}
}

// TestComposeVersions keeps the images at the versions that the tests run on.
func TestComposeVersions(t *testing.T) {
	p := project(t)
	text, err := os.ReadFile("../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	version := func(name string) string {
		return regexp.MustCompile(name + `_VERSION +:= (\S+)`).FindStringSubmatch(string(text))[1]
	}
	module := regexp.MustCompile(`^v0\.(\d)(\d\d)\.(\d+)$`).FindStringSubmatch(version("PROMETHEUS"))
	want := "prom/prometheus:v" + module[1] + "." + strings.TrimPrefix(module[2], "0") + "." + module[3]
	if got := p.Services["prometheus"].Image; got != want {
		t.Errorf("Prometheus: %s, want %s", got, want)
	}
	if got, want := p.Services["alertmanager"].Image, "prom/alertmanager:"+version("ALERTMANAGER"); got != want {
		t.Errorf("Alertmanager: %s, want %s", got, want)
	}
}

// targets are the files that a service has been mounted.
func targets(s types.ServiceConfig) (all []string) {
	for _, v := range s.Volumes {
		all = append(all, v.Target)
	}
	for _, c := range s.Configs {
		all = append(all, c.Target)
	}
	return all
}

func load(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err == nil {
		err = yaml.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}
