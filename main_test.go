package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"ossvector_exporter/ossvapi/ossvtest"
)

// asProgram is the variable that makes the test's binary the exporter, for tests of a process.
const asProgram = "OSSVECTOR_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	goleak.VerifyTestMain(m)
}

// console is a process's standard error that can be read while it is written.
type console struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (c *console) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.buf.Write(p)
}

func (c *console) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.buf.String()
}

// await polls until text has a match of the expression and returns its groups.
func (c *console) await(t *testing.T, expression string) []string {
	t.Helper()
	re := regexp.MustCompile(expression)
	for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if m := re.FindStringSubmatch(c.String()); m != nil {
			return m
		}
	}
	t.Fatalf("no match of %s in:\n%s", expression, c)
	return nil
}

// exporter is a running exporter.
type exporter struct {
	url  string
	log  *console
	stop func() error
}

func start(t *testing.T, args ...string) *exporter {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	e := &exporter{log: &console{}}
	done := make(chan error, 1)
	go func() { done <- run(ctx, append(args, "--web.listen-address=127.0.0.1:0"), io.Discard, e.log) }()
	e.stop = sync.OnceValue(func() error { cancel(); return <-done })
	t.Cleanup(func() { _ = e.stop() })
	e.url = "http://" + e.log.await(t, `msg="Listening on" .*address=(\S+)`)[1]
	return e
}

