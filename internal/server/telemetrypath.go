package server

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// checkTelemetryPath says why p cannot be the path of the metrics.
func checkTelemetryPath(p string) error {
	var problem string
	switch {
	case !strings.HasPrefix(p, "/"):
		problem = `must begin with "/"`
	case strings.ContainsAny(p, "{}"):
		problem = "must be a plain path, without { and }"
	case strings.ContainsFunc(p, notInPath):
		problem = "must consist of letters, digits and the characters / - . _ ~"
	case path.Clean(p) != p:
		problem = fmt.Sprintf("must be a clean path: %q", path.Clean(p))
	case reserved(p):
		problem = "is another page of the exporter: choose a path of its own"
	default:
		return nil
	}
	return fmt.Errorf("--web.telemetry-path %.80q %s", p, problem)
}

func reserved(p string) bool {
	own := []string{pathExporter, pathProbe, pathDiscovery, pathBuckets, pathHealthy, pathReady, pathReload}
	return slices.Contains(own, p) || strings.HasPrefix(p+"/", pathPprof)
}

func notInPath(r rune) bool {
	letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
	digit := r >= '0' && r <= '9'
	return !letter && !digit && !strings.ContainsRune("/-._~", r)
}
