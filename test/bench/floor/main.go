// Command floor is the least that an exporter can do: it reads the service's pages, hashes them, and answers with bytes
// that stand ready. What another one costs beyond it is its own.
package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"hash/maphash"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/signer"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

func main() {
	endpoint := flag.String("endpoint", "", "URL of the API")
	regions := flag.String("regions", "", "regions, separated by commas")
	page := flag.Int("page", 1000, "max-keys")
	answer := flag.String("answer", "", "file with the answer")
	encoding := flag.String("encoding", "identity", "the answer's encoding")
	flag.Parse()
	f := &floor{endpoint: *endpoint, regions: strings.Split(*regions, ","), page: *page, encoding: *encoding}
	if err := f.run(*answer); err != nil {
		fmt.Fprintln(os.Stderr, "floor:", err)
		os.Exit(1)
	}
}

type floor struct {
	endpoint, encoding string
	regions            []string
	page               int
	client             http.Client
	seed               maphash.Seed
	answer             []byte
}

// run serves on a free port of the loopback, and says on which.
func (f *floor) run(answer string) error {
	var err error
	if f.answer, err = os.ReadFile(answer); err != nil {
		return err
	}
	f.seed = maphash.MakeSeed()
	f.client.Transport = &http.Transport{MaxIdleConnsPerHost: len(f.regions)}
	own := prometheus.NewRegistry()
	own.MustRegister(collectors.NewGoCollector())
	mux := http.NewServeMux()
	mux.HandleFunc("/metrics", f.metrics)
	mux.Handle("/metrics/exporter", promhttp.HandlerFor(own, promhttp.HandlerOpts{}))
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	slog.New(slog.NewTextHandler(os.Stderr, nil)).Info("Listening on", "address", l.Addr().String())
	return (&http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}).Serve(l)
}

func (f *floor) metrics(w http.ResponseWriter, r *http.Request) {
	var all sync.WaitGroup
	ctx := r.Context()
	for _, region := range f.regions {
		all.Go(func() {
			if err := f.walk(ctx, region); err != nil {
				fmt.Fprintln(os.Stderr, "floor:", err)
			}
		})
	}
	all.Wait()
	w.Header().Set("Content-Type", "text/plain; version=0.0.4")
	if f.encoding != "identity" {
		w.Header().Set("Content-Encoding", f.encoding)
	}
	_, _ = w.Write(f.answer)
}

// walk reads and hashes every page of a region.
func (f *floor) walk(ctx context.Context, region string) error {
	var body bytes.Buffer
	for marker := ""; ; {
		if err := f.read(ctx, region, marker, &body); err != nil {
			return err
		}
		maphash.Bytes(f.seed, body.Bytes())
		_, after, more := bytes.Cut(body.Bytes(), []byte(`"NextMarker":"`))
		if !more {
			return nil
		}
		next, _, _ := bytes.Cut(after, []byte(`"`))
		if marker = string(next); marker == "" {
			return nil
		}
	}
}

func (f *floor) read(ctx context.Context, region, marker string, body *bytes.Buffer) error {
	query := url.Values{"max-keys": {strconv.Itoa(f.page)}}
	if marker != "" {
		query.Set("marker", marker)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, f.endpoint+"/?"+query.Encode(), http.NoBody)
	if err != nil {
		return err
	}
	product, account := "oss", ""
	err = (&signer.SignerVectorsV4{AccountId: &account}).Sign(ctx, &signer.SigningContext{
		Product: &product, Region: &region, Request: req,
		Credentials: &credentials.Credentials{
			AccessKeyID: os.Getenv("OSS_ACCESS_KEY_ID"), AccessKeySecret: os.Getenv("OSS_ACCESS_KEY_SECRET"),
		},
	})
	if err != nil {
		return err
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	body.Reset()
	if _, err := body.ReadFrom(resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %.300s", resp.Status, body)
	}
	return nil
}
