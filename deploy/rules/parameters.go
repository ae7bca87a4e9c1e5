package main

import (
	"cmp"
	_ "embed"
	"fmt"

	"go.yaml.in/yaml/v4"
)

//go:embed parameters.yml
var defaults []byte

// parameters is what the rules can be told, under the names of the YAML file, which are the chart's as well.
type parameters struct {
	ExporterURL  string                    `yaml:"exporterURL"`
	RunbookURL   string                    `yaml:"runbookURL"`
	DashboardURL string                    `yaml:"dashboardURL"`
	Selector     string                    `yaml:"selector"`
	AlertLabels  map[string]string         `yaml:"alertLabels"`
	Alerts       map[string]map[string]any `yaml:"alerts"`
}

// load returns the defaults with changes, a YAML document that may be empty, on top. A name without a default is an error.
func load(changes []byte) (parameters, error) {
	var p, changed parameters
	if err := yaml.Load(defaults, &p, yaml.WithKnownFields()); err != nil {
		return p, err
	}
	if len(changes) == 0 {
		return p, nil
	}
	if err := yaml.Load(changes, &changed, yaml.WithKnownFields()); err != nil {
		return p, err
	}
	p.ExporterURL = cmp.Or(changed.ExporterURL, p.ExporterURL)
	p.RunbookURL = cmp.Or(changed.RunbookURL, p.RunbookURL)
	p.DashboardURL = cmp.Or(changed.DashboardURL, p.DashboardURL)
	p.Selector = cmp.Or(changed.Selector, p.Selector)
	p.AlertLabels = changed.AlertLabels
	for alert, settings := range changed.Alerts {
		for name, value := range settings {
			if _, known := p.Alerts[alert][name]; !known {
				return p, fmt.Errorf("alerts.%s.%s: there is no such parameter", alert, name)
			}
			p.Alerts[alert][name] = value
		}
	}
	return p, nil
}
