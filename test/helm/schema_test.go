package helm

import (
	"encoding/json"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

var update = flag.Bool("update", false, "write the made definitions into the schema of the chart's values")

const (
	chart      = "../../deploy/helm/ossvector-exporter"
	schemaFile = chart + "/values.schema.json"
	kubernetes = "io.k8s." // what the names of the made definitions begin with
)

type object = map[string]any

// TestSchemaDefinitions holds the definitions of the schema against what they are made from: values that are passed on to
// Kubernetes against its Go types. What the schema says itself is written by hand.
func TestSchemaDefinitions(t *testing.T) {
	schema := readObject(t, schemaFile)
	made := maps.Clone(schema)
	own := maps.Clone(schema["$defs"].(object))
	maps.DeleteFunc(own, func(name string, _ any) bool { return strings.HasPrefix(name, kubernetes) })
	made["$defs"] = own
	addKubernetes(own)
	own["config"] = exporterSchema(t)
	own["alerts"] = alertsSchema(t)

	if *update {
		text, err := json.MarshalIndent(made, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(schemaFile, append(text, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(normalised(t, made), schema); diff != "" {
		t.Errorf("run make chart-docs: the definitions of %s are not those of their source (-made, +there):\n%s", schemaFile, diff)
	}
}

// exporterSchema is the exporter's own of its configuration file.
func exporterSchema(t *testing.T) object {
	t.Helper()
	schema := readObject(t, "../../docs/config.schema.json")
	for _, name := range []string{"$schema", "$id", "title"} { // of a document
		delete(schema, name)
	}
	return schema
}

// parameters are the defaults of what the alerts can be told.
func parameters(t *testing.T) object {
	t.Helper()
	return readYAML(t, "../../deploy/rules/parameters.yml")
}

// alertsSchema lets every alert have what it has by default.
func alertsSchema(t *testing.T) object {
	t.Helper()
	alerts := object{}
	for name, values := range parameters(t)["alerts"].(object) {
		members := object{}
		for key, value := range values.(object) {
			kind := object{"type": "number"}
			switch _, text := value.(string); {
			case key == "severity":
				kind = object{"type": "string", "minLength": 1}
			case text:
				kind = object{"type": "string", "pattern": "^([0-9]+(ms|[smhdwy]))+$"}
			}
			members[key] = kind
		}
		alerts[name] = object{"type": "object", "additionalProperties": false, "properties": members}
	}
	return object{"type": "object", "additionalProperties": false, "properties": alerts}
}

// TestAlertParametersAreValues holds the chart's defaults to those of the file and of kustomize.
func TestAlertParametersAreValues(t *testing.T) {
	values := readYAML(t, chart+"/values.yaml")["prometheusRule"].(object)
	for _, name := range []string{"enabled", "labels", "annotations", "namespace"} { // of the object, not of the alerts
		delete(values, name)
	}
	if diff := cmp.Diff(parameters(t), values); diff != "" {
		t.Errorf("values.yaml differs from deploy/rules/parameters.yml (-parameters, +values):\n%s", diff)
	}
}

// TestSchemaIsStrict wants every object of the schema to list its members, or to say of what form all of them are. Those that
// another schema checks are named here.
func TestSchemaIsStrict(t *testing.T) {
	open := map[string]bool{
		"/properties/global":                     true, // a parent chart's
		"/properties/extraObjects/items/oneOf/1": true, // any object: the cluster checks it
	}
	strict(t, "", readObject(t, schemaFile), open)
	for path := range open {
		t.Errorf("%s is no open object any more", path)
	}
}

func strict(t *testing.T, path string, node any, open map[string]bool) {
	t.Helper()
	switch node := node.(type) {
	case []any:
		for i, n := range node {
			strict(t, path+"/"+string(rune('0'+i)), n, open)
		}
	case object:
		_, says := node["additionalProperties"]
		if node["type"] == "object" && !says && !open[path] {
			t.Errorf("%s takes unknown members", path)
		}
		delete(open, path)
		for name, n := range node {
			if name == "if" { // a condition admits nothing
				continue
			}
			strict(t, path+"/"+name, n, open)
		}
	}
}

// addKubernetes adds the types that values of the chart are passed on as, and those within them.
func addKubernetes(definitions object) {
	for _, value := range []any{
		corev1.Affinity{}, corev1.EnvFromSource{}, corev1.EnvVar{}, corev1.HTTPHeader{}, corev1.HostAlias{},
		corev1.LocalObjectReference{}, corev1.PodSecurityContext{}, corev1.ResourceRequirements{}, corev1.SecurityContext{},
		corev1.Toleration{}, corev1.TopologySpreadConstraint{}, corev1.Volume{}, corev1.VolumeMount{},
		networkingv1.NetworkPolicyEgressRule{}, networkingv1.NetworkPolicyPeer{},
	} {
		define(definitions, reflect.TypeOf(value))
	}
}

// define returns the schema of a type; that of a struct becomes a definition of its own.
func define(definitions object, t reflect.Type) object {
	switch t {
	case reflect.TypeFor[resource.Quantity]():
		return object{"type": []string{"string", "number"}}
	case reflect.TypeFor[intstr.IntOrString]():
		return object{"type": []string{"string", "integer"}}
	case reflect.TypeFor[metav1.Time]():
		return object{"type": "string"}
	case reflect.TypeFor[metav1.FieldsV1]():
		return object{} // the API server's own notes
	}
	switch t.Kind() {
	case reflect.Pointer:
		return define(definitions, t.Elem())
	case reflect.Slice:
		return object{"type": "array", "items": define(definitions, t.Elem())}
	case reflect.Map:
		return object{"type": "object", "additionalProperties": define(definitions, t.Elem())}
	case reflect.Struct:
		name := kubernetes + strings.ReplaceAll(strings.TrimPrefix(t.PkgPath(), "k8s.io/"), "/", ".") + "." + t.Name()
		if definitions[name] == nil {
			members := object{}
			definitions[name] = object{"type": "object", "additionalProperties": false, "properties": members}
			addMembers(definitions, members, t)
		}
		return object{"$ref": "#/$defs/" + name}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int32, reflect.Int64:
		return object{"type": "integer"}
	case reflect.String:
		return object{"type": "string"}
	default:
		panic("no schema for " + t.String())
	}
}

func addMembers(definitions, members object, t reflect.Type) {
	for i := range t.NumField() {
		field := t.Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" && field.Anonymous {
			addMembers(definitions, members, field.Type)
			continue
		}
		members[name] = define(definitions, field.Type)
	}
}

func readObject(t *testing.T, file string) object {
	t.Helper()
	text, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		t.Fatal(err)
	}
	var o object
	if err := json.Unmarshal(text, &o); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return o
}

func readYAML(t *testing.T, file string) object {
	t.Helper()
	text, err := os.ReadFile(filepath.Clean(file))
	if err != nil {
		t.Fatal(err)
	}
	var o object
	if err := yaml.Unmarshal(text, &o); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return o
}

// normalised is the object as JSON reads it.
func normalised(t *testing.T, o object) object {
	t.Helper()
	text, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	var n object
	if err := json.Unmarshal(text, &n); err != nil {
		t.Fatal(err)
	}
	return n
}
