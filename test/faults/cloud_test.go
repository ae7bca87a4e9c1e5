package faults

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"ossvector_exporter/ossvapi/ossvtest"
	"ossvector_exporter/test/simulation"
)

// deadline is that of every scrape here, by the configuration.
const deadline = 20 * time.Second

// What most rows strike, and what must not notice: a region of the same account, and the same region of another one.
var (
	struck = regionKey{"struck", "cn-struck-1"}
	other  = regionKey{"other", "cn-struck-1"}
)

const otherID = "1037350000000001"

// key is an account's, with everything secret in it marked.
func key(name string) ossvtest.Key {
	return ossvtest.Key{ID: "LTAI" + name, Secret: secret(name), Token: secret(name + "token")}
}

// startSimulation serves two accounts with a few buckets.
func startSimulation(t *testing.T) *simulation.Cloud {
	t.Helper()
	c := simulation.Start(ossvtest.Options{Seed: 1})
	t.Cleanup(c.Close)
	c.Account.SetKeys(key("struck"))
	c.Account.Fill("cn-struck-1", 25)
	c.Account.Fill("cn-calm-1", 5)
	second := c.Service.AddAccount(otherID, key("other"))
	second.Fill("cn-struck-1", 12)
	return c
}

// twoAccounts is the configuration of most rows. A healthy region may be slow here, so only the struck account is short
// of time.
func twoAccounts(url string, timeout time.Duration) string {
	return fmt.Sprintf(`
scrape: {timeout: %s}
accounts:
- name: struck
  regions: [cn-struck-1, cn-calm-1, cn-empty-1]
  endpoint: %s
  page_size: 10
  request_timeout: %s
  max_attempts: 2
  credentials: %s
- name: other
  regions: [cn-struck-1]
  endpoint: %s
  request_timeout: 10s
  credentials: %s
`, deadline, url, timeout, inline("struck"), url, inline("other"))
}

// inline is an account's key as it may stand in the configuration itself.
func inline(name string) string {
	k := key(name)
	return fmt.Sprintf("{type: static, access_key_id: %q, access_key_secret: %q, security_token: %q}", k.ID, k.Secret, k.Token)
}

func startCloud(t *testing.T, s *suite) *exporter {
	t.Helper()
	c := startSimulation(t)
	x := s.start(t, twoAccounts(c.URL, 1500*time.Millisecond), launch{})
	x.cloud = c
	return x
}

// does injects an action where most rows strike.
func does(do ossvtest.Action) func(*testing.T, *exporter) func() { return doesTimes(0, do) }

func doesTimes(n int, do ossvtest.Action) func(*testing.T, *exporter) func() {
	return doesAt(ossvtest.Match{}, n, do)
}

func doesAt(m ossvtest.Match, n int, do ossvtest.Action) func(*testing.T, *exporter) func() {
	m.Account, m.Region, m.Operation = simulation.AccountID, struck.region, ossvtest.ListVectorBuckets
	return func(_ *testing.T, x *exporter) func() {
		return x.cloud.Service.Inject(ossvtest.Fault{Match: m, Times: n, Do: do})
	}
}

// fails is a row of one fault that nothing cures.
func fails(id string, do ossvtest.Action, reason, code, status string, tries int) row {
	return row{id: id, strikes: []strike{{inject: does(do), reason: reason, code: code, status: status, tries: tries}}}
}

// curedRow is a row of one fault that the exporter gets over by itself.
func curedRow(id string, times int, do ossvtest.Action, errors map[string]float64) row {
	return row{id: id, strikes: []strike{{inject: doesTimes(times, do), cured: errors}}}
}

func contentType(t string) http.Header { return http.Header{"Content-Type": {t}} }
