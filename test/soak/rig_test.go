package soak

import (
	"context"
	"encoding/pem"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"ossvector_exporter/ossvapi/ossvtest"
	"ossvector_exporter/test/process"
	"ossvector_exporter/test/simulation"
)

// The regions. Calm ones are never touched by a fault, so no scrape may ever miss them; the extra one comes and goes with
// the configuration.
const (
	calm   = "cn-calm-1"
	paged  = "cn-calm-2" // several pages
	empty  = "cn-empty-1"
	shaky  = "cn-shaky-1"
	shaky2 = "cn-shaky-2" // several pages
	extra  = "cn-extra-1"
)

// account is the name of the account that most is about; page its page size.
const (
	account = "soak"
	page    = 20
)

// Two more accounts: one whose STS refuses every time, and one whose only bucket is deleted and created again, with indexes
// that are not due for a day.
const (
	refused  = "refused"
	again    = "again"
	recreate = "re-created"
)

// rig is the exporter, the service that it asks, and what is known of both.
type rig struct {
	t        *testing.T
	dir      string
	cloud    *simulation.Cloud
	sts      *httptest.Server
	random   *rand.Rand
	process  *process.Process
	web      *process.Scraper
	schedule []fault

	key     ossvtest.Key // in force
	secrets []string     // all that ever were
	extra   bool         // whether the extra region is configured
	broken  bool         // whether the file is
	reloads int
	refused int

	reloaded int  // reloads of a file that had not changed
	kept     bool // there was one before this scrape
	created  int  // how often the bucket was created
	last     process.Samples
}

func newRig(t *testing.T) *rig {
	t.Helper()
	path := os.Getenv("OSSVECTOR_EXPORTER")
	if path == "" {
		t.Fatal("OSSVECTOR_EXPORTER is not set: run this by make soak, which builds it")
	}
	r := &rig{
		t: t, dir: t.TempDir(), cloud: simulation.Start(ossvtest.Options{Seed: 1}), key: simulation.Key(), schedule: faults(),
		random: rand.New(rand.NewPCG(1, 2)), sts: httptest.NewTLSServer(http.HandlerFunc(refuse)),
	}
	t.Cleanup(r.cloud.Close)
	t.Cleanup(r.sts.Close)
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: r.sts.Certificate().Raw})
	r.must(os.WriteFile(filepath.Join(r.dir, "sts.pem"), authority, 0o600))
	for region, n := range map[string]int{calm: 7, paged: 3*page + 5, shaky: 9, shaky2: 2*page + 1, extra: 4} {
		r.cloud.Account.Fill(region, n)
	}
	r.cloud.Account.FillIndexes(calm, 2)
	r.recreate()
	r.rotate()
	r.configure()
	p, err := process.Start(t.Context(), process.Options{
		Path: path,
		Args: []string{"--config.file=" + r.configFile(), "--web.listen-address=127.0.0.1:0", "--web.enable-lifecycle"},
	})
	if err != nil {
		t.Fatal(err)
	}
	r.process = p
	t.Cleanup(func() {
		if err := p.Stop(); err != nil {
			t.Errorf("the end after SIGTERM: %v", err)
		}
		if t.Failed() {
			out := p.Output()
			t.Logf("the exporter printed, at the end:\n%s", out[max(0, len(out)-4000):])
		}
	})
	r.web = &process.Scraper{ // as a Prometheus asks
		Client: &http.Client{Timeout: 30 * time.Second}, URL: "http://" + p.Addr, Gzip: true,
		Accept: "application/openmetrics-text;version=1.0.0",
	}
	return r
}

// refuse is an STS that lets nobody assume a role.
func refuse(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusForbidden)
	_, _ = w.Write([]byte(`{"Code":"NoPermission","Message":"You are not authorized to do this action."}`))
}

// recreate deletes the bucket and creates it again with other indexes.
func (r *rig) recreate() {
	r.created++
	r.cloud.Account.Remove(calm, recreate)
	created := time.Date(2026, 1, 1, 0, 0, r.created, 0, time.UTC).Format("2006-01-02T15:04:05.000Z")
	r.cloud.Account.Put(calm, ossvtest.Bucket{Name: recreate, CreationDate: created})
	for n := range r.indexes() {
		r.cloud.Account.PutIndexes(calm, recreate, ossvtest.Index{Name: fmt.Sprintf("index-%d", n)})
	}
}

// indexes is how many the bucket has at present.
func (r *rig) indexes() int { return r.created % 4 }

func (r *rig) configFile() string { return filepath.Join(r.dir, "config.yml") }

// configure writes the configuration, whole or broken, under another name first: it is never seen half written.
func (r *rig) configure() {
	regions := []string{calm, paged, empty, shaky, shaky2}
	if r.extra {
		regions = append(regions, extra)
	}
	text := fmt.Sprintf(`
accounts:
- name: %s
  regions: [%s]
  endpoint: %s
  page_size: %d
  request_timeout: 400ms
  indexes: true
  index_interval: 0s
  credentials: {type: static, access_key_id_file: keys/id, access_key_secret_file: keys/secret}
- name: %[5]s
  regions: [%[6]s]
  endpoint: %[3]s
  prefix: re-
  indexes: true
  index_interval: 24h
  credentials: {type: static, access_key_id_file: keys/id, access_key_secret_file: keys/secret}
- name: %[7]s
  regions: [%[6]s]
  endpoint: %[3]s
  tls_config: {ca_file: sts.pem}
  credentials:
    type: static
    access_key_id: LTAIrefused
    access_key_secret: refused-secret
    sts_endpoint: "%[8]s"
    assume_role: {role_arn: "acs:ram::1037350000000000:role/reader"}
`, account, strings.Join(regions, ", "), r.cloud.URL, page, again, calm, refused, r.sts.Listener.Addr())
	if r.broken {
		text += "unknown_key: 1\n"
	}
	r.replace(r.configFile(), text)
}

