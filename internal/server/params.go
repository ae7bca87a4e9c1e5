package server

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// maxNames bounds the lists of names in error texts.
const maxNames = 100

// nameFilter is promhttp's own parameter, the only one that may be repeated.
const nameFilter = "name[]"

// probeSelection is what a probe asks for: an account and perhaps one of its regions.
func probeSelection(r *http.Request, targets []Target) (Selection, error) {
	q, err := parameters(r, "account", "region", nameFilter)
	if err != nil {
		return Selection{}, err
	}
	if !q.Has("account") {
		return Selection{}, errors.New("parameter account is missing; " + configured(accounts(targets)))
	}
	return selection(q, targets)
}

// inventorySelection may leave out the account, the region or both.
func inventorySelection(r *http.Request, targets []Target) (Selection, error) {
	q, err := parameters(r, "account", "region")
	if err != nil {
		return Selection{}, err
	}
	return selection(q, targets)
}

// unselective refuses the parameters of a probe where everything is answered, which would pass for the part asked for.
// Any other is let through, as the official exporters do: a scrape job may send parameters of its own.
func unselective(r *http.Request) error {
	q := r.URL.Query()
	for _, name := range []string{"account", "region"} {
		if q.Has(name) {
			return fmt.Errorf("parameter %s selects nothing here; ask %s?account=NAME[&region=ID]", name, pathProbe)
		}
	}
	return nil
}

// parameters is strict: a misspelt parameter would silently select more than was meant.
func parameters(r *http.Request, known ...string) (url.Values, error) {
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("malformed query: %.200s", err.Error())
	}
	for _, name := range slices.Sorted(maps.Keys(q)) {
		switch values := q[name]; {
		case !slices.Contains(known, name):
			return nil, fmt.Errorf("unknown parameter %.80q; %s", name, knownNames(known))
		case name == nameFilter:
		case len(values) > 1:
			return nil, fmt.Errorf("parameter %s is given %d times", name, len(values))
		case values[0] == "":
			return nil, fmt.Errorf("parameter %s is empty", name)
		}
	}
	return q, nil
}

func knownNames(known []string) string {
	if len(known) == 0 {
		return "there are none"
	}
	return "known: " + strings.Join(known, ", ")
}

// selection checks that the account, the region or both are configured.
func selection(q url.Values, targets []Target) (Selection, error) {
	sel := Selection{Account: q.Get("account"), Region: q.Get("region")}
	if sel.Account != "" {
		at := slices.IndexFunc(targets, func(t Target) bool { return t.Account == sel.Account })
		if at < 0 {
			return Selection{}, fmt.Errorf("account %.80q is not configured; %s", sel.Account, configured(accounts(targets)))
		}
		targets = targets[at : at+1]
	}
	if sel.Region != "" && !slices.Contains(regions(targets), sel.Region) {
		of := ""
		if sel.Account != "" {
			of = fmt.Sprintf(" for account %q", sel.Account)
		}
		return Selection{}, fmt.Errorf("region %.80q is not configured%s; %s", sel.Region, of, configured(regions(targets)))
	}
	return sel, nil
}

func accounts(targets []Target) []string {
	names := make([]string, 0, len(targets))
	for _, t := range targets {
		names = append(names, t.Account)
	}
	return names
}

// regions are those of all targets, each once, in the order of the configuration.
func regions(targets []Target) []string {
	var names []string
	seen := map[string]bool{}
	for _, t := range targets {
		for _, region := range t.Regions {
			if !seen[region] {
				seen[region] = true
				names = append(names, region)
			}
		}
	}
	return names
}

func configured(names []string) string {
	more := ""
	if len(names) > maxNames {
		more = fmt.Sprintf(" and %d more", len(names)-maxNames)
		names = names[:maxNames]
	}
	return "configured: " + strings.Join(names, ", ") + more
}

func badRequest(w http.ResponseWriter, err error) {
	http.Error(w, err.Error(), http.StatusBadRequest)
}
