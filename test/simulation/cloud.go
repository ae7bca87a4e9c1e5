// Package simulation serves the simulated service on the loopback and counts what reaches it: requests, connections. The
// exporter under test runs as another process, so that the service's cost is not the exporter's.
package simulation

import (
	"net"
	"net/http"
	"net/http/httptest"
	"sync/atomic"

	"ossvector_exporter/ossvapi/ossvtest"
)

// AccountID is the simulated account's; its credentials are no secret.
const AccountID = "1037350000000000"

// Key is what the account's requests are signed with.
func Key() ossvtest.Key {
	return ossvtest.Key{ID: "LTAI-simulated", Secret: "simulated-secret"}
}

// Cloud is a running service with one account.
type Cloud struct {
	URL     string
	Service *ossvtest.Server
	Account *ossvtest.Account

	server      *httptest.Server
	requests    atomic.Int64
	connections atomic.Int64
}

// Start serves on the loopback until Close.
func Start(o ossvtest.Options) *Cloud { return serve(o, nil) }

// StartOn serves on a listener of the caller's, such as one that pods can reach.
func StartOn(l net.Listener, o ossvtest.Options) *Cloud { return serve(o, l) }

func serve(o ossvtest.Options, l net.Listener) *Cloud {
	c := &Cloud{Service: ossvtest.New(o)}
	c.Account = c.Service.AddAccount(AccountID, Key())
	c.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c.requests.Add(1)
		c.Service.ServeHTTP(w, r)
	}))
	if l != nil {
		_ = c.server.Listener.Close() // the one that httptest has made
		c.server.Listener = l
	}
	c.server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			c.connections.Add(1)
		}
	}
	c.server.Start()
	c.URL = c.server.URL
	return c
}

// Requests is how many requests came so far.
func (c *Cloud) Requests() int64 { return c.requests.Load() }

// Connections is how many connections were opened so far.
func (c *Cloud) Connections() int64 { return c.connections.Load() }

// Close ends the service and its connections.
func (c *Cloud) Close() {
	c.server.CloseClientConnections()
	c.server.Close()
}
