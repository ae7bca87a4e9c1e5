package credentials

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1" //nolint:gosec // what version 1.0 of the signature is made of
	"encoding/base64"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ossvector_exporter/internal/config"
	"ossvector_exporter/ossvapi"
)

// defaultSession names the session in the cloud's audit log, where nothing else does.
const defaultSession = "ossvector_exporter"

// maxToken bounds the OIDC token, of which STS accepts 20,000 characters.
const maxToken = 64 << 10

// stsHost is the host of STS. The rules are those of the vendor's own library; region and vpc are a CLI profile's.
func stsHost(configured, region string, vpc bool, getenv func(string) string) (string, error) {
	name, host := "credentials.sts_endpoint", configured
	if host == "" {
		name, host = "ALIBABA_CLOUD_STS_ENDPOINT", getenv("ALIBABA_CLOUD_STS_ENDPOINT")
	}
	if host == "" {
		name, host = "ALIBABA_CLOUD_STS_REGION", "sts.aliyuncs.com"
		if region = cmp.Or(region, getenv("ALIBABA_CLOUD_STS_REGION")); region != "" {
			host = "sts." + region + ".aliyuncs.com"
			if vpc || strings.EqualFold(getenv("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED"), "true") {
				host = "sts-vpc." + region + ".aliyuncs.com"
			}
		}
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "https://"), "/")
	if config.STSHost(host) != nil {
		return "", problem(name + " is not a host name, as in sts-vpc.cn-hangzhou.aliyuncs.com")
	}
	return host, nil
}

// sts is the Security Token Service at one host.
type sts struct {
	host   string
	client *client
}

// call makes one call of STS, with common parameters in the query and those of the action in the form, as the vendor's
// library does, signed by key unless that is nil.
func (s sts) call(ctx context.Context, action string, form url.Values, key *ossvapi.Key) (lease, error) {
	query := url.Values{
		"Action": {action}, "Version": {"2015-04-01"}, "Format": {"JSON"}, "Timestamp": {time.Now().UTC().Format("2006-01-02T15:04:05Z")},
	}
	if key != nil {
		query.Set("SignatureMethod", "HMAC-SHA1")
		query.Set("SignatureVersion", "1.0")
		query.Set("SignatureNonce", rand.Text())
		query.Set("AccessKeyId", key.ID)
		if key.Token != "" {
			query.Set("SecurityToken", key.Token)
		}
		query.Set("Signature", signature(query, form, key.Secret))
	}
	return s.client.lease(ctx, request{
		service: "STS at " + config.ShownName(s.host), action: action, method: http.MethodPost, url: "https://" + s.host + "/?" + query.Encode(),
		header: http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}, body: form.Encode(),
	}, "Credentials")
}

