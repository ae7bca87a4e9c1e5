package main

import (
	"archive/tar"
	"bytes"
	"encoding/pem"
	"errors"
	"io"
	"os"
	"time"

	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/partial"
	"github.com/google/go-containerregistry/pkg/v1/static"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// cycloneDX is the media type of a bill of materials.
const cycloneDX = types.MediaType("application/vnd.cyclonedx+json")

// platformImage is the image of one platform: the base, and the binary of the archives.
func platformImage(r *release, p platform, base v1.Layer) (v1.Image, error) {
	binary, err := os.ReadFile(p.binary)
	if err != nil {
		return nil, err
	}
	program, err := layer(r.created, entry{name: "ossvector_exporter", mode: 0o755, data: binary})
	if err != nil {
		return nil, err
	}
	image := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), types.OCIConfigJSON)
	if image, err = mutate.Append(image, addendum(r, base, "certificate authorities"), addendum(r, program, "program")); err != nil {
		return nil, err
	}
	file, err := image.ConfigFile()
	if err != nil {
		return nil, err
	}
	file.OS, file.Architecture, file.Created = "linux", p.arch, v1.Time{Time: r.created}
	file.Config = v1.Config{
		User:         "65532:65532", // by number: Kubernetes cannot check runAsNonRoot against a name
		Entrypoint:   []string{"/ossvector_exporter"},
		ExposedPorts: map[string]struct{}{"10073/tcp": {}},
		WorkingDir:   "/etc/ossvector_exporter",
		Labels:       r.labels(),
	}
	return mutate.ConfigFile(image, file)
}

func addendum(r *release, l v1.Layer, what string) mutate.Addendum {
	return mutate.Addendum{Layer: l, History: v1.History{Created: v1.Time{Time: r.created}, CreatedBy: "release", Comment: what}}
}

// billOfMaterials is an artifact that refers to the image.
func billOfMaterials(p platform, image v1.Image) (v1.Image, error) {
	document, err := os.ReadFile(p.bill)
	if err != nil {
		return nil, err
	}
	bill := mutate.ConfigMediaType(mutate.MediaType(empty.Image, types.OCIManifestSchema1), cycloneDX)
	if bill, err = mutate.AppendLayers(bill, static.NewLayer(document, cycloneDX)); err != nil {
		return nil, err
	}
	subject, err := partial.Descriptor(image)
	if err != nil {
		return nil, err
	}
	attached, ok := mutate.Subject(bill, *subject).(v1.Image)
	if !ok {
		return nil, errors.New("an image with a subject is no image")
	}
	return attached, nil
}

// baseLayer has what the program needs around it, as distroless/static does: Mozilla's certificate authorities, a user, and
// the folder that configurations are mounted into.
func baseLayer() (v1.Layer, error) {
	return layer(time.Unix(0, 0),
		entry{name: "etc/", mode: 0o755},
		entry{name: "etc/group", mode: 0o644, data: []byte("root:x:0:\nnonroot:x:65532:\n")},
		entry{name: "etc/ossvector_exporter/", mode: 0o755},
		entry{name: "etc/passwd", mode: 0o644, data: []byte("root:x:0:0:root:/root:/sbin/nologin\n" +
			"nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin\n")},
		entry{name: "etc/ssl/", mode: 0o755},
		entry{name: "etc/ssl/certs/", mode: 0o755},
		entry{name: "etc/ssl/certs/ca-certificates.crt", mode: 0o644, data: authorities()},
	)
}

// authorities leaves out those that are trusted under conditions only, which a file of certificates cannot express.
func authorities() []byte {
	var b bytes.Buffer
	for root := range bundle.Roots() {
		if root.Constraint == nil {
			_ = pem.Encode(&b, &pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate}) // a buffer takes everything
		}
	}
	return b.Bytes()
}

// entry is a file, or a folder if its name ends in a slash.
type entry struct {
	name string
	mode int64
	data []byte
}

func layer(at time.Time, entries ...entry) (v1.Layer, error) {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: e.mode, Size: int64(len(e.data)), ModTime: at, Format: tar.FormatUSTAR}
		if err := w.WriteHeader(h); err != nil {
			return nil, err
		}
		if _, err := w.Write(e.data); err != nil {
			return nil, err
		}
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b.Bytes())), nil }
	return tarball.LayerFromOpener(open, tarball.WithMediaType(types.OCILayer), tarball.WithCompressedCaching)
}
