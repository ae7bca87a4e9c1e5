package config

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/prometheus/common/config"
)

// maxPEM is as far as a file is read to see whether certificates are in it; ten bundles of every public authority fit.
const maxPEM = 2 << 20

var errIrregular = errors.New("neither a regular file nor a link to one")

// certificates wants what the transport will be made of to be there, so that each problem has its line and key. No text
// of a library is shown: it could quote what was put in the place of a certificate.
func (o object) certificates(t *config.TLSConfig) {
	if ca, at, ok := o.pem("ca", t.CA, t.CAFile); ok && !hasCertificate(ca) {
		at.lacksCertificate()
	}
	cert, certAt, certOK := o.pem("cert", t.Cert, t.CertFile)
	key, keyAt, keyOK := o.pem("key", string(t.Key), t.KeyFile)
	if !certOK || !keyOK {
		return
	}
	_, err := tls.X509KeyPair(cert, key)
	switch {
	case err != nil && !hasCertificate(cert):
		certAt.lacksCertificate()
	case err != nil:
		keyAt.problem("expected the private key of the certificate, in PEM and without a passphrase")
	}
}

// pem is the text of a key or of the file that it names, and where it stands; not ok if it is not set or cannot be read.
func (o object) pem(key, inline, file string) (data []byte, at value, ok bool) {
	switch {
	case inline != "":
		return []byte(inline), o.at(key), true
	case file == "":
		return nil, o.value, false
	}
	at = o.at(key + "_file")
	data, err := head(file, maxPEM)
	switch {
	case errors.Is(err, errIrregular):
		at.problem("%s is %v, and it is read more than once; copy the PEM into a file", at.fileName(file), err)
	case err != nil:
		at.problem("%s cannot be read: %v; correct the name (relative ones start at the configuration file's folder), or let "+
			"the user that runs the exporter read the file", at.fileName(file), cause(err))
	}
	return data, at, err == nil
}

func (v value) lacksCertificate() {
	v.problem("expected a certificate in PEM, -----BEGIN CERTIFICATE----- and so on; found none")
}

// fileName is a file's name if that may be shown: a quote that is not closed, or a key in the place of its file, leaves a
// blank in it.
func (v value) fileName(name string) string {
	if len(name) > 255 || strings.ContainsAny(v.node.Value, " \t") {
		return "the file"
	}
	return name
}

func hasCertificate(pem []byte) bool { return x509.NewCertPool().AppendCertsFromPEM(pem) }

// head is what a regular file begins with, or all of it.
func head(name string, limit int64) ([]byte, error) {
	// The transport reads the file again, and at handshakes: a pipe has no more to give then, or never ends.
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, syscall.EISDIR
	case !info.Mode().IsRegular():
		return nil, errIrregular
	}
	f, err := openNow(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, limit))
}
