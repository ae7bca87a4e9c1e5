package config

import (
	"errors"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"time"

	"go.yaml.in/yaml/v4"
)

// decimal is what a whole number looks like. YAML's other notations (0777, 0x1f, 1_000) mean different numbers to
// different readers.
var decimal = regexp.MustCompile(`^[-+]?(0|[1-9][0-9]*)$`)

// into takes a value that read understands; what read does not is a problem, and the target keeps its default.
func into[T any](target *T, read func(value) (T, error)) func(value) {
	return func(v value) {
		got, err := read(v)
		if err != nil {
			v.problem("%v", err)
			return
		}
		*target = got
	}
}

// text reads a text for which every check finds no fault. An empty text is as good as none, so it passes.
func text[T ~string](checks ...func(string) error) func(value) (T, error) {
	return func(v value) (T, error) {
		if v.node.Kind != yaml.ScalarNode || v.node.ShortTag() != "!!str" {
			return "", fmt.Errorf("expected a text, found %s%s", kindOf(v.node), quoteIt(v.node))
		}
		for _, check := range checks {
			if err := check(v.node.Value); err != nil && v.node.Value != "" {
				return "", err
			}
		}
		return T(v.node.Value), nil
	}
}

// quoteIt is the remedy for a text that YAML takes for something else.
func quoteIt(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode && standardTag(n) {
		return "; put it in quotes"
	}
	return ""
}

// boolean reads true and false, and YAML 1.1's other words for them, which are as plain in the place of a boolean.
func boolean(v value) (bool, error) {
	if v.node.Kind != yaml.ScalarNode || !standardTag(v.node) {
		return false, fmt.Errorf("expected true or false, found %s", kindOf(v.node))
	}
	if v.node.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 {
		return false, errors.New("expected true or false, found a text; write true or false without quotes")
	}
	switch v.node.Value {
	case "true", "True", "TRUE", "yes", "Yes", "YES", "on", "On", "ON":
		return true, nil
	case "false", "False", "FALSE", "no", "No", "NO", "off", "Off", "OFF":
		return false, nil
	}
	return false, fmt.Errorf("expected true or false, found %s", v.found())
}

// integer reads a whole number from low to high.
func integer(low, high int) func(value) (int, error) {
	return func(v value) (int, error) {
		tag, digits := v.node.ShortTag(), decimal.MatchString(v.node.Value)
		switch {
		case digits && tag == "!!str":
			return 0, errors.New("expected a number, found a text; remove the quotes")
		case !digits || tag != "!!int":
			return 0, fmt.Errorf("expected %s, found %s; write it in plain digits", span(low, high), v.found())
		}
		n, err := strconv.Atoi(v.node.Value)
		if err != nil || n < low || n > high {
			return 0, fmt.Errorf("expected %s, found %s", span(low, high), v.found())
		}
		return n, nil
	}
}

func span(low, high int) string {
	if high == math.MaxInt {
		return fmt.Sprintf("a whole number of at least %d", low)
	}
	return fmt.Sprintf("a whole number from %d to %d", low, high)
}

// duration reads Go's notation; of zero, if it is allowed, no unit is asked.
func duration(zero bool) func(value) (time.Duration, error) {
	return func(v value) (time.Duration, error) {
		tag := v.node.ShortTag()
		if v.node.Kind != yaml.ScalarNode || tag != "!!str" && tag != "!!int" && tag != "!!float" {
			return 0, fmt.Errorf("expected a duration such as 30s, found %s", kindOf(v.node))
		}
		d, err := time.ParseDuration(v.node.Value)
		switch {
		case err != nil && tag != "!!str":
			return 0, fmt.Errorf("expected a duration such as 30s, found a number without a unit; write %ss, if seconds are meant",
				v.node.Value)
		case err != nil:
			return 0, fmt.Errorf("expected a duration such as 30s, found %s; write it as Go does (300ms, 30s, 5m, 1h30m)", v.found())
		case d < 0:
			return 0, fmt.Errorf("expected a duration of at least 0s, found %s", d)
		case d == 0 && !zero:
			return 0, errors.New("expected a duration above 0s, found 0s")
		}
		return d, nil
	}
}
