package e2e

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"

	"ossvector_exporter/test/process"
)

// prometheus is a running Prometheus and its API.
type prometheus struct{ url string }

// startPrometheus lets a Prometheus scrape the demo at addr by three jobs, TLS and basic auth: the static one that asks
// /metrics, the one that finds a target per region by /discovery, and the static one again with native histograms.
func startPrometheus(t *testing.T, addr, ca string, rules []string) (prometheus, string) {
	t.Helper()
	dir := t.TempDir()
	login := fmt.Sprintf("tls_config: {ca_file: %s}, basic_auth: {username: %s, password: %s}", ca, user, password)
	file := write(t, dir, "prometheus.yml", `
global: {scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 2s}
rule_files: [%[1]s]
scrape_configs:
- {job_name: static, scheme: https, static_configs: [{targets: ['%[2]s']}], %[3]s}
- {job_name: discovered, http_sd_configs: [{url: 'https://%[2]s/discovery', refresh_interval: 5s, %[3]s}], %[3]s}
- {job_name: native, scrape_native_histograms: true, scheme: https, static_configs: [{targets: ['%[2]s']}], %[3]s}
`, quoted(rules), addr, login)
	p := startProcess(t, process.Options{
		Path: variable(t, "PROMETHEUS"),
		Args: []string{
			"--config.file=" + file, "--storage.tsdb.path=" + filepath.Join(dir, "data"), "--web.listen-address=127.0.0.1:0",
		},
	})
	return prometheus{url: "http://" + p.Addr}, file
}

func quoted(files []string) string {
	list, _ := json.Marshal(files) // strings always can
	return string(list[1 : len(list)-1])
}

// get asks the API and decodes the data of its answer.
func (p prometheus) get(ctx context.Context, path string, query url.Values, data any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url+path+"?"+query.Encode(), http.NoBody)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	answer := struct {
		Status, Error string
		Data          any
	}{Data: data}
	if err := json.Unmarshal(body, &answer); err != nil {
		return fmt.Errorf("%s: %s: %.200s", path, resp.Status, body)
	}
	if answer.Status != "success" {
		return fmt.Errorf("%s %s: %s", path, query, answer.Error)
	}
	return nil
}

// sample is one series of an instant query's result.
type sample struct {
	Metric map[string]string
	Value  [2]any
}

// query runs an instant query; a scalar counts as one sample.
func (p prometheus) query(ctx context.Context, expression string) ([]sample, error) {
	var result struct {
		ResultType string
		Result     json.RawMessage
	}
	if err := p.get(ctx, "/api/v1/query", url.Values{"query": {expression}}, &result); err != nil {
		return nil, err
	}
	if result.ResultType == "scalar" || result.ResultType == "string" {
		return make([]sample, 1), nil
	}
	var samples []sample
	err := json.Unmarshal(result.Result, &samples)
	return samples, err
}

// selectors gives the vector selectors in an expression, as Prometheus itself parses it.
func (p prometheus) selectors(ctx context.Context, expression string) ([]string, error) {
	var tree any
	if err := p.get(ctx, "/api/v1/parse_query", url.Values{"query": {expression}}, &tree); err != nil {
		return nil, err
	}
	return walk(tree), nil
}

// walk collects the selectors of a syntax tree as the API gives it.
func walk(node any) []string {
	var found []string
	switch n := node.(type) {
	case []any:
		for _, child := range n {
			found = append(found, walk(child)...)
		}
	case map[string]any:
		if n["type"] == "vectorSelector" || n["type"] == "matrixSelector" {
			return []string{selector(n)}
		}
		for _, child := range n {
			found = append(found, walk(child)...)
		}
	}
	return found
}

// selector writes a selector without its range and offset.
func selector(n map[string]any) string {
	text := "{"
	matchers, _ := n["matchers"].([]any)
	for _, m := range matchers {
		m, _ := m.(map[string]any)
		value, _ := m["value"].(string)
		text += fmt.Sprintf("%s%s%q,", m["name"], m["type"], value)
	}
	return text + "}"
}
