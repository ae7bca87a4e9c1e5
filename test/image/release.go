package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// release is what goreleaser says of the files that it has made.
type release struct {
	version, commit string
	created         time.Time // of the commit, which goreleaser gives the binaries
	platforms       []platform
}

// platform is one of the image's. The files are those of the archives and of the release.
type platform struct {
	arch, binary, bill string
}

// readRelease reads goreleaser's notes in the folder. Its paths are relative to the folder above.
func readRelease(dist string) (*release, error) {
	var notes struct{ Version, Commit string }
	if err := read(filepath.Join(dist, "metadata.json"), &notes); err != nil {
		return nil, err
	}
	var files []struct{ Name, Path, Goos, Goarch, Type string }
	if err := read(filepath.Join(dist, "artifacts.json"), &files); err != nil {
		return nil, err
	}
	// A snapshot's version is a number for the packages' sake.
	r := &release{version: strings.TrimPrefix(notes.Version, "0.0.0-"), commit: notes.Commit}
	for _, arch := range []string{"amd64", "arm64"} {
		p := platform{arch: arch}
		for _, f := range files {
			switch path := filepath.Join(dist, "..", f.Path); {
			case f.Type == "Binary" && f.Goos == "linux" && f.Goarch == arch:
				p.binary = path
			case f.Type == "SBOM" && strings.HasSuffix(f.Name, "_linux_"+arch+".cdx.json"):
				p.bill = path
			}
		}
		if p.binary == "" || p.bill == "" {
			return nil, fmt.Errorf("%s: no binary or no bill of materials for linux/%s", dist, arch)
		}
		r.platforms = append(r.platforms, p)
	}
	info, err := os.Stat(r.platforms[0].binary)
	if err != nil {
		return nil, err
	}
	r.created = info.ModTime().UTC().Truncate(time.Second)
	return r, nil
}

func read(file string, into any) error {
	b, err := os.ReadFile(file) //nolint:gosec // the caller of the command names it
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w; goreleaser has to run first", err)
	}
	if err != nil {
		return err
	}
	return json.Unmarshal(b, into)
}

// labels are those of the Open Container Initiative.
func (r *release) labels() map[string]string {
	return map[string]string{
		"org.opencontainers.image.title":       "ossvector_exporter",
		"org.opencontainers.image.description": "Prometheus exporter for the vector buckets of Alibaba Cloud OSS",
		"org.opencontainers.image.licenses":    "Apache-2.0",
		"org.opencontainers.image.version":     r.version,
		"org.opencontainers.image.revision":    r.commit,
		"org.opencontainers.image.created":     r.created.Format(time.RFC3339),
	}
}
