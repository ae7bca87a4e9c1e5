package exposition

import (
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// answers serves the same families twice: at /ours by an Encoder, at /theirs by promhttp.
func answers(t testing.TB, families []*Family) *http.ServeMux {
	e := NewEncoder()
	mux := http.NewServeMux()
	mux.HandleFunc("/ours", func(w http.ResponseWriter, r *http.Request) {
		if err := e.Serve(w, r, families); err != nil {
			t.Errorf("%v: %v", r.Header, err)
		}
	})
	mux.Handle("/theirs", promhttp.HandlerFor(gauged(families...), promhttp.HandlerOpts{EnableOpenMetrics: true}))
	return mux
}

// answer is what a client sees.
type answer struct {
	Status               int
	Type, Encoding, Body string
	Vary                 []string
}

// client asks a server of answers.
type client struct{ *httptest.Server }

func newClient(t testing.TB, families ...*Family) client {
	ts := httptest.NewServer(answers(t, families))
	t.Cleanup(ts.Close)
	ts.Client().Transport.(*http.Transport).DisableCompression = true
	return client{ts}
}

func (c client) ask(t testing.TB, method, path string, header http.Header) answer {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, c.URL+path, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = header
	resp, err := c.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	a := answer{resp.StatusCode, resp.Header.Get("Content-Type"), resp.Header.Get("Content-Encoding"), string(body), resp.Header["Vary"]}
	if a.Encoding == "gzip" && method != http.MethodHead {
		a.Body = gunzip(t, body)
	}
	return a
}

// accepts are headers of real clients, and others.
func accepts() []string {
	const openMetrics = "application/openmetrics-text"
	const proto = "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily"
	return []string{
		"", "*/*", "text/plain", "text/*", "text/html", "text/plain;version=0.0.4;q=0.2", "text/plain;version=1.0.0", "garbage", ";;,",
		openMetrics, openMetrics + ";version=1.0.0", openMetrics + ";version=0.0.1", openMetrics + ";version=2.0.0",
		openMetrics + ";version=1.0.0;q=0", openMetrics + ";version=1.0.0;q=0.1,text/plain;q=0.9",
		openMetrics + ";version=1.0.0;escaping=allow-utf-8;q=0.6," + openMetrics + ";version=0.0.1;q=0.5,text/plain;version=1.0.0;" +
			"escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
		openMetrics + ";version=1.0.0;escaping=dots", openMetrics + ";version=1.0.0;escaping=values",
		"text/plain;version=0.0.4;escaping=underscores", "text/plain;escaping=nonsense",
		proto + ";encoding=delimited", proto + ";encoding=text", proto + ";encoding=compact-text", proto + ";encoding=nonsense",
		proto + ";encoding=delimited;q=0.7," + openMetrics + ";version=1.0.0;q=0.6",
	}
}

// encodings are values of Accept-Encoding. "|" begins another line, and "-" sends none.
func encodings() []string {
	return []string{
		"-", "", "gzip", "identity", "*", "gzip, deflate, br", "deflate", "br, zstd", "x-gzip", "GZIP", "gzip;q=0", "*;q=0",
		"identity;q=0", "identity;q=0,*;q=0", "identity;q=0, gzip;q=0.1", "gzip;q=0.5, identity;q=0.4", "gzip;q=0.4, identity;q=0.5",
		"gzip;q=1.0, identity; q=0.5, *;q=0", "gzip ; q=0.8", "gzip; level=1", "gzip; level=1|gzip", "gzip;q=2", "gzip;q=0.", "gzip;q=1.5",
		"gzip;q=", "gzip;q=x,identity", ",gzip", "gzip,,identity", "identity|gzip", "gzip;q=0.2|identity;q=0.3", "*;q=0.5, gzip;q=0.4",
		"*;q=0.4, gzip;q=0.5", "zstd;q=1.0, gzip;q=0.9", "gzip;q=0.99999999999999999999999999999999", "deflate;q=0." + strings.Repeat("0", 64) + ",gzip", "g/zip", "gzip\tidentity",
	}
}

func headers(accept, encoding string) http.Header {
	h := http.Header{"Accept": {accept}}
	if encoding != "-" {
		h["Accept-Encoding"] = strings.Split(encoding, "|")
	}
	return h
}

// Whatever a client asks for, it gets what promhttp would have given it.
func TestNegotiationIsThatOfPromhttp(t *testing.T) {
	c := newClient(t, joined(t, gauges("a_kept", 20, 3), gauges("b_empty", 0), gauges("u_passing", -20))...)
	var types, compressed []string
	for _, accept := range accepts() {
		for _, encoding := range encodings() {
			h := headers(accept, encoding)
			ours := c.ask(t, http.MethodGet, "/ours", h)
			if diff := cmp.Diff(c.ask(t, http.MethodGet, "/theirs", h), ours); diff != "" {
				t.Errorf("%q %q: -promhttp +ours:\n%.2000s", accept, encoding, diff)
			}
			types, compressed = append(types, ours.Type), append(compressed, ours.Encoding)
		}
	}
	for _, seen := range []struct {
		values []string
		want   int
	}{{types, 8}, {compressed, 2}} {
		slices.Sort(seen.values)
		if n := len(slices.Compact(seen.values)); n < seen.want {
			t.Errorf("%d different ones, want %d: the table proves less than it says", n, seen.want)
		}
	}
}

func TestHead(t *testing.T) {
	c := newClient(t)
	for _, accept := range accepts() {
		for _, encoding := range encodings() {
			h := headers(accept, encoding)
			ours, theirs := c.ask(t, http.MethodHead, "/ours", h), c.ask(t, http.MethodHead, "/theirs", h)
			if diff := cmp.Diff(theirs, ours); diff != "" || ours.Body != "" {
				t.Errorf("%q %q: -promhttp +ours:\n%.2000s", accept, encoding, diff)
			}
		}
	}
}

func TestNames(t *testing.T) {
	c := newClient(t, joined(t, gauges("a_kept", 20, 3), gauges("b_empty", 0), gauges("u_passing", -20))...)
	for _, query := range []string{
		"?name[]=a_kept", "?name[]=f_total&name[]=a_kept&name[]=none", "?name%5B%5D=h", "?name[]=", "?name=a_kept", "?name[]=b_empty",
		"?name[]=%zz", "?name[]=s;name[]=h",
	} {
		for _, accept := range accepts() {
			h := headers(accept, "gzip")
			ours, theirs := c.ask(t, http.MethodGet, "/ours"+query, h), c.ask(t, http.MethodGet, "/theirs"+query, h)
			if diff := cmp.Diff(theirs, ours); diff != "" {
				t.Errorf("%s %q: -promhttp +ours:\n%.2000s", query, accept, diff)
			}
		}
	}
}

func FuzzAcceptEncoding(f *testing.F) {
	for _, encoding := range encodings() {
		one, other, _ := strings.Cut(encoding, "|")
		f.Add(one, other)
	}
	h := answers(f, nil)
	f.Fuzz(func(t *testing.T, one, other string) {
		var got [2]string
		for i, path := range []string{"/ours", "/theirs"} {
			w := httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodGet, path, http.NoBody)
			r.Header["Accept-Encoding"] = []string{one, other}
			h.ServeHTTP(w, r)
			got[i] = w.Header().Get("Content-Encoding")
		}
		if got[0] != got[1] {
			t.Errorf("%q %q: %q, promhttp answers %q", one, other, got[0], got[1])
		}
	})
}