// signature is that of an RPC call, over all its parameters in the order of their names.
func signature(query, form url.Values, secret string) string {
	all := url.Values{}
	for _, values := range []url.Values{query, form} {
		for name, value := range values {
			all[name] = value
		}
	}
	canonical := strings.ReplaceAll(all.Encode(), "+", "%20")
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	mac.Write([]byte("POST&%2F&" + url.QueryEscape(canonical)))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// role is a RAM role: one that another key may assume, or with a providerARN one that an OIDC token lets one assume.
type role struct {
	sts
	arn, session, externalID, policy string
	seconds                          int // of a session; 0: an hour

	providerARN, tokenFile, token string // the token in place of its file; a CLI profile may have one
}

func (r role) form() url.Values {
	form := url.Values{
		"RoleArn": {r.arn}, "RoleSessionName": {cmp.Or(r.session, defaultSession)}, "DurationSeconds": {strconv.Itoa(cmp.Or(r.seconds, 3600))},
	}
	for name, value := range map[string]string{"ExternalId": r.externalID, "Policy": r.policy, "OIDCProviderArn": r.providerARN} {
		if value != "" {
			form.Set(name, value)
		}
	}
	return form
}

// over assumes the role with base's key.
func (r role) over(base provider) provider {
	return &temporary{ask: func(ctx context.Context, fresh bool) (lease, error) {
		key, err := base.key(ctx, fresh)
		if err != nil {
			return lease{}, err
		}
		return r.call(ctx, "AssumeRole", r.form(), &key)
	}}
}

// byToken assumes the role with the OIDC token. The file is read each time: the kubelet replaces it.
func (r role) byToken() provider {
	return &temporary{ask: func(ctx context.Context, _ bool) (lease, error) {
		token, err := r.readToken()
		if err != nil {
			return lease{}, err
		}
		form := r.form()
		form.Set("OIDCToken", token)
		return r.call(ctx, "AssumeRoleWithOIDC", form, nil)
	}}
}

func (r role) readToken() (string, error) {
	if r.token != "" {
		return r.token, nil
	}
	data, err := readFile("the OIDC token file", r.tokenFile, maxToken)
	return string(data), err
}

// rrsa is the role that the variables of RRSA alone describe. Any of them makes it the configured source.
func (r *resolver) rrsa() (source, bool) {
	c := config.Credentials{
		RoleARN: r.getenv(config.EnvRoleARN), OIDCProviderARN: r.getenv(config.EnvOIDCProviderARN), OIDCTokenFile: r.getenv(config.EnvOIDCTokenFile),
	}
	if c == (config.Credentials{}) {
		return source{}, false
	}
	for _, need := range [...]struct{ value, key, variable string }{
		{c.RoleARN, "role_arn", config.EnvRoleARN},
		{c.OIDCProviderARN, "oidc_provider_arn", config.EnvOIDCProviderARN},
		{c.OIDCTokenFile, "oidc_token_file", config.EnvOIDCTokenFile},
	} {
		if need.value == "" {
			return failing("RRSA", problemf("RRSA: neither credentials.%s nor %s is set: "+
				"are the namespace's label and the service account's annotation for the injection there?", need.key, need.variable)), true
		}
	}
	return r.oidc(c), true
}

// oidc is the role of c, all of whose values are there.
func (r *resolver) oidc(c config.Credentials) source {
	service, err := r.sts("", false)
	if err != nil {
		return failing("RRSA", err)
	}
	taken := role{
		sts: service, arn: c.RoleARN, session: r.sessionName(""), providerARN: c.OIDCProviderARN, tokenFile: c.OIDCTokenFile,
	}
	s := r.source(roleText(c.RoleARN)+" by RRSA", r.assumed(taken.byToken()))
	s.look = func() error { _, err := taken.readToken(); return err }
	return s
}

// roleText shows a text only if it is a role ARN: anything else may be a secret.
func roleText(arn string) string {
	if config.RoleARN(arn) == nil {
		return "role " + arn
	}
	return "a role"
}

// remedy says what to do about an error code of STS, by the code's beginning.
func remedy(code string) string {
	for _, r := range [...]struct{ prefix, text string }{
		{"AuthenticationFail.NoPermission", "; do the role's trust policy and the OIDC provider fit this service account?"},
		{"AuthenticationFail.OIDCToken.AudienceNotMatch", "; the OIDC provider does not accept the token's audience"},
		{"AuthenticationFail.OIDCToken", "; the OIDC token file does not hold a valid token"},
		{"EntityNotExist.Role", "; the role does not exist, check its ARN"},
		{"NoPermission", "; allow sts:AssumeRole to the caller and the caller in the role's trust policy"},
		{"InvalidAccessKeyId", "; the key that assumes the role is unknown or disabled"},
		{"SignatureDoesNotMatch", "; the secret does not fit the access key id"},
		{"InvalidTimeStamp", "; is this machine's clock right?"},
		{"Throttling", "; STS is being asked too often"},
		{"InvalidParameter", "; check the role's ARN, the session name and the external id"},
	} {
		if strings.HasPrefix(code, r.prefix) {
			return r.text
		}
	}
	return ""
}
