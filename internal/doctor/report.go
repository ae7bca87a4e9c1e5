package doctor

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

// Report is what a run found. It marshals as the JSON report; no value in it is a secret.
type Report struct {
	Version  string          `json:"version"`
	Started  time.Time       `json:"started"`
	Seconds  float64         `json:"duration_seconds"`
	OK       bool            `json:"ok"`       // everything that the configuration asks for works
	Problems []Problem       `json:"problems"` // worst first
	Warnings []string        `json:"warnings"`
	Accounts []AccountReport `json:"accounts"` // in the configuration's order
}

// AccountReport is what was found of one account.
type AccountReport struct {
	Account     string      `json:"account"`
	Credentials Credentials `json:"credentials"`
	Regions     []Region    `json:"regions"`
}

// Credentials says whether a key could be obtained, and from where.
type Credentials struct {
	OK      bool    `json:"ok"`
	Source  string  `json:"source"`
	STS     string  `json:"sts_host,omitempty"`
	Key     string  `json:"key_prefix,omitempty"` // its first four characters
	Seconds float64 `json:"duration_seconds"`
	Error   string  `json:"error,omitempty"`
}

// Region is what was found of one region. Buckets and pages are those that came, also of a listing that failed.
type Region struct {
	Region string `json:"region"`
	OK     bool   `json:"ok"`
	Connection
	Pages        int       `json:"pages"`
	Buckets      int       `json:"buckets"`
	OtherRegions []string  `json:"other_regions,omitempty"` // of buckets in its answer: the endpoint lists the whole account
	Seconds      float64   `json:"duration_seconds"`
	Indexes      *Indexes  `json:"indexes,omitempty"`
	Failures     []Failure `json:"failures,omitempty"`
}

// Indexes is the index listing of a region's first bucket.
type Indexes struct {
	Bucket string `json:"bucket"`
	Connection
	Indexes int     `json:"indexes"`
	Seconds float64 `json:"duration_seconds"`
}

// Failure is why a listing failed, in the words of page and log. Its message is without the host, which the report names.
type Failure = collector.Explanation

// Problem is one cause with all that it affects.
type Problem struct {
	Failure            // of the first region that it affects; its message has {region} where the regions differ
	Regions []Affected `json:"regions"`
}

// Affected is a target, the one that a problem affects.
type Affected struct {
	Account string `json:"account"`
	Region  string `json:"region"`
}

// order ranks reasons by severity: those that affect a whole account come first.
func order(r ossvapi.Reason) int {
	return slices.Index([]ossvapi.Reason{
		ossvapi.NoCredentials, ossvapi.InvalidCredentials, ossvapi.ClockSkew, ossvapi.AccessDenied, ossvapi.Network,
		ossvapi.InvalidResponse, ossvapi.InvalidRequest, ossvapi.Timeout, ossvapi.ServerError, ossvapi.Throttled,
	}, r)
}

// conclude groups the failures by cause, worst first: a bucket listing before an index listing, then by how much a reason
// stands in the way, then by how many regions it affects.
func (r *Report) conclude() {
	byCause := map[Failure]int{}
	r.Problems = []Problem{}
	for _, a := range r.Accounts {
		for _, region := range a.Regions {
			for _, f := range region.Failures {
				key := cause(f, region.Region)
				at, known := byCause[key]
				if !known {
					at = len(r.Problems)
					byCause[key] = at
					r.Problems = append(r.Problems, Problem{Failure: f})
				}
				p := &r.Problems[at]
				if p.Message != f.Message {
					p.Message = key.Message
				}
				p.Regions = append(p.Regions, Affected{a.Account, region.Region})
			}
		}
	}
	slices.SortStableFunc(r.Problems, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.Operation, b.Operation), // ListVectorBuckets, ListVectorIndexes
			cmp.Compare(order(a.Reason), order(b.Reason)),
			cmp.Compare(len(b.Regions), len(a.Regions)))
	})
	r.OK = len(r.Problems) == 0
	r.warn()
}

// timestamp is the second of a failure, which some texts tell.
var timestamp = regexp.MustCompile(`[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]+(Z|[+-][0-9:]+)?`)

// cause is what failures for the same cause have in common: not the request, nor the second, nor the region in the text.
// Where keys come from depends on no region, even if its host names one.
func cause(f Failure, region string) Failure {
	f.RequestID, f.Attempts = "", 0
	f.Message = timestamp.ReplaceAllString(f.Message, "TIME")
	if f.Reason != ossvapi.NoCredentials {
		f.Message = strings.ReplaceAll(f.Message, region, "{region}")
	}
	return f
}

const (
	clockTolerance     = time.Minute         // beyond it a clock is worth a word; the service refuses at 15 minutes
	certificateWarning = 14 * 24 * time.Hour // before it expires
)

// warn adds what works, and is worth knowing. A warning of the configuration that a problem repeats is left out.
func (r *Report) warn() {
	r.Warnings = slices.DeleteFunc(append([]string{}, r.Warnings...), func(warning string) bool {
		return slices.ContainsFunc(r.Problems, func(p Problem) bool { return p.Message != "" && strings.HasSuffix(warning, p.Message) })
	})
	add := func(warning string) {
		if !slices.Contains(r.Warnings, warning) {
			r.Warnings = append(r.Warnings, warning)
		}
	}
	for _, a := range r.Accounts {
		accountWide := 0
		for _, region := range a.Regions {
			if offset := region.ClockOffset; offset != nil && time.Duration(*offset*float64(time.Second)).Abs() > clockTolerance {
				add(fmt.Sprintf("account %s: the service's clock is %s ours; set this host's clock (NTP)", a.Account, apart(*offset)))
			}
			if c := region.Certificate; region.OK && c != nil && c.NotAfter.Sub(r.Started) < certificateWarning {
				add(fmt.Sprintf("the certificate of %s expires on %s", region.Host, c.NotAfter.Format(time.DateOnly)))
			}
			if len(region.OtherRegions) > 0 {
				accountWide++
			}
		}
		if accountWide > 0 {
			add(fmt.Sprintf("account %s: %s answered with buckets of other regions too: the endpoint lists the whole account, "+
				"which is fine; every bucket is counted once, in its own region", a.Account, count(accountWide, "region")))
		}
	}
}

// apart is the service's clock against ours in words.
func apart(offset float64) string {
	d := time.Duration(offset * float64(time.Second))
	if d < 0 {
		return (-d).String() + " behind"
	}
	return d.String() + " ahead of"
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
