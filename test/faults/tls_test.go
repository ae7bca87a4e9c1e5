package faults

import (
	"crypto/tls"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

func startTLS(t *testing.T, s *suite) *exporter {
	return behindFronts(t, s, tlsRows(),
		func(x *exporter) func(net.Conn) {
			x.ca = newAuthority(t)
			return overTLS(&tls.Config{Certificates: []tls.Certificate{x.ca.leaf(t, certificate{})}}, passTo(x.cloudAddr()))
		},
		func(x *exporter, name string) string {
			return fmt.Sprintf("  endpoint: https://%s\n  tls_config: {ca_file: %s}\n", x.fronts[name].addr, x.ca.file)
		})
}

func tlsRows() []row {
	r := func(id string, config func(t *testing.T, a *authority) *tls.Config, log string) row {
		return row{id: id, strikes: []strike{{
			at: regionKey{id, struck.region}, reason: "network", status: "none", tries: 2, log: log,
			inject: func(t *testing.T, x *exporter) func() {
				return turned(id, overTLS(config(t, x.ca), silent))(t, x)
			},
		}}}
	}
	with := func(c certificate) func(t *testing.T, a *authority) *tls.Config {
		return func(t *testing.T, a *authority) *tls.Config {
			if c.stranger {
				a = newAuthority(t)
			}
			return &tls.Config{Certificates: []tls.Certificate{a.leaf(t, c)}}
		}
	}
	limited := func(change func(c *tls.Config)) func(t *testing.T, a *authority) *tls.Config {
		return func(t *testing.T, a *authority) *tls.Config {
			c := &tls.Config{Certificates: []tls.Certificate{a.leaf(t, certificate{})}}
			change(c)
			return c
		}
	}
	return []row{
		r("tls-expired", with(certificate{age: 48 * time.Hour}), "certificate has expired"),
		r("tls-not-yet", with(certificate{age: -48 * time.Hour}), "not yet valid"),
		r("tls-wrong-host", with(certificate{host: "other.example"}), "the certificate is refused"),
		r("tls-unknown-ca", with(certificate{stranger: true}), "signed by unknown authority"),
		r("tls-old", limited(func(c *tls.Config) { c.MinVersion, c.MaxVersion = tls.VersionTLS10, tls.VersionTLS11 }), ""),
		r("tls-client-certificate", limited(func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert }), ""),
		unreachable("tls-plain", speaks(false, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")),
		broken("tls-silent", silent, "timeout", "none", 2),
		unreachable("tls-cut", speaks(false, "\x16\x03\x03\x00\x7a\x02")),
		unreachable("tls-garbage", speaks(false, strings.Repeat("\x00\xff", 300))),
	}
}
