package helm

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/registry"
)

// TestPushedChart pushes the chart of a release to a registry, as the workflow does, and renders what is pulled from it.
func TestPushedChart(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	helm := command(t, "HELM")

	printed := output(t, nil, "../../packaging/chart", "registry.example.com/team/ossvector_exporter:v1.2.3", "oci://"+host+"/charts", "--plain-http")
	reference := strings.TrimSpace(string(printed))
	name, digest, _ := strings.Cut(reference, "@")
	if name != host+"/charts/ossvector-exporter" {
		t.Errorf("packaging/chart prints %q", reference)
	}
	if status := manifestStatus(t, server.URL+"/v2/charts/ossvector-exporter/manifests/"+digest); status != http.StatusOK {
		t.Errorf("the registry answers %d for %s", status, reference)
	}

	made := string(output(t, nil, helm, "template", "release", "oci://"+name, "--version", "1.2.3", "--plain-http"))
	for _, want := range []string{"image: registry.example.com/team/ossvector_exporter:v1.2.3\n", "helm.sh/chart: ossvector-exporter-1.2.3\n"} {
		if !strings.Contains(made, want) {
			t.Errorf("the pulled chart makes no %q:\n%s", want, made)
		}
	}
}

func manifestStatus(t *testing.T, url string) int {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodHead, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	if err := response.Body.Close(); err != nil {
		t.Error(err)
	}
	return response.StatusCode
}
