package packages

import (
	"archive/tar"
	"bytes"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"ossvector_exporter/test/process"
)

// TestImage pushes the image to a registry, as the release does, and takes it from there: each platform's is the binary of
// the archives with its bill of materials, and the one for this machine serves as the user that it names.
func TestImage(t *testing.T) {
	tag, digest := pushed(t)
	tagged, err := remote.Head(tag)
	must(t, err)
	if digest.DigestStr() != tagged.Digest.String() {
		t.Errorf("push prints %s, and the tag leads to %s", digest, tagged.Digest)
	}
	index, err := remote.Index(digest)
	must(t, err)
	manifest, err := index.IndexManifest()
	must(t, err)
	if manifest.Annotations["org.opencontainers.image.title"] != "ossvector_exporter" {
		t.Errorf("annotations of the index: %v", manifest.Annotations)
	}
	var platforms []string
	for _, m := range manifest.Manifests {
		platforms = append(platforms, m.Platform.String())
		image, err := index.Image(m.Digest)
		must(t, err)
		files := extract(t, image)
		checkContents(t, m.Platform.Architecture, files)
		checkConfig(t, m.Platform.Architecture, image)
		checkBill(t, digest.Context().Digest(m.Digest.String()), m.Platform.Architecture)
		if m.Platform.Architecture == "amd64" {
			serves(t, files)
		}
	}
	if got := strings.Join(platforms, " "); got != "linux/amd64 linux/arm64" {
		t.Errorf("platforms: %s", got)
	}
}

// pushed pushes the image to a registry that ends with the test.
func pushed(t *testing.T) (tag name.Tag, digest name.Digest) {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.WithReferrersSupport(true), registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	tag, err := name.NewTag(strings.TrimPrefix(server.URL, "http://") + "/ossvector_exporter:test")
	must(t, err)
	push := exec.CommandContext(t.Context(), "go", "run", "./image", "push", "../dist", tag.String())
	push.Dir = ".."
	reference, err := push.Output()
	must(t, err)

	digest, err = name.NewDigest(strings.TrimSpace(string(reference)))
	must(t, err)
	return tag, digest
}

// extract gives the files of the image, and nil for folders.
func extract(t *testing.T, image v1.Image) map[string][]byte {
	t.Helper()
	stream := mutate.Extract(image)
	defer func() { _ = stream.Close() }()
	files := map[string][]byte{}
	for r := tar.NewReader(stream); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		must(t, err)
		b, err := io.ReadAll(r)
		must(t, err)
		if h.Typeflag != tar.TypeDir {
			files[h.Name] = b
		}
	}
}

func checkContents(t *testing.T, arch string, files map[string][]byte) {
	t.Helper()
	binaries, err := filepath.Glob("../../dist/ossvector_exporter_linux_" + arch + "_*/ossvector_exporter")
	if err != nil || len(binaries) != 1 {
		t.Fatalf("binaries for %s: %q, %v", arch, binaries, err)
	}
	binary, err := os.ReadFile(binaries[0])
	must(t, err)
	if !bytes.Equal(files["ossvector_exporter"], binary) {
		t.Errorf("%s: the image's binary (%d bytes) is not that of the archives (%d bytes)", arch, len(files["ossvector_exporter"]), len(binary))
	}
	if !x509.NewCertPool().AppendCertsFromPEM(files["etc/ssl/certs/ca-certificates.crt"]) {
		t.Errorf("%s: no certificate authorities", arch)
	}
}

func checkConfig(t *testing.T, arch string, image v1.Image) {
	t.Helper()
	file, err := image.ConfigFile()
	must(t, err)
	c := file.Config
	if file.Architecture != arch || c.User != "65532:65532" || strings.Join(c.Entrypoint, " ") != "/ossvector_exporter" ||
		c.WorkingDir != "/etc/ossvector_exporter" {
		t.Errorf("%s: configuration %+v", arch, file)
	}
	for _, label := range []string{"title", "description", "licenses", "version", "revision", "created"} {
		if c.Labels["org.opencontainers.image."+label] == "" {
			t.Errorf("%s: label %s is empty", arch, label)
		}
	}
	if created, err := time.Parse(time.RFC3339, c.Labels["org.opencontainers.image.created"]); err != nil || !created.Equal(file.Created.Time) {
		t.Errorf("%s: created %s (%v), label %s", arch, file.Created, err, c.Labels["org.opencontainers.image.created"])
	}
}

// checkBill finds the bill of materials as scanners do, by the registry's list of what refers to an image.
func checkBill(t *testing.T, image name.Digest, arch string) {
	t.Helper()
	referrers, err := remote.Referrers(image)
	must(t, err)
	manifest, err := referrers.IndexManifest()
	must(t, err)
	if len(manifest.Manifests) != 1 || manifest.Manifests[0].ArtifactType != "application/vnd.cyclonedx+json" {
		t.Fatalf("%s: what refers to the image: %+v", arch, manifest.Manifests)
	}
	bill, err := remote.Image(image.Context().Digest(manifest.Manifests[0].Digest.String()))
	must(t, err)
	layers, err := bill.Layers()
	must(t, err)
	stream, err := layers[0].Compressed()
	must(t, err)
	got, err := io.ReadAll(stream)
	must(t, err)
	documents, err := filepath.Glob("../../dist/*_linux_" + arch + ".cdx.json")
	if err != nil || len(documents) != 1 {
		t.Fatalf("bills of materials for %s: %q, %v", arch, documents, err)
	}
	want, err := os.ReadFile(documents[0])
	must(t, err)
	if !bytes.Equal(got, want) {
		t.Errorf("%s: the image's bill of materials is not the release's", arch)
	}
}

// serves runs the image's program in the image's files, as the image's user.
func serves(t *testing.T, files map[string][]byte) {
	t.Helper()
	root := t.TempDir()
	must(t, os.Chmod(filepath.Dir(root), 0o755)) //nolint:gosec // the image's user has to get there
	must(t, os.Chmod(root, 0o755))               //nolint:gosec // the image's user has to get there
	for file, b := range files {
		file = filepath.Join(root, file)
		must(t, os.MkdirAll(filepath.Dir(file), 0o755))
		must(t, os.WriteFile(file, b, 0o755))
	}
	p, err := process.Start(t.Context(), process.Options{Path: "chroot", Args: []string{
		"--userspec=65532:65532", root, "/ossvector_exporter", "--demo", "--web.listen-address=127.0.0.1:0",
	}})
	must(t, err)
	scraper := process.Scraper{Client: http.DefaultClient, URL: "http://" + p.Addr}
	samples, err := scraper.Scrape(t.Context(), "/metrics")
	must(t, err)
	if samples[`ossvector_up{account="production",region="cn-hangzhou"}`] != 1 {
		t.Errorf("%d samples, among which there is no region that is up", len(samples))
	}
	must(t, p.Stop())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
