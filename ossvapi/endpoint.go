package ossvapi

import (
	"fmt"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// What may enter the host name of a signed request. The forms are the vendor's; the lengths are DNS's.
var (
	regionForm  = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)+$`)
	bucketForm  = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?$`)
	accountForm = regexp.MustCompile(`^[0-9]+$`)
)

const maxLabel = 63 // octets of one DNS label, RFC 1035 section 2.3.4

// ValidRegion reports whether s has the form of a region id. There is no list of regions: new ones appear.
func ValidRegion(s string) bool { return len(s) <= maxLabel && regionForm.MatchString(s) }

// regionID is the id of a region, which OSS also writes with its own name in front: oss-cn-hangzhou.
func regionID(s string) string { return strings.TrimPrefix(s, "oss-") }

// regionURL is the base URL of a region, without a path.
func (c *Client) regionURL(region string) (*url.URL, error) {
	endpoint := c.o.Endpoint
	if endpoint == "" {
		endpoint = "https://{region}.oss-vectors.aliyuncs.com"
		if slices.Contains(c.o.InternalRegions, region) {
			endpoint = "https://{region}-internal.oss-vectors.aliyuncs.com"
		}
	}
	u, err := url.Parse(strings.ReplaceAll(endpoint, "{region}", region))
	if err != nil {
		return nil, fmt.Errorf("endpoint: %w", err)
	}
	u.Path = "/"
	return u, nil
}

// bucketURL is the URL of a bucket: a host of its own, or a path where the endpoint is an IP address.
func (c *Client) bucketURL(b Bucket) (*url.URL, error) {
	u, err := c.regionURL(b.Region)
	if err != nil {
		return nil, err
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil { // unlike net.ParseIP it knows zones
		u.Path = "/" + b.Name + "/"
		return u, nil
	}
	u.Host = b.Name + "-" + b.AccountID + "." + u.Host
	return u, nil
}

// Addressable reports whether a bucket's indexes can be asked for: its name, account id and region, all of which come
// out of a response, have a form that cannot steer a signed request to another host.
func Addressable(b Bucket) bool {
	return bucketForm.MatchString(b.Name) && accountForm.MatchString(b.AccountID) && ValidRegion(b.Region) &&
		len(b.Name)+1+len(b.AccountID) <= maxLabel
}
