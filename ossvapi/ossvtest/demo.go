package ossvtest

import (
	"net/http"
	"time"
)

// DemoCloud is a Server with two accounts that show what the exporter shows: a region with several pages, an empty one,
// one that denies access and one that throttles now and then.
type DemoCloud struct {
	*Server
	Accounts []DemoAccount
}

// DemoAccount is what the configuration of an account of the demo needs.
type DemoAccount struct {
	Name        string // the configuration's name for it
	ID          string // account id
	Key         Key
	Regions     []string
	PageSize    int
	BucketQuota int
	Indexes     bool // the account's buckets have indexes worth listing
}

// demoRegion is a region's share of the demo.
type demoRegion struct {
	name    string
	buckets int
	indexes int // of each bucket
}

// Demo returns the demo's cloud. Listings take some milliseconds, as if there were a network.
func Demo(o Options) *DemoCloud {
	d := &DemoCloud{Server: New(o)}
	d.add(DemoAccount{
		Name: "production", ID: "1037350000000000", PageSize: 100, BucketQuota: 300, Indexes: true,
		Key: Key{ID: "LTAIdemoproduction", Secret: "demo-secret-of-production"},
	}, []demoRegion{{"cn-hangzhou", 240, 1}, {"cn-shanghai", 37, 3}, {"ap-southeast-1", 12, 2}, {"eu-central-1", 0, 0}})
	d.add(DemoAccount{
		Name: "staging", ID: "1037350000000001", PageSize: 100, BucketQuota: 100,
		Key: Key{ID: "LTAIdemostaging", Secret: "demo-secret-of-staging"},
	}, []demoRegion{{"cn-hangzhou", 9, 0}, {"cn-beijing", 86, 0}, {"us-west-1", 4, 0}})

	d.Inject(Fault{Do: Latency(5 * time.Millisecond)})
	d.Inject(Fault{Match: Match{Account: "1037350000000001", Region: "us-west-1"}, Do: Deny()})
	d.Inject(Fault{
		Match: Match{Account: "1037350000000000", Region: "ap-southeast-1", Operation: ListVectorBuckets},
		Do:    Every(3, Throttle(http.StatusServiceUnavailable, "")),
	})
	return d
}

// add puts an account and its inventory into the cloud.
func (d *DemoCloud) add(account DemoAccount, regions []demoRegion) {
	a := d.AddAccount(account.ID, account.Key)
	for _, r := range regions {
		account.Regions = append(account.Regions, r.name)
		a.Fill(r.name, r.buckets)
		a.FillIndexes(r.name, r.indexes)
	}
	d.Accounts = append(d.Accounts, account)
}
