package ossvtest

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

const (
	productHost = ".oss-vectors.aliyuncs.com"
	maxBody     = 64 << 10 // of a request
)

var bucketHost = regexp.MustCompile(`^([a-z0-9][a-z0-9-]*)-([0-9]{10,20})\.(.+)$`)

// call is what a request asks for, as far as it can be read. Nothing of it is verified before refuse.
type call struct {
	operation // zero if the service does not know it
	server    *Server
	id        string // request id
	host      string // less the port
	owner     owned  // zero if the access key is unknown
	auth      authorization
	hostID    string // the account id that a bucket's host names
	bucket    string // empty for calls of the service
	prefix    string
	marker    string        // as sent
	group     string        // resource group
	limit     int           // entries of a page
	mistake   *serviceError // in what is asked for
	bend      bend
}

type callKey struct{}

func callOf(r *http.Request) *call {
	c, ok := r.Context().Value(callKey{}).(*call)
	if !ok {
		panic("ossvtest: the request's context was replaced by an action")
	}
	return c
}

// parse takes a request apart.
func (s *Server) parse(r *http.Request) *call {
	c := &call{server: s, id: s.requestID(), host: (&url.URL{Host: r.Host}).Hostname(), limit: defaultPage}
	c.auth = parseAuthorization(r.Header.Get("Authorization"))
	s.mu.RLock()
	c.owner = s.keys[c.auth.keyID]
	s.mu.RUnlock()
	c.address(r.URL.Path)
	for _, op := range operations() {
		if op.is(r, c) {
			c.operation = op
			op.read(c, r)
		}
	}
	return c
}

// address finds the bucket, in the host name or in the path.
func (c *call) address(path string) {
	if m := bucketHost.FindStringSubmatch(c.host); m != nil {
		c.bucket, c.hostID = m[1], m[2]
		return
	}
	if name, rest, found := strings.Cut(strings.TrimPrefix(path, "/"), "/"); found && rest == "" {
		c.bucket = name
	}
}

// accountID is the account that the request addresses: the host's, else the one that owns the key.
func (c *call) accountID() string {
	if c.hostID != "" || c.owner.account == nil {
		return c.hostID
	}
	return c.owner.account.id
}

// record is the call for the counters and the matching of faults.
func (c *call) record() Match {
	page := (c.window().start+c.limit-1)/c.limit + 1 // pages of this size that come before, and this one
	q := Match{Region: c.auth.region, Operation: c.name, Bucket: c.bucket, Page: page}
	if c.owner.account != nil {
		q.Account = c.owner.account.id
	}
	return q
}

// regionOfHost is the region that a host name of the service names, empty for any other host.
func regionOfHost(host string) string {
	name, ok := strings.CutSuffix(host, productHost)
	if !ok {
		return ""
	}
	name = name[strings.LastIndexByte(name, '.')+1:]
	return strings.TrimSuffix(name, "-internal")
}
