package server

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ossvector_exporter/collector"
)

// maxNames bounds the lists of names in error texts.
const maxNames = 100

// nameFilter is promhttp's own parameter, the only one that may be repeated.
const nameFilter = "name[]"

// probeSelection is what a probe asks for: an account and perhaps one of its regions.
func probeSelection(r *http.Request, accounts []collector.Account) (collector.Selection, error) {
	q, err := parameters(r, "account", "region", nameFilter)
	if err != nil {
		return collector.Selection{}, err
	}
	if !q.Has("account") {
		return collector.Selection{}, errors.New("parameter account is missing; " + configured(names(accounts)))
	}
	return selection(q, accounts)
}

// inventorySelection may leave out the account, the region or both.
func inventorySelection(r *http.Request, accounts []collector.Account) (collector.Selection, error) {
	q, err := parameters(r, "account", "region")
	if err != nil {
		return collector.Selection{}, err
	}
	return selection(q, accounts)
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
func selection(q url.Values, accounts []collector.Account) (collector.Selection, error) {
	sel := collector.Selection{Account: q.Get("account"), Region: q.Get("region")}
	if sel.Account != "" {
		at := slices.IndexFunc(accounts, func(a collector.Account) bool { return a.Name == sel.Account })
		if at < 0 {
			return collector.Selection{}, fmt.Errorf("account %.80q is not configured; %s", sel.Account, configured(names(accounts)))
		}
		accounts = accounts[at : at+1]
	}
	if sel.Region != "" && !slices.Contains(regions(accounts), sel.Region) {
		of := ""
		if sel.Account != "" {
			of = fmt.Sprintf(" for account %q", sel.Account)
		}
		return collector.Selection{}, fmt.Errorf("region %.80q is not configured%s; %s", sel.Region, of, configured(regions(accounts)))
	}
	return sel, nil
}

func names(accounts []collector.Account) []string {
	all := make([]string, 0, len(accounts))
	for _, a := range accounts {
		all = append(all, a.Name)
	}
	return all
}

// regions are those of all accounts, each once, in the order of the configuration.
func regions(accounts []collector.Account) []string {
	var all []string
	seen := map[string]bool{}
	for _, a := range accounts {
		for _, region := range a.Regions {
			if !seen[region] {
				seen[region] = true
				all = append(all, region)
			}
		}
	}
	return all
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
