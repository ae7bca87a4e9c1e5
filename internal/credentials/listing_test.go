package credentials

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ossvector_exporter/ossvapi"
	"ossvector_exporter/ossvapi/ossvtest"
)

// cloud is the simulated service, which knows just the keys that the simulated STS gave out, and a client of it in a pod.
type cloud struct {
	fixture
	*stsServer
	service   *ossvtest.Server
	client    *ossvapi.Client
	tokenFile string

	mu   sync.Mutex
	keys []ossvtest.Key
}

func newCloud(t *testing.T) *cloud {
	t.Helper()
	c := &cloud{service: ossvtest.New(ossvtest.Options{})}
	c.fixture, c.stsServer, c.tokenFile = pod(t)
	account := c.service.AddAccount("1037350000000000")
	account.Fill("cn-hangzhou", 3)
	c.set(func(s *stsServer) {
		s.gave = func(k ossvapi.Key) {
			c.mu.Lock()
			defer c.mu.Unlock()
			c.keys = append(c.keys, ossvtest.Key{ID: k.ID, Secret: k.Secret, Token: k.Token})
			account.SetKeys(c.keys...)
		}
	})
	server := httptest.NewServer(c.service)
	transports := ossvapi.NewTransports(ossvapi.TransportOptions{MaxConns: 10})
	t.Cleanup(func() { transports.CloseIdleConnections(); server.Close() })
	c.client = ossvapi.New(ossvapi.Options{
		Keys: c.Keys, Endpoint: server.URL, PageSize: 1, RequestTimeout: 10 * time.Second, MaxAttempts: 1,
		Transport: transports.Of, Observer: nobody{}, UserAgent: "test",
	})
	return c
}

// expire makes the service refuse every key that was given out so far.
func (c *cloud) expire() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.keys {
		c.keys[i].Expires = time.Now().Add(-time.Second)
	}
	c.service.Account("1037350000000000").SetKeys(c.keys...)
}

// list walks the three buckets of a region, one a page.
func (c *cloud) list(t *testing.T, region string) error {
	n := 0
	for page, err := range c.client.Buckets(t.Context(), region, nil) {
		if err != nil {
			return err
		}
		n += len(page.Buckets)
	}
	if n != 3 {
		return fmt.Errorf("%d buckets", n)
	}
	return nil
}

type nobody struct{}

func (nobody) Attempt(ossvapi.Attempt) {}
func (nobody) Failure(*ossvapi.Error)  {}

// The token rotates and the service expires the role's keys ten times, each time in the midst of 20 listings: none fails,
// and each expiry costs one call of STS.
func TestListingsOutliveExpiredKeys(t *testing.T) {
	c := newCloud(t)
	if err := c.list(t, "cn-hangzhou"); err != nil {
		t.Fatal(err)
	}
	for i := range 10 {
		var begun atomic.Int64
		everybody(t, 20, func() error {
			if begun.Add(1) == 10 {
				token := fmt.Sprintf("token-%d", i)
				replace(t, c.tokenFile, token)
				c.set(func(s *stsServer) { s.token = token })
				c.expire()
			}
			return c.list(t, "cn-hangzhou")
		})
		if err := c.list(t, "cn-hangzhou"); err != nil {
			t.Error(err)
		}
		if n := c.called(); n != i+2 {
			t.Errorf("%d calls of STS after %d expiries", n, i+1)
		}
	}
}

// A key that cannot be renewed any more is no_credentials in every region, without a request.
func TestNoRequestWithoutAKey(t *testing.T) {
	c := newCloud(t)
	if err := c.list(t, "cn-hangzhou"); err != nil {
		t.Fatal(err)
	}
	c.set(func(s *stsServer) { s.fault = stsError(http.StatusForbidden, "NoPermission") })
	if _, err := c.Renew(t.Context(), c.mustKey(t)); err == nil {
		t.Fatal("renewed without STS")
	}
	c.age(goodFor)
	before := c.service.Count(ossvtest.Match{})
	for _, region := range []string{"cn-hangzhou", "cn-beijing", "ap-southeast-1"} {
		var e *ossvapi.Error
		err := c.list(t, region)
		if !errors.As(err, &e) || e.Reason != ossvapi.NoCredentials ||
			e.Message != "STS at sts.aliyuncs.com: AssumeRoleWithOIDC: NoPermission; allow sts:AssumeRole to the caller and the caller in the role's trust policy" {
			t.Errorf("%s: %v", region, err)
		}
	}
	if n := c.service.Count(ossvtest.Match{}) - before; n != 0 {
		t.Errorf("%d requests without a key", n)
	}
	c.set(func(s *stsServer) { s.fault = nil })
	if err := c.list(t, "cn-hangzhou"); err != nil {
		t.Errorf("after STS is back: %v", err)
	}
}
