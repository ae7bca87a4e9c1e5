package ossvtest

import (
	"cmp"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

const (
	productHost    = ".oss-vectors.aliyuncs.com"
	maxBody        = 64 << 10 // of a request
	defaultPage    = 100
	maxBucketsPage = 1000
	maxIndexesPage = 500
)

var bucketHost = regexp.MustCompile(`^([a-z0-9][a-z0-9-]*)-([0-9]{10,20})\.(.+)$`)

// call is what a request asks for, as far as it can be read. Nothing of it is verified before refuse.
type call struct {
	server    *Server
	id        string // request id
	operation string
	host      string // less the port
	owner     owned  // zero if the access key is unknown
	auth      authorization
	hostID    string // the account id that a bucket's host names
	bucket    string // empty for calls of the service
	prefix    string
	marker    string // as sent
	group     string // resource group
	limit     limit
	malformed bool // a body that is no JSON object
	page      int  // which page of the listing this is, from 1 on
}

// limit is a page size as asked.
type limit struct {
	value int
	bad   bool
}

// limitOf takes a page size from 1 to most.
func limitOf(n, most int) limit {
	if n < 1 || n > most {
		return limit{value: defaultPage, bad: true}
	}
	return limit{value: n}
}

type callKey struct{}

// read takes a request apart.
func (s *Server) read(r *http.Request) *call {
	c := &call{server: s, id: s.requestID(), host: hostname(r.Host), page: 1}
	c.auth = parseAuthorization(r.Header.Get("Authorization"))
	s.mu.RLock()
	c.owner = s.keys[c.auth.keyID]
	s.mu.RUnlock()
	c.address(r.URL.Path)
	q := r.URL.Query()
	switch {
	case r.Method == http.MethodGet && c.bucket == "" && r.URL.Path == "/":
		c.readBuckets(r.Header, q)
	case r.Method == http.MethodPost && c.bucket != "" && q.Has("listVectorIndexes"):
		c.readIndexes(r.Body)
	}
	c.page = s.pageOf(c)
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

func (c *call) readBuckets(h http.Header, q url.Values) {
	c.operation = ListVectorBuckets
	c.prefix, c.marker = q.Get("prefix"), q.Get("marker")
	c.group = h.Get("X-Oss-Resource-Group-Id")
	n, err := strconv.Atoi(cmp.Or(q.Get("max-keys"), strconv.Itoa(defaultPage)))
	if err != nil {
		n = -1
	}
	c.limit = limitOf(n, maxBucketsPage)
}

func (c *call) readIndexes(body io.Reader) {
	c.operation = ListVectorIndexes
	ask := struct {
		MaxResults int    `json:"maxResults"`
		NextToken  string `json:"nextToken"`
		Prefix     string `json:"prefix"`
	}{}
	text, err := io.ReadAll(io.LimitReader(body, maxBody))
	if err == nil && len(text) > 0 {
		err = json.Unmarshal(text, &ask)
	}
	c.malformed = err != nil
	c.prefix, c.marker = ask.Prefix, ask.NextToken
	c.limit = limitOf(cmp.Or(ask.MaxResults, defaultPage), maxIndexesPage) // 0 is the default, as documented
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
	q := Match{Region: c.auth.region, Operation: c.operation, Bucket: c.bucket, Page: c.page}
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

func hostname(hostport string) string {
	if host, _, err := net.SplitHostPort(hostport); err == nil {
		return host
	}
	return hostport
}
