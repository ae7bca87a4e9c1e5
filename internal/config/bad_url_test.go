package config

import "testing"

func TestBadURL(t *testing.T) {
	badFiles(t, []badFile{
		{"endpoint without scheme", with("endpoint: oss.example.com"), []string{
			"line 4: accounts[0].endpoint: expected a URL such as https://host:8080; begin it with http:// or https://",
		}},
		{"endpoint without scheme but with a port", with("endpoint: oss.example.com:80"), []string{
			"line 4: accounts[0].endpoint: expected a URL such as https://host:8080; begin it with http:// or https://",
		}},
		{"endpoint with another scheme", with("endpoint: ftp://oss.example.com"), []string{
			"line 4: accounts[0].endpoint: expected a URL such as https://host:8080; begin it with http:// or https://",
		}},
		{"endpoint without host", with("endpoint: 'https://'"), []string{
			"line 4: accounts[0].endpoint: expected a URL such as https://host:8080; the host is missing",
		}},
		{"endpoint with a path", with("endpoint: https://oss.example.com/"), []string{
			"line 4: accounts[0].endpoint: an endpoint ends after its host and port; remove the path, the query and the fragment",
		}},
		{"endpoint with a query", with("endpoint: https://oss.example.com?a=b"), []string{
			"line 4: accounts[0].endpoint: an endpoint ends after its host and port; remove the path, the query and the fragment",
		}},
		{"endpoint with an empty query", with("endpoint: https://oss.example.com?"), []string{
			"line 4: accounts[0].endpoint: an endpoint ends after its host and port; remove the path, the query and the fragment",
		}},
		{"endpoint with a fragment", with("endpoint: 'https://oss.example.com#'"), []string{
			"line 4: accounts[0].endpoint: an endpoint ends after its host and port; remove the path, the query and the fragment",
		}},
		{"endpoint with a user", with("endpoint: https://user@oss.example.com"), []string{
			"line 4: accounts[0].endpoint: an endpoint has no user or password; remove all before the @, and set credentials instead",
		}},
		{"endpoint with another placeholder", with("endpoint: 'https://{account}.example.com'"), []string{
			"line 4: accounts[0].endpoint: expected a URL such as https://host:8080, and this cannot be read as one; is a special character not escaped?",
		}},
		{"endpoint with a strange host", with("endpoint: https://a$b"), []string{
			"line 4: accounts[0].endpoint: expected a URL such as https://host:8080; the host has a character that no host has",
		}},
		{"endpoint with a port too high", with("endpoint: https://a:65536"), []string{
			"line 4: accounts[0].endpoint: expected a URL such as https://host:8080; the port is no number from 1 to 65535",
		}},
		{"endpoint with port 0", with("endpoint: https://a:0"), []string{
			"line 4: accounts[0].endpoint: expected a URL such as https://host:8080; the port is no number from 1 to 65535",
		}},
		{"endpoint with an empty port", with("endpoint: 'https://a:'"), []string{
			"line 4: accounts[0].endpoint: expected a URL such as https://host:8080; the port is no number from 1 to 65535",
		}},
		{"proxy with another scheme", with("proxy_url: ftp://proxy"), []string{
			"line 4: accounts[0].proxy_url: expected a URL such as http://host:8080; begin it with https:// or socks5:// or http://",
		}},
		{"proxy without a host", with("proxy_url: 'http://:8080'"), []string{
			"line 4: accounts[0].proxy_url: expected a URL such as http://host:8080; the host is missing",
		}},
		{"proxy that is no URL", with("proxy_url: 'http://a:p%ss@proxy'"), []string{
			"line 4: accounts[0].proxy_url: expected a URL such as http://host:8080, and this cannot be read as one; is a special character not escaped?",
		}},
		{"proxy with a path", with("proxy_url: http://proxy/a"), []string{
			"line 4: accounts[0].proxy_url: a proxy's URL ends after its host and port; remove the path, the query and the fragment (in a password, write / as %2F, ? as %3F and # as %23)",
		}},
		{"proxy with a number", with("proxy_url: 8080"), []string{
			"line 4: accounts[0].proxy_url: expected a text, found a number; put it in quotes",
		}},
	})
}
