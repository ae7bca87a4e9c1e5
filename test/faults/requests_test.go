package faults

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

func absurdQueries(t *testing.T, x *exporter) {
	before, from := x.scrape(t), x.logSize()
	long := strings.Repeat("x", 20_000)
	for query, want := range map[string]int{
		"/metrics?x=y&x=z":                               200,
		"/metrics?%zz":                                   200,
		"/probe":                                         400,
		"/probe?":                                        400,
		"/probe?account=":                                400,
		"/probe?account=nobody":                          400,
		"/probe?account=struck&region=nowhere":           400,
		"/probe?account=struck&account=other":            400,
		"/probe?account=struck&regions=cn-calm-1":        400,
		"/probe?account=struck;region=cn-calm-1":         400,
		"/probe?account=%zz":                             400,
		"/probe?account=%00":                             400,
		"/probe?account=" + long:                         400,
		"/probe?" + long:                                 400,
		"/probe?account=<script>alert(1)</script>":       400,
		"/probe?account=..%2f..%2fetc%2fpasswd":          400,
		"/api/v1/buckets?region=nowhere":                 400,
		"/api/v1/buckets?account=nobody&format=x":        400,
		"/api/v1/buckets/../../etc/passwd":               404,
		"/metrics/":                                      404,
		"/none":                                          404,
		"/debug/pprof/none":                              404,
		"/" + strings.Repeat("a/", 10_000):               404,
		"/-/reload/x":                                    404,
		"/probe?account=struck&region=cn-calm-1":         200,
		"/probe?region=cn-calm-1&account=struck":         200,
		"/metrics?name[]=ossvector_up&name[]=" + long:    200,
		"/discovery?account=%F0%9F%92%A9":                400,
		"/api/v1/buckets?account=other&region=cn-calm-1": 400,
	} {
		resp, err := x.get(t.Context(), strings.NewReplacer("<", "%3C", ">", "%3E").Replace(query))
		must(t, err)
		body, err := io.ReadAll(resp.Body)
		must(t, err)
		resp.Body.Close()
		if resp.StatusCode != want && (want != 404 || resp.StatusCode > 404) {
			t.Errorf("%.80s: status %d, want %d: %.300s", query, resp.StatusCode, want, body)
		}
		if resp.StatusCode >= 400 && (len(body) > 1000 || strings.Contains(media(resp), "html")) {
			t.Errorf("%.80s: %d bytes of %s", query, len(body), media(resp))
		}
	}
	x.quiet(t, before, from)
}

func media(r *http.Response) string { return r.Header.Get("Content-Type") }

func absurdAccepts(t *testing.T, x *exporter) {
	before, from := x.scrape(t), x.logSize()
	for _, h := range []http.Header{
		{"Accept": {"text/html;q=x, */*;q=-1"}}, {"Accept": {strings.Repeat("a/b,", 5000)}}, {"Accept": {"application/openmetrics-text;version=99"}},
		{"Accept-Encoding": {"br;q=nan, zstd, identity;q=0, *;q=0"}}, {"Accept-Encoding": {"gzip, gzip, gzip"}},
		{"Range": {"bytes=0-0"}}, {"If-None-Match": {"*"}}, {"Expect": {"100-continue"}}, {"Te": {"trailers"}},
		{"X-Forwarded-Host": {"evil.example"}}, {"Cookie": {strings.Repeat("a=b;", 5000)}},
	} {
		if status, body := x.send(t, http.MethodGet, "/metrics", h); status != http.StatusOK {
			t.Errorf("%.80v: status %d: %.300s", h, status, body)
		}
	}
	x.quiet(t, before, from)
}

func wrongMethods(t *testing.T, x *exporter) {
	before, from := x.scrape(t), x.logSize()
	asked := x.cloud.Requests()
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND", "get"} {
		for _, path := range []string{"/", "/metrics", "/probe?account=struck", "/api/v1/buckets", "/discovery", "/-/healthy"} {
			req, err := http.NewRequestWithContext(t.Context(), method, x.web.URL+path, http.NoBody)
			must(t, err)
			resp, err := x.web.Client.Do(req)
			must(t, err)
			resp.Body.Close()
			if resp.StatusCode != http.StatusMethodNotAllowed || resp.Header.Get("Allow") == "" {
				t.Errorf("%s %s: status %d, Allow %q", method, path, resp.StatusCode, resp.Header.Get("Allow"))
			}
		}
	}
	if status, _ := x.send(t, http.MethodGet, "/-/reload", nil); status != http.StatusMethodNotAllowed {
		t.Errorf("GET /-/reload: status %d", status)
	}
	if status, body := x.send(t, http.MethodHead, "/metrics", nil); status != http.StatusOK || body != "" {
		t.Errorf("HEAD: status %d: %s", status, body)
	}
	if n := x.cloud.Requests() - asked; n != 0 {
		t.Errorf("%d requests to the cloud", n)
	}
	x.quiet(t, before, from)
}

func bodies(t *testing.T, x *exporter) {
	before, from := x.scrape(t), x.logSize()
	for _, head := range []string{
		"GET /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello",
		"POST /-/reload HTTP/1.1\r\nHost: x\r\nContent-Length: 9999999999\r\n\r\n" + strings.Repeat("x", 1000),
		"GET /probe?account=struck HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
	} {
		if answer := x.raw(t, head); !strings.Contains(answer, " 413 ") {
			t.Errorf("%.40q: %.200q", head, answer)
		}
	}
	x.quiet(t, before, from)
}