func (e *exporter) do(t *testing.T, method, path string) (status int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, e.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestDemoShowsEveryKindOfSeries(t *testing.T) {
	e := start(t, "--demo")
	if _, page := e.do(t, http.MethodGet, "/"); strings.Contains(page, "Not listed yet") {
		t.Error("the demo's page is not filled at the first look")
	}
	_, text := e.do(t, http.MethodGet, "/metrics")
	for _, want := range []string{
		`ossvector_up{account="production",region="cn-hangzhou"} 1`,
		`ossvector_scrape_pages{account="production",region="cn-hangzhou"} 3`,
		`ossvector_buckets{account="production",region="eu-central-1"} 0`,
		`ossvector_up{account="staging",region="us-west-1"} 0`,
		`reason="access_denied",region="us-west-1",status="403"} 1`,
		`ossvector_exporter_config_last_reload_successful 1`,
		`go_goroutines`,
		`promhttp_metric_handler_errors_total`,
	} {
		if !strings.Contains(text, want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	for _, path := range []string{"/", "/probe?account=staging", "/discovery", "/api/v1/buckets", "/metrics/exporter", "/-/ready"} {
		if status, body := e.do(t, http.MethodGet, path); status != http.StatusOK {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if err := e.stop(); err != nil {
		t.Errorf("a stop on request is no error, got %v", err)
	}
}

// TestREADMEHasEveryMetric holds the README's table against what the exporter serves, both ways.
func TestREADMEHasEveryMetric(t *testing.T) {
	e := start(t, "--demo")
	_, text := e.do(t, http.MethodGet, "/metrics")
	var served []string
	for _, m := range regexp.MustCompile(`(?m)^# TYPE (ossvector_\S+)`).FindAllStringSubmatch(text, -1) {
		served = append(served, m[1])
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var documented []string
	for _, m := range regexp.MustCompile("(?m)^\\| `(ossvector_[a-z_]+)` \\|").FindAllSubmatch(readme, -1) {
		documented = append(documented, string(m[1]))
	}
	slices.Sort(served)
	slices.Sort(documented)
	if !slices.Equal(served, documented) {
		t.Errorf("served:     %v\ndocumented: %v", served, documented)
	}
}

func TestOnce(t *testing.T) {
	var stdout, stderr bytes.Buffer
	err := run(t.Context(), []string{"--demo", "--once", "--log.format=json"}, &stdout, &stderr)
	if err == nil || err.Error() != "1 of 7 regions could not be listed: ossvector_last_error_info in the output says why, and --doctor what to do" {
		t.Errorf("the demo's denied region must show in the result, got %v", err)
	}
	for line := range strings.Lines(stdout.String()) {
		if !strings.HasPrefix(strings.TrimPrefix(strings.TrimPrefix(line, "# HELP "), "# TYPE "), "ossvector_") {
			t.Fatalf("a series that node_exporter has too: %s", line)
		}
	}
	if !strings.Contains(stdout.String(), `ossvector_buckets{account="staging",region="cn-beijing"} 86`) {
		t.Error("the scrape is not on standard output")
	}
	if !strings.Contains(stderr.String(), `"region":"us-west-1"`) {
		t.Errorf("the log does not name the failing region: %s", &stderr)
	}
}

// ended is a context that is over: an exporter that starts with it although it should not ends at once.
func ended(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// indexedCloud serves an account with three buckets in cn-hangzhou, and writes a configuration that lists it with indexes.
func indexedCloud(t *testing.T, o ossvtest.Options) (cloud *ossvtest.Server, account *ossvtest.Account, file string) {
	t.Helper()
	cloud = ossvtest.New(o)
	account = cloud.AddAccount("1037350000000000", ossvtest.Key{ID: "LTAIexample", Secret: "s"})
	account.Fill("cn-hangzhou", 3)
	ts := httptest.NewServer(cloud)
	t.Cleanup(ts.Close)
	file = filepath.Join(t.TempDir(), "config.yml")
	write(t, file, "accounts: [{name: a, regions: [cn-hangzhou], indexes: true, endpoint: '"+ts.URL+"', "+
		"credentials: {type: static, access_key_id: LTAIexample, access_key_secret: s}}]")
	return cloud, account, file
}

// Indexes that could not be listed are told on the last line, like regions.
func TestOnceWithIndexes(t *testing.T) {
	cloud, _, file := indexedCloud(t, ossvtest.Options{})
	if err := run(t.Context(), []string{"--once", "--config.file=" + file}, io.Discard, io.Discard); err != nil {
		t.Errorf("all is well, got %v", err)
	}
	cloud.Inject(ossvtest.Fault{Match: ossvtest.Match{Operation: ossvtest.ListVectorIndexes}, Do: ossvtest.Deny()})
	log := &console{}
	err := run(t.Context(), []string{"--once", "--config.file=" + file}, io.Discard, log)
	if err == nil || err.Error() != "the indexes of 3 buckets could not be listed: ossvector_last_error_info in the output says why, and --doctor what to do" {
		t.Errorf("got %v", err)
	}
	if lines := strings.Split(strings.TrimSpace(log.String()), "\n"); !strings.Contains(lines[len(lines)-1], "the indexes of 3 buckets") {
		t.Errorf("the last line is %s", lines[len(lines)-1])
	}
}

// Where the endpoint lists the whole account, the indexes of a region that is not configured are nothing that it asks for.
func TestOnceWithIndexesElsewhere(t *testing.T) {
	_, account, file := indexedCloud(t, ossvtest.Options{WholeAccount: true})
	account.Fill("cn-shanghai", 2)
	stdout := &bytes.Buffer{}
	if err := run(t.Context(), []string{"--once", "--config.file=" + file}, stdout, io.Discard); err != nil {
		t.Errorf("every region answered, got %v", err)
	}
	if want := `ossvector_index_failed_buckets{account="a",region="cn-shanghai"} 2`; !strings.Contains(stdout.String(), want) {
		t.Errorf("no %s", want)
	}
}

func TestCommandLine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yml")
	write(t, file, "accounts: [{name: a, regions: [cn-hangzhou], page_size: 0}, {name: a, regions: [x]}]")
	unreadable := filepath.Join(t.TempDir(), "config.yml")
	write(t, unreadable, "accounts: [{name: a, regions: [cn-a], tls_config: {ca_file: none.pem}}, "+
		"{name: b, regions: [cn-b], tls_config: {ca: garbage}, page_size: 0}]")
	good := filepath.Join(t.TempDir(), "config.yml")
	write(t, good, "accounts: [{name: a, regions: [cn-a], credentials: {type: static, access_key_id: LTAI, access_key_secret: s}}]")
	careless := filepath.Join(t.TempDir(), "config.yml")
	write(t, careless, "accounts: [{name: a, regions: [cn-a], prefix: '${PREFIX}', credentials: {type: static, access_key_id_file: none, access_key_secret: s}}]")
	tests := map[string]struct {
		args []string
		out  string // in the output
		err  string // in the error; empty: none
	}{
		"version":         {args: []string{"--version"}, out: "ossvector_exporter, version"},
		"help":            {args: []string{"--help"}, out: "--web.telemetry-path"},
		"stray":           {args: []string{"extra"}, err: "unexpected extra; see --help"},
		"unknown flag":    {args: []string{"--nonsense"}, err: "unknown long flag '--nonsense'"},
		"no file":         {args: []string{"--config.file=/nonexistent.yml"}, err: "/nonexistent.yml: the configuration file does not exist"},
		"bad path":        {args: []string{"--demo", "--web.telemetry-path=metrics"}, err: "web.telemetry-path"},
		"negative offset": {args: []string{"--demo", "--web.timeout-offset=-1s"}, err: "negative"},
		"every problem":   {args: []string{"--config.check", "--config.file=" + file}, err: "accounts[1].regions[0]"},
		"every account":   {args: []string{"--config.check", "--config.file=" + unreadable}, err: unreadable + ":1: accounts[1].tls_config.ca: "},
		"the first, too":  {args: []string{"--config.check", "--config.file=" + unreadable}, err: unreadable + ":1: accounts[0].tls_config.ca_file: "},
		"the others, too": {args: []string{"--config.check", "--config.file=" + unreadable}, err: "accounts[1].page_size: "},
		"empty path":      {args: []string{"--demo", "--web.telemetry-path="}, err: "--web.telemetry-path"},
		"checked path":    {args: []string{"--config.check", "--demo", "--web.telemetry-path=bad"}, err: `--web.telemetry-path "bad" must begin`},
		"checked offset":  {args: []string{"--config.check", "--demo", "--web.timeout-offset=-1s"}, err: "--web.timeout-offset -1s is negative"},
		"every flag":      {args: []string{"--config.check", "--config.file=" + file, "--web.timeout-offset=-1s"}, err: "--web.timeout-offset"},
		"web config":      {args: []string{"--demo", "--config.check", "--web.config.file=" + file}, err: file + ":"},
		"schema":          {args: []string{"--config.schema"}, out: `"title": "ossvector_exporter configuration"`},
		"valid":           {args: []string{"--config.check", "--config.file=" + good}, out: "the configuration is valid"},
		"key file":        {args: []string{"--config.check", "--config.file=" + careless}, err: "accounts[0].credentials: the file of credentials.access_key_id_file, "},
		"variable":        {args: []string{"--config.check", "--config.file=" + careless}, err: careless + ":1: accounts[0].prefix: a variable stands in it"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var stdout bytes.Buffer
			err := run(ended(t), test.args, &stdout, io.Discard)
			if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
				t.Errorf("want an error with %q, got %v", test.err, err)
			}
			if !strings.Contains(stdout.String(), test.out) {
				t.Errorf("want %q in the output, got %s", test.out, &stdout)
			}
		})
	}
}

func TestFlagsFromTheEnvironment(t *testing.T) {
	t.Setenv("OSSVECTOR_EXPORTER_DEMO", "true")
	t.Setenv("OSSVECTOR_EXPORTER_WEB_TELEMETRY_PATH", "/here")
	t.Setenv("OSSVECTOR_EXPORTER_HELP", "true")
	t.Setenv("OSSVECTOR_EXPORTER_VERSION", "true")
	e := start(t)
	if status, text := e.do(t, http.MethodGet, "/here"); status != http.StatusOK || !strings.Contains(text, "ossvector_up") {
		t.Errorf("status %d at the path from the environment", status)
	}
}

func TestReload(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yml")
	// Nothing listens on port 1, so that every listing fails at once.
	config := func(regions string) string {
		return "accounts: [{name: a, regions: [" + regions + "], endpoint: 'http://127.0.0.1:1', max_attempts: 1, " +
			"credentials: {type: static, access_key_id: LTAIexample, access_key_secret: marked-secret}}]"
	}
	write(t, file, config("cn-hangzhou"))
	e := start(t, "--config.file="+file, "--web.enable-lifecycle")
	_, text := e.do(t, http.MethodGet, "/metrics")
	want(t, text, `ossvector_up{account="a",region="cn-hangzhou"} 0`)

	write(t, file, config("cn-shanghai"))
	began := time.Now().Truncate(time.Millisecond)
	if status, body := e.do(t, http.MethodPost, "/-/reload"); status != http.StatusOK {
		t.Fatalf("reload: %d %s", status, body)
	}
	_, text = e.do(t, http.MethodGet, "/metrics")
	loaded := loadedAt(t, text)
	if loaded.Before(began) || loaded.After(time.Now()) {
		t.Errorf("loaded at %s by a reload of %s", loaded, began)
	}
	want(t, text, `ossvector_up{account="a",region="cn-shanghai"} 0`)
	if strings.Contains(text, "cn-hangzhou") {
		t.Error("series of a region that is gone stay")
	}

	write(t, file, "accounts: oops")
	status, body := e.do(t, http.MethodPost, "/-/reload")
	if status != http.StatusInternalServerError || !strings.Contains(body, "accounts") {
		t.Errorf("a broken file must be refused with its reason: %d %s", status, body)
	}
	_, text = e.do(t, http.MethodGet, "/metrics")
	want(t, text, `ossvector_up{account="a",region="cn-shanghai"} 0`, "ossvector_exporter_config_last_reload_successful 0")
	if at := loadedAt(t, text); !at.Equal(loaded) {
		t.Errorf("a reload that failed moved the time of loading from %s to %s", loaded, at)
	}

	write(t, file, config("cn-beijing"))
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	e.log.await(t, `(?s)reload failed.*msg="configuration loaded"`)
	_, text = e.do(t, http.MethodGet, "/metrics")
	want(t, text, `ossvector_up{account="a",region="cn-beijing"} 0`, "ossvector_exporter_config_last_reload_successful 1")
	if strings.Contains(text+e.log.String(), "marked-secret") {
		t.Error("a secret shows")
	}
}

// loadedAt reads when the configuration in use was loaded.
func loadedAt(t *testing.T, metrics string) time.Time {
	t.Helper()
	_, rest, _ := strings.Cut(metrics, "\nossvector_exporter_config_last_reload_success_timestamp_seconds ")
	value, _, _ := strings.Cut(rest, "\n")
	seconds, err := strconv.ParseFloat(value, 64)
	if err != nil {
		t.Fatal(err)
	}
	return time.UnixMilli(int64(math.Round(seconds * 1e3)))
}

// A SIGHUP that comes while the first configuration is loading is a reload after it.
func TestHangupWhileLoading(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yml")
	config := "accounts: [{name: a, regions: [cn-hangzhou], credentials: {type: static, access_key_id: LTAIexample, access_key_secret: s}}]\n"
	if err := syscall.Mkfifo(file, 0o600); err != nil {
		t.Fatal(err)
	}
	first, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	hungUp := make(chan error, 1)
	go func() {
		// More than a pipe holds: when it is written, the load has begun to read.
		_, err := first.WriteString(strings.Repeat("#\n", 1<<17))
		hungUp <- errors.Join(err,
			os.Remove(file), os.WriteFile(file, []byte(config), 0o600), // what the reload finds
			syscall.Kill(os.Getpid(), syscall.SIGHUP),
			func() error { _, err := first.WriteString(config); return err }(), first.Close())
	}()
	e := start(t, "--config.file="+file)
	if err := <-hungUp; err != nil {
		t.Fatal(err)
	}
	e.log.await(t, `(?s)msg="configuration loaded".*msg="configuration loaded"`)
	if err := e.stop(); err != nil {
		t.Error(err)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func want(t *testing.T, text string, lines ...string) {
	t.Helper()
	for _, line := range lines {
		if !strings.Contains(text, line) {
			t.Errorf("no %s in:\n%s", line, text)
		}
	}
}

// The flag turns automatic reloads on, which are told like any other.
func TestAutoReload(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yml")
	config := func(region string) string {
		return "accounts: [{name: a, regions: [" + region + "], endpoint: 'http://127.0.0.1:1', max_attempts: 1, " +
			"credentials: {type: static, access_key_id: LTAIexample, access_key_secret: s}}]"
	}
	write(t, file, config("cn-hangzhou"))
	e := start(t, "--config.file="+file, "--config.enable-auto-reload", "--config.auto-reload-interval=1ms")
	write(t, file, config("cn-shanghai"))
	e.log.await(t, `(?s)msg="configuration loaded".*msg="configuration loaded"`)
	_, text := e.do(t, http.MethodGet, "/metrics")
	want(t, text, `ossvector_up{account="a",region="cn-shanghai"} 0`, "ossvector_exporter_config_last_reload_successful 1")
	write(t, file, "accounts: oops")
	e.log.await(t, "reload failed")
	_, text = e.do(t, http.MethodGet, "/metrics")
	want(t, text, "ossvector_exporter_config_last_reload_successful 0")
}
