package config

import (
	"errors"

	"github.com/prometheus/common/config"
)

// tlsConfig reads Prometheus' TLS settings, key by key, so that each problem has its path.
func tlsConfig(t *config.TLSConfig) func(value) {
	return func(v value) {
		before := len(v.d.problems)
		v.fields(tlsFields(t))
		if len(v.d.problems) > before {
			return // what Validate misses may be there, but wrong
		}
		t.SetDirectory(v.d.Dir)
		if err := t.Validate(); err != nil {
			v.problem("%v", err)
		}
		if t.MaxVersion != 0 && t.MinVersion > t.MaxVersion {
			v.problem("min_version is above max_version; swap the two, or remove one")
		}
	}
}

func tlsVersion(v value) (config.TLSVersion, error) {
	s, err := text[string]()(v)
	if err != nil || s == "" {
		return 0, err
	}
	if version, ok := config.TLSVersions[s]; ok {
		return version, nil
	}
	return 0, errors.New("expected TLS10, TLS11, TLS12 or TLS13")
}
