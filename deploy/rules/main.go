// Command rules writes the alerts of this folder, with the parameters of parameters.yml or with changed ones:
//
//	go run ./deploy/rules                            the plain rules file, for Prometheus
//	go run ./deploy/rules -parameters mine.yml       the same with the values of mine.yml in the place of the defaults
//	go run ./deploy/rules -format prometheusrule     as an object for prometheus-operator
//	go run ./deploy/rules -format helm               as a named template for Helm, which takes the parameters as its values
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "rules:", err)
		os.Exit(1)
	}
}

func run(args []string, stdin io.Reader, stdout io.Writer) error {
	flags := flag.NewFlagSet("rules", flag.ContinueOnError)
	format := flags.String("format", "rules", "rules, prometheusrule or helm")
	file := flags.String("parameters", "", "YAML file of parameters that differ from the defaults; - is standard input")
	if err := flags.Parse(args); err != nil {
		return err
	}
	changes, err := read(*file, stdin)
	if err != nil {
		return err
	}
	p, err := load(changes)
	if err != nil {
		return fmt.Errorf("%s: %w", *file, err)
	}
	text, err := render(*format, p)
	if err != nil {
		return err
	}
	_, err = io.WriteString(stdout, text)
	return err
}

func read(file string, stdin io.Reader) ([]byte, error) {
	switch file {
	case "":
		return nil, nil
	case "-":
		return io.ReadAll(stdin)
	default:
		return os.ReadFile(filepath.Clean(file))
	}
}
