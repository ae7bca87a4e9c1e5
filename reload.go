package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v4"

	"ossvector_exporter/collector"
	"ossvector_exporter/internal/config"
	"ossvector_exporter/internal/server"
)

// configStatus knows how loading the configuration went last.
type configStatus struct {
	file string
	mu   sync.Mutex
	now  server.ConfigStatus
	cfg  *config.Config // in force
}

// track returns load as the one function that every start and reload goes through: one at a time, logged, and kept for
// the gauges and the page. A failed reload leaves everything as it is.
func (s *configStatus) track(load func() (*config.Config, error), logger log.Logger) func() error {
	var one sync.Mutex
	return func() error {
		one.Lock()
		defer one.Unlock()
		cfg, err := load()
		first := s.set(cfg, err)
		switch {
		case err != nil && !first:
			_ = level.Error(logger).Log("msg", "reload failed, the old configuration stays", "err", err)
		case err == nil:
			_ = level.Info(logger).Log("msg", "configuration loaded", "file", cmp.Or(s.file, "demo"),
				"accounts", len(cfg.Accounts), "regions", countRegions(cfg))
		}
		return err
	}
}

func countRegions(cfg *config.Config) (n int) {
	for _, a := range cfg.Accounts {
		n += len(a.Regions)
	}
	return n
}

// set notes the outcome and reports whether nothing had been loaded before.
func (s *configStatus) set(cfg *config.Config, err error) (first bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	first = s.now.LoadedAt.IsZero()
	if err != nil {
		s.now.FailedAt, s.now.Error = time.Now(), err.Error()
		return first
	}
	s.now, s.cfg = server.ConfigStatus{LoadedAt: time.Now()}, cfg
	return first
}

// server gives the status as the pages show it.
func (s *configStatus) server() server.ConfigStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	status := s.now
	status.File = s.file
	return status
}

// yaml is the configuration in force, without secrets.
func (s *configStatus) yaml() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return yaml.Marshal(s.cfg)
}

// gauges are the metrics of the last reload.
func (s *configStatus) gauges() []prometheus.Collector {
	return []prometheus.Collector{
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: program + "_config_last_reload_successful", Help: "Whether the last attempt to load the configuration succeeded.",
		}, func() float64 {
			if s.server().Error != "" {
				return 0
			}
			return 1
		}),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{
			Name: program + "_config_last_reload_success_timestamp_seconds", Help: "When the configuration in use was loaded, as Unix time.",
		}, func() float64 { return float64(s.server().LoadedAt.UnixMilli()) / 1e3 }),
	}
}

// checkConfig loads what a start would load and says what is wrong with it, or that nothing is.
func checkConfig(load func() (*config.Config, error), f *flags, logger log.Logger, stdout io.Writer) error {
	c := collector.New(logger)
	cfg, err := load()
	if err == nil {
		var settings collector.Settings
		settings, err = targets(cfg, c.Observer, logger)
		closeAll(settings)
		for _, mistake := range mistakes(cfg) {
			err = errors.Join(err, errors.New(mistake))
		}
	}
	_, flag := server.New(serverOptions(f, c, prometheus.NewRegistry(), logger))
	if err := errors.Join(err, flag, checkWebConfig(f)); err != nil {
		return err
	}
	var answer strings.Builder
	for _, warning := range cfg.Warnings {
		fmt.Fprintln(&answer, "warning:", warning)
	}
	answer.WriteString("the configuration is valid\n")
	_, err = io.WriteString(stdout, answer.String())
	return outputError(err)
}

// checkWebConfig says what is wrong with the web configuration file, on one line: the library takes several, and does not
// name the file.
func checkWebConfig(f *flags) error {
	err := web.Validate(*f.web.WebConfigFile)
	if err == nil {
		return nil
	}
	text := strings.Join(strings.Fields(err.Error()), " ")
	return fmt.Errorf("%s: %s; correct the file of --web.config.file", filepath.Clean(*f.web.WebConfigFile), text)
}
