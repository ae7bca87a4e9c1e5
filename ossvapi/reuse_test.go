package ossvapi

import (
	"maps"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// threePages is a service whose pages can be changed.
func threePages() map[string]string {
	return map[string]string{"": pageJSON("b", "a", "b"), "b": pageJSON("d", "c", "d"), "d": pageJSON("", "e")}
}

func mustList(t *testing.T, c *Client, known []*Page) []*Page {
	t.Helper()
	pages, err := list(t.Context(), c, known)
	if err != nil {
		t.Fatal(err)
	}
	return pages
}

// same tells of each page whether it is the known one at its place.
func same(pages, known []*Page) []bool {
	var all []bool
	for i, p := range pages {
		all = append(all, i < len(known) && p == known[i])
	}
	return all
}

func TestUnchangedPagesAreTheKnownOnes(t *testing.T) {
	tests := map[string]struct {
		change map[string]string
		want   []bool
		names  []string
	}{
		"nothing changed": {nil, []bool{true, true, true}, []string{"a", "b", "c", "d", "e"}},
		"one renamed": {
			map[string]string{"b": pageJSON("d", "C", "d")}, []bool{true, false, true}, []string{"a", "b", "C", "d", "e"},
		},
		"same size": {
			map[string]string{"d": pageJSON("", "f")}, []bool{true, true, false}, []string{"a", "b", "c", "d", "f"},
		},
		"marker moved": {
			map[string]string{"b": pageJSON("c", "c"), "c": pageJSON("", "d", "e")},
			[]bool{true, false, false}, []string{"a", "b", "c", "d", "e"},
		},
		"ends earlier": {map[string]string{"b": pageJSON("", "c")}, []bool{true, false}, []string{"a", "b", "c"}},
		"goes on": {
			map[string]string{"d": pageJSON("e", "e"), "e": pageJSON("", "f")},
			[]bool{true, true, false, false}, []string{"a", "b", "c", "d", "e", "f"},
		},
		"an empty page at the end": {
			map[string]string{"d": emptyPage}, []bool{true, true, false}, []string{"a", "b", "c", "d"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			service := threePages()
			c, _ := newClient(byMarker(service))
			known := mustList(t, c, nil)
			maps.Copy(service, tt.change)
			pages := mustList(t, c, known)
			if diff := cmp.Diff(tt.want, same(pages, known)); diff != "" {
				t.Errorf("same pages (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.names, names(pages)); diff != "" {
				t.Errorf("names (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([]string{"a", "b", "c", "d", "e"}, names(known)); diff != "" {
				t.Errorf("the known pages have changed:\n%s", diff)
			}
		})
	}
}

func TestPagesOfAnotherClientAreDecodedAnew(t *testing.T) {
	rt := byMarker(threePages())
	one, _ := newClient(rt)
	another, _ := newClient(rt)
	known := mustList(t, one, nil)
	if diff := cmp.Diff([]bool{false, false, false}, same(mustList(t, another, known), known)); diff != "" {
		t.Error(diff)
	}
}

// The same bytes mean other buckets in another region, whose name stands in for the absent field.
func TestPagesOfAnotherRegionAreDecodedAnew(t *testing.T) {
	c, _ := newClient(byMarker(map[string]string{"": pageJSON("", "a")}))
	known := mustList(t, c, nil)
	for page, err := range c.Buckets(t.Context(), "cn-hangzhou", known) {
		if err != nil || page == known[0] || page.Buckets[0].Region != "cn-hangzhou" {
			t.Errorf("got %+v, %v", page, err)
		}
	}
}

// A failed walk leaves the known pages as they are, and the next one uses them.
func TestKnownPagesOutliveAFailure(t *testing.T) {
	service := threePages()
	c, _ := newClient(byMarker(service))
	known := mustList(t, c, nil)
	whole := service["b"]
	service["b"] = whole[:20]
	if _, err := list(t.Context(), c, known); asError(t, err).Reason != InvalidResponse {
		t.Errorf("got %v", err)
	}
	service["b"] = whole
	if diff := cmp.Diff([]bool{true, true, true}, same(mustList(t, c, known), known)); diff != "" {
		t.Error(diff)
	}
}

// What a page holds is its own: the buffers that bodies are read into are used again.
func TestPagesDoNotShareBuffers(t *testing.T) {
	c, _ := newClient(&script{steps: []trip{
		answer(http.StatusOK, pageJSON("", "aaaaaaaa")), answer(http.StatusOK, pageJSON("", "bbbbbbbb")),
	}})
	first := mustList(t, c, nil)
	mustList(t, c, nil)
	if got := first[0].Buckets[0].Name; got != "aaaaaaaa" {
		t.Errorf("the first page reads %q now", got)
	}
}