func TestTwoSourcesOfOneName(t *testing.T) {
	families, err := Join(gauged(gauges("b", 1), gauges("a", 2)), gauged(gauges("b", 3)), gauged(gauges("c", 4)))
	if err == nil || !strings.Contains(err.Error(), "two sources of metric b") {
		t.Errorf("error %v", err)
	}
	var got []string
	for _, f := range families {
		got = append(got, f.Name())
	}
	if diff := cmp.Diff([]string{"a", "b", "c"}, got); diff != "" || families[1].series() != 1 {
		t.Errorf("%d series of b, -want +got:\n%s", families[1].series(), diff)
	}
}

// An answer that is compressed on its way is the same with its status and its deadline.
func TestCompressed(t *testing.T) {
	body := make([]byte, 5*pieceSize)
	_, _ = rand.NewChaCha8([32]byte{}).Read(body)
	ts := httptest.NewServer(NewEncoder().Compressed(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := http.NewResponseController(w).SetWriteDeadline(time.Now().Add(time.Hour)); err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", "text/x")
		w.WriteHeader(http.StatusTeapot)
		_, _ = w.Write(body)
	})))
	t.Cleanup(ts.Close)
	ts.Client().Transport.(*http.Transport).DisableCompression = true
	for accept, encoding := range map[string]string{"gzip": "gzip", "br": "", "gzip;q=0": ""} {
		got := client{ts}.ask(t, http.MethodGet, "/", http.Header{"Accept-Encoding": {accept}})
		want := answer{http.StatusTeapot, "text/x", encoding, string(body), []string{"Accept-Encoding"}}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%q: %d %q %q, %d bytes", accept, got.Status, got.Type, got.Encoding, len(got.Body))
		}
	}
}
