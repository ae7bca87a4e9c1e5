package credentials

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-kit/log"
	"go.uber.org/goleak"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

func TestMain(m *testing.M) {
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "credentials")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := theWorld.start(dir); err != nil {
		panic(err)
	}
	code := m.Run()
	theWorld.stop()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// lines collects what is logged.
type lines struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// env makes a Getenv of name, value, name, value.
func env(pairs ...string) func(string) string {
	m := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	return func(name string) string { return m[name] }
}

// fixture is the Keys under test with everything around it.
type fixture struct {
	*Keys
	log *lines
}

func open(t *testing.T, c config.Credentials, getenv func(string) string) fixture {
	t.Helper()
	f := fixture{log: &lines{}}
	f.Keys = New(c, Options{Account: "main", Getenv: getenv, Logger: log.NewLogfmtLogger(f.log), Proxy: noProxy, dial: theWorld.dial})
	t.Cleanup(f.settle)
	return f
}

// age makes all that is remembered older.
func (f fixture) age(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failed = f.failed.Add(-d)
	if c := f.cached.Load(); c != nil {
		f.cached.Store(&cachedKey{key: c.key, at: c.at.Add(-d)})
	}
}

func noProxy(*http.Request) (*url.URL, error) { return nil, nil }

// settle closes the source and waits until nothing is in flight.
func (f fixture) settle() {
	f.Close()
	f.idle()
}

// idle waits until nothing is in flight.
func (f fixture) idle() {
	f.mu.Lock()
	c := f.call
	f.mu.Unlock()
	if c != nil {
		<-c.done
	}
}

func (f fixture) mustKey(t *testing.T) ossvapi.Key {
	t.Helper()
	k, err := f.Key(t.Context())
	if err != nil {
		t.Fatalf("Key: %v", err)
	}
	return k
}

// wantKey compares the key in force.
func (f fixture) wantKey(t *testing.T, want ossvapi.Key) {
	t.Helper()
	if got := f.mustKey(t); got != want {
		t.Fatalf("Key = %v, want %v", got, want)
	}
}

// wantError compares the whole text of Key's error.
func (f fixture) wantError(t *testing.T, want string) {
	t.Helper()
	k, err := f.Key(t.Context())
	if err == nil || err.Error() != want || k != (ossvapi.Key{}) {
		t.Fatalf("Key = %v, %v\nwant error %s", k, err, want)
	}
}

// write puts files into a new folder and gives it.
func write(t *testing.T, nameContent ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(nameContent); i += 2 {
		rewrite(t, filepath.Join(dir, nameContent[i]), nameContent[i+1])
	}
	return dir
}

func rewrite(t *testing.T, name, content string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

// wantNoSecret fails if any text contains a secret.
func wantNoSecret(t *testing.T, secrets []string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		for _, s := range secrets {
			if strings.Contains(text, s) {
				t.Errorf("%q is shown in: %s", s, text)
			}
		}
		if strings.Contains(strings.TrimRight(text, "\n"), "\n") && !strings.HasPrefix(text, "level=") {
			t.Errorf("more than one line: %q", text)
		}
	}
}

func canceled(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
