package credentials

import (
	"regexp"
	"strings"
	"time"

	"github.com/aliyun/credentials-go/credentials/providers"

	"ossvector_exporter/internal/config"
)

// defaultSession names the session in the cloud's audit log, where nothing else does.
const defaultSession = "ossvector_exporter"

var roleARN = regexp.MustCompile(`^acs:ram::[0-9]{1,20}:role/[A-Za-z0-9._@/-]{1,128}$`)

// stsEndpoint is the host of STS. It is always passed to the library, which else reads the environment on its own; the
// rules are the library's. region and vpc are those of a CLI profile.
func stsEndpoint(configured, region string, vpc bool, getenv func(string) string) (string, error) {
	name, host := "credentials.sts_endpoint", configured
	if host == "" {
		name, host = "ALIBABA_CLOUD_STS_ENDPOINT", getenv("ALIBABA_CLOUD_STS_ENDPOINT")
	}
	if host == "" {
		name = "ALIBABA_CLOUD_STS_REGION"
		host = regionalSTS(region, vpc || strings.EqualFold(getenv("ALIBABA_CLOUD_VPC_ENDPOINT_ENABLED"), "true"), getenv)
	}
	host = strings.TrimSuffix(strings.TrimPrefix(host, "https://"), "/")
	if config.STSHost(host) != nil {
		return "", problem(name + " is not a host name, as in sts-vpc.cn-hangzhou.aliyuncs.com")
	}
	return host, nil
}

func regionalSTS(region string, vpc bool, getenv func(string) string) string {
	if region == "" {
		region = getenv("ALIBABA_CLOUD_STS_REGION")
	}
	switch {
	case region == "":
		return "sts.aliyuncs.com"
	case vpc:
		return "sts-vpc." + region + ".aliyuncs.com"
	}
	return "sts." + region + ".aliyuncs.com"
}

// Together they bound each call of the library, which no context can end, the reading of the answer included.
const (
	connectTimeout = 3 * time.Second
	readTimeout    = 5 * time.Second
)

func timeouts() *providers.HttpOptions {
	return &providers.HttpOptions{ConnectTimeout: int(connectTimeout.Milliseconds()), ReadTimeout: int(readTimeout.Milliseconds())}
}

// newWrapper is the role that c.AssumeRole puts on top of any source, or nothing.
func newWrapper(c config.Credentials, getenv func(string) string) (wrapper, error) {
	if c.AssumeRole == nil {
		return wrapper{around: func(p providers.CredentialsProvider) (providers.CredentialsProvider, error) { return p, nil }}, nil
	}
	endpoint, err := stsEndpoint(c.STSEndpoint, "", false, getenv)
	if err != nil {
		return wrapper{}, err
	}
	r := role{arn: c.AssumeRole.RoleARN, session: c.AssumeRole.SessionName, externalID: c.AssumeRole.ExternalID, endpoint: endpoint}
	return wrapper{text: ", then " + roleText(r.arn) + " by assume_role", hold: goodFor, around: r.around}, nil
}

// role is a RAM role that another key may assume.
type role struct {
	arn, session, externalID, policy, endpoint string
	seconds                                    int // 0: the library's hour
}

// around makes p's key assume the role.
func (r role) around(p providers.CredentialsProvider) (providers.CredentialsProvider, error) {
	return guarded("STS AssumeRole", providers.NewRAMRoleARNCredentialsProviderBuilder().
		WithCredentialsProvider(p).
		WithRoleArn(r.arn).
		WithRoleSessionName(or(r.session, defaultSession)).
		WithExternalId(r.externalID).
		WithPolicy(r.policy).
		WithDurationSeconds(r.seconds).
		WithStsEndpoint(r.endpoint).
		WithHttpOptions(timeouts()).
		Build)
}

// roleText shows a role if it is one: what else stands in its place may be a secret.
func roleText(arn string) string {
	if roleARN.MatchString(arn) {
		return "role " + arn
	}
	return "a role"
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
