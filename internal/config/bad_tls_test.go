package config

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func TestBadTLS(t *testing.T) {
	cert, _ := keyPair(t)
	_, otherKey := keyPair(t)
	badValues(t, []badValue{
		{"TLS with two of a kind", "tls_config: {ca: a, ca_file: b}", "at most one of ca, ca_file & ca_ref must be configured"},
		{"TLS with half a pair", "tls_config: {cert_file: b}", "exactly one of key or key_file must be configured when a client certificate is configured"},
		{"TLS versions the wrong way", "tls_config: {min_version: TLS13, max_version: TLS12}", "min_version is above max_version; swap the two, or remove one"},
		{"TLS no mapping", "tls_config: true", "expected a mapping (`key: value` lines), found true or false"},
	})
	badFiles(t, []badFile{
		{"TLS keys", with("tls_config: {ca_fiel: a, ca_ref: b, min_version: TLS14, max_version: 3, insecure_skip_verify: 1, server_name: a b}"), []string{
			"line 4: accounts[0].tls_config.ca_fiel: unknown key; did you mean ca_file?",
			"line 4: accounts[0].tls_config.ca_ref: unknown key; known are ca, ca_file, cert, cert_file, insecure_skip_verify, key, key_file, max_version, min_version, server_name",
			"line 4: accounts[0].tls_config.min_version: expected one of TLS12, TLS13; the exporter speaks no older version",
			"line 4: accounts[0].tls_config.max_version: expected one of TLS12, TLS13; the exporter speaks no older version",
			"line 4: accounts[0].tls_config.insecure_skip_verify: expected true or false, found \"1\"",
			"line 4: accounts[0].tls_config.server_name: a blank, a line break or a character outside ASCII is in the text; remove it",
		}},
		{"TLS versions that would be ignored or never connect", with("tls_config: {min_version: TLS10, max_version: TLS11}"), []string{
			"line 4: accounts[0].tls_config.min_version: expected one of TLS12, TLS13; the exporter speaks no older version",
			"line 4: accounts[0].tls_config.max_version: expected one of TLS12, TLS13; the exporter speaks no older version",
		}},
		{"TLS files that are not there", with("tls_config: {ca_file: none.pem, cert_file: /none/cert.pem, key_file: .}", "page_size: 0"), []string{
			"line 4: accounts[0].tls_config.ca_file: none.pem does not exist; name a file that has the PEM (a relative name starts at the configuration file's folder)",
			"line 4: accounts[0].tls_config.cert_file: /none/cert.pem does not exist; name a file that has the PEM (a relative name starts at the configuration file's folder)",
			"line 4: accounts[0].tls_config.key_file: . is not a regular file; name a file that has the PEM (a relative name starts at the configuration file's folder)",
			"line 5: accounts[0].page_size: expected a whole number from 1 to 1000, found \"0\"",
		}},
		{"TLS file below a file", with("tls_config: {ca_file: config.go/ca.pem}"), one("line 4: accounts[0].tls_config.ca_file: config.go/ca.pem cannot be read: not a directory; name a file that has the PEM (a relative name starts at the configuration file's folder)")},
		{"TLS file that cannot be shown", with("tls_config: {ca_file: 'a b'}"), one("line 4: accounts[0].tls_config.ca_file: <secret> does not exist; name a file that has the PEM (a relative name starts at the configuration file's folder)")},
		{"TLS file that never ends", with("tls_config: {ca_file: /dev/zero}"), one("line 4: accounts[0].tls_config.ca_file: /dev/zero is not a regular file; name a file that has the PEM (a relative name starts at the configuration file's folder)")},
		{"TLS files of something else", with("tls_config: {ca_file: config.go, cert_file: config.go, key_file: config.go}"), []string{
			"line 4: accounts[0].tls_config.ca_file: expected a certificate in PEM, -----BEGIN CERTIFICATE----- and so on; found none",
			"line 4: accounts[0].tls_config.cert_file: expected a certificate in PEM, -----BEGIN CERTIFICATE----- and so on; found none",
		}},
		{"TLS texts of something else", with("tls_config: {ca: a, cert: b, key: c}"), []string{
			"line 4: accounts[0].tls_config.ca: expected a certificate in PEM, -----BEGIN CERTIFICATE----- and so on; found none",
			"line 4: accounts[0].tls_config.cert: expected a certificate in PEM, -----BEGIN CERTIFICATE----- and so on; found none",
		}},
		{"TLS key of another certificate", with(fmt.Sprintf("tls_config: {cert: %q, key: %q}", cert, otherKey)), one("line 4: accounts[0].tls_config.key: expected the private key of the certificate, in PEM and without a passphrase")},
	})
}

// A pipe gives its text once, but the files are read here, for the transport and at handshakes; and the end of what is
// written may never come.
func TestTLSPipe(t *testing.T) {
	cert, key := keyPair(t)
	dir := t.TempDir()
	for _, key := range []string{"ca_file", "cert_file", "key_file"} {
		name := filepath.Join(dir, key)
		if err := syscall.Mkfifo(name, 0o600); err != nil {
			t.Fatal(err)
		}
		writer, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = writer.Close() })
	}
	_, err := Load(strings.NewReader(with("tls_config: {ca_file: ca_file, cert_file: cert_file, key_file: key_file}")), Options{Dir: dir})
	want := ""
	for _, key := range []string{"ca_file", "cert_file", "key_file"} {
		want += "\nline 4: accounts[0].tls_config." + key + ": " + filepath.Join(dir, key) +
			" is not a regular file; name a file that has the PEM (a relative name starts at the configuration file's folder)"
	}
	if err == nil || "\n"+err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}

	r, w, err := os.Pipe() // as the shell's <(command)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	_, _ = w.WriteString(cert + key)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	file := fmt.Sprintf("/proc/self/fd/%d", r.Fd())
	_, err = Load(strings.NewReader(with("tls_config: {ca_file: "+file+"}")), Options{})
	if err == nil || !strings.Contains(err.Error(), "tls_config.ca_file: "+file+" is not a regular file") {
		t.Errorf("error %v", err)
	}
}

// What Kubernetes mounts are links to links to files.
func TestTLSLinks(t *testing.T) {
	cert, _ := keyPair(t)
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "..now"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "..now", "ca.pem"), []byte(cert), 0o600); err != nil {
		t.Fatal(err)
	}
	for link, to := range map[string]string{"..data": "..now", "ca.pem": "..data/ca.pem"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	load(t, with("tls_config: {ca_file: ca.pem}"), Options{Dir: dir})
}

// The files of an aliased mapping are found from every account that uses it.
func TestTLSFiles(t *testing.T) {
	cert, key := keyPair(t)
	dir := t.TempDir()
	for name, text := range map[string]string{"ca.pem": cert, "cert.pem": cert, "key.pem": key} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := load(t, with("tls_config: &t {ca_file: ca.pem, cert_file: cert.pem, key_file: key.pem}")+
		"- {name: b, regions: [cn-shanghai], tls_config: *t}\n", Options{Dir: dir})
	for _, a := range c.Accounts {
		if a.TLSConfig.KeyFile != filepath.Join(dir, "key.pem") {
			t.Errorf("key_file %s", a.TLSConfig.KeyFile)
		}
	}
}

// keyPair is a certificate and its key, in PEM.
func keyPair(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1)}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed})),
		string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}
