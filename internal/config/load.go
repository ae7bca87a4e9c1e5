package config

import (
	"fmt"
	"io"
	"path/filepath"
	"reflect"

	"go.yaml.in/yaml/v4"
)

// maxSize bounds a configuration file; a thousand accounts take about one megabyte.
const maxSize = 16 << 20

// Options is what a configuration means relative to.
type Options struct {
	Dir    string                  // file names in the configuration are relative to it; empty: the working directory
	Getenv func(key string) string // the environment that fills in what is left out; nil: an empty one
	Name   string                  // the file's name for messages; empty: messages have the line alone
	limit  int                     // of values, aliases and merge keys followed; 0: maxValues
}

// Load reads and checks a configuration. Its error is a Problems, which lists all mistakes together.
func Load(r io.Reader, o Options) (*Config, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSize+1))
	if err != nil {
		return nil, Problems{unreadable(o.Name, err)}
	}
	if o.Getenv == nil {
		o.Getenv = func(string) string { return "" }
	}
	if o.limit == 0 {
		o.limit = maxValues
	}
	d := &decoder{
		Options: o, mappings: map[*yaml.Node]*mapping{}, lines: map[string]int{}, wrong: map[string]bool{},
		sections: sections(),
	}
	root, problem := parse(data)
	if problem != nil {
		problem.File = o.Name
		d.problems = append(d.problems, *problem)
	}
	c := fresh(reflect.TypeFor[Config]()).Addr().Interface().(*Config)
	if root != nil {
		d.config(root, c)
	}
	if len(d.problems) > 0 {
		return nil, d.problems.inOrder()
	}
	c.Warnings, c.Mistakes = d.warnings.inOrder().lines(), d.mistakes.inOrder().lines()
	return c, nil
}

// config decodes the whole file and checks it.
func (d *decoder) config(root *yaml.Node, c *Config) {
	d.decode(value{node: resolve(root)}, reflect.ValueOf(c).Elem(), "")
	if !d.within(0) { // what is half decoded has a hundred thousand problems, none of which is the one to mend
		d.problems = Problems{{File: d.Name, Text: fmt.Sprintf("the file, with its aliases and merge keys followed, has more "+
			"than %d values; write fewer accounts and regions", d.limit)}}
		return
	}
	d.validate(c)
}

// LoadFile is Load of the file at path, to whose folder the file names in it are relative.
func LoadFile(path string, getenv func(string) string) (*Config, error) {
	f, err := openNow(path)
	if err != nil {
		return nil, Problems{unreadable(path, err)}
	}
	defer f.Close()
	return Load(f, Options{Dir: filepath.Dir(path), Getenv: getenv, Name: path})
}

// unreadable says why there is no text to look at.
func unreadable(name string, err error) Problem {
	return Problem{File: name, Text: fmt.Sprintf("the configuration file %v; name the right one with --config.file", inWords(err))}
}
