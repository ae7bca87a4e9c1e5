// Package stack runs what deploy/compose runs, without Docker: an exporter, a Prometheus with the alerts, an Alertmanager with the routes
// and a receiver that prints, with the same files.
package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"ossvector_exporter/test/process"
)

// grafana is where the alerts of deploy/compose lead. There is none here, and without an address they lead to
// the exporter's page.
const grafana = "http://localhost:3000/d/ossvector-exporter/oss-vector-buckets"

// Options say what to run, and where it listens.
type Options struct {
	Programs  Parts
	Addresses Parts
	Exporter  []string            // further arguments of the exporter
	Deploy    string              // the folder deploy
	Dir       string              // for what they write; not kept
	Messages  io.Writer           // gets what the receiver prints
	Routes    func(string) string // changes the configuration of Alertmanager; may be nil
}

// Parts is one text for each process.
type Parts struct{ Exporter, Prometheus, Alertmanager, Receiver string }

// Stack is what runs.
type Stack struct {
	Exporter, Prometheus, Alertmanager, Receiver *process.Process
}

// Start returns when all of them listen. The context ends the wait.
func Start(ctx context.Context, o Options) (*Stack, error) {
	s := &Stack{}
	err := s.start(ctx, o)
	if err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

func (s *Stack) start(ctx context.Context, o Options) (err error) {
	s.Receiver, err = process.Start(ctx, process.Options{
		Path: o.Programs.Receiver, Args: []string{"-listen", o.Addresses.Receiver}, Log: o.Messages,
	})
	if err != nil {
		return err
	}
	s.Exporter, err = process.Start(ctx, process.Options{
		Path: o.Programs.Exporter, Args: append([]string{"--web.listen-address=" + o.Addresses.Exporter}, o.Exporter...),
	})
	if err != nil {
		return err
	}
	if s.Alertmanager, err = s.alertmanager(ctx, o); err != nil {
		return err
	}
	s.Prometheus, err = s.prometheus(ctx, o)
	return err
}

// alertmanager runs in the folder with its files, one of which says where the receiver is.
func (s *Stack) alertmanager(ctx context.Context, o Options) (*process.Process, error) {
	dir := filepath.Join(o.Dir, "alertmanager")
	routes := o.Routes
	if routes == nil {
		routes = unchanged
	}
	if err := errors.Join(
		put(dir, "alertmanager.yml", filepath.Join(o.Deploy, "alertmanager", "alertmanager.yml"), routes),
		put(dir, "ossvector_exporter.tmpl", filepath.Join(o.Deploy, "alertmanager", "ossvector_exporter.tmpl"), unchanged),
		write(dir, "receiver_url", "http://"+s.Receiver.Addr+"/"),
	); err != nil {
		return nil, err
	}
	return process.Start(ctx, process.Options{Path: o.Programs.Alertmanager, Dir: dir, Args: []string{
		"--config.file=alertmanager.yml", "--storage.path=data", "--web.listen-address=" + o.Addresses.Alertmanager,
		"--cluster.listen-address=",
	}})
}

func (s *Stack) prometheus(ctx context.Context, o Options) (*process.Process, error) {
	dir := filepath.Join(o.Dir, "prometheus")
	withoutGrafana := func(rules string) string { return strings.ReplaceAll(rules, grafana, "") }
	if err := errors.Join(
		put(dir, "prometheus.yml", filepath.Join(o.Deploy, "compose", "prometheus.yml"), unchanged),
		put(dir, "ossvector_exporter.rules.yml", filepath.Join(o.Deploy, "compose", "ossvector_exporter.rules.yml"), withoutGrafana),
		write(filepath.Join(dir, "targets"), "exporter.yml", fmt.Sprintf("- targets: [%q]\n", s.Exporter.Addr)),
		write(filepath.Join(dir, "targets"), "alertmanager.yml", fmt.Sprintf("- targets: [%q]\n", s.Alertmanager.Addr)),
	); err != nil {
		return nil, err
	}
	return process.Start(ctx, process.Options{Path: o.Programs.Prometheus, Dir: dir, Args: []string{
		"--config.file=prometheus.yml", "--storage.tsdb.path=data", "--web.listen-address=" + o.Addresses.Prometheus,
	}})
}

// Ended is closed or receives when the first of the processes has ended by itself.
func (s *Stack) Ended() <-chan string {
	ended := make(chan string, 4)
	for name, p := range s.all() {
		go func() {
			<-p.Done()
			ended <- name
		}()
	}
	return ended
}

// Stop ends what runs, the sender of messages before their receiver.
func (s *Stack) Stop() error {
	var errs []error
	for _, p := range []*process.Process{s.Prometheus, s.Alertmanager, s.Exporter, s.Receiver} {
		if p != nil {
			errs = append(errs, p.Stop())
		}
	}
	return errors.Join(errs...)
}

func (s *Stack) all() map[string]*process.Process {
	return map[string]*process.Process{
		"the exporter": s.Exporter, "Prometheus": s.Prometheus, "Alertmanager": s.Alertmanager, "the receiver": s.Receiver,
	}
}

func unchanged(text string) string { return text }

// put copies a file, changed on the way.
func put(dir, name, source string, change func(string) string) error {
	text, err := os.ReadFile(source)
	if err != nil {
		return err
	}
	return write(dir, name, change(string(text)))
}

func write(dir, name, text string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600)
}
