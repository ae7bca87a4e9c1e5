package helm

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

// command is a tool that the Makefile names in a variable. Without it nothing is checked, which is a failure.
func command(t *testing.T, variable string) string {
	t.Helper()
	name := os.Getenv(variable)
	if name == "" {
		t.Fatalf("%s is not set: run make chart", variable)
	}
	return name
}

// output runs a command on some input and returns what it writes.
func output(t *testing.T, input []byte, name string, args ...string) []byte {
	t.Helper()
	c := exec.CommandContext(t.Context(), name, args...)
	var stdout, stderr bytes.Buffer
	c.Stdin, c.Stdout, c.Stderr = bytes.NewReader(input), &stdout, &stderr
	if err := c.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, stdout.String(), stderr.String())
	}
	return stdout.Bytes()
}

func TestLint(t *testing.T) {
	output(t, nil, command(t, "HELM"), "lint", "--strict", chart)
}

// TestManifests gives what the chart makes of each file of values to the schemas of Kubernetes.
func TestManifests(t *testing.T) {
	files, err := filepath.Glob("values/*.yaml")
	if err != nil || len(files) < 12 {
		t.Fatalf("%v, %d files of values", err, len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			made := output(t, nil, command(t, "HELM"), "template", "release", chart, "--values", file)
			schemas := strings.Fields(command(t, "KUBE_SCHEMAS"))
			output(t, made, schemas[0], append(schemas[1:], "-")...)
		})
	}
}

// TestUnknownValues wants an error for what is misspelt, at every level.
func TestUnknownValues(t *testing.T) {
	for _, value := range []string{
		"replica=2", "image.name=x", "config.account=x", "config.accounts[0].region=x", "prometheusRule.alerts.OSSVectorRegionFailing.fro=1m",
		"serviceMonitor.tlsConfig.insecure=true", "credentials.secret.name=x", "resources.limit.memory=1Gi", "networkPolicy.egress[0].ports[0].prt=1",
	} {
		c := exec.CommandContext(t.Context(), command(t, "HELM"), "template", "release", chart, "--set", value)
		if text, err := c.CombinedOutput(); err == nil || !strings.Contains(string(text), "not allowed") {
			t.Errorf("%s: %v\n%.500s", value, err, text)
		}
	}
}

// TestDefaultsAreTheBase compares the objects of the chart's defaults with those of the kustomize base. Labels, names and
// what is named by them differ, and nothing else.
func TestDefaultsAreTheBase(t *testing.T) {
	base := objects(t, output(t, nil, "kubectl", "kustomize", "../../deploy/k8s"))
	made := objects(t, output(t, nil, command(t, "HELM"), "template", "ossvector-exporter", chart))
	if diff := cmp.Diff(base, made); diff != "" {
		t.Errorf("-kustomize +chart:\n%s", diff)
	}
}

// objects are the objects of a stream by their kind, without labels and names.
func objects(t *testing.T, text []byte) object {
	t.Helper()
	all := object{}
	for d := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var o object
		if d.Decode(&o) != nil {
			break
		}
		if kind, ok := o["kind"].(string); ok {
			all[kind] = nameless(t, o)
		}
	}
	return all
}

func nameless(t *testing.T, node any) any {
	t.Helper()
	switch node := node.(type) {
	case object:
		kept := object{}
		for key, value := range node {
			switch key {
			case "labels", "matchLabels", "serviceAccountName", "image":
			case "metadata":
				kept[key] = nameless(t, without(value.(object), "name", "namespace"))
			case "configMap":
				kept[key] = nameless(t, without(value.(object), "name"))
			case "selector":
				if _, labels := value.(object)["matchLabels"]; labels {
					kept[key] = nameless(t, value)
				}
			case "config.yml":
				var config object
				if err := yaml.Unmarshal([]byte(value.(string)), &config); err != nil {
					t.Fatal(err)
				}
				kept[key] = config
			default:
				kept[key] = nameless(t, value)
			}
		}
		return kept
	case []any:
		kept := make([]any, len(node))
		for i, n := range node {
			kept[i] = nameless(t, n)
		}
		return kept
	}
	return node
}

func without(o object, names ...string) object {
	kept := object{}
	for key, value := range o {
		kept[key] = value
	}
	for _, name := range names {
		delete(kept, name)
	}
	return kept
}
