// Package e2e runs the built binary against real components: a Prometheus scrapes it, a browser looks at it. A component
// that is missing is a failure, never a skip.
//
//	make e2e
package e2e

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ossvector_exporter/test/process"
)

// variable reads what make passes on.
func variable(t *testing.T, name string) string {
	t.Helper()
	v := os.Getenv(name)
	if v == "" {
		t.Fatalf("%s is not set: run this by make e2e, which builds what is needed", name)
	}
	return v
}

// startDemo runs the exporter on its simulated accounts, on a free port of the loopback.
func startDemo(t *testing.T, args ...string) *process.Process {
	t.Helper()
	return startProcess(t, process.Options{
		Path: variable(t, "OSSVECTOR_EXPORTER"),
		Args: append([]string{"--demo", "--web.listen-address=127.0.0.1:0"}, args...),
	})
}

// startProcess fails the test if the process does not start or, at the end, does not stop properly.
func startProcess(t *testing.T, o process.Options) *process.Process {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p, err := process.Start(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Errorf("%s: %v", filepath.Base(o.Path), err)
		}
		if t.Failed() {
			t.Logf("%s printed, at the end:\n%s", filepath.Base(o.Path), tail(p.Output()))
		}
	})
	return p
}

func tail(s string) string {
	const most = 6000
	if len(s) > most {
		s = "..." + s[len(s)-most:]
	}
	return s
}

// scrape reads /metrics of a demo without TLS.
func scrape(t *testing.T, p *process.Process) process.Samples {
	t.Helper()
	s := process.Scraper{Client: &http.Client{Timeout: 10 * time.Second}, URL: "http://" + p.Addr}
	samples, err := s.Scrape(t.Context(), "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	return samples
}

// region is an account and a region of it.
type region struct{ account, name string }

// regions lists what is configured, each with ossvector_up.
func regions(samples process.Samples) map[region]bool {
	found := map[region]bool{}
	for series, v := range samples {
		if strings.HasPrefix(series, "ossvector_up{") {
			found[region{label(series, "account"), label(series, "region")}] = v == 1
		}
	}
	return found
}

// denied finds the region whose listing is refused for want of a permission.
func denied(t *testing.T, samples process.Samples) region {
	t.Helper()
	for series := range samples {
		if strings.HasPrefix(series, "ossvector_last_error_info{") && label(series, "reason") == "access_denied" {
			return region{label(series, "account"), label(series, "region")}
		}
	}
	t.Fatal("no region of the demo is denied")
	return region{}
}

// label reads a label's value out of a series as the text format writes it. The demo's values need no unquoting.
func label(series, name string) string {
	for _, before := range []string{"{", ","} {
		if _, after, found := strings.Cut(series, before+name+`="`); found {
			value, _, _ := strings.Cut(after, `"`)
			return value
		}
	}
	return ""
}

// eventually asks again and again until there is nothing to complain about, at most for the given time.
func eventually(t *testing.T, limit time.Duration, check func() error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		err := check()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("after %s still: %v", limit, err)
		}
	}
}

// write puts a file into a folder and gives its name.
func write(t *testing.T, dir, name, format string, args ...any) string {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file, fmt.Appendf(nil, format, args...), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func absolute(t *testing.T, file string) string {
	t.Helper()
	path, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	return path
}
