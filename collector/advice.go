package collector

import (
	"crypto/x509"
	"errors"
	"net"
	"net/http"

	"ossvector_exporter/ossvapi"
)

// Explanation is an error as the page, the inventory and the doctor show it, with what to do about it.
type Explanation struct {
	Operation ossvapi.Operation `json:"operation"`
	Reason    ossvapi.Reason    `json:"reason"`
	Status    int               `json:"status,omitempty"`
	Code      string            `json:"code,omitempty"`
	EC        string            `json:"ec,omitempty"`
	RequestID string            `json:"request_id,omitempty"`
	Attempts  int               `json:"attempts"`
	Message   string            `json:"message"`
	Advice    string            `json:"advice"`
}

// Explain describes e by its Detail and Advice.
func Explain(e *ossvapi.Error) Explanation {
	return Explanation{
		Operation: e.Operation, Reason: e.Reason, Status: e.Status, Code: e.Code, EC: e.EC, RequestID: e.RequestID,
		Attempts: e.Attempts, Message: e.Detail(), Advice: Advice(e),
	}
}

// Advice says what to do about a failure, for the page, the inventory and every other report. Each reason has its own
// advice, and another where indexes may have failed without a request, in which the service and the network had no part.
func Advice(e *ossvapi.Error) string {
	if e.Operation == ossvapi.ListVectorIndexes && e.Status == 0 {
		switch e.Reason {
		case ossvapi.InvalidRequest:
			return "not asked: the bucket's region is none of the account's regions, where it can be added, or its name came " +
				"without an account id, or in a form that no request can be made of"
		case ossvapi.Timeout:
			return "no turn or no complete answer in time: raise the scrape timeout or index_interval, then check the network path"
		}
	}
	switch e.Reason {
	case ossvapi.ClockSkew:
		return "set this host's clock right (NTP): it differs from the service's by more than 15 minutes"
	case ossvapi.Throttled:
		return "the service limits the rate of requests: scrape less often, set scrape.min_interval, or ask for a higher limit"
	case ossvapi.InvalidCredentials:
		return "the key, token or signature was refused: check that the key exists, is enabled, is complete and has not expired"
	case ossvapi.AccessDenied:
		return accessAdvice(e)
	case ossvapi.ServerError:
		return "the service failed and is asked again at the next scrape: if it lasts, open a ticket with the request id"
	case ossvapi.InvalidRequest:
		return "the service refused the request as such: check regions, endpoint, prefix and resource_group_id of the account"
	case ossvapi.InvalidResponse:
		return "what answered did not answer as OSS does: check endpoint and proxy_url for a gateway or login page in between"
	case ossvapi.Timeout:
		return "no complete answer in time: check the network path, then request_timeout, scrape.timeout and the scraper's own"
	case ossvapi.Network:
		return networkAdvice(e)
	case ossvapi.NoCredentials:
		return "no credentials could be obtained: check the account's credentials section and the files, variables or URL that it names"
	}
	return "see the log of the exporter"
}

// explicitDeny is the EC of a policy that forbids the call, which no grant overrides.
const explicitDeny = "0003-00000201"

func accessAdvice(e *ossvapi.Error) string {
	action, resource := "oss:"+string(e.Operation), "acs:ossvector:*:*:*"
	if e.Operation == ossvapi.ListVectorIndexes {
		resource += "/*"
	}
	if e.EC == explicitDeny {
		return "a policy denies it explicitly, which no grant overrides: take " + action +
			" out of the Deny in the RAM or bucket policy that applies to the identity of this account"
	}
	return "grant " + action + " on " + resource + " to the identity that this account uses"
}

// networkAdvice tells the causes apart that have a remedy of their own.
func networkAdvice(e *ossvapi.Error) string {
	var (
		dns       *net.DNSError
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		host      x509.HostnameError
	)
	switch {
	case e.Status == http.StatusProxyAuthRequired:
		return "the proxy wants a user and a password: put them into proxy_url, or into HTTPS_PROXY where that names the proxy"
	case errors.As(e.Err, &dns):
		return "the name does not resolve: check the region id, endpoint and proxy_url, then the DNS of this host or pod"
	case errors.As(e.Err, &authority):
		return "the certificate's authority is unknown here: set tls_config.ca_file to it if the proxy or gateway is yours"
	case errors.As(e.Err, &invalid), errors.As(e.Err, &host):
		return "the certificate is not good for this host now: check endpoint and this host's clock, then the certificate of the server"
	}
	return "no response: check DNS, firewall, proxy_url and tls_config; an -internal endpoint answers only inside its region"
}
