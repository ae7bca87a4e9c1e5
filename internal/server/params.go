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

// parser finds out what a query selects of the configured accounts. Its error is the client's.
type parser func(r *http.Request, accounts []collector.Account) (collector.Selection, error)

// handler answers a request by what its query selects.
type handler func(w http.ResponseWriter, r *http.Request, sel collector.Selection)

// selecting answers 400 where the query cannot be parsed.
func (s *server) selecting(parse parser, h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		sel, err := parse(r, s.Backend.Accounts())
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		h(w, r, sel)
	}
}

// probeSelection is what a probe asks for: an account and perhaps one of its regions.
func probeSelection(r *http.Request, accounts []collector.Account) (collector.Selection, error) {
	q, err := parameters(r, "account", "region", nameFilter)
	if err == nil && !q.Has("account") {
		err = errors.New("parameter account is missing; " + configured(names(accounts)))
	}
	return selection(q, accounts, err)
}

// inventorySelection may leave out the account, the region or both.
func inventorySelection(r *http.Request, accounts []collector.Account) (collector.Selection, error) {
	q, err := parameters(r, "account", "region")
	return selection(q, accounts, err)
}

func noParameters(r *http.Request, _ []collector.Account) (all collector.Selection, err error) {
	_, err = parameters(r)
	return all, err
}

// unselective refuses the parameters of a probe where everything is answered, which would pass for the part asked for.
// Any other is let through, as the official exporters do: a scrape job may send parameters of its own.
func unselective(r *http.Request, _ []collector.Account) (all collector.Selection, err error) {
	q := r.URL.Query()
	for _, name := range []string{"account", "region"} {
		if q.Has(name) {
			return all, fmt.Errorf("parameter %s selects nothing here; ask %s?account=NAME[&region=ID]", name, pathProbe)
		}
	}
	return all, nil
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

// selection checks that the account, the region or both are configured, unless there is an error already.
func selection(q url.Values, accounts []collector.Account, err error) (collector.Selection, error) {
	if err != nil {
		return collector.Selection{}, err
	}
	sel, of := collector.Selection{Account: q.Get("account"), Region: q.Get("region")}, ""
	if sel.Account != "" {
		at := slices.IndexFunc(accounts, func(a collector.Account) bool { return a.Name == sel.Account })
		if at < 0 {
			return collector.Selection{}, fmt.Errorf("account %.80q is not configured; %s", sel.Account, configured(names(accounts)))
		}
		accounts, of = accounts[at:at+1], fmt.Sprintf(" for account %q", sel.Account)
	}
	if sel.Region != "" && !slices.Contains(regions(accounts), sel.Region) {
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
func regions(accounts []collector.Account) (all []string) {
	for _, a := range accounts {
		for _, region := range a.Regions {
			if !slices.Contains(all, region) {
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
