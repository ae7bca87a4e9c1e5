package kubernetes

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	chart   = "../../deploy/helm/ossvector-exporter"
	release = "ossvector-exporter"
)

// TestChart is the same story by Helm: install, upgrade with a changed configuration and with a broken one, roll back,
// uninstall.
func TestChart(t *testing.T) {
	c := newCluster(t)
	endpoint, up := cloud(t)
	both := map[string]string{"cn-hangzhou": up, "cn-shanghai": up}

	c.typed("helm install", "my-values.yaml", c.values(endpoint, "default: [cn-hangzhou]"))
	first := c.pod()
	check(t, c.scrape(first), map[string]string{"cn-hangzhou": up})

	c.helm("upgrade", release, chart, "--values", c.values(endpoint, "default: [cn-hangzhou, cn-shanghai]"), "--wait", "--timeout=120s")
	second := c.pod()
	if second == first {
		t.Errorf("the configuration changed and pod %s stayed", first)
	}
	check(t, c.scrape(second), both)

	// Two accounts with the same key and region: what no schema can say, so that the exporter has to refuse it.
	c.helm("upgrade", release, chart, "--values", c.values(endpoint, "default: [cn-hangzhou]", "another: [cn-hangzhou]"))
	c.refused()
	if pods := c.ready(); !slices.Contains(pods, second) {
		t.Errorf("a broken configuration ended pod %s; ready are %q", second, pods)
	}
	check(t, c.scrape(second), both)

	c.helm("rollback", release, "2", "--wait", "--timeout=120s")
	check(t, c.scrape(c.pod()), both)

	c.helm("uninstall", release, "--wait", "--cascade=foreground", "--timeout=120s")
	left := c.kubectl("-n", c.namespace, "get", "all,configmaps,networkpolicies,serviceaccounts", "-l", selector, "-o", "name")
	if strings.TrimSpace(left) != "" {
		t.Errorf("uninstall leaves %s", left)
	}
}

// values writes a file of values whose accounts have these regions.
func (c *cluster) values(endpoint string, accounts ...string) (file string) {
	c.t.Helper()
	name, tag, _ := strings.Cut(image, ":")
	var b strings.Builder
	fmt.Fprintf(&b, "image: {repository: %s, tag: %s}\n", name, tag)
	b.WriteString("credentials: {type: secret, secret: {existing: ossvector-exporter-credentials}}\nconfig:\n  accounts:\n")
	for _, a := range accounts {
		account, regions, _ := strings.Cut(a, ": ")
		fmt.Fprintf(&b, "    - {name: %s, regions: %s, endpoint: %q, max_attempts: 1}\n", account, regions, endpoint)
	}
	c.write("values.yaml", b.String())
	return filepath.Join(c.overlay, "values.yaml")
}

func (c *cluster) helm(args ...string) {
	c.t.Helper()
	c.run(5*time.Minute, "helm", append(args, "--namespace", c.namespace)...)
}
