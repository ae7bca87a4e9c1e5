package faults

import (
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/bcrypt"
)

// guarded starts an exporter with basic auth, whose web configuration is in the file.
func guarded(t *testing.T, s *suite) (x *exporter, file string) {
	t.Helper()
	hash, err := bcrypt.GenerateFromPassword([]byte(secret("basic")), bcrypt.MinCost)
	must(t, err)
	c := startSimulation(t)
	file = t.TempDir() + "/web.yml"
	content(fmt.Sprintf("basic_auth_users: {prometheus: %q}\n", hash))(t, file)
	x = s.start(t, twoAccounts(c.URL, 10*time.Second), launch{args: []string{"--web.config.file=" + file}})
	x.cloud = c
	return x, file
}

// introduce has all further requests bring the password.
func (x *exporter) introduce() {
	x.web.URL = strings.Replace(x.web.URL, "http://", "http://prometheus:"+secret("basic")+"@", 1)
}

// noPassword is an exporter behind basic auth: nothing is served without the password, and no listing runs.
func noPassword(t *testing.T, s *suite) {
	x, _ := guarded(t, s)
	for _, path := range []string{"/", "/metrics", "/probe?account=struck", "/api/v1/buckets", "/-/reload", "/debug/pprof/cmdline", "/none"} {
		for _, header := range []http.Header{
			{}, {"Authorization": {"Basic"}}, {"Authorization": {"Basic " + secret("wrong")}}, {"Authorization": {"Bearer " + secret("wrong")}},
		} {
			if status, body := x.send(t, http.MethodGet, path, header); status != http.StatusUnauthorized || len(body) > 100 {
				t.Errorf("%s with %v: status %d: %s", path, header, status, body)
			}
		}
	}
	if n := x.cloud.Requests(); n != 0 {
		t.Errorf("%d requests to the cloud", n)
	}
	x.introduce()
	x.wantUp(t, struck, x.scrape(t))
	x.visitAll(t)
	x.end(t)
}

// webConfigLater spoils the web configuration of a running exporter, which is read again for each request: nothing is
// served, to nobody, until it is right again.
func webConfigLater(t *testing.T, s *suite) {
	x, file := guarded(t, s)
	stranger := x.web.URL
	x.introduce()
	good, err := os.ReadFile(file)
	must(t, err)
	before := x.scrape(t)
	for _, text := range []string{"basic_auth_users: [", "unknown: " + secret("web") + "\n"} {
		content(text)(t, file)
		asked := x.cloud.Requests()
		if status, body := x.send(t, http.MethodGet, "/metrics", nil); status != http.StatusInternalServerError || len(body) > 200 {
			t.Errorf("with %q: status %d: %s", text, status, body)
		}
		if n := x.cloud.Requests() - asked; n != 0 {
			t.Errorf("with %q: %d requests to the cloud", text, n)
		}
	}
	must(t, os.WriteFile(file, good, 0o600))
	wantOthers(t, before, x.scrape(t), regionKey{})
	x.web.URL = stranger
	if status, _ := x.send(t, http.MethodGet, "/metrics", nil); status != http.StatusUnauthorized {
		t.Errorf("a stranger: status %d", status)
	}
	x.stopped = true
	must(t, x.process.Stop())
}
