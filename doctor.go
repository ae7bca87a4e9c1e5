package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/go-kit/log"
	"github.com/prometheus/common/version"
	"golang.org/x/term"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/internal/doctor"
)

// errUnwell ends --doctor after a report that names problems: the report has told everything.
var errUnwell = logged{errors.New("the doctor found problems")}

// runDoctor checks everything that a scrape needs and writes the report to standard output. On a terminal, standard error
// shows each region as it is done.
func runDoctor(ctx context.Context, load func() (*config.Config, error), f *flags, stdout, stderr io.Writer) error {
	cfg, err := load()
	if err != nil {
		return err
	}
	accounts, closeAll, err := doctorAccounts(cfg)
	defer closeAll()
	if err != nil {
		return err
	}
	o := doctor.Options{
		Timeout: cfg.Scrape.Timeout, MaxConcurrency: cfg.Scrape.MaxConcurrency, Version: cmp.Or(version.Version, "dev"),
		Warnings: append(cfg.Warnings, mistakes(cfg)...),
	}
	if isTerminal(stderr) && !f.doctorRedact { // a region is redacted once the whole report is there
		o.Progress = doctor.Progress(stderr, colored(stderr))
	}
	report := doctor.Run(ctx, accounts, o)
	if f.doctorRedact {
		report.Redact()
	}
	if err := writeReport(report, f.doctorFormat, stdout); err != nil {
		return outputError(err)
	}
	if !report.OK {
		return errUnwell
	}
	return nil
}

// doctorAccounts are the accounts with clients whose steps are traced. The function that it returns frees them and is to be called in any case.
func doctorAccounts(cfg *config.Config) (accounts []doctor.Account, closeAll func(), err error) {
	var clients []client
	err = eachAccount(cfg, func(a config.Account) error {
		trace := doctor.NewTrace(proxyOf(a))
		c, err := newClient(a, nil, trace, log.NewNopLogger()) // the report tells what the log would
		if err != nil {
			return err
		}
		clients = append(clients, c)
		accounts = append(accounts, doctor.Account{
			Name: a.Name, Source: c.keys.Describe(), STS: c.keys.STSHost(), Keys: c.keys, API: c.api, Trace: trace, Regions: a.Regions,
			Indexes: a.Indexes,
		})
		return nil
	})
	return accounts, func() {
		for _, c := range clients {
			c.close()
		}
	}, err
}

func writeReport(r *doctor.Report, format string, w io.Writer) error {
	if format == "json" {
		e := json.NewEncoder(w)
		e.SetIndent("", "  ")
		return e.Encode(r)
	}
	return r.Text(w, colored(w))
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// colored honours NO_COLOR (no-color.org).
func colored(w io.Writer) bool { return os.Getenv("NO_COLOR") == "" && isTerminal(w) }