// rotate gives the account another key as Kubernetes does with a mounted Secret: a new folder, and a link that is moved to
// it. The service takes the key before for one rotation longer.
func (r *rig) rotate() {
	n := len(r.secrets)
	next := ossvtest.Key{ID: fmt.Sprintf("LTAIsoak%04d", n), Secret: fmt.Sprintf("soak-secret-%04d", n)}
	r.cloud.Account.SetKeys(next, r.key)
	r.key, r.secrets = next, append(r.secrets, next.Secret)
	folder := filepath.Join(r.dir, fmt.Sprintf("keys-%04d", n))
	r.must(os.Mkdir(folder, 0o700))
	r.must(os.WriteFile(filepath.Join(folder, "id"), []byte(next.ID), 0o600))
	r.must(os.WriteFile(filepath.Join(folder, "secret"), []byte(next.Secret+"\n"), 0o600))
	link := filepath.Join(r.dir, "keys-next")
	r.must(os.Symlink(folder, link))
	r.must(os.Rename(link, filepath.Join(r.dir, "keys")))
	if n >= 2 {
		r.must(os.RemoveAll(filepath.Join(r.dir, fmt.Sprintf("keys-%04d", n-2))))
	}
}

func (r *rig) replace(name, text string) {
	r.must(os.WriteFile(name+".new", []byte(text), 0o600))
	r.must(os.Rename(name+".new", name))
}

func (r *rig) must(err error) {
	if err != nil {
		r.t.Helper()
		r.t.Fatal(err)
	}
}

// step prepares the next scrape: the fault whose turn it is, and every now and then a reload, a rotation, a change of the
// inventory.
func (r *rig) step(n int) fault {
	f := r.schedule[n/stay%len(r.schedule)]
	if n%stay == 0 || f.once {
		r.cloud.Service.ClearFaults()
		f.inject(r.cloud.Service)
	}
	r.kept = false
	switch {
	case n%37 == 10:
		r.reload()
	case !r.broken && r.random.IntN(40) == 0:
		r.post(http.StatusOK)
		r.reloaded++
		r.kept = true
	case n%13 == 6:
		r.recreate()
	case n%53 == 20:
		r.rotate()
	case n%11 == 5:
		r.cloud.Account.Put(calm, ossvtest.Bucket{Name: "comes-and-goes"})
	case n%11 == 9:
		r.cloud.Account.Remove(calm, "comes-and-goes")
	}
	return f
}

// reload changes the configuration and has it loaded: by POST, by SIGHUP, and a broken one by POST, in turn.
func (r *rig) reload() {
	kind := (r.reloads + r.refused) % 3
	r.extra, r.broken = r.extra != (kind != 2), kind == 2
	r.configure()
	if kind == 1 {
		r.reloads++
		r.must(r.process.Signal(syscall.SIGHUP))
		return
	}
	if r.broken {
		r.refused++
		r.post(http.StatusInternalServerError)
		return
	}
	r.reloads++
	r.post(http.StatusOK)
}

// post has the file loaded.
func (r *rig) post(want int) {
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodPost, r.web.URL+"/-/reload", http.NoBody)
	r.must(err)
	resp, err := r.web.Client.Do(req)
	r.must(err)
	r.must(resp.Body.Close())
	if resp.StatusCode != want {
		r.t.Fatalf("reload: %s, want %d", resp.Status, want)
	}
}

// visit loads the other pages, and every now and then hangs up in the middle of a scrape.
func (r *rig) visit(n int) {
	paths := []string{"/", "/discovery", "/api/v1/buckets", "/probe?account=" + account + "&region=" + calm, "/-/ready"}
	if _, err := r.web.Fetch(r.t.Context(), paths[n%len(paths)]); err != nil {
		r.t.Error(err)
	}
	if n%7 == 3 {
		ctx, cancel := context.WithTimeout(r.t.Context(), time.Millisecond)
		defer cancel()
		_, _ = r.web.Fetch(ctx, "/metrics") // may be done within the millisecond, too
		r.idle()
	}
}

// idle waits until the exporter has noticed the hang-up. A scrape that came before would share the listing of the one that
// is gone, rightly, and so show what was before the next step's change.
func (r *rig) idle() {
	for began := time.Now(); time.Since(began) < 10*time.Second; {
		samples, err := r.web.Scrape(r.t.Context(), "/metrics/exporter")
		r.must(err)
		if samples["promhttp_metric_handler_requests_in_flight"] == 1 { // this very request
			return
		}
	}
	r.t.Error("a scrape goes on 10 s after its client hung up")
}

func (r *rig) scrape() process.Samples {
	samples, err := r.web.Scrape(r.t.Context(), "/metrics")
	r.must(err)
	return samples
}
