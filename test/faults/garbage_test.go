package faults

import (
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"ossvector_exporter/ossvapi/ossvtest"
	"ossvector_exporter/test/simulation"
)

// garbage is what is no HTTP or hardly any.
func garbage() []row {
	r := func(id string, texts ...string) row {
		return row{id: id, do: func(t *testing.T, x *exporter) { x.talkNonsense(t, texts) }}
	}
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]string, 50)
	for i := range noise {
		b := make([]byte, 1+random.IntN(2000))
		for j := range b {
			b[j] = byte(random.UintN(256))
		}
		noise[i] = string(b) + "\r\n\r\n"
	}
	return []row{
		r("garbage-noise", noise...),
		r("garbage-tls", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"+strings.Repeat("x", 600)+"\r\n\r\n"),
		r("garbage-http2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"+strings.Repeat("\x00", 64)+"\r\n\r\n"),
		r("garbage-no-host", "GET /metrics HTTP/1.1\r\n\r\n"),
		r("garbage-two-hosts", "GET /metrics HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"),
		r("garbage-bad-host", "GET /discovery HTTP/1.1\r\nHost: a b\r\n\r\n"),
		r("garbage-version", "GET /metrics HTTP/9.9\r\nHost: a\r\n\r\n", "GET /metrics\r\n\r\n", "GET  /metrics HTTP/1.1\r\n\r\n"),
		r("garbage-lengths", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
			"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
		r("garbage-huge-header", "GET / HTTP/1.1\r\nHost: a\r\n"+strings.Repeat("X-A: "+strings.Repeat("a", 1000)+"\r\n", 200)+"\r\n"),
		r("garbage-huge-path", "GET /"+strings.Repeat("a", 200_000)+" HTTP/1.1\r\nHost: a\r\n\r\n"),
		r("garbage-header-bytes", "GET / HTTP/1.1\r\nHost: a\r\nX\x00: b\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n folded\r\n\r\n"),
		r("garbage-proxying", "CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n",
			"GET http://example.com/secret HTTP/1.1\r\nHost: example.com\r\nConnection: close\r\n\r\n"),
	}
}

// talkNonsense expects an answer that refuses, or an end without any, and that nothing comes of it.
func (x *exporter) talkNonsense(t *testing.T, texts []string) {
	t.Helper()
	before, from := x.scrape(t), x.logSize()
	asked := x.cloud.Service.Count(ossvtest.Match{Account: simulation.AccountID})
	for _, text := range texts {
		if answer := x.raw(t, text); answer != "" && !strings.HasPrefix(answer, "HTTP/1.1 4") && !strings.HasPrefix(answer, "HTTP/1.1 505 ") {
			t.Errorf("%.60q is answered: %.200q", text, answer)
		}
	}
	if n := x.cloud.Service.Count(ossvtest.Match{Account: simulation.AccountID}) - asked; n != 0 {
		t.Errorf("%d requests to the cloud", n)
	}
	x.quiet(t, before, from)
}

// raw sends bytes and returns what comes back until the exporter closes the connection.
func (x *exporter) raw(t *testing.T, text string) string {
	t.Helper()
	c, err := net.Dial("tcp", x.process.Addr)
	must(t, err)
	defer c.Close()
	must(t, c.SetDeadline(time.Now().Add(waitLimit)))
	_, _ = io.WriteString(c, text) // it may be refused half way
	b, err := io.ReadAll(io.TeeReader(c, x.suite.leaks.ear("raw")))
	if errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%.60q: the connection stays open", text)
	}
	return string(b)
}
