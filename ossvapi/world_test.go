package ossvapi

import (
	"math/rand/v2"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/credentials"
	"github.com/aliyun/alibabacloud-oss-go-sdk-v2/oss/vectors"

	"ossvector_exporter/ossvapi/ossvtest"
)

const (
	account = "1037350000000000"
	home    = "cn-hangzhou"
	abroad  = "us-west-1"
)

// world is a service of random traits and contents, the key to it, and what to ask of it.
type world struct {
	url           string
	key           ossvtest.Key
	account       *ossvtest.Account
	prefix, group string
	size          int
}

func newWorld(t *testing.T, r *rand.Rand) world {
	service := ossvtest.New(ossvtest.Options{
		Seed: r.Uint64(), PlainNames: r.IntN(4) == 0, WholeAccount: r.IntN(4) == 0, OpaqueMarkers: r.IntN(2) == 0,
	})
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	w := world{url: server.URL, key: ossvtest.Key{ID: "LTAI5tOracle", Secret: "the oracle's secret"}, size: 3 + r.IntN(60)}
	if r.IntN(2) == 0 {
		w.key.Token = "CAIS+a/token=="
	}
	w.account = service.AddAccount(account, w.key)
	buckets := w.account.Fill(home, r.IntN(120))
	w.account.Fill(abroad, r.IntN(20))
	w.account.Put(home, ossvtest.Bucket{Name: "bare", Location: "oss-" + home})
	w.prefix = []string{"", "b", "no such prefix +&=%/é", "~-_.*'()"}[r.IntN(4)]
	if len(buckets) > 0 && r.IntN(3) == 0 {
		b := buckets[r.IntN(len(buckets))]
		w.prefix = b.Name[:1+r.IntN(len(b.Name))]
		if r.IntN(2) == 0 {
			w.group = b.ResourceGroupID
		}
	}
	return w
}

// client is ours.
func (w world) client(t *testing.T) *Client {
	transports := NewTransports(TransportOptions{MaxConns: 4})
	t.Cleanup(transports.CloseIdleConnections)
	return New(Options{
		Keys: always(Key{ID: w.key.ID, Secret: w.key.Secret, Token: w.key.Token}), Endpoint: w.url, Prefix: w.prefix, ResourceGroupID: w.group, PageSize: w.size,
		RequestTimeout: time.Minute, MaxAttempts: 1, Transport: transports.Of, Observer: quiet{}, UserAgent: "test",
	})
}

// sdk is the vendor's.
func (w world) sdk(region string) *vectors.VectorsClient {
	return vectors.NewVectorsClient(oss.LoadDefaultConfig().
		WithCredentialsProvider(credentials.NewStaticCredentialsProvider(w.key.ID, w.key.Secret, w.key.Token)).
		WithRegion(region).WithEndpoint(w.url).WithAccountId(account))
}
