package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"
	"github.com/prometheus/common/version"
	"github.com/prometheus/exporter-toolkit/web"
	"github.com/prometheus/exporter-toolkit/web/kingpinflag"

	"ossvector_exporter/internal/server"
)

// flags are the command line's values.
type flags struct {
	configFile, logLevel, logFormat       string
	configCheck, configSchema, once, demo bool
	doctor, doctorRedact                  bool
	doctorFormat                          string
	noExporterMetrics                     bool
	autoReload                            bool
	reloadInterval                        time.Duration
	server                                server.Options // those that are flags
	web                                   *web.FlagConfig
	finished                              bool // --help or --version has been answered
}

// parseFlags reads the command line, and the environment for what it leaves out.
func parseFlags(args []string, stdout, stderr io.Writer) (*flags, error) {
	f := &flags{}
	var answer bytes.Buffer // kingpin panics if it cannot write
	app := kingpin.New(program, "Prometheus exporter for the OSS vector buckets of Alibaba Cloud accounts.")
	app.UsageWriter(&answer).ErrorWriter(stderr).DefaultEnvars().Version(version.Print(program))
	app.Terminate(func(int) { f.finished = true }).PreAction(f.generate(app))
	app.HelpFlag.Short('h').NoEnvar()
	app.VersionFlag.NoEnvar()
	f.declare(app)
	_, err := app.Parse(args)
	switch {
	case f.finished:
		_, err := answer.WriteTo(stdout)
		return f, outputError(err)
	case err != nil:
		return nil, fmt.Errorf("command line: %w; see --help", nameFlag(app, args, err))
	case f.configFile == "" && !f.demo:
		return nil, errors.New("--config.file is empty: name the configuration file (is a variable of the shell not set?), " +
			"or leave the flag out for config.yml")
	case f.reloadInterval <= 0:
		return nil, fmt.Errorf("--config.auto-reload-interval %s: give more than 0", f.reloadInterval)
	case f.server.TelemetryPath == "":
		return nil, errors.New("--web.telemetry-path is empty: it begins with /")
	}
	return f, nil
}

// declare names the flags and where their values go.
func (f *flags) declare(app *kingpin.Application) {
	app.Flag("config.file", "Configuration file.").Default("config.yml").StringVar(&f.configFile)
	app.Flag("config.check", "Check the configuration (and --web.config.file) and the files it names, print what is wrong, exit 0 or 1.").
		BoolVar(&f.configCheck)
	app.Flag("doctor", "Check everything that a scrape needs against the real service, print a report, exit 0 or 1.").
		BoolVar(&f.doctor)
	app.Flag("doctor.format", "Format of the report: text or json.").Default("text").EnumVar(&f.doctorFormat, "text", "json")
	app.Flag("doctor.redact", "Replace account ids, bucket names and key prefixes in the report, for pasting it into an issue.").
		BoolVar(&f.doctorRedact)
	app.Flag("config.enable-auto-reload", "Reload when the content of the configuration file, or of one it names, changes.").
		BoolVar(&f.autoReload)
	app.Flag("config.auto-reload-interval", "How often to look for changes.").Default("30s").DurationVar(&f.reloadInterval)
	app.Flag("config.schema", "Print the JSON Schema of the configuration file and exit.").BoolVar(&f.configSchema)
	app.Flag("once", "One scrape to standard output in the text format; exit 0 if every region answered.").
		BoolVar(&f.once)
	app.Flag("demo", "Run against simulated accounts inside the process: no configuration, credentials or network.").
		BoolVar(&f.demo)
	f.web = kingpinflag.AddFlags(app, ":10073")
	app.Flag("web.telemetry-path", "Path of the metrics.").Default("/metrics").StringVar(&f.server.TelemetryPath)
	app.Flag("web.enable-lifecycle", "Allow POST /-/reload.").BoolVar(&f.server.EnableLifecycle)
	app.Flag("web.enable-pprof", "Serve /debug/pprof/.").BoolVar(&f.server.EnablePprof)
	app.Flag("web.max-requests", "Maximum number of scrapes of everything in flight; further ones are answered 503.").Default("40").IntVar(&f.server.MaxRequests)
	app.Flag("web.disable-exporter-metrics", "Do not serve go_*, process_* and promhttp_*.").BoolVar(&f.noExporterMetrics)
	app.Flag("web.timeout-offset", "Subtracted from the scrape timeout that Prometheus sends.").
		Default("500ms").DurationVar(&f.server.TimeoutOffset)
	app.Flag("log.level", "Minimum severity of the lines to log: debug, info, warn or error.").
		Default("info").EnumVar(&f.logLevel, "debug", "info", "warn", "error")
	app.Flag("log.format", "Format of log lines: logfmt or json.").
		Default("logfmt").EnumVar(&f.logFormat, "logfmt", "json")
}

// generate answers the hidden flags like --help. Kingpin would do so on the process's own standard output, which the error
// keeps it from.
func (f *flags) generate(app *kingpin.Application) kingpin.Action {
	// Kingpin's title would hold --version's many lines, and its name says nothing that whatis could find.
	manPage := strings.NewReplacer("{{.App.Version}}", cmp.Or(version.Version, "dev"),
		"{{.App.Name}}\n.SH \"SYNOPSIS\"", "{{.App.Name}} \\- {{.App.Help}}\n.SH \"SYNOPSIS\"")
	templates := map[string]string{
		"help-long":              kingpin.LongHelpTemplate,
		"help-man":               manPage.Replace(kingpin.ManPageTemplate),
		"completion-script-bash": kingpin.BashCompletionTemplate,
		"completion-script-zsh":  kingpin.ZshCompletionTemplate,
	}
	return func(c *kingpin.ParseContext) error {
		for _, e := range c.Elements {
			flag, ok := e.Clause.(*kingpin.FlagClause)
			if !ok {
				continue
			}
			name := flag.Model().Name
			if name == "completion-bash" { // what follows is what the shell wants to complete
				return nil
			}
			if template, ok := templates[name]; ok {
				err := app.UsageForContextWithTemplate(c, 2, template)
				f.finished = err == nil
				return cmp.Or(err, errors.New("answered"))
			}
		}
		return nil
	}
}

// nameFlag is err with the flag whose value it refuses, which kingpin leaves out.
func nameFlag(app *kingpin.Application, args []string, err error) error {
	line, parseErr := app.ParseContext(args)
	if parseErr != nil {
		return err
	}
	set := map[string]bool{}
	for _, e := range line.Elements {
		if flag, ok := e.Clause.(*kingpin.FlagClause); ok {
			m := flag.Model()
			set[m.Name] = true
			if refused := refusal(m, *e.Value); refused != nil {
				return fmt.Errorf("--%s: %w", m.Name, refused)
			}
		}
	}
	for _, m := range app.Model().Flags {
		if text := os.Getenv(m.Envar); text != "" && !set[m.Name] {
			if refused := refusal(m, text); refused != nil {
				return fmt.Errorf("--%s ($%s): %w", m.Name, m.Envar, refused)
			}
		}
	}
	return err
}

// refusal says why a flag does not take a text, and what it expects.
func refusal(m *kingpin.FlagModel, text string) error {
	err := m.Value.Set(text)
	if g, ok := m.Value.(kingpin.Getter); ok && err != nil {
		switch g.Get().(type) { // whose errors do not say what is expected
		case bool:
			return fmt.Errorf("expected true or false, found %q", text)
		case time.Duration:
			return fmt.Errorf("expected a duration such as 500ms, found %q", text)
		}
	}
	return err
}
