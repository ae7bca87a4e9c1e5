package main

import (
	"testing"
	"time"

	"github.com/go-kit/log"
	commonconfig "github.com/prometheus/common/config"

	"ossvector_exporter/collector"
	"ossvector_exporter/internal/config"
)

// A file that goes between the check of the configuration and its use is reported all the same.
func TestTargetsWithoutTheirFile(t *testing.T) {
	c := collector.New(log.NewNopLogger(), time.Now)
	defer c.Close()
	_, err := targets(&config.Config{Accounts: []config.Account{
		{Name: "a", Regions: []string{"cn-hangzhou"}},
		{Name: "b", Regions: []string{"cn-hangzhou"}, TLSConfig: commonconfig.TLSConfig{CAFile: "none.pem"}},
	}}, c.Observer, log.NewNopLogger())
	const text = "accounts[1].tls_config: unable to read CA cert: unable to read file none.pem: open none.pem: " +
		"no such file or directory; check the file or the PEM that it names"
	if err == nil || err.Error() != text {
		t.Errorf("got  %v\nwant %s", err, text)
	}
}
