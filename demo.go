package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/exporter-toolkit/web"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi/ossvtest"
)

// demo is the simulated service on a loopback listener of this process.
type demo struct {
	cloud  *ossvtest.DemoCloud
	url    string
	server *http.Server
	done   chan struct{}
}

func startDemo(ctx context.Context) (*demo, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	d := &demo{
		cloud: ossvtest.Demo(ossvtest.Options{}), url: "http://" + listener.Addr().String(), done: make(chan struct{}),
	}
	d.server = &http.Server{Handler: d.cloud, ReadHeaderTimeout: time.Minute}
	go func() {
		defer close(d.done)
		_ = d.server.Serve(listener)
	}()
	return d, nil
}

func (d *demo) close() {
	_ = d.server.Close()
	<-d.done
}

// load is the demo's configuration, read like a file.
func (d *demo) load() (*config.Config, error) {
	var b strings.Builder
	b.WriteString("accounts:\n")
	for _, a := range d.cloud.Accounts {
		fmt.Fprintf(&b, "- {name: %s, endpoint: %q, regions: [%s], page_size: %d, bucket_quota: %d, max_bucket_series: 1000, indexes: %t, ",
			a.Name, d.url, strings.Join(a.Regions, ", "), a.PageSize, a.BucketQuota, a.Indexes)
		fmt.Fprintf(&b, "credentials: {type: static, access_key_id: %s, access_key_secret: %s}}\n", a.Key.ID, a.Key.Secret)
	}
	return config.Load(strings.NewReader(b.String()), config.Options{Name: "demo"})
}

// demoMessage says what is running and, if that is known before it listens, where to look at it.
func demoMessage(f *flags) string {
	message := "demo of simulated accounts with keys that are made up"
	if url := pageURL(f.web); url != "" {
		message += ": look at " + url + " and its " + f.server.TelemetryPath
	}
	return message
}

// pageURL is where a browser on this machine finds the page; empty if the flags alone do not tell.
func pageURL(flags *web.FlagConfig) string {
	host, port, err := net.SplitHostPort((*flags.WebListenAddresses)[0])
	if *flags.WebSystemdSocket || *flags.WebConfigFile != "" || err != nil || port == "" || port == "0" {
		return ""
	}
	if host == "" || net.ParseIP(host).IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, port) + "/"
}
