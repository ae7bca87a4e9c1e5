package main

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-kit/log"

	"ossvector_exporter/collector"
)

// mounted is a folder as Kubernetes mounts a ConfigMap: files are links through ..data, which is swapped as a whole.
type mounted struct {
	dir   string
	swaps int
}

func (m *mounted) file() string { return filepath.Join(m.dir, "config.yml") }

func (m *mounted) swap(t *testing.T, text string) {
	t.Helper()
	m.swaps++
	version := fmt.Sprintf("..%d", m.swaps)
	if err := os.Mkdir(filepath.Join(m.dir, version), 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(m.dir, version, "config.yml"), text)
	if err := os.Symlink(version, filepath.Join(m.dir, "..new")); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(filepath.Join(m.dir, "..new"), filepath.Join(m.dir, "..data")); err != nil {
		t.Fatal(err)
	}
	if m.swaps == 1 {
		if err := os.Symlink("..data/config.yml", m.file()); err != nil {
			t.Fatal(err)
		}
	} else if err := os.RemoveAll(filepath.Join(m.dir, fmt.Sprintf("..%d", m.swaps-1))); err != nil {
		t.Fatal(err)
	}
}

// A thousand automatic reloads by swapped links, while being scraped: no scrape fails.
func TestAutoReloadUnderLoad(t *testing.T) {
	api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"ListAllMyBucketsResult": {"Buckets": []}}`)
	}))
	defer api.Close()
	text := func(n int) string {
		return fmt.Sprintf("accounts: [{name: a, regions: [cn-hangzhou], endpoint: '%s', page_size: %d, "+
			"credentials: {type: static, access_key_id: LTAIexample, access_key_secret: s}}]", api.URL, 1+n%1000)
	}
	m := &mounted{dir: t.TempDir()}
	m.swap(t, text(0))
	c := collector.New(log.NewNopLogger())
	defer c.Close()
	f := &configFile{path: m.file()}
	loaded := make(chan int, 1)
	reload := func() error {
		cfg, err := apply(c, f.load, log.NewNopLogger())
		if err != nil {
			t.Errorf("reload: %v", err)
			return err
		}
		loaded <- cfg.Accounts[0].PageSize
		return nil
	}
	if err := reload(); err != nil {
		t.Fatal(err)
	}
	<-loaded
	defer f.reloadOnChange(t.Context(), time.Millisecond, reload)()
	ctx, cancel := context.WithCancel(t.Context())
	scraped := make(chan int)
	go func() {
		n := 0
		for ; ctx.Err() == nil; n++ {
			families, err := c.Gatherer(t.Context(), collector.Selection{}, 0).Gather()
			up := 0.0
			for _, f := range families {
				if f.GetName() == "ossvector_up" {
					up = f.GetMetric()[0].GetGauge().GetValue()
				}
			}
			if err != nil || up != 1 {
				t.Errorf("scrape %d: up %g, %v", n, up, err)
			}
		}
		scraped <- n
	}()
	for n := 1; n <= 1000; n++ {
		m.swap(t, text(n))
		if got := <-loaded; got != 1+n%1000 {
			t.Errorf("reload %d has page_size %d", n, got)
		}
	}
	cancel()
	if n := <-scraped; n < 10 {
		t.Errorf("%d scrapes", n)
	}
}

// A file that is still being written is not believed, one that stays as it is is loaded once, right or wrong.
func TestAutoReloadWaitsForTheWriter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		file := filepath.Join(t.TempDir(), "config.yml")
		const text = "accounts: [{name: a, regions: [cn-hangzhou]}, {name: b, regions: [cn-shanghai]}]\n"
		write(t, file, text)
		f := &configFile{path: file}
		if _, err := f.load(); err != nil {
			t.Fatal(err)
		}
		var reloads, accounts atomic.Int64
		defer f.reloadOnChange(t.Context(), 30*time.Second, func() error {
			cfg, err := f.load()
			if reloads.Add(1); err == nil {
				accounts.Store(int64(len(cfg.Accounts)))
			}
			return err
		})()
		after := func(d time.Duration, wantReloads, wantAccounts int64) {
			t.Helper()
			time.Sleep(d)
			synctest.Wait()
			if reloads.Load() != wantReloads || accounts.Load() != wantAccounts {
				t.Errorf("%d reloads, %d accounts; want %d, %d", reloads.Load(), accounts.Load(), wantReloads, wantAccounts)
			}
		}
		after(5*time.Minute, 0, 0)
		half := strings.Replace(text, "cn-shanghai", "cn-beijing", 1) + "# "
		time.Sleep(29 * time.Second) // just before the next look
		for n := range 20 {          // a slow writer, each half of whose work would load
			write(t, file, half+strings.Repeat("x", n)+"\n")
			after(500*time.Millisecond, 0, 0)
		}
		after(time.Minute, 1, 2)
		write(t, file, "accounts: oops")
		after(5*time.Minute, 2, 2)
		write(t, file, text)
		after(time.Minute, 3, 2)
	})
}

// The files that the configuration names are its content.
func TestAutoReloadOfNamedFiles(t *testing.T) {
	ts := httptest.NewTLSServer(http.NotFoundHandler())
	defer ts.Close()
	key, err := x509.MarshalPKCS8PrivateKey(ts.TLS.Certificates[0].PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	cert := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ts.Certificate().Raw}))
	dir := t.TempDir()
	files := map[string]string{
		"ca.pem": cert, "cert.pem": cert, "key.pem": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key})),
	}
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	f := &configFile{path: filepath.Join(dir, "config.yml")}
	write(t, f.path, "accounts: [{name: a, regions: [cn-hangzhou], tls_config: {ca_file: ca.pem, cert_file: cert.pem, key_file: key.pem}}]")
	if _, err := f.load(); err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		if f.changed(t.Context(), 0) {
			t.Errorf("before %s changes, something is taken for changed", name)
		}
		write(t, filepath.Join(dir, name), "# renewed\n"+text)
		if !f.changed(t.Context(), 0) {
			t.Errorf("%s is not seen to change", name)
		}
		if _, err := f.load(); err != nil {
			t.Fatal(err)
		}
	}
	write(t, f.path, "accounts: oops")
	if _, err := f.load(); err == nil {
		t.Fatal("loaded")
	}
	write(t, filepath.Join(dir, "ca.pem"), cert) // still in use
	if !f.changed(t.Context(), 0) {
		t.Error("a broken configuration makes the files of the one in force go unseen")
	}
}
