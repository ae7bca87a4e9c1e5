package config

import (
	"crypto/tls"
	"errors"

	"github.com/prometheus/common/config"
)

// tlsConfig reads Prometheus' TLS settings, key by key, so that each problem has its path.
func tlsConfig(t *config.TLSConfig) func(value) {
	return func(v value) {
		before := len(v.d.problems)
		o := v.fields(tlsFields(t))
		if len(v.d.problems) > before {
			return // what Validate misses may be there, but wrong
		}
		t.SetDirectory(v.d.Dir)
		if err := t.Validate(); err != nil {
			v.problem("%v", err)
		} else {
			o.certificates(t)
		}
		if t.MaxVersion != 0 && t.MinVersion > t.MaxVersion {
			v.problem("min_version is above max_version; swap the two, or remove one")
		}
	}
}

// tlsVersion takes none below the floor of the transport: a lower min_version would be ignored without a word, and with a
// lower max_version nothing could connect.
func tlsVersion(v value) (config.TLSVersion, error) {
	s, err := text[string]()(v)
	if err != nil || s == "" {
		return 0, err
	}
	if version, ok := config.TLSVersions[s]; ok && version >= tls.VersionTLS12 {
		return version, nil
	}
	return 0, errors.New("expected TLS12 or TLS13; the exporter speaks no older version")
}
