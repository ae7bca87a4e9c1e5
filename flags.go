package main

import (
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"
)

// flags are the command line's values.
type flags struct {
	configFile, telemetryPath, logLevel, logFormat string
	configCheck, once, demo, lifecycle, pprof      bool
	timeoutOffset                                  time.Duration
	web                                            *web.FlagConfig
	finished                                       bool // --help or --version has been answered
}

// parseFlags reads the command line, and the environment for what it leaves out.
func parseFlags(args []string, stdout, stderr io.Writer) (*flags, error) {
	f := &flags{}
	app := kingpin.New(program, "Prometheus exporter for the OSS vector buckets of Alibaba Cloud accounts.")
	app.UsageWriter(stdout).ErrorWriter(stderr).DefaultEnvars().Version(version.Print(program))
	app.Terminate(func(int) { f.finished = true })
	app.HelpFlag.Short('h').NoEnvar()
	app.VersionFlag.NoEnvar()
	app.Flag("config.file", "Configuration file.").Default("config.yml").StringVar(&f.configFile)
	app.Flag("config.check", "Check the configuration (and --web.config.file), print what is wrong, exit 0 or 1.").
		BoolVar(&f.configCheck)
	app.Flag("once", "One scrape to standard output in the text format; exit 0 if every region answered.").
		BoolVar(&f.once)
	app.Flag("demo", "Run against simulated accounts inside the process: no configuration, credentials or network.").
		BoolVar(&f.demo)
	f.web = kingpinflag.AddFlags(app, ":10073")
	app.Flag("web.telemetry-path", "Path of the metrics.").Default("/metrics").StringVar(&f.telemetryPath)
	app.Flag("web.enable-lifecycle", "Allow POST /-/reload.").BoolVar(&f.lifecycle)
	app.Flag("web.enable-pprof", "Serve /debug/pprof/.").BoolVar(&f.pprof)
	app.Flag("web.timeout-offset", "Taken off the scrape timeout that Prometheus sends.").
		Default("500ms").DurationVar(&f.timeoutOffset)
	app.Flag("log.level", "Least severe level to log: debug, info, warn or error.").
		Default("info").EnumVar(&f.logLevel, "debug", "info", "warn", "error")
	app.Flag("log.format", "Format of log lines: logfmt or json.").
		Default("logfmt").EnumVar(&f.logFormat, "logfmt", "json")
	if _, err := app.Parse(args); err != nil && !f.finished {
		return nil, fmt.Errorf("command line: %w; see --help", err)
	}
	if f.telemetryPath == "" && !f.finished {
		return nil, errors.New("--web.telemetry-path is empty: it begins with /")
	}
	return f, nil
}
