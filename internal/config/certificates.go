package config

import (
	"crypto/tls"
	"crypto/x509"

	"github.com/prometheus/common/config"
)

// maxPEM bounds a file of certificates; ten bundles of every public authority fit.
const maxPEM = 2 << 20

// tls checks an account's TLS settings, and that what the transport will be made of is there. No text of a library is
// shown of what it read: that could be what was put in the place of a certificate.
func (d *decoder) tls(a *Account, path string) {
	t := &a.TLSConfig
	if d.wrong[path] {
		return // what Validate misses may be there, but wrong
	}
	if err := t.Validate(); err != nil {
		d.report(path, "%v", err)
	} else {
		d.certificates(t, path)
	}
	if t.MaxVersion != 0 && t.MinVersion > t.MaxVersion {
		d.report(path, "min_version is above max_version; swap the two, or remove one")
	}
}

// certificates wants what the transport will be made of to be there, so that each problem has its line and key.
func (d *decoder) certificates(t *config.TLSConfig, path string) {
	const missing = "expected a certificate in PEM, -----BEGIN CERTIFICATE----- and so on; found none"
	if ca, at := d.pem(path+".ca", t.CA, t.CAFile); ca != nil && !hasCertificate(ca) {
		d.report(at, missing)
	}
	cert, certAt := d.pem(path+".cert", t.Cert, t.CertFile)
	key, keyAt := d.pem(path+".key", string(t.Key), t.KeyFile)
	if cert == nil || key == nil || t.Key == maskedText {
		return
	}
	_, err := tls.X509KeyPair(cert, key)
	switch {
	case err != nil && !hasCertificate(cert):
		d.report(certAt, missing)
	case err != nil:
		d.report(keyAt, "expected the private key of the certificate, in PEM and without a passphrase")
	}
}

// pem is the text of a key or of the file that it names, and the path of that; nil if it is not set or cannot be read.
func (d *decoder) pem(path, inline, file string) (data []byte, at string) {
	switch {
	case inline != "":
		return []byte(inline), path
	case file == "":
		return nil, path
	}
	at = path + "_file"
	data, err := ReadRegular(file, maxPEM)
	if err != nil {
		d.report(at, "%s %v; name a file that has the PEM (a relative name starts at the configuration file's folder)", ShownName(file), err)
	}
	return data, at
}

func hasCertificate(pem []byte) bool { return x509.NewCertPool().AppendCertsFromPEM(pem) }
