package faults

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// mark is in every secret of these tests, so often that every piece of 20 characters holds it, and in nothing else.
const mark = "Quietfox"

// secret makes a marked secret that differs from others.
func secret(name string) string { return mark + name + mark + strings.ToUpper(name) + mark }

// leaks looks for marked secrets in whatever goes by: also in another case, in base64, and quoted for a URL.
type leaks struct {
	mu      sync.Mutex
	bytes   int64
	sources map[string]bool
	found   []string
}

// forms are the mark as it may have been disguised, in small letters where that loses nothing.
func forms() (folded, exact [][]byte) {
	folded = [][]byte{bytes.ToLower([]byte(mark)), []byte(strings.ToLower(fmt.Sprintf("%x", mark)))}
	for shift := range 3 { // the middle of what the mark becomes at each of the three offsets in base64
		coded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(".", shift) + mark + "..."))
		exact = append(exact, []byte(coded[4:len(coded)-8]))
	}
	return folded, exact
}

// ear is a writer that looks at what one source says.
type ear struct {
	leaks *leaks
	name  string
	tail  []byte // of the last write: a secret may come in two
}

func (l *leaks) ear(name string) io.Writer { return &ear{leaks: l, name: name} }

func (e *ear) Write(b []byte) (int, error) {
	all := slices.Concat(e.tail, b)
	e.leaks.look(e.name, all, len(b))
	e.tail = append([]byte{}, all[max(0, len(all)-64):]...)
	return len(b), nil
}

func (l *leaks) look(name string, text []byte, fresh int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.sources == nil {
		l.sources = map[string]bool{}
	}
	l.bytes += int64(fresh)
	l.sources[name] = true
	folded, exact := forms()
	low := bytes.ToLower(text)
	for i, form := range append(folded, exact...) {
		in := low
		if i >= len(folded) {
			in = text
		}
		if at := bytes.Index(in, form); at >= 0 && len(l.found) < 20 {
			l.found = append(l.found, fmt.Sprintf("%s: ...%s...", name, text[max(0, at-80):min(len(text), at+80)]))
		}
	}
}

// transport is a new one, with connections of its own, that looks at every answer, headers included.
func (l *leaks) transport() http.RoundTripper { return listening{&http.Transport{}, l} }

type listening struct {
	next  http.RoundTripper
	leaks *leaks
}

func (s listening) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := s.next.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	ear := s.leaks.ear(r.Method + " " + r.URL.Path)
	_ = resp.Header.Write(ear)
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.TeeReader(resp.Body, ear), resp.Body}
	return resp, nil
}

// written says what the exporter has written to its working folder.
func written(t *testing.T, folder string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	must(t, err)
	if len(files) > 0 {
		t.Errorf("the exporter wrote %q", files)
	}
}

func (l *leaks) check(t *testing.T) {
	for _, found := range l.found {
		t.Errorf("a secret shows in %s", found)
	}
	for _, path := range []string{"GET /", "GET /metrics", "GET /api/v1/buckets", "GET /debug/pprof/cmdline", "the log"} {
		if !l.sources[path] {
			t.Errorf("%s was never looked at", path)
		}
	}
	t.Logf("%d bytes from %d sources", l.bytes, len(l.sources))
}

// TestLeaksAreFound breaks the ears' silence on purpose: a search that finds nothing proves nothing by itself.
func TestLeaksAreFound(t *testing.T) {
	s := secret("probe")
	for name, text := range map[string]string{
		"plain":       "x" + s,
		"a part":      s[5:25],
		"small":       strings.ToLower(s),
		"base64":      base64.StdEncoding.EncodeToString([]byte("user:" + s)),
		"base64 late": base64.URLEncoding.EncodeToString([]byte("usr:" + s)),
		"hex":         fmt.Sprintf("%x", s),
		"a URL":       url.QueryEscape("://:" + s),
	} {
		l := &leaks{}
		ear := l.ear(name)
		_, _ = io.WriteString(ear, text[:len(text)/2])
		_, _ = io.WriteString(ear, text[len(text)/2:])
		if len(l.found) == 0 {
			t.Errorf("%s goes unseen: %s", name, text)
		}
	}
}
