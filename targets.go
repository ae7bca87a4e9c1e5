package main

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	commonconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/version"

	"ossvector_exporter/collector"
	"ossvector_exporter/internal/config"
	"ossvector_exporter/internal/credentials"
	"ossvector_exporter/internal/doctor"
	"ossvector_exporter/ossvapi"
)

// bucketHosts is to how many buckets an account keeps connections open for their indexes. With more of them an index
// listing pays a handshake, once in index_interval.
const bucketHosts = 160

// apply loads the configuration, builds its clients and swaps them in, or changes nothing.
func apply(c *collector.Collector, load func() (*config.Config, error), logger log.Logger) (*config.Config, error) {
	cfg, err := load()
	if err != nil {
		return nil, err
	}
	settings, err := targets(cfg, c.Observer, logger)
	if err != nil {
		return nil, err
	}
	for _, warning := range append(cfg.Warnings, mistakes(cfg)...) {
		_ = level.Warn(logger).Log("msg", warning)
	}
	c.Apply(settings)
	return cfg, nil
}

// mistakes are what a check reports as errors and a start only as warnings, since it leaves the other accounts running.
func mistakes(cfg *config.Config) []string {
	all := slices.Clone(cfg.Mistakes)
	for i, a := range cfg.Accounts {
		keys := credentials.New(a.Credentials, credentials.Options{Getenv: os.Getenv})
		if err := keys.Check(); err != nil {
			all = append(all, fmt.Sprintf("accounts[%d].credentials: %v", i, err))
		}
	}
	return all
}

// targets turns a configuration into what is collected: an account's credentials, transport and client each.
func targets(
	cfg *config.Config, observer func(account string) ossvapi.Observer, logger log.Logger,
) (collector.Settings, error) {
	s := scrapeSettings(cfg.Scrape)
	err := eachAccount(cfg, func(a config.Account) error {
		built, err := target(a, observer(a.Name), logger)
		if err == nil {
			s.Accounts = append(s.Accounts, built)
		}
		return err
	})
	if err != nil {
		closeAll(s)
		return collector.Settings{}, err
	}
	return s, nil
}

// eachAccount joins the errors that do returns of the accounts, each with its path.
func eachAccount(cfg *config.Config, do func(config.Account) error) error {
	var problems []error
	for i, a := range cfg.Accounts {
		if err := do(a); err != nil {
			problems = append(problems, fmt.Errorf("accounts[%d].%w", i, err))
		}
	}
	return errors.Join(problems...)
}

func scrapeSettings(s config.Scrape) collector.Settings {
	return collector.Settings{Timeout: s.Timeout, MaxConcurrency: s.MaxConcurrency}
}

func target(a config.Account, observer ossvapi.Observer, logger log.Logger) (collector.Account, error) {
	settings, err := accountSettings(a)
	if err != nil {
		return collector.Account{}, err
	}
	c, err := newClient(a, observer, nil, logger)
	if err != nil {
		return collector.Account{}, err
	}
	_ = level.Info(logger).Log("msg", "credentials: "+c.keys.Describe(), "account", a.Name)
	settings.API, settings.Close = c.api, c.close
	return settings, nil
}

// accountSettings are an account's settings without its client.
func accountSettings(a config.Account) (collector.Account, error) {
	include, err := anchored(a.Buckets.Include)
	if err != nil {
		return collector.Account{}, fmt.Errorf("buckets.include: %w", err)
	}
	exclude, err := anchored(a.Buckets.Exclude)
	if err != nil {
		return collector.Account{}, fmt.Errorf("buckets.exclude: %w", err)
	}
	return collector.Account{
		Name: a.Name, Config: identity(a), Regions: a.Regions, MinInterval: a.MinInterval, BucketQuota: a.BucketQuota,
		PerBucket: a.PerBucketMetrics, Labels: a.Labels, Include: include, Exclude: exclude, MaxBucketSeries: a.MaxBucketSeries,
		Indexes: a.Indexes, IndexInterval: a.IndexInterval,
	}, nil
}

// client is what an account's requests are made with.
type client struct {
	api   *ossvapi.Client
	keys  *credentials.Keys
	close func()
}

// newClient builds an account's client. A trace sees its connections and takes the place of an observer; it may be nil.
func newClient(a config.Account, observer ossvapi.Observer, trace *doctor.Trace, logger log.Logger) (client, error) {
	connections, err := transportOptions(a)
	if err != nil {
		return client{}, err
	}
	keys := credentials.New(a.Credentials, credentials.Options{
		Account: a.Name, Getenv: os.Getenv, Logger: logger, Proxy: connections.Proxy, TLS: connections.TLS,
	})
	transports := ossvapi.NewTransports(connections)
	o := apiOptions(a)
	o.Keys, o.Transport, o.Observer = keys, transports.Of, observer
	if trace != nil {
		o.Transport, o.Observer = trace.Transport(transports.Of), trace
	}
	closeAll := func() {
		transports.CloseIdleConnections()
		keys.Close()
	}
	return client{api: ossvapi.New(o), keys: keys, close: closeAll}, nil
}

// transportOptions are those of an account's connections.
func transportOptions(a config.Account) (ossvapi.TransportOptions, error) {
	tlsConfig, err := commonconfig.NewTLSConfig(&a.TLSConfig)
	if err != nil {
		return ossvapi.TransportOptions{}, fmt.Errorf("tls_config: %w; check the file or the PEM that it names", err)
	}
	return ossvapi.TransportOptions{
		TLS: tlsConfig, Proxy: proxyOf(a), MaxConns: collector.MaxIndexListings(len(a.Regions)),
		MaxHosts: bucketHosts / len(a.Regions),
	}, nil
}

// apiOptions are those of an account's client that the configuration holds.
func apiOptions(a config.Account) ossvapi.Options {
	return ossvapi.Options{
		Endpoint: a.Endpoint, InternalRegions: a.InternalRegions, Prefix: a.Prefix, ResourceGroupID: a.ResourceGroupID,
		PageSize: a.PageSize, MaxBuckets: a.MaxBuckets, RequestTimeout: a.RequestTimeout, MaxAttempts: a.MaxAttempts,
		UserAgent: program + "/" + cmp.Or(version.Version, "dev"),
	}
}

// proxyOf is the account's proxy, else the environment's.
func proxyOf(a config.Account) func(*http.Request) (*url.URL, error) {
	if a.ProxyURL.URL != nil {
		return http.ProxyURL(a.ProxyURL.URL)
	}
	return http.ProxyFromEnvironment
}

// anchored is one expression that matches what one of the patterns matches as a whole, or nil for none of them.
func anchored(patterns []string) (*regexp.Regexp, error) {
	if len(patterns) == 0 {
		return nil, nil
	}
	return regexp.Compile("^(?:(?:" + strings.Join(patterns, ")|(?:") + "))$")
}

// identity is what makes an account another one than before a reload: all of its configuration, but for how long an
// answer from memory may do, which changes nothing that is known.
func identity(a config.Account) config.Account {
	a.MinInterval = 0
	return a
}

// closeAll frees clients that were built and will not be used.
func closeAll(s collector.Settings) {
	for _, a := range s.Accounts {
		a.Close()
	}
}
