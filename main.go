// Command ossvector_exporter exports the OSS vector buckets of Alibaba Cloud accounts to Prometheus.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	stdlog "log" //nolint:depguard // to silence it
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/KimMachineGun/automemlimit/memlimit"
	"github.com/go-kit/log"
	"github.com/go-kit/log/level"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"
	"github.com/prometheus/common/version"

	"ossvector_exporter/collector"
	"ossvector_exporter/internal/config"
	"ossvector_exporter/internal/logging"
	"ossvector_exporter/internal/server"
)

const program = "ossvector_exporter"

// gcPercent replaces GOGC's default of 100. An exporter idles between scrapes: less memory for slightly more of the
// little processor time it takes.
const gcPercent = 75

func main() {
	// First of all, and until the process exits: by default a hangup ends it. run adds the channel that reloads.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	signal.Ignore(syscall.SIGPIPE) // the exporter must not end because the reader of its log or output has
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	limitMemory(memlimit.FromCgroup)
	stdlog.SetOutput(io.Discard) // net/http quotes there what a peer says too much, in lines that are no logfmt
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	if err == nil {
		return
	}
	if !errors.As(err, new(logged)) {
		fmt.Fprintln(os.Stderr, err)
	}
	os.Exit(1)
}

// limitMemory has the garbage collector keep the process below 90% of the container's memory, unless GOMEMLIMIT says what
// it shall do.
func limitMemory(container memlimit.Provider) {
	_, _ = memlimit.Set(memlimit.WithProvider(container)) // without a limit, or a cgroup to read it from, it has none
}

// logged is an error that is in the log.
type logged struct{ error }

// run is the program: it wires the parts and returns when ctx ends or something fails. A returned error is one clear
// line per problem.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f, err := parseFlags(args, stdout, stderr)
	if err != nil || f.finished {
		return err
	}
	if f.configSchema {
		return printSchema(stdout)
	}
	logger, flush, err := logging.New(stderr, f.logLevel, f.logFormat)
	if err != nil {
		return err
	}
	defer flush()
	err = runMode(ctx, f, logger, stdout, stderr)
	if f.configCheck { // whose output is for people, not for a log
		return err
	}
	return logProblems(logger, err)
}

// printSchema prints the JSON Schema of the configuration file.
func printSchema(stdout io.Writer) error {
	text, err := config.Schema()
	if err != nil {
		return err
	}
	_, err = stdout.Write(text)
	return outputError(err)
}

// logProblems logs an error that ends the program, one line per problem, once.
func logProblems(logger log.Logger, err error) error {
	if err == nil || errors.As(err, new(logged)) {
		return err
	}
	for problem := range strings.Lines(err.Error()) {
		_ = level.Error(logger).Log("msg", strings.TrimSpace(problem))
	}
	return logged{err}
}

// runMode does what the flags ask for.
func runMode(ctx context.Context, f *flags, logger log.Logger, stdout, stderr io.Writer) error {
	file := &configFile{path: f.configFile}
	load, status := file.load, configStatus{file: f.configFile}
	if f.demo {
		cloud, err := startDemo(ctx)
		if err != nil {
			return err
		}
		defer cloud.close()
		load, status.file = cloud.load, ""
	}
	if f.configCheck {
		return checkConfig(load, f, logger, stdout)
	}
	if f.doctor {
		return runDoctor(ctx, load, f, stdout, stderr)
	}
	registry := ownMetrics(f)
	registry.MustRegister(status.gauges()...)
	c := collector.New(logger)
	defer c.Close()
	reload := status.track(func() (*config.Config, error) { return apply(c, load, logger) }, logger)
	if f.once {
		signal.Reset(syscall.SIGHUP) // ends a scrape whose terminal is gone
		if err := reload(); err != nil {
			return err
		}
		return scrapeOnce(ctx, c, registry, stdout)
	}
	options := serverOptions(f, c, registry, logger)
	options.Reload, options.ConfigStatus, options.ConfigYAML = reload, status.server, status.yaml
	return serve(ctx, f, options, file)
}

// serve loads the configuration and answers until ctx ends; it loads anew at each hangup, and when the file changes if the
// flags say so.
func serve(ctx context.Context, f *flags, o server.Options, file *configFile) error {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP) // one that comes while the first configuration is loading reloads after it
	defer signal.Stop(hangups)
	if err := o.Reload(); err != nil {
		return err
	}
	if err := checkWebConfig(f); err != nil {
		return err
	}
	handler, err := server.New(o)
	if err != nil {
		return err
	}
	stop := []func(){reloadOnHangup(hangups, o.Reload)}
	if f.autoReload && !f.demo {
		stop = append(stop, file.reloadOnChange(ctx, f.reloadInterval, o.Reload))
	}
	_ = level.Info(o.Logger).Log("msg", "starting", "version", o.Version, "revision", version.GetRevision())
	if f.demo {
		_ = level.Info(o.Logger).Log("msg", demoMessage(f))
		_, _ = o.Backend.Gatherer(ctx, collector.Selection{}, 0).Gather() // so that the page is filled at the first look
	}
	err = logProblems(o.Logger, server.Serve(ctx, handler, f.web, logging.Slog(o.Logger, f.logLevel)))
	for _, end := range stop {
		end()
	}
	_ = level.Info(o.Logger).Log("msg", "ended")
	return err
}

// ownMetrics are those of the exporter itself; of its process as well unless the flags leave that out.
func ownMetrics(f *flags) *prometheus.Registry {
	registry := prometheus.NewRegistry()
	registry.MustRegister(versioncollector.NewCollector(program))
	if !f.noExporterMetrics {
		registry.MustRegister(
			collectors.NewGoCollector(),
			collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		)
	}
	return registry
}

// serverOptions are those of the server that do not change with the configuration.
func serverOptions(f *flags, c *collector.Collector, own *prometheus.Registry, logger log.Logger) server.Options {
	o := f.server
	o.Backend, o.Exporter, o.Registry, o.Logger, o.Version = c, own, own, logger, cmp.Or(version.Version, "dev")
	if f.noExporterMetrics {
		o.Registry = prometheus.NewRegistry() // is never gathered
	}
	return o
}

// reloadOnHangup reloads at each signal of the channel until the returned function is called, which closes it.
func reloadOnHangup(hangups chan os.Signal, reload func() error) (stop func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		for range hangups {
			_ = reload() // it logs
		}
	}()
	return func() {
		signal.Stop(hangups)
		close(hangups)
		<-done
	}
}

// outputError says what to do about an error of writing to standard output.
func outputError(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("standard output: %w; let it go to a file or a program that takes all of it", err)
}
