package config

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"
)

var labelForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// MetricLabels returns the labels that the metrics have themselves, which no account may set.
func MetricLabels() []string {
	return []string{
		"account", "arn", "bucket", "code", "creation_date", "data_type", "distance_metric", "extranet_endpoint", "index",
		"intranet_endpoint", "le", "location", "mode", "operation", "quantile", "reason", "region", "resource_group_id", "status",
	}
}

// labels reads the labels that all series of an account get.
func labels(target *map[string]string) func(value) {
	return func(v value) {
		if !v.is(yaml.MappingNode, "a mapping (`key: value` lines)") {
			return
		}
		for _, e := range v.entries() {
			c := v.child(e.value, v.path)
			if labelForm.MatchString(e.key) {
				c.path = join(v.path, e.key)
			}
			if err := labelName(e.key); err != nil {
				c.node = e.node
				c.problem("%v", err)
				continue
			}
			if isNull(c.node) {
				continue
			}
			if *target == nil {
				*target = map[string]string{}
			}
			value := ""
			into(&value, text[string](printable))(c)
			(*target)[e.key] = value
		}
	}
}

func labelName(name string) error {
	switch {
	case !labelForm.MatchString(name):
		return errors.New("expected the name of a label: letters, digits and _, the first no digit")
	case strings.HasPrefix(name, "__"):
		return errors.New("names that begin with __ are Prometheus' own; choose another name")
	case slices.Contains(MetricLabels(), name):
		return errors.New("metrics have this label themselves; choose another name")
	}
	return nil
}

// fillLabels gives every account every label that one of them has, so that all series of a metric have the same names.
func (c *Config) fillLabels() {
	for _, from := range c.Accounts {
		for name := range from.Labels {
			for i := range c.Accounts {
				a := &c.Accounts[i]
				if a.Labels == nil {
					a.Labels = map[string]string{}
				}
				if _, ok := a.Labels[name]; !ok {
					a.Labels[name] = ""
				}
			}
		}
	}
}

// patterns reads a list of regular expressions.
func patterns(target *[]string) func(value) {
	return func(v value) {
		for _, e := range v.elements() {
			s, err := text[string](printable)(e)
			if err == nil {
				_, err = regexp.Compile("^(?:" + s + ")$")
				if err != nil {
					err = fmt.Errorf("expected a regular expression (RE2), found %s, which is none", e.found())
				}
			}
			if err != nil {
				e.problem("%v", err)
				continue
			}
			*target = append(*target, s)
		}
	}
}
