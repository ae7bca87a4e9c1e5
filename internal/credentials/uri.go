package credentials

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/aliyun/credentials-go/credentials/providers"

	"ossvector_exporter/ossvapi"
)

// maxAnswer bounds what a credentials URI answers. A key with its token has about 2 KiB.
const maxAnswer = 64 << 10

// uriOrigin is a local service that gives out keys. Its URI may hold a token, so no text shows more than its host.
func uriOrigin(uri, name string, wrap wrapper) (origin, error) {
	u, err := url.Parse(uri)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return origin{}, problem(name + " is not a URL with http or https and a host")
	}
	return origin{text: "the credentials URI at " + u.Host + wrap.text, hold: goodFor, build: func() (providers.CredentialsProvider, error) {
		return wrap.around(guard{"the credentials URI", &uriKeys{uri: uri}})
	}}, nil
}

// uriKeys does what the library's provider of a credentials URI does, which reads an answer of any size. Like that one's,
// its errors hold what was answered: guard stands around it.
type uriKeys struct {
	uri    string
	key    static
	expiry time.Time // of key; zero: none yet
}

// GetCredentials gives the key, and asks for another when no more of it is left than a key counts as good.
func (u *uriKeys) GetCredentials() (*providers.Credentials, error) {
	if time.Until(u.expiry) <= goodFor {
		if err := u.renew(); err != nil {
			return nil, err
		}
	}
	return u.key.GetCredentials()
}

// GetProviderName names the provider to STS, as the library's does.
func (*uriKeys) GetProviderName() string { return "credential_uri" }

func (u *uriKeys) renew() error {
	body, err := fetch(u.uri)
	if err != nil {
		return err
	}
	var a struct{ AccessKeyID, AccessKeySecret, SecurityToken, Expiration *string } // decoding ignores the case of names
	if err := json.Unmarshal(body, &a); err != nil {
		return err
	}
	if a.AccessKeyID == nil || a.AccessKeySecret == nil || a.SecurityToken == nil || a.Expiration == nil {
		return errors.New(string(body))
	}
	expiry, err := time.Parse("2006-01-02T15:04:05Z", *a.Expiration)
	if err != nil {
		return err
	}
	u.key, u.expiry = static(ossvapi.Key{ID: *a.AccessKeyID, Secret: *a.AccessKeySecret, Token: *a.SecurityToken}), expiry
	return nil
}

// fetch gets the answer of a URI. It takes no context, as the library's calls take none: whoever waits may leave, and the
// key is for the next.
func fetch(uri string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), connectTimeout+readTimeout)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, uri, nil)
	if err != nil {
		return nil, err
	}
	client := http.Client{Transport: &http.Transport{
		Proxy:             http.ProxyFromEnvironment,
		DialContext:       (&net.Dialer{Timeout: connectTimeout}).DialContext,
		ForceAttemptHTTP2: true,
		DisableKeepAlives: true, // the next call is far away
	}}
	resp, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	switch {
	case err != nil:
		return nil, err
	case resp.StatusCode != http.StatusOK:
		return nil, errors.New(string(body))
	case len(body) > maxAnswer:
		return nil, problemf("the credentials URI: the answer is larger than %d KiB: is it the right URI?", maxAnswer>>10)
	}
	return body, nil
}
