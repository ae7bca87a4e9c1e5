package ossvapi

import (
	"strings"
	"testing"
)

// hostileBuckets are buckets as a response may give them, none of which may become a request.
func hostileBuckets() map[string]Bucket {
	with := func(edit func(*Bucket)) Bucket {
		b := testBucket()
		edit(&b)
		return b
	}
	all := map[string]Bucket{
		"no account":      with(func(b *Bucket) { b.AccountID = "" }),
		"account in text": with(func(b *Bucket) { b.AccountID = "1037350000000000x" }),
		"account path":    with(func(b *Bucket) { b.AccountID = "1/../2" }),
		"account host":    with(func(b *Bucket) { b.AccountID = "1.evil.com#" }),
		"long account":    with(func(b *Bucket) { b.AccountID = strings.Repeat("1", 60) }),
		"other digits":    with(func(b *Bucket) { b.AccountID = "١٠٣٧" }),
		"other letters":   with(func(b *Bucket) { b.Name = "döcs" }),
		"longest + 1":     with(func(b *Bucket) { b.Name = strings.Repeat("a", 63-16) }),
	}
	for _, name := range []string{
		"", ".", "..", "evil.com/", "evil.com", "a@b", "a:b", "a/b", "a\\b", "a?b", "a#b", "a%2fb", "a b", "a\nb", "docs\n",
		"DOCS", "-docs", "docs-", "a_b", "{region}", "\x00", strings.Repeat("a", 64), strings.Repeat("a", 100_000),
	} {
		all["name "+name[:min(len(name), 20)]+"/"] = with(func(b *Bucket) { b.Name = name })
	}
	for _, r := range []string{
		"", "x", "cn-shanghai.evil.com/", "cn@evil-com", "CN-SHANGHAI", "cn-shanghai\n", "..", "-", "cn--x", "cn-", "-cn",
		"cn-x/..", "cn-x:1", "cn-x?", "cn-x#", "{region}", strings.Repeat("a-", 40_000) + "b",
	} {
		all["region "+r[:min(len(r), 20)]+"/"] = with(func(b *Bucket) { b.Region = r })
	}
	return all
}

func TestAddressable(t *testing.T) {
	for name, b := range hostileBuckets() {
		if Addressable(b) {
			t.Errorf("%s: %+v is addressable", name, b)
		}
	}
	for _, name := range []string{"a", "0", "abc", "a-b", "a--b", "0-9", strings.Repeat("a", 62-16)} {
		if b := testBucket(); !Addressable(Bucket{Name: name, AccountID: b.AccountID, Region: b.Region}) {
			t.Errorf("%q is not addressable", name)
		}
	}
}

func TestValidRegion(t *testing.T) {
	for _, r := range []string{
		"cn-hangzhou", "us-west-1", "ap-southeast-1", "cn-hangzhou-finance", "a-0", strings.Repeat("a", 61) + "-b",
	} {
		if !ValidRegion(r) {
			t.Errorf("%q is refused", r)
		}
	}
	if r := strings.Repeat("a", 62) + "-b"; ValidRegion(r) {
		t.Errorf("%q has %d characters", r, len(r))
	}
}

func TestURLs(t *testing.T) {
	const account = "-1037350000000000."
	tests := map[string]struct{ endpoint, region, buckets, indexes string }{
		"public": {
			"", "cn-shanghai",
			"https://cn-shanghai.oss-vectors.aliyuncs.com/", "https://docs" + account + "cn-shanghai.oss-vectors.aliyuncs.com/",
		},
		"internal": {
			"", "cn-inside", "https://cn-inside-internal.oss-vectors.aliyuncs.com/",
			"https://docs" + account + "cn-inside-internal.oss-vectors.aliyuncs.com/",
		},
		"endpoint before internal": {
			"https://oss.example.com", "cn-inside", "https://oss.example.com/", "https://docs" + account + "oss.example.com/",
		},
		"template": {
			"http://{region}.{region}.example.com:8080", "cn-shanghai", "http://cn-shanghai.cn-shanghai.example.com:8080/",
			"http://docs" + account + "cn-shanghai.cn-shanghai.example.com:8080/",
		},
		"trailing slash": {
			"https://oss.example.com/", "cn-shanghai", "https://oss.example.com/", "https://docs" + account + "oss.example.com/",
		},
		"IPv4":      {"http://127.0.0.1:8080", "cn-shanghai", "http://127.0.0.1:8080/", "http://127.0.0.1:8080/docs/"},
		"IPv6 zone": {"http://[fe80::1%25eth0]:8080", "cn-shanghai", "http://[fe80::1%25eth0]:8080/", "http://[fe80::1%25eth0]:8080/docs/"},
		"IPv6":      {"http://[::1]:8080", "cn-shanghai", "http://[::1]:8080/", "http://[::1]:8080/docs/"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			c, _ := newClient(nil, func(o *Options) { o.Endpoint, o.InternalRegions = tt.endpoint, []string{"cn-inside"} })
			b := testBucket()
			b.Region = tt.region
			buckets, err := c.regionURL(tt.region)
			if err != nil || buckets.String() != tt.buckets {
				t.Errorf("buckets at %v, %v, want %s", buckets, err, tt.buckets)
			}
			indexes, err := c.bucketURL(b)
			if err != nil || indexes.String() != tt.indexes {
				t.Errorf("indexes at %v, %v, want %s", indexes, err, tt.indexes)
			}
		})
	}
}

func TestIndexesOfAnUnusableEndpoint(t *testing.T) {
	c, _ := newClient(nil, func(o *Options) { o.Endpoint = "http://user:hunter2@[{region}" })
	_, err := c.Indexes(t.Context(), testBucket())
	if e := asError(t, err); e.Reason != InvalidRequest || strings.Contains(err.Error(), "hunter2") {
		t.Errorf("got %v", e)
	}
}
