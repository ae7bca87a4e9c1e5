package main

// wantReports are the reports of all wards, as a person reads them.
func wantReports() map[string]string {
	return map[string]string{
		"all well": `account production
  ok   credentials: the static key LTAI... of the configuration
         key: LTAI... in TIME
  ok   cn-hangzhou: 2 buckets on 1 page in TIME
         host: 127.0.0.1:PORT
         connected in TIME; TLS in TIME; certificate by "Test Authority" until DAY; clock agrees
         answer: 200, request id ID
         indexes: 1 in bucket docs in TIME
  ok   cn-shanghai: 0 buckets on 1 page in TIME
         host: 127.0.0.1:PORT
         connected in TIME; TLS in TIME; certificate by "Test Authority" until DAY; clock agrees
         answer: 200, request id ID

ok   1 account, 2 regions, 0 failed, in TIME (version VERSION)
`,
		"no DNS": `account production
  ok   credentials: the static key LTAI... of the configuration
         key: LTAI... in TIME
  FAIL cn-hangzhou: ListVectorBuckets: network: cannot resolve the host name cn-hangzhou.oss-vectors.invalid (after TIME)
         host: cn-hangzhou.oss-vectors.invalid
  FAIL cn-shanghai: ListVectorBuckets: network: cannot resolve the host name cn-shanghai.oss-vectors.invalid (after TIME)
         host: cn-shanghai.oss-vectors.invalid

FAIL 1 account, 2 regions, 2 failed, in TIME (version VERSION)
1. ListVectorBuckets in production/cn-hangzhou, production/cn-shanghai: network: cannot resolve the host name {region}.oss-vectors.invalid
   what to do: the name does not resolve: check the region id, endpoint and proxy_url, then the DNS of this host or pod
`,
		"refused": `account production
  ok   credentials: the static key LTAI... of the configuration
         key: LTAI... in TIME
  FAIL cn-hangzhou: ListVectorBuckets: network: dial tcp 127.0.0.1:PORT: connect: connection refused (after TIME)
         host: 127.0.0.1:PORT
  FAIL cn-shanghai: ListVectorBuckets: network: dial tcp 127.0.0.1:PORT: connect: connection refused (after TIME)
         host: 127.0.0.1:PORT

FAIL 1 account, 2 regions, 2 failed, in TIME (version VERSION)
1. ListVectorBuckets in production/cn-hangzhou, production/cn-shanghai: network: dial tcp 127.0.0.1:PORT: connect: connection refused
   what to do: no response: check DNS, firewall, proxy_url and tls_config; an -internal endpoint answers only inside its region
`,
		"unknown authority": `account production
  ok   credentials: the static key LTAI... of the configuration
         key: LTAI... in TIME
  FAIL cn-hangzhou: ListVectorBuckets: network: the certificate is refused: x509: certificate signed by unknown authority (after TIME)
         host: 127.0.0.1:PORT
         connected in TIME; certificate by "Test Authority" until DAY
  FAIL cn-shanghai: ListVectorBuckets: network: the certificate is refused: x509: certificate signed by unknown authority (after TIME)
         host: 127.0.0.1:PORT
         connected in TIME; certificate by "Test Authority" until DAY

FAIL 1 account, 2 regions, 2 failed, in TIME (version VERSION)
1. ListVectorBuckets in production/cn-hangzhou, production/cn-shanghai: network: the certificate is refused: x509: certificate signed by unknown authority
   what to do: the certificate's authority is unknown here: set tls_config.ca_file to it if the proxy or gateway is yours
`,
		"expired certificate": `account production
  ok   credentials: the static key LTAI... of the configuration
         key: LTAI... in TIME
  FAIL cn-hangzhou: ListVectorBuckets: network: the certificate is refused: x509: certificate has expired or is not yet valid: current time TIME is after TIME (after TIME)
         host: 127.0.0.1:PORT
         connected in TIME; certificate by "Test Authority" until DAY
  FAIL cn-shanghai: ListVectorBuckets: network: the certificate is refused: x509: certificate has expired or is not yet valid: current time TIME is after TIME (after TIME)
         host: 127.0.0.1:PORT
         connected in TIME; certificate by "Test Authority" until DAY

FAIL 1 account, 2 regions, 2 failed, in TIME (version VERSION)
1. ListVectorBuckets in production/cn-hangzhou, production/cn-shanghai: network: the certificate is refused: x509: certificate has expired or is not yet valid: current time TIME is after TIME
   what to do: the certificate is not good for this host now: check endpoint and this host's clock, then the certificate of the server
`,
		"proxy wants a password": `account production
  ok   credentials: the static key LTAI... of the configuration
         key: LTAI... in TIME
  FAIL cn-hangzhou: ListVectorBuckets: network: 407 without an error of OSS: text/plain, 12 bytes; the answer does not come from OSS (after TIME)
         host: 127.0.0.1:PORT by proxy 127.0.0.1:PORT
         connected in TIME; clock agrees
         answer: 407
  FAIL cn-shanghai: ListVectorBuckets: network: 407 without an error of OSS: text/plain, 12 bytes; the answer does not come from OSS (after TIME)
         host: 127.0.0.1:PORT by proxy 127.0.0.1:PORT
         connected in TIME; clock agrees
         answer: 407

FAIL 1 account, 2 regions, 2 failed, in TIME (version VERSION)
1. ListVectorBuckets in production/cn-hangzhou, production/cn-shanghai: network (407): 407 without an error of OSS: text/plain, 12 bytes; the answer does not come from OSS
   what to do: the proxy wants a user and a password: put them into proxy_url, or into HTTPS_PROXY where that names the proxy
`,
		"proxy refuses": `account production
  ok   credentials: the static key LTAI... of the configuration
         key: LTAI... in TIME
  FAIL cn-hangzhou: ListVectorBuckets: invalid_response: 403 without an error of OSS: text/html, 30 bytes; the answer does not come from OSS (after TIME)
         host: 127.0.0.1:PORT by proxy 127.0.0.1:PORT
         connected in TIME; clock agrees
         answer: 403
  FAIL cn-shanghai: ListVectorBuckets: invalid_response: 403 without an error of OSS: text/html, 30 bytes; the answer does not come from OSS (after TIME)
         host: 127.0.0.1:PORT by proxy 127.0.0.1:PORT
         connected in TIME; clock agrees
         answer: 403

FAIL 1 account, 2 regions, 2 failed, in TIME (version VERSION)
1. ListVectorBuckets in production/cn-hangzhou, production/cn-shanghai: invalid_response (403): 403 without an error of OSS: text/html, 30 bytes; the answer does not come from OSS
   what to do: what answered did not answer as OSS does: check endpoint and proxy_url for a gateway or login page in between
`,
		"wrong key": `account production
  ok   credentials: the static key LTAI... of the configuration
         key: LTAI... in TIME
  FAIL cn-hangzhou: ListVectorBuckets: invalid_credentials: The request signature we calculated does not match the signature you provided. Check your key and signing method. (after TIME)
         host: 127.0.0.1:PORT
         connected in TIME; clock agrees
         answer: 403, request id ID
  FAIL cn-shanghai: ListVectorBuckets: invalid_credentials: The request signature we calculated does not match the signature you provided. Check your key and signing method. (after TIME)
         host: 127.0.0.1:PORT
         connected in TIME; clock agrees
         answer: 403, request id ID

FAIL 1 account, 2 regions, 2 failed, in TIME (version VERSION)
1. ListVectorBuckets in production/cn-hangzhou, production/cn-shanghai: invalid_credentials (403, SignatureDoesNotMatch, 0002-00000201): The request signature we calculated does not match the signature you provided. Check your key and signing method.
   what to do: the key, token or signature was refused: check that the key exists, is enabled, is complete and has not expired
`,
		"expired token": `account production
  ok   credentials: the static key LTAI... of the configuration
         key: LTAI... in TIME
  FAIL cn-hangzhou: ListVectorBuckets: invalid_credentials: The security token you provided has expired. (after TIME)
         host: 127.0.0.1:PORT
         connected in TIME; clock agrees
         answer: 403, request id ID
  FAIL cn-shanghai: ListVectorBuckets: invalid_credentials: The security token you provided has expired. (after TIME)
         host: 127.0.0.1:PORT
         connected in TIME; clock agrees
         answer: 403, request id ID

FAIL 1 account, 2 regions, 2 failed, in TIME (version VERSION)
1. ListVectorBuckets in production/cn-hangzhou, production/cn-shanghai: invalid_credentials (403, SecurityTokenExpired, 0002-00000007): The security token you provided has expired.
   what to do: the key, token or signature was refused: check that the key exists, is enabled, is complete and has not expired
`,
		"denied by policy": `account production
  ok   credentials: the static key LTAI... of the configuration
         key: LTAI... in TIME
  FAIL cn-hangzhou: ListVectorBuckets: access_denied: Access denied by bucket policy. (after TIME)
         host: 127.0.0.1:PORT
         connected in TIME; clock agrees
         answer: 403, request id ID
  FAIL cn-shanghai: ListVectorBuckets: access_denied: Access denied by bucket policy. (after TIME)
         host: 127.0.0.1:PORT
         connected in TIME; clock agrees
         answer: 403, request id ID

FAIL 1 account, 2 regions, 2 failed, in TIME (version VERSION)
1. ListVectorBuckets in production/cn-hangzhou, production/cn-shanghai: access_denied (403, AccessDenied, 0003-00000201): Access denied by bucket policy.
   what to do: a policy denies it explicitly, which no grant overrides: take oss:ListVectorBuckets out of the Deny in the RAM or bucket policy that applies to the identity of this account
`,
		"allowed by nothing": `account production
  ok   credentials: the static key LTAI... of the configuration
         key: LTAI... in TIME
  FAIL cn-hangzhou: ListVectorBuckets: access_denied: You have no right to access this object. (after TIME)
         host: 127.0.0.1:PORT
         connected in TIME; clock agrees
         answer: 403, request id ID
  FAIL cn-shanghai: ListVectorBuckets: access_denied: You have no right to access this object. (after TIME)
         host: 127.0.0.1:PORT
         connected in TIME; clock agrees
         answer: 403, request id ID

FAIL 1 account, 2 regions, 2 failed, in TIME (version VERSION)
1. ListVectorBuckets in production/cn-hangzhou, production/cn-shanghai: access_denied (403, AccessDenied, 0003-00000202): You have no right to access this object.
   what to do: grant oss:ListVectorBuckets on acs:ossvector:*:*:* to the identity that this account uses
`,
		"clock off by an hour": `account production
  ok   credentials: the static key LTAI... of the configuration
         key: LTAI... in TIME
  ok   cn-hangzhou: 2 buckets on 1 page in TIME
         host: 127.0.0.1:PORT
         connected in TIME; clock 1h0m0s ahead of ours
         answer: 200, request id ID
         indexes: 1 in bucket docs in TIME
  ok   cn-shanghai: 0 buckets on 1 page in TIME
         host: 127.0.0.1:PORT
         connected in TIME; clock 1h0m0s ahead of ours
         answer: 200, request id ID

ok   1 account, 2 regions, 0 failed, in TIME (version VERSION)
note: account production: the service's clock is 1h0m0s ahead of ours; set this host's clock (NTP)
`,
		"STS down": `account production
  FAIL credentials: the static key LTAI... of the configuration, then role acs:ram::1037350000000000:role/reader by assume_role
         STS: sts-vpc.cn-hangzhou.invalid
         no key: STS at sts-vpc.cn-hangzhou.invalid does not resolve (DNS)
  FAIL cn-hangzhou: ListVectorBuckets: no_credentials (after TIME)
  FAIL cn-shanghai: ListVectorBuckets: no_credentials (after TIME)

FAIL 1 account, 2 regions, 2 failed, in TIME (version VERSION)
1. ListVectorBuckets in production/cn-hangzhou, production/cn-shanghai: no_credentials: STS at sts-vpc.cn-hangzhou.invalid does not resolve (DNS)
   what to do: no credentials could be obtained: check the account's credentials section and the files, variables or URL that it names
`,
		"STS denies": `account production
  FAIL credentials: the static key LTAI... of the configuration, then role acs:ram::1037350000000000:role/reader by assume_role
         STS: 127.0.0.1:PORT
         no key: STS at 127.0.0.1:PORT: AssumeRole: NoPermission; allow sts:AssumeRole to the caller and the caller in the role's trust policy
  FAIL cn-hangzhou: ListVectorBuckets: no_credentials (after TIME)
  FAIL cn-shanghai: ListVectorBuckets: no_credentials (after TIME)

FAIL 1 account, 2 regions, 2 failed, in TIME (version VERSION)
1. ListVectorBuckets in production/cn-hangzhou, production/cn-shanghai: no_credentials: STS at 127.0.0.1:PORT: AssumeRole: NoPermission; allow sts:AssumeRole to the caller and the caller in the role's trust policy
   what to do: no credentials could be obtained: check the account's credentials section and the files, variables or URL that it names
`,
		"indexes denied": `account production
  ok   credentials: the static key LTAI... of the configuration
         key: LTAI... in TIME
  FAIL cn-hangzhou: ListVectorIndexes: access_denied: You have no right to access this object. (after TIME)
         host: 127.0.0.1:PORT
         connected in TIME; clock agrees
         answer: 200, request id ID
  ok   cn-shanghai: 0 buckets on 1 page in TIME
         host: 127.0.0.1:PORT
         connected in TIME; clock agrees
         answer: 200, request id ID

FAIL 1 account, 2 regions, 1 failed, in TIME (version VERSION)
1. ListVectorIndexes in production/cn-hangzhou: access_denied (403, AccessDenied, 0003-00000202): You have no right to access this object.
   what to do: grant oss:ListVectorIndexes on acs:ossvector:*:*:*/* to the identity that this account uses
`,
		"endpoint lists the account": `account production
  ok   credentials: the static key LTAI... of the configuration
         key: LTAI... in TIME
  ok   cn-hangzhou: 2 buckets on 1 page in TIME
         host: 127.0.0.1:PORT
         connected in TIME; clock agrees
         answer: 200, request id ID
         indexes: 1 in bucket docs in TIME
  ok   cn-shanghai: 2 buckets on 1 page in TIME
         host: 127.0.0.1:PORT
         connected in TIME; clock agrees
         answer: 200, request id ID

ok   1 account, 2 regions, 0 failed, in TIME (version VERSION)
note: account production: 1 region answered with buckets of other regions too: the endpoint lists the whole account, which is fine; every bucket is counted once, in its own region
`,
	}
}
