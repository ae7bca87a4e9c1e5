package server

// advice says what to do about a failure. Every reason that the exporter knows has its own, and another where indexes may
// have failed without a request: the service's answer and the network have no part in that.
func advice(f Failure) string {
	if f.Operation == "ListVectorIndexes" && f.Status == 0 {
		switch f.Reason {
		case "invalid_request":
			return "not asked: the bucket's region is none of the account's regions, where it can be added, or its name came " +
				"without an account id, or in a form that no request can be made of"
		case "timeout":
			return "no turn or no complete answer in time: raise the scrape timeout or index_interval, then check the network path"
		}
	}
	switch f.Reason {
	case "clock_skew":
		return "set this host's clock right (NTP): it differs from the service's by more than 15 minutes"
	case "throttled":
		return "the service limits the rate of requests: scrape less often, set scrape.min_interval, or ask for a higher limit"
	case "invalid_credentials":
		return "the key, token or signature was refused: check that the key exists, is enabled, is complete and has not expired"
	case "access_denied":
		return "grant oss:" + f.Operation + " on acs:ossvector:*:*:* to the identity that this account uses"
	case "server_error":
		return "the service failed and is asked again at the next scrape: if it lasts, open a ticket with the request id"
	case "invalid_request":
		return "the service refused the request as such: check regions, endpoint, prefix and resource_group_id of the account"
	case "invalid_response":
		return "what answered did not answer as OSS does: check endpoint and proxy_url for a gateway or login page in between"
	case "timeout":
		return "no complete answer in time: check the network path, then request_timeout, scrape.timeout and the scraper's own"
	case "network":
		return "no response: check DNS, firewall, proxy_url and tls_config; an -internal endpoint answers only inside its region"
	case "no_credentials":
		return "no key could be had: check the account's credentials section and the files, variables or URL that it names"
	default:
		return "see the log of the exporter"
	}
}
