// Command yardstick is the exporter that one would write in an afternoon: the vendor's client and paginator with their
// defaults, one region after another, gauge vectors made anew for each scrape, promhttp. The benchmarks compare with it.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/vectors"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

func main() {
	endpoint := flag.String("endpoint", "", "URL of the API")
	regions := flag.String("regions", "", "regions, separated by commas")
	page := flag.Int("page", 0, "max-keys; 0 is the service's default, 100")
	flag.Parse()
	if err := run(*endpoint, strings.Split(*regions, ","), *page); err != nil {
		fmt.Fprintln(os.Stderr, "yardstick:", err)
		os.Exit(1)
	}
}

// run serves on a free port of the loopback, and says on which.
func run(endpoint string, regions []string, page int) error {
	own := prometheus.NewRegistry()
	own.MustRegister(collectors.NewGoCollector())
	mux := http.NewServeMux()
	mux.Handle("/metrics", metrics(clients(endpoint, regions), regions, int32(page))) //nolint:gosec // at most 1000
	mux.Handle("/metrics/exporter", promhttp.HandlerFor(own, promhttp.HandlerOpts{}))
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // at start there is nothing to cancel it
	if err != nil {
		return err
	}
	slog.New(slog.NewTextHandler(os.Stderr, nil)).Info("Listening on", "address", l.Addr().String())
	return (&http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}).Serve(l)
}

func clients(endpoint string, regions []string) map[string]*vectors.VectorsClient {
	m := map[string]*vectors.VectorsClient{}
	for _, region := range regions {
		m[region] = vectors.NewVectorsClient(oss.LoadDefaultConfig().
			WithCredentialsProvider(credentials.NewEnvironmentVariableCredentialsProvider()).
			WithAccountId(os.Getenv("OSS_ACCOUNT_ID")).
			WithRegion(region).WithEndpoint(endpoint))
	}
	return m
}

func metrics(clients map[string]*vectors.VectorsClient, regions []string, page int32) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		g := newGauges()
		for _, region := range regions {
			if err := g.scrape(r.Context(), clients[region], region, page); err != nil {
				fmt.Fprintln(os.Stderr, "yardstick:", err)
				g.up.WithLabelValues("bench", region).Set(0)
			}
		}
		promhttp.HandlerFor(g.registry, promhttp.HandlerOpts{}).ServeHTTP(w, r)
	})
}

type gauges struct {
	registry                   *prometheus.Registry
	up, buckets, info, created *prometheus.GaugeVec
}

func newGauges() gauges {
	g := gauges{registry: prometheus.NewRegistry()}
	vec := func(name, help string, labels ...string) *prometheus.GaugeVec {
		v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, append([]string{"account", "region"}, labels...))
		g.registry.MustRegister(v)
		return v
	}
	g.up = vec("ossvector_up", "1 if the region was listed.")
	g.buckets = vec("ossvector_buckets", "Vector buckets in the region.")
	g.info = vec("ossvector_bucket_info", "1 per bucket.", "bucket", "arn", "location", "creation_date",
		"extranet_endpoint", "intranet_endpoint", "resource_group_id")
	g.created = vec("ossvector_bucket_created_timestamp_seconds", "Creation time.", "bucket")
	return g
}

func (g gauges) scrape(ctx context.Context, client *vectors.VectorsClient, region string, page int32) error {
	n := 0
	pages := client.NewListVectorBucketsPaginator(&vectors.ListVectorBucketsRequest{MaxKeys: page})
	for pages.HasNext() {
		result, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, b := range result.Buckets {
			g.add(b, region)
		}
		n += len(result.Buckets)
	}
	g.up.WithLabelValues("bench", region).Set(1)
	g.buckets.WithLabelValues("bench", region).Set(float64(n))
	return nil
}

func (g gauges) add(b vectors.VectorBucketProperties, region string) {
	arn := oss.ToString(b.Name)
	name := arn[strings.LastIndexByte(arn, ':')+1:]
	created := oss.ToTime(b.CreationDate)
	g.info.WithLabelValues("bench", region, name, arn, oss.ToString(b.Location), created.Format(time.RFC3339),
		oss.ToString(b.ExtranetEndpoint), oss.ToString(b.IntranetEndpoint), oss.ToString(b.ResourceGroupId)).Set(1)
	g.created.WithLabelValues("bench", region, name).Set(float64(created.Unix()))
}
