package faults

import (
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"ossvector_exporter/ossvapi/ossvtest"
)

// fronted is the configuration of one account for each front, and one that reaches the service directly.
func fronted(x *exporter, keys map[string]string, names []string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "scrape: {timeout: %s}\naccounts:\n", deadline)
	for _, name := range append(names, "calm") {
		more := keys[name]
		if !strings.Contains(more, "endpoint:") {
			more += "  endpoint: http://" + x.fronts[name].addr + "\n"
		}
		fmt.Fprintf(&b, `
- name: %s
  regions: [cn-struck-1]
  request_timeout: 1500ms
  max_attempts: 2
  credentials: %s
%s`, name, inline(name), more)
	}
	return b.String()
}

// direct is how the account that nothing happens to reaches the service.
func (x *exporter) direct() string {
	return "  endpoint: " + x.cloud.URL + "\n  request_timeout: 10s\n"
}

// behindFronts starts an exporter with an account and a front for each row.
func behindFronts(t *testing.T, s *suite, rows []row, good func(x *exporter) func(net.Conn), keys func(x *exporter, name string) string) *exporter {
	t.Helper()
	x := &exporter{cloud: startSimulation(t), fronts: map[string]*front{}}
	more, names := map[string]string{"calm": strings.Replace(x.direct(), "  request_timeout: 10s\n", "", 1)}, []string{}
	x.account("calm")
	pass := good(x)
	for _, r := range rows {
		x.fronts[r.id] = newFront(t, pass)
		x.account(r.id)
		more[r.id] = keys(x, r.id)
		names = append(names, r.id)
	}
	started := s.start(t, fronted(x, more, names), launch{})
	started.cloud, started.fronts, started.ca = x.cloud, x.fronts, x.ca
	return started
}

// account adds an account of that name to the service, with a few buckets.
func (x *exporter) account(name string) *ossvtest.Account {
	x.accounts++
	a := x.cloud.Service.AddAccount(fmt.Sprintf("10373500000001%02d", x.accounts), key(name))
	a.Fill(struck.region, 25)
	return a
}

func (x *exporter) cloudAddr() string { return strings.TrimPrefix(x.cloud.URL, "http://") }

// broken is a row of an account of its own whose connections go wrong.
func broken(id string, bad func(net.Conn), reason, status string, tries int) row {
	return row{id: id, strikes: []strike{{
		at: regionKey{id, struck.region}, inject: turned(id, bad), reason: reason, status: status, tries: tries,
	}}}
}

func unreachable(id string, bad func(net.Conn)) row { return broken(id, bad, "network", "none", 2) }

func startTCP(t *testing.T, s *suite) *exporter {
	return behindFronts(t, s, tcp(), func(x *exporter) func(net.Conn) { return passTo(x.cloudAddr()) },
		func(*exporter, string) string { return "" })
}

func tcp() []row {
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	rows := []row{
		{id: "tcp-refused", strikes: []strike{{at: regionKey{"tcp-refused", struck.region}, inject: func(t *testing.T, x *exporter) func() {
			return x.fronts["tcp-refused"].refuse(t)
		}, reason: "network", status: "none", tries: 2, log: "connection refused"}}},
		unreachable("tcp-reset", resets),
		unreachable("tcp-closed", func(net.Conn) {}),
		broken("tcp-silent", silent, "timeout", "none", 2),
		unreachable("tcp-closed-after-request", speaks(false)),
		broken("tcp-half-header", speaks(true, head[:40]), "timeout", "none", 2),
		unreachable("tcp-cut-header", speaks(false, head[:40])),
		broken("tcp-half-open", speaks(true, head+"Content-Length: 1000\r\n\r\n{"), "timeout", "200", 2),
		unreachable("tcp-not-http", speaks(false, "SSH-2.0-OpenSSH_9.6\r\n")),
		unreachable("tcp-bad-status", speaks(false, "HTTP/1.1 abc OK\r\n\r\n")),
		unreachable("tcp-endless-header", repeated("HTTP/1.1 200 OK\r\n", "X-A: "+strings.Repeat("a", 200)+"\r\n")),
		unreachable("tcp-endless-interim", repeated("", "HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n")),
		broken("tcp-bad-chunks", speaks(false, head+"Transfer-Encoding: chunked\r\n\r\n5\r\n{\"Lis\r\nzz\r\n"), "invalid_response", "200", 2),
		broken("tcp-short-length", speaks(false, head+"Content-Length: 1000\r\n\r\n{}"), "invalid_response", "200", 2),
		broken("tcp-double-length", speaks(false, head+"Content-Length: 3\r\nContent-Length: 2\r\n\r\n{}"), "network", "none", 2),
		{id: "tcp-idle-closed", do: idleClosed},
		{id: "dns-unknown", strikes: []strike{renamed("dns-unknown", "http://{region}."+strings.Repeat("x", 64)+".example")}},
	}
	rows[len(rows)-1].strikes[0].log = "cannot resolve the host name"
	return rows
}

// renamed is a configuration with a wrong endpoint, which only another one heals.
func renamed(id, endpoint string) strike {
	return strike{
		at: regionKey{id, struck.region}, reason: "network", status: "none", tries: 2, anew: true,
		inject: func(t *testing.T, x *exporter) func() {
			good := x.config(t)
			x.configure(t, strings.Replace(good, "http://"+x.fronts[id].addr, `"`+endpoint+`"`, 1))
			x.reload(t, http.StatusOK)
			return func() {
				x.configure(t, good)
				x.reload(t, http.StatusOK)
			}
		},
	}
}

// idleClosed ends the idle connections between two scrapes, as a gateway does: nobody may notice.
func idleClosed(t *testing.T, x *exporter) {
	p := regionKey{"tcp-idle-closed", struck.region}
	before := x.scrape(t)
	for range 5 {
		x.fronts[p.account].cut()
		x.fronts[p.account].left(t)
		after := x.scrape(t)
		x.wantUp(t, p, after)
		wantSame(t, "the region", state(before, p), state(after, p))
	}
}
