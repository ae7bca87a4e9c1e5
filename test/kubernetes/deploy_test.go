// Package kubernetes deploys the image and the manifests into the cluster of KUBECONFIG, in a namespace of its own that
// enforces the profile "restricted", and takes them away again.
//
//	make e2e-k8s
package kubernetes

import (
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"testing"

	"ossvector_exporter/ossvapi/ossvtest"
	"ossvector_exporter/test/simulation"
)

// TestDeployment is one story: roll out, scrape, change the configuration, scrape again, end.
func TestDeployment(t *testing.T) {
	c := newCluster(t)
	endpoint, up := cloud(t)

	c.fillIn(endpoint)
	c.typed("kubectl apply")
	c.rolledOut()
	first := c.pod()
	check(t, c.scrape(first), map[string]string{"cn-hangzhou": up})

	c.configure(endpoint, "cn-hangzhou, cn-shanghai")
	c.apply()
	c.rolledOut()
	second := c.pod()
	if second == first {
		t.Errorf("the configuration changed and pod %s stayed", first)
	}
	check(t, c.scrape(second), map[string]string{"cn-hangzhou": up, "cn-shanghai": up})

	// A configuration that is refused must not take the running pod away.
	c.configure(endpoint, "not_a_region")
	c.apply()
	c.refused()
	if pods := c.ready(); !slices.Contains(pods, second) {
		t.Errorf("a broken configuration ended pod %s; ready are %q", second, pods)
	}
	check(t, c.scrape(second), map[string]string{"cn-hangzhou": up, "cn-shanghai": up})

	if exit := c.end(second); exit != "0" {
		t.Errorf("the exporter ended with exit code %q", exit)
	}
}

// cloud runs the simulated service where pods reach this machine. Without KUBE_HOST_IP they cannot, and the exporter has to
// run and say so.
func cloud(t *testing.T) (endpoint, up string) {
	t.Helper()
	host := os.Getenv("KUBE_HOST_IP")
	if host == "" {
		return "http://127.0.0.1:9", "0"
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	s := simulation.StartOn(l, ossvtest.Options{Seed: 1})
	t.Cleanup(s.Close)
	s.Account.Fill("cn-hangzhou", 3)
	s.Account.Fill("cn-shanghai", 2)
	return "http://" + l.Addr().String(), "1"
}

// check looks for ossvector_up of every region, and for no other region.
func check(t *testing.T, metrics string, want map[string]string) {
	t.Helper()
	got := map[string]string{}
	for line := range strings.Lines(metrics) {
		if rest, found := strings.CutPrefix(line, `ossvector_up{account="default",region="`); found {
			region, value, _ := strings.Cut(rest, `"} `)
			got[region] = strings.TrimSpace(value)
		}
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("ossvector_up is %v, want %v in\n%.2000s", got, want, metrics)
	}
}
