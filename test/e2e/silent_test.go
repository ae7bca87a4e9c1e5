package e2e

import (
	"strings"
	"testing"
)

// silence is an expression that rightly finds nothing on a demo that has run for a minute, and why.
type silence struct{ where, part, why string }

// silentPanels are queries of the dashboard.
func silentPanels() []silence {
	return []silence{
		{"Firing alerts", `alertstate="firing"`, "alerts fire after minutes; that one is pending is checked"},
		{"Buckets added and removed", "> 0", "the demo's inventory stays as it is"},
		{"Buckets added and removed", "< 0", "the demo's inventory stays as it is"},
		{"Buckets gone", "unless", "the demo's inventory stays as it is"},
		{"Failing now", "ossvector_last_success_timestamp_seconds", "the denied region has never been listed"},
	}
}

// explained reports whether an expression is on the list.
func explained(list []silence, where, expression string) bool {
	for _, s := range list {
		if s.covers(where, expression) {
			return true
		}
	}
	return false
}

func (s silence) covers(where, expression string) bool {
	return s.where == where && strings.Contains(expression, s.part)
}

// needed fails the test for what is on the list and no longer in the dashboard.
func needed(t *testing.T, list []silence, expressions []expression) {
	t.Helper()
	for _, s := range list {
		used := false
		for _, e := range expressions {
			used = used || s.covers(e.panel, e.text)
		}
		if !used {
			t.Errorf("no query of %q has %q any more: take it off the list (%s)", s.where, s.part, s.why)
		}
	}
}
