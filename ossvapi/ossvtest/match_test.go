package ossvtest_test

import (
	"net/http"
	"strings"
	"testing"

	"ossvector_exporter/ossvapi/ossvtest"
)

// teapot marks the requests that a fault hit.
func teapot() ossvtest.Action { return ossvtest.Respond(http.StatusTeapot, nil, "") }

func hit(t *testing.T, url string, q raw) bool {
	t.Helper()
	resp, _ := q.send(t, url)
	return resp.StatusCode == http.StatusTeapot
}

func TestMatch(t *testing.T) {
	page := func(n string) raw { return raw{key: key(), query: "max-keys=1&marker=" + n} }
	odd := raw{key: key(), query: "max-keys=2&marker=a"} // what is left of a page counts as one
	for name, c := range map[string]struct {
		match  ossvtest.Match
		yes    []raw
		notAny []raw
	}{
		"all":       {ossvtest.Match{}, []raw{{key: key()}, {key: key(), bucket: "a"}, {key: ossvtest.Key{ID: "none", Secret: "s"}}}, nil},
		"account":   {ossvtest.Match{Account: accountID}, []raw{{key: key()}}, []raw{{key: ossvtest.Key{ID: "none", Secret: "s"}}}},
		"region":    {ossvtest.Match{Region: shanghai}, []raw{{key: key(), region: shanghai}}, []raw{{key: key()}}},
		"operation": {ossvtest.Match{Operation: ossvtest.ListVectorIndexes}, []raw{{key: key(), bucket: "a"}}, []raw{{key: key()}}},
		"bucket":    {ossvtest.Match{Bucket: "a"}, []raw{{key: key(), bucket: "a"}}, []raw{{key: key(), bucket: "b"}, {key: key()}}},
		"page":      {ossvtest.Match{Page: 2}, []raw{page("a"), odd}, []raw{page(""), page("b")}},
		"several":   {ossvtest.Match{Region: hangzhou, Page: 1}, []raw{page("")}, []raw{page("a"), {key: key(), region: shanghai}}},
	} {
		_, _, url := faulty(t, ossvtest.Fault{Match: c.match, Do: teapot()})
		for _, q := range c.yes {
			if !hit(t, url, q) {
				t.Errorf("%s: %+v is not hit", name, q)
			}
		}
		for _, q := range c.notAny {
			if hit(t, url, q) {
				t.Errorf("%s: %+v is hit", name, q)
			}
		}
	}
}

func TestTimes(t *testing.T) {
	s, _, url := faulty(t, ossvtest.Fault{Match: ossvtest.Match{Region: hangzhou}, Times: 2, Do: teapot()})
	got := ""
	for _, region := range []string{hangzhou, shanghai, hangzhou, hangzhou} {
		if hit(t, url, raw{key: key(), region: region}) {
			got += "x"
		} else {
			got += "-"
		}
	}
	if got != "x-x-" {
		t.Errorf("hit %s", got)
	}
	clearIt := s.Inject(ossvtest.Fault{Do: teapot()})
	before := hit(t, url, raw{key: key()})
	clearIt()
	after := hit(t, url, raw{key: key()})
	s.Inject(ossvtest.Fault{Do: teapot()})
	s.ClearFaults()
	clearIt() // harmless
	if !before || after || hit(t, url, raw{key: key()}) {
		t.Errorf("clearing: %v %v", before, after)
	}
}

// TestOrder holds that the first fault is the outermost, and that own functions serve as faults.
func TestOrder(t *testing.T) {
	s, _, url := serve(t, ossvtest.Options{Now: noon})
	for _, name := range []string{"first", "second"} {
		s.Inject(ossvtest.Fault{Do: func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			w.Header().Add("X-Order", name)
			next.ServeHTTP(w, r)
		}})
	}
	s.Inject(ossvtest.Fault{Do: ossvtest.Drip(100, 0)})
	s.Inject(ossvtest.Fault{Do: ossvtest.Truncate(30)})
	resp, body := raw{key: key()}.send(t, url)
	if got := strings.Join(resp.Header.Values("X-Order"), " "); got != "first second" {
		t.Errorf("order %s", got)
	}
	if body != `{"ListAllMyBucketsResult":{"Bu` {
		t.Errorf("body %s", body)
	}
}
