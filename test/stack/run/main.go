// Command run starts the stack on its usual ports and prints the messages that Alertmanager sends, until it is interrupted:
//
//	make stack
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"time"

	"ossvector_exporter/test/stack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "stack:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdout io.Writer) error {
	if len(args) != 1 {
		return fmt.Errorf("usage: stack FOLDER_DEPLOY, by make stack")
	}
	dir, err := os.MkdirTemp("", "ossvector-stack-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	fmt.Fprint(stdout, `Exporter      http://127.0.0.1:10073
Prometheus    http://127.0.0.1:9090/alerts
Alertmanager  http://127.0.0.1:9093
Messages follow, the first within a minute. Ctrl-C ends all.
`)
	starting, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	s, err := stack.Start(starting, stack.Options{
		Programs: stack.Parts{
			Exporter: os.Getenv("OSSVECTOR_EXPORTER"), Prometheus: os.Getenv("PROMETHEUS"),
			Alertmanager: os.Getenv("ALERTMANAGER"), Receiver: os.Getenv("PRINTER"),
		},
		Addresses: stack.Parts{
			Exporter: "127.0.0.1:10073", Prometheus: "127.0.0.1:9090", Alertmanager: "127.0.0.1:9093", Receiver: "127.0.0.1:9094",
		},
		Exporter: []string{"--demo"}, Deploy: args[0], Dir: dir, Messages: stdout,
	})
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return s.Stop()
	case name := <-s.Ended():
		if ctx.Err() == nil {
			err = fmt.Errorf("%s has ended by itself", name)
		}
		return errors.Join(err, s.Stop())
	}
}
