package e2e

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"ossvector_exporter/test/process"
)

// TestPage looks at the landing page as a person would: every region has its row, the one that is denied says what to do,
// nothing is wrong on the console and nothing is asked of any other host. With SCREENSHOT it leaves a picture there.
func TestPage(t *testing.T) {
	demo := startDemo(t)
	samples := scrape(t, demo) // fills the page: it shows the last listings
	browser, seen := open(t)
	if err := chromedp.Do(browser,
		chromedp.EmulateViewport(1280, 800),
		chromedp.Navigate("http://"+demo.Addr+"/"),
		chromedp.WaitVisible(chromedp.CSS("table")),
	); err != nil {
		t.Fatal(err)
	}
	rows, err := chromedp.Run(browser, chromedp.Evaluate[[]string](regionRows))
	if err != nil {
		t.Fatal(err)
	}
	picture, err := chromedp.Run(browser, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	checkRows(t, rows, samples)
	for _, host := range seen.hosts("http://" + demo.Addr) {
		t.Errorf("the page asked %s", host)
	}
	for _, m := range seen.messages() {
		t.Errorf("on the console: %s", m)
	}
	if seen.count() == 0 {
		t.Error("no request was seen: this test would not see one to another host either")
	}
	save(t, picture)
}

// regionRows gives a line per region: its account's heading, its row, and what stands below it of its failure.
const regionRows = `[...document.querySelectorAll("details tbody tr[id]")].map(row => {
	const below = row.nextElementSibling
	const why = below && !below.id ? below.innerText : ""
	return [row.closest("details").querySelector("summary").innerText, row.innerText, why].join(" ").replace(/\s+/g, " ")
})`

// checkRows finds every region, and beside the denied one the permission to grant.
func checkRows(t *testing.T, rows []string, samples process.Samples) {
	t.Helper()
	bad := denied(t, samples)
	for r := range regions(samples) {
		i := slices.IndexFunc(rows, func(row string) bool {
			return strings.HasPrefix(row, r.account) && strings.Contains(row, r.name)
		})
		if i < 0 {
			t.Errorf("no row for %v among %q", r, rows)
			continue
		}
		if r == bad && !strings.Contains(rows[i], "oss:ListVectorBuckets") {
			t.Errorf("the row of the denied region does not tell which permission is missing: %q", rows[i])
		}
	}
}

// traffic is what the browser did behind the page.
type traffic struct {
	mu       sync.Mutex
	urls     []string
	complain []string
}

// open starts a browser that ends with the test.
func open(t *testing.T) (context.Context, *traffic) {
	t.Helper()
	path, err := exec.LookPath(variable(t, "CHROMIUM"))
	if err != nil {
		t.Fatalf("the browser is missing, on Debian the package chromium: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	seen := &traffic{}
	ctx, cancel = chromedp.NewContext(ctx, chromedp.WithAllocatorOptions(chromedp.ExecPath(path), chromedp.NoSandbox))
	t.Cleanup(cancel)
	// The first action starts the browser; what it opens by itself is not the page's.
	if err := chromedp.Do(ctx); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, network.Enable, network.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if err := chromedp.Listen(ctx, seen.note); err != nil {
		t.Fatal(err)
	}
	return ctx, seen
}

// note is called by the browser's events.
func (s *traffic) note(event any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		s.urls = append(s.urls, e.Request.URL)
	case *log.EventEntryAdded:
		s.complain = append(s.complain, fmt.Sprintf("%s: %s %s", e.Entry.Level, e.Entry.Text, e.Entry.URL))
	case *runtime.EventExceptionThrown:
		s.complain = append(s.complain, fmt.Sprint(e.ExceptionDetails.Text, e.ExceptionDetails.Exception))
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			for _, arg := range e.Args {
				s.complain = append(s.complain, fmt.Sprintf("%s: %s %s", e.Type, arg.Value, arg.Description))
			}
		}
	}
}

// hosts are the requests that did not go to own; data: URLs go nowhere.
func (s *traffic) hosts(own string) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var others []string
	for _, raw := range s.urls {
		if u, err := url.Parse(raw); err == nil && (u.Scheme == "data" || u.Scheme+"://"+u.Host == own) {
			continue
		}
		others = append(others, raw)
	}
	return others
}

func (s *traffic) messages() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.complain
}

func (s *traffic) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.urls)
}

// save leaves the picture where make screenshot wants it.
func save(t *testing.T, picture []byte) {
	t.Helper()
	file := os.Getenv("SCREENSHOT")
	if file == "" {
		return
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, picture, 0o600); err != nil {
		t.Fatal(err)
	}
}
