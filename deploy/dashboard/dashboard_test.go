package main

import (
	"bytes"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func made(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := run(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestTheFileIsMadeFromTheSource(t *testing.T) {
	const file = "../k8s/components/grafana-dashboard/dashboard.json"
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, made(t)) {
		t.Errorf("%s is not what this program makes: run make generate", file)
	}
}

// panel is what the tests read of one.
type panel struct {
	Title   string
	Panels  []panel
	GridPos struct{ X, Y, W, H int }

	Transformations []struct {
		ID      string
		Options struct{ RenameByName map[string]string }
	}
	FieldConfig struct {
		Overrides []struct {
			Matcher    struct{ Options string }
			Properties []struct {
				ID    string
				Value json.RawMessage
			}
		}
	}
}

type dashboardFile struct {
	UID        string
	Panels     []panel
	Links      []link
	Templating struct{ List []struct{ Name string } }
}

func parsed(t *testing.T) (d dashboardFile, all []panel) {
	t.Helper()
	if err := json.Unmarshal(made(t), &d); err != nil {
		t.Fatal(err)
	}
	for _, p := range d.Panels {
		all = append(all, append([]panel{p}, p.Panels...)...)
	}
	return d, all
}

// TestLinksResolve looks for everything that a link names: variables of the board, columns of its table, sections of the runbooks.
func TestLinksResolve(t *testing.T) {
	d, panels := parsed(t)
	runbooks, err := os.ReadFile("../../docs/runbooks.md")
	if err != nil {
		t.Fatal(err)
	}
	known := []string{"__url_time_range"}
	for _, v := range d.Templating.List {
		known = append(known, v.Name)
	}
	check := func(where string, l link, columns []string) {
		for _, m := range regexp.MustCompile(`\$\{([^}:]+)(:\w+)?\}`).FindAllStringSubmatch(l.URL, -1) {
			field, isField := strings.CutPrefix(m[1], "__data.fields.")
			if isField && !slices.Contains(columns, field) || !isField && !slices.Contains(known, m[1]) {
				t.Errorf("%s: there is no %s for %s", where, m[1], l.URL)
			}
		}
		for _, m := range regexp.MustCompile(`[?&]var-(\w+)=`).FindAllStringSubmatch(l.URL, -1) {
			if !slices.Contains(known, m[1]) {
				t.Errorf("%s: there is no variable %s for %s", where, m[1], l.URL)
			}
		}
		if uid, found := strings.CutPrefix(l.URL, "/d/"); found && !strings.HasPrefix(uid, d.UID+"?") {
			t.Errorf("%s: %s leads to another dashboard", where, l.URL)
		}
		_, anchor, found := strings.Cut(l.URL, "/runbooks#")
		if found && !strings.HasPrefix(anchor, "$") && !strings.Contains(strings.ToLower(string(runbooks)), "\n## "+anchor+"\n") {
			t.Errorf("%s: the runbooks have no section %s", where, anchor)
		}
	}
	seen := len(d.Links)
	for _, l := range d.Links {
		check("links of the board", l, nil)
	}
	for _, p := range panels {
		var columns []string
		for _, tr := range p.Transformations {
			for _, title := range tr.Options.RenameByName {
				columns = append(columns, title)
			}
		}
		for _, o := range p.FieldConfig.Overrides {
			for _, property := range o.Properties {
				if property.ID != "links" {
					continue
				}
				var links []link
				if err := json.Unmarshal(property.Value, &links); err != nil {
					t.Fatal(err)
				}
				for _, l := range links {
					check(p.Title+", "+o.Matcher.Options, l, columns)
					seen++
				}
			}
		}
	}
	if seen < 8 {
		t.Errorf("only %d links were looked at", seen)
	}
}

func TestNoPanelsOverlap(t *testing.T) {
	_, panels := parsed(t)
	taken := map[[2]int]string{}
	for _, p := range panels {
		g := p.GridPos
		if g.X+g.W > 24 || g.W == 0 || g.H == 0 {
			t.Errorf("%q leaves the board: %+v", p.Title, g)
		}
		for x := g.X; x < g.X+g.W; x++ {
			for y := g.Y; y < g.Y+g.H; y++ {
				if other, found := taken[[2]int{x, y}]; found {
					t.Fatalf("%q and %q overlap", p.Title, other)
				}
				taken[[2]int{x, y}] = p.Title
			}
		}
	}
}
