package config

import "testing"

func TestBadURL(t *testing.T) {
	badValues(t, []badValue{
		{"endpoint without scheme", "endpoint: oss.example.com", "expected a URL such as https://host:8080; begin it with http:// or https://"},
		{"endpoint without scheme but with a port", "endpoint: oss.example.com:80", "expected a URL such as https://host:8080; begin it with http:// or https://"},
		{"endpoint with another scheme", "endpoint: ftp://oss.example.com", "expected a URL such as https://host:8080; begin it with http:// or https://"},
		{"endpoint without host", "endpoint: 'https://'", "expected a URL such as https://host:8080; the host is missing"},
		{"endpoint with a path", "endpoint: https://oss.example.com/", "an endpoint ends after its host and port; remove the path, the query and the fragment"},
		{"endpoint with a query", "endpoint: https://oss.example.com?a=b", "an endpoint ends after its host and port; remove the path, the query and the fragment"},
		{"endpoint with an empty query", "endpoint: https://oss.example.com?", "an endpoint ends after its host and port; remove the path, the query and the fragment"},
		{"endpoint with a fragment", "endpoint: 'https://oss.example.com#'", "an endpoint ends after its host and port; remove the path, the query and the fragment"},
		{"endpoint with a user", "endpoint: https://user@oss.example.com", "an endpoint has no user or password; remove all before the @, and set credentials instead"},
		{"endpoint with another placeholder", "endpoint: 'https://{account}.example.com'", "expected a URL such as https://host:8080, and this cannot be read as one; is a special character not escaped?"},
		{"endpoint with a strange host", "endpoint: https://a$b", "expected a URL such as https://host:8080; the host has a character that no host has"},
		{"endpoint with a port too high", "endpoint: https://a:65536", "expected a URL such as https://host:8080; the port is no number from 1 to 65535"},
		{"endpoint with port 0", "endpoint: https://a:0", "expected a URL such as https://host:8080; the port is no number from 1 to 65535"},
		{"endpoint with an empty port", "endpoint: 'https://a:'", "expected a URL such as https://host:8080; the port is no number from 1 to 65535"},
		{"proxy with another scheme", "proxy_url: ftp://proxy", "expected a URL such as http://host:8080; begin it with https:// or socks5:// or http://"},
		{"proxy without a host", "proxy_url: 'http://:8080'", "expected a URL such as http://host:8080; the host is missing"},
		{"proxy that is no URL", "proxy_url: 'http://a:p%ss@proxy'", "expected a URL such as http://host:8080, and this cannot be read as one; is a special character not escaped?"},
		{"proxy with a path", "proxy_url: http://proxy/a", "a proxy's URL ends after its host and port; remove the path, the query and the fragment (in a password, write / as %2F, ? as %3F and # as %23)"},
		{"proxy with a number", "proxy_url: 8080", "expected a text, found a number; put it in quotes"},
	})
}
