package kubernetes

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ossvector_exporter/test/simulation"
)

const (
	image    = "ossvector_exporter:e2e"
	selector = "app.kubernetes.io/name=ossvector-exporter"
)

// cluster is a namespace in the cluster of KUBECONFIG, and the overlay that is applied to it.
type cluster struct {
	t         *testing.T
	namespace string
	overlay   string // a folder
}

// newCluster builds the image and makes the namespace.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	for _, name := range []string{"KUBECONFIG", "KUBE_IMAGE", "HELM"} {
		if os.Getenv(name) == "" {
			t.Fatalf("%s is not set. KUBECONFIG names a cluster; KUBE_IMAGE is a command that is run as "+
				"`KUBE_IMAGE FOLDER TAG`, builds the folder's Dockerfile and gives the image to the cluster; "+
				"make e2e-k8s builds HELM", name)
		}
	}
	t.Setenv("PATH", filepath.Dir(os.Getenv("HELM"))+":"+os.Getenv("PATH"))
	c := &cluster{t: t, namespace: fmt.Sprintf("ossvector-e2e-%d", time.Now().Unix()), overlay: t.TempDir()}
	c.run(15*time.Minute, os.Getenv("KUBE_IMAGE"), "../..", image)
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute) // t.Context is done by now
		defer cancel()
		if t.Failed() {
			logs, _ := exec.CommandContext(ctx, "kubectl", "-n", c.namespace, "logs", "-l", selector, "--all-containers").CombinedOutput()
			t.Logf("the pods' logs:\n%s", logs)
		}
		out, err := exec.CommandContext(ctx, "kubectl", "delete", "namespace", c.namespace).CombinedOutput()
		if err != nil {
			t.Errorf("kubectl delete namespace: %v\n%s", err, out)
		}
	})
	c.kubectl("create", "namespace", c.namespace)
	c.kubectl("label", "namespace", c.namespace, "pod-security.kubernetes.io/enforce=restricted",
		"pod-security.kubernetes.io/warn=restricted")
	key := simulation.Key()
	c.kubectl("-n", c.namespace, "create", "secret", "generic", "ossvector-exporter-credentials",
		"--from-literal=access_key_id="+key.ID, "--from-literal=access_key_secret="+key.Secret)
	return c
}

// typed runs the command of docs/install.md that begins with these words, beside a copy of deploy, in the cluster's namespace.
// Names in it are replaced by others.
func (c *cluster) typed(begin string, oldnew ...string) {
	c.t.Helper()
	page, err := os.ReadFile("../../docs/install.md")
	c.must(err)
	_, rest, found := strings.Cut(string(page), "\n    "+begin+" ")
	if !found {
		c.t.Fatalf("docs/install.md has no command that begins with %q", begin)
	}
	line, _, _ := strings.Cut(rest, "\n")
	line = strings.NewReplacer(append(oldnew, "monitoring", c.namespace)...).Replace(line)
	c.run(3*time.Minute, "/bin/sh", "-ec", "cd "+c.clone()+"; "+begin+" "+line)
}

// clone gives a folder with a copy of deploy, which is made by the first call.
func (c *cluster) clone() string {
	c.t.Helper()
	folder := filepath.Join(c.overlay, "clone")
	if _, err := os.Stat(folder); err != nil {
		c.must(os.CopyFS(filepath.Join(folder, "deploy"), os.DirFS("../../deploy")))
	}
	return folder
}

// fillIn fills in the base in the copy of deploy, as its README says: region, image, credentials.
func (c *cluster) fillIn(endpoint string) {
	c.t.Helper()
	_, tag, _ := strings.Cut(image, ":")
	for _, change := range [][3]string{
		{"config.yml", "regions: [cn-hangzhou] ", "endpoint: " + endpoint + "\n    regions: [cn-hangzhou] "},
		{"kustomization.yaml", "newTag: dev", "newTag: " + tag},
		{"kustomization.yaml", "#  - components/static-credentials\n", "  - components/static-credentials\n"},
	} {
		name := filepath.Join(c.clone(), "deploy", "k8s", change[0])
		b, err := os.ReadFile(name)
		c.must(err)
		text := strings.Replace(string(b), change[1], change[2], 1)
		if text == string(b) {
			c.t.Fatalf("%s has no %q", name, change[1])
		}
		c.must(os.WriteFile(name, []byte(text), 0o600))
	}
}

