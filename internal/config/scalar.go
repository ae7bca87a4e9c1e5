package config

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/common/config"
	"go.yaml.in/yaml/v4"
)

// decimal is what a whole number looks like. YAML's other notations (0777, 0x1f, 1_000) mean different numbers to
// different readers.
var decimal = regexp.MustCompile(`^[-+]?(0|[1-9][0-9]*)$`)

// text reads a text that has the form that its tag asks for. An empty text is as good as none, so it passes, but not in a list.
func (d *decoder) text(v value, tag reflect.StructTag) (string, error) {
	s, isText := v.node.Value, v.node.Kind == yaml.ScalarNode && v.node.ShortTag() == "!!str"
	if words := strings.Fields(tag.Get("oneof")); len(words) > 0 && (!isText || s != "" && !slices.Contains(words, s)) {
		return "", fmt.Errorf("expected one of %s%s", strings.Join(words, ", "), tag.Get("why"))
	}
	form := forms[tag.Get("form")]
	switch {
	case form.quote && (isText && s == "" || !isText && form.re != nil):
		return "", fmt.Errorf("%s, found %s", form.wrong, v.found())
	case !isText:
		return "", fmt.Errorf("expected a text, found %s%s", kindOf(v.node), quoteIt(v.node))
	case s == "":
		return "", nil
	case tag.Get("secret") != "" && strings.Contains(s, maskedText):
		d.mistakes = append(d.mistakes, d.about(v.path, "a secret is masked here; put the secret back"))
		if s == maskedText && tag.Get("form") != "proxy" {
			return s, nil
		}
		s = strings.ReplaceAll(s, maskedText+"@", "") // of a proxy
	case variable.MatchString(s) && tag.Get("form") != "pattern":
		d.mistakes = append(d.mistakes, d.about(v.path, "a variable stands in it, and the exporter expands none; expand it before the "+
			"exporter reads the file, or put the value into a file of its own"))
	}
	if err := form.judge(s); err != nil {
		if form.quote {
			err = fmt.Errorf("%w, found %s", err, v.found())
		}
		return "", err
	}
	if tag.Get("form") == "file" {
		s = config.JoinDir(d.Dir, s)
	}
	return s, nil
}

// quoteIt is the remedy for a text that YAML takes for something else.
func quoteIt(n *yaml.Node) string {
	if n.Kind == yaml.ScalarNode && standardTag(n) {
		return "; put it in quotes"
	}
	return ""
}

// boolean reads true and false, and YAML 1.1's other words for them, which mean nothing else where a boolean is expected.
func boolean(v value) (b bool, err error) {
	switch {
	case v.node.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 && standardTag(v.node):
		err = errors.New("expected true or false, found a text; write true or false without quotes")
	case !standardTag(v.node) || v.node.Decode(&b) != nil:
		err = fmt.Errorf("expected true or false, found %s", v.found())
	}
	return b, err
}

// integer reads a whole number within the bounds of its tag.
func integer(v value, tag reflect.StructTag) (int, error) {
	low, _ := strconv.Atoi(tag.Get("min"))
	want, high := fmt.Sprintf("a whole number of at least %d", low), math.MaxInt
	if most, err := strconv.Atoi(tag.Get("max")); err == nil {
		want, high = fmt.Sprintf("a whole number from %d to %d", low, most), most
	}
	kind, digits := v.node.ShortTag(), decimal.MatchString(v.node.Value)
	switch {
	case digits && kind == "!!str":
		return 0, errors.New("expected a number, found a text; remove the quotes")
	case !digits || kind != "!!int":
		return 0, fmt.Errorf("expected %s, found %s; write it in plain digits", want, v.found())
	}
	n, err := strconv.Atoi(v.node.Value)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("expected %s, found %s", want, v.found())
	}
	return n, nil
}

// duration reads Go's notation. Zero, where it is allowed, needs no unit.
func duration(v value, tag reflect.StructTag) (time.Duration, error) {
	kind := v.node.ShortTag()
	if v.node.Kind != yaml.ScalarNode || kind != "!!str" && kind != "!!int" && kind != "!!float" {
		return 0, fmt.Errorf("expected a duration such as 30s, found %s", kindOf(v.node))
	}
	t, err := time.ParseDuration(v.node.Value)
	switch {
	case err != nil && kind != "!!str":
		return 0, fmt.Errorf("expected a duration such as 30s, found a number without a unit; write %ss, if seconds are meant",
			v.node.Value)
	case err != nil:
		return 0, fmt.Errorf("expected a duration such as 30s, found %s; write it as Go does (300ms, 30s, 5m, 1h30m)", v.found())
	case t < 0:
		return 0, fmt.Errorf("expected a duration of at least 0s, found %s", t)
	case t == 0 && tag.Get("above") != "":
		return 0, errors.New("expected a duration above 0s, found 0s")
	}
	return t, nil
}

var labelForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// MetricLabels returns the labels that the metrics have themselves, which no account may set.
func MetricLabels() []string {
	return []string{
		"account", "arn", "bucket", "code", "creation_date", "data_type", "distance_metric", "extranet_endpoint", "index",
		"intranet_endpoint", "le", "location", "mode", "operation", "reason", "region", "resource_group_id", "status",
	}
}

// labels reads the labels that all series of an account get.
func (d *decoder) labels(v value, tag reflect.StructTag) map[string]string {
	if !d.is(v, yaml.MappingNode, "a mapping (`key: value` lines)") {
		return nil
	}
	var labels map[string]string
	for _, e := range d.entries(v) {
		path, text := v.path, ""
		if labelForm.MatchString(e.key) {
			path = join(path, e.key)
		}
		if err := labelName(e.key); err != nil {
			d.reportAt(e.node, path, "%v", err)
		} else if n := resolve(e.value); !isNull(n) {
			d.decode(value{n, path, v.private}, reflect.ValueOf(&text).Elem(), tag)
		}
		if labels == nil {
			labels = map[string]string{}
		}
		labels[e.key] = text
	}
	return labels
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
