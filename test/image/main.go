// Command image makes the container image of a release out of the binaries that goreleaser has put into a folder, and pushes
// it. No daemon and no base image are needed: the base is a layer with certificate authorities and a user, the same bytes
// for the same version of the module that brings the authorities.
//
//	go run ./image make ../dist
//	go run ./image push ../dist ghcr.io/OWNER/ossvector_exporter:v1.2.3
//
// The layout of a release is dist/image: an index of one image for each platform, and for each image an artifact that refers
// to it, its bill of materials.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "image:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, w io.Writer) error {
	switch {
	case len(args) == 2 && args[0] == "make":
		return makeImage(args[1])
	case len(args) == 3 && args[0] == "push":
		return push(ctx, args[1], args[2], w)
	}
	return errors.New("usage: image make FOLDER, or: image push FOLDER REPOSITORY:TAG")
}

// makeImage writes the layout into the folder's own folder image.
func makeImage(dist string) error {
	r, err := readRelease(dist)
	if err != nil {
		return err
	}
	base, err := baseLayer()
	if err != nil {
		return err
	}
	index, bills := mutate.IndexMediaType(empty.Index, types.OCIImageIndex), []v1.Image(nil)
	for _, p := range r.platforms {
		image, err := platformImage(r, p, base)
		if err != nil {
			return err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add: image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: p.arch}},
		})
		bill, err := billOfMaterials(p, image)
		if err != nil {
			return err
		}
		bills = append(bills, bill)
	}
	annotated, ok := mutate.Annotations(index, r.labels()).(v1.ImageIndex)
	if !ok {
		return errors.New("an annotated index is no index")
	}
	return write(filepath.Join(dist, layoutFolder), r.version, annotated, bills)
}

const layoutFolder = "image"

// write replaces the layout by one of the index and the bills of materials.
func write(folder, version string, index v1.ImageIndex, bills []v1.Image) error {
	if err := os.RemoveAll(folder); err != nil { //nolint:gosec // the caller of the command names it
		return err
	}
	l, err := layout.Write(folder, empty.Index)
	if err != nil {
		return err
	}
	named := layout.WithAnnotations(map[string]string{"org.opencontainers.image.ref.name": version})
	if err := l.AppendIndex(index, named); err != nil {
		return err
	}
	for _, bill := range bills {
		if err := l.AppendImage(bill); err != nil {
			return err
		}
	}
	return nil
}

// push copies the layout to a registry, with the credentials of the Docker configuration if there are any, and writes the
// reference by digest, which is what to sign.
func push(ctx context.Context, dist, target string, w io.Writer) error {
	tag, err := name.NewTag(target)
	if err != nil {
		return err
	}
	all, err := layout.ImageIndexFromPath(filepath.Join(dist, layoutFolder))
	if err != nil {
		return err
	}
	manifest, err := all.IndexManifest()
	if err != nil {
		return err
	}
	options := []remote.Option{remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain)}
	for _, m := range manifest.Manifests {
		if m.MediaType.IsIndex() {
			err = pushIndex(all, m.Digest, tag, options, w)
		} else {
			err = pushBill(all, m.Digest, tag.Context(), options)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", m.Digest, err)
		}
	}
	return nil
}

func pushIndex(all v1.ImageIndex, digest v1.Hash, tag name.Tag, options []remote.Option, w io.Writer) error {
	index, err := all.ImageIndex(digest)
	if err != nil {
		return err
	}
	if err := remote.WriteIndex(tag, index, options...); err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, tag.Context().Digest(digest.String()))
	return err
}

func pushBill(all v1.ImageIndex, digest v1.Hash, repository name.Repository, options []remote.Option) error {
	bill, err := all.Image(digest)
	if err != nil {
		return err
	}
	return remote.Write(repository.Digest(digest.String()), bill, options...)
}