// configure writes an overlay of the base with the keys from a Secret and a configuration of its own.
func (c *cluster) configure(endpoint, regions string) {
	base, err := filepath.Abs("../../deploy/k8s")
	c.must(err)
	base, err = filepath.Rel(c.overlay, base)
	c.must(err)
	name, tag, _ := strings.Cut(image, ":")
	c.write("kustomization.yaml", fmt.Sprintf(`
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: %s
resources: [%s]
components: [%s/components/static-credentials]
images: [{name: %s, newTag: %s}]
configMapGenerator:
- {name: ossvector-exporter-config, behavior: replace, files: [config.yml]}
`, c.namespace, base, base, name, tag))
	c.write("config.yml", fmt.Sprintf(`
accounts:
  - name: default
    regions: [%s]
    endpoint: %s
    max_attempts: 1
    credentials:
      # --- set by a credentials component ---
      type: default
      # --- set by a credentials component ---
`, regions, endpoint))
}

func (c *cluster) write(name, text string) {
	c.must(os.WriteFile(filepath.Join(c.overlay, name), []byte(text), 0o600))
}

// apply must not even be warned: the profile is enforced, a warning is a violation of it.
func (c *cluster) apply() {
	c.t.Helper()
	if out := c.kubectl("apply", "-k", c.overlay); strings.Contains(out, "Warning") {
		c.t.Errorf("kubectl apply: %s", out)
	}
}

func (c *cluster) rolledOut() {
	c.t.Helper()
	c.kubectl("-n", c.namespace, "rollout", "status", "deployment/ossvector-exporter", "--timeout=120s")
}

// refused waits until a container of the new pod has ended with exit code 1.
func (c *cluster) refused() {
	c.t.Helper()
	for range 60 {
		codes := c.kubectl("-n", c.namespace, "get", "pods", "-l", selector, "-o",
			"jsonpath={range .items[*]}{.status.containerStatuses[0].lastState.terminated.exitCode}"+
				"{.status.containerStatuses[0].state.terminated.exitCode} {end}")
		if strings.Contains(codes, "1") {
			return
		}
		c.pause()
	}
	c.t.Error("no pod refused the broken configuration within a minute")
}

// ready lists the pods that are ready.
func (c *cluster) ready() []string {
	c.t.Helper()
	out := c.kubectl("-n", c.namespace, "get", "pods", "-l", selector, "-o", "jsonpath={range .items[*]}"+
		`{.metadata.name} {.status.conditions[?(@.type=="Ready")].status} {.metadata.deletionTimestamp}{"\n"}{end}`)
	var names []string
	for line := range strings.Lines(out) {
		if f := strings.Fields(line); len(f) == 2 && f[1] == "True" {
			names = append(names, f[0])
		}
	}
	return names
}

// pod waits until one pod is ready and alone.
func (c *cluster) pod() string {
	c.t.Helper()
	var pods []string
	for range 60 {
		if pods = c.ready(); len(pods) == 1 {
			return pods[0]
		}
		c.pause()
	}
	c.t.Fatalf("ready pods: %q, want one", pods)
	return ""
}

// scrape asks the pod through the API server, which works wherever the cluster is.
func (c *cluster) scrape(pod string) string {
	c.t.Helper()
	return c.kubectl("get", "--raw", fmt.Sprintf("/api/v1/namespaces/%s/pods/%s:10073/proxy/metrics", c.namespace, pod))
}

// end deletes the deployment and gives the exit code of the exporter in the pod.
func (c *cluster) end(pod string) string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), time.Minute)
	defer cancel()
	var seen bytes.Buffer
	watch := exec.CommandContext(ctx, "kubectl", "-n", c.namespace, "get", "pod", pod, "--watch", "-o",
		`jsonpath={.status.containerStatuses[0].state.terminated.exitCode}{"\n"}`)
	watch.Stdout = &seen
	c.must(watch.Start())
	c.pause() // lets the watch begin; an end that comes sooner is not seen, and fails the test
	c.kubectl("-n", c.namespace, "delete", "deployment", "ossvector-exporter", "--wait=true")
	c.kubectl("-n", c.namespace, "wait", "--for=delete", "pod/"+pod, "--timeout=60s")
	cancel()
	_ = watch.Wait() // it ends by being killed
	codes := strings.Fields(seen.String())
	if len(codes) == 0 {
		return "none seen"
	}
	return codes[len(codes)-1]
}

// pause waits a second, or until the test ends.
func (c *cluster) pause() {
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-c.t.Context().Done():
	}
}

func (c *cluster) kubectl(args ...string) string {
	c.t.Helper()
	return c.run(3*time.Minute, "kubectl", args...)
}

func (c *cluster) run(limit time.Duration, name string, args ...string) string {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(c.t.Context(), limit)
	defer cancel()
	began := time.Now()
	out, err := exec.CommandContext(ctx, name, args...).CombinedOutput()
	c.t.Logf("%5.1fs  %s %s", time.Since(began).Seconds(), filepath.Base(name), strings.Join(args, " "))
	if err != nil {
		c.t.Fatalf("%v\n%s", err, out)
	}
	return string(out)
}

func (c *cluster) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}
