package e2e

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ossvector_exporter/ossvapi/ossvtest"
	"ossvector_exporter/test/stack"
)

// TestStack fails all of an account's regions, and sees what a person gets of it: one message with links that lead somewhere, and one
// when it is over. docs/alerts.md shows them; with ALERTS_DOC it is written.
func TestStack(t *testing.T) {
	cloud := ossvtest.Demo(ossvtest.Options{})
	server := httptest.NewServer(cloud)
	t.Cleanup(server.Close)
	s := startStack(t, demoConfig(t, cloud, server.URL))

	// What the demo has anyway: a region that is denied.
	denied := awaitMessage(t, s, "[FIRING] The cloud refuses ListVectorBuckets for staging in us-west-1")
	checkLinks(t, denied)

	clearFault := cloud.Inject(ossvtest.Fault{Match: ossvtest.Match{Account: cloud.Accounts[0].ID}, Do: ossvtest.Deny()})
	firing := awaitMessage(t, s, "[FIRING] No region of production can be listed")
	checkLinks(t, firing)
	// Longer than any other alert about it would take.
	eventually(t, 2*time.Minute, func() error {
		const long = `time() - ALERTS_FOR_STATE{alertname="OSSVectorAccountFailing"} > 60`
		got, err := prometheus{url: "http://" + s.Prometheus.Addr}.query(t.Context(), long)
		if err == nil && len(got) == 0 {
			err = fmt.Errorf("nothing for %s", long)
		}
		return err
	})
	clearFault()
	resolved := awaitMessage(t, s, "[RESOLVED] No region of production can be listed")
	checkLinks(t, resolved)

	var about []string
	for _, m := range messages(s) {
		if strings.Contains(m.text, "production") {
			about = append(about, m.channel+" "+m.title)
		}
	}
	want := []string{"#pager [FIRING] No region of production can be listed", "#pager [RESOLVED] No region of production can be listed"}
	if !slices.Equal(about, want) {
		t.Errorf("messages about the account that failed: %q, want %q", about, want)
	}
	checkDoc(t, s.Exporter.Addr, denied, firing, resolved)
}

// startStack runs the stack on free ports, with routes that wait for less.
func startStack(t *testing.T, config string) *stack.Stack {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	const free = "127.0.0.1:0"
	s, err := stack.Start(ctx, stack.Options{
		Programs: stack.Parts{
			Exporter: variable(t, "OSSVECTOR_EXPORTER"), Prometheus: variable(t, "PROMETHEUS"),
			Alertmanager: variable(t, "ALERTMANAGER"), Receiver: variable(t, "PRINTER"),
		},
		Addresses: stack.Parts{Exporter: free, Prometheus: free, Alertmanager: free, Receiver: free},
		Exporter:  []string{"--config.file=" + config}, Deploy: deploy, Dir: t.TempDir(),
		Routes: func(text string) string {
			return regexp.MustCompile(`group_(wait|interval): \w+`).ReplaceAllString(text, "group_$1: 3s")
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Logf("the receiver printed:\n%s\nAlertmanager:\n%s\nthe exporter:\n%s", s.Receiver.Output(), tail(s.Alertmanager.Output()),
				tail(s.Exporter.Output()))
		}
	})
	return s
}

// demoConfig is the demo's configuration as a file: the cloud runs in this process, where faults can be injected.
func demoConfig(t *testing.T, cloud *ossvtest.DemoCloud, endpoint string) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("accounts:\n")
	for _, a := range cloud.Accounts {
		fmt.Fprintf(&b, "- {name: %s, endpoint: %q, regions: [%s], credentials: {type: static, access_key_id: %s, access_key_secret: %s}}\n",
			a.Name, endpoint, strings.Join(a.Regions, ", "), a.Key.ID, a.Key.Secret)
	}
	return write(t, t.TempDir(), "config.yml", "%s", b.String())
}

// message is one that the receiver has printed: the channel, the title, and both and the text as a person reads them.
type message struct{ channel, title, text string }

func messages(s *stack.Stack) []message {
	var all []message
	for _, m := range regexp.MustCompile(`(?m)^(#[a-z]+)\n(.+)\n(?:.+\n)*`).FindAllStringSubmatch(s.Receiver.Output(), -1) {
		all = append(all, message{channel: m[1], title: m[2], text: m[0]})
	}
	return all
}

func awaitMessage(t *testing.T, s *stack.Stack, title string) (found message) {
	t.Helper()
	eventually(t, 2*time.Minute, func() error {
		all := messages(s)
		i := slices.IndexFunc(all, func(m message) bool { return m.title == title })
		if i < 0 {
			return fmt.Errorf("no message %q among %q", title, all)
		}
		found = all[i]
		return nil
	})
	return found
}

// checkLinks follows the two links of a message: each leads to a page that has the anchor that the link names.
func checkLinks(t *testing.T, m message) {
	t.Helper()
	found := regexp.MustCompile(`(?m)^(Runbook|Dashboard): (\S+)$`).FindAllStringSubmatch(m.text, -1)
	if len(found) != 2 {
		t.Errorf("%d links in the message\n%s", len(found), m.text)
	}
	for _, link := range found {
		u, err := url.Parse(link[2])
		if err != nil {
			t.Fatal(err)
		}
		page := follow(t, u)
		if u.Fragment == "" || !strings.Contains(page, `id="`+u.Fragment+`"`) {
			t.Errorf("%s %s: the page has no such anchor", link[1], link[2])
		}
		// The dashboard knows an alert's name as it is written, and links to that.
		if name := regexp.MustCompile(`OSSVector\w+`).FindString(page); u.Path == "/runbooks" && !strings.Contains(page, `id="`+name+`"`) {
			t.Errorf("%s has no anchor for the dashboard's links", u)
		}
	}
}

func follow(t *testing.T, u *url.URL) string {
	t.Helper()
	resp, err := http.Get(u.String())
	if err != nil {
		t.Fatal(err)
	}
	page, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("%s: %s (%v)", u, resp.Status, err)
	}
	return string(page)
}

// checkDoc compares the messages that docs/alerts.md shows with those that came.
func checkDoc(t *testing.T, exporter string, came ...message) {
	t.Helper()
	const doc, begin, end = "../../docs/alerts.md", "<!-- begin: made by make alerts-doc -->\n", "<!-- end -->\n"
	b, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, hasBegin := strings.Cut(string(b), begin)
	_, after, hasEnd := strings.Cut(rest, end)
	if !hasBegin || !hasEnd {
		t.Fatalf("%s has no marks", doc)
	}
	var texts []string
	for _, m := range came {
		texts = append(texts, "```\n"+strings.ReplaceAll(m.text, exporter, "localhost:10073")+"```\n")
	}
	want := before + begin + strings.Join(texts, "\n") + end + after
	if os.Getenv("ALERTS_DOC") != "" {
		if err := os.WriteFile(doc, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, string(b)); diff != "" {
		t.Errorf("%s: run make alerts-doc (-) to replace what is there (+):\n%s", doc, diff)
	}
}
