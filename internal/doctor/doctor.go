// Package doctor checks, step by step, everything that a scrape needs, and reports it: for the person who has just written a
// configuration, or who has been woken up. It uses the clients and keys of a scrape; what it adds is to see each step.
package doctor

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

// Account is one configured account with what its scrapes use.
type Account struct {
	Name    string
	Source  string // where its keys come from, without secrets
	STS     string // host of STS that gives them; empty if none is asked
	Keys    ossvapi.Keys
	API     collector.API
	Trace   *Trace // what API's requests and failures go through
	Regions []string
	Indexes bool
}

// Options are those of one run.
type Options struct {
	Timeout        time.Duration // of all that is asked
	MaxConcurrency int           // regions of one account at the same time
	Warnings       []string      // of the configuration
	Version        string
	Progress       func(account string, r Region) // told of each region as it ends, one at a time; may be nil
}

// Run checks all accounts and their regions at the same time and returns what it found. It lasts no longer than the timeout
// and does not outlive ctx.
func Run(ctx context.Context, accounts []Account, o Options) *Report {
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	began := time.Now()
	report := &Report{
		Version: o.Version, Started: began.UTC(), Warnings: o.Warnings, Accounts: make([]AccountReport, len(accounts)),
	}
	var (
		one sync.Mutex
		all sync.WaitGroup
	)
	progress := func(account string, r Region) {
		if o.Progress != nil {
			one.Lock()
			defer one.Unlock()
			o.Progress(account, r)
		}
	}
	for i, a := range accounts {
		all.Go(func() { report.Accounts[i] = a.check(ctx, o.MaxConcurrency, progress) })
	}
	all.Wait()
	report.Seconds = time.Since(began).Seconds()
	report.conclude()
	return report
}

func (a Account) check(ctx context.Context, concurrency int, progress func(string, Region)) AccountReport {
	report := AccountReport{Account: a.Name, Credentials: a.credentials(ctx), Regions: make([]Region, len(a.Regions))}
	slots := make(chan struct{}, concurrency)
	var all sync.WaitGroup
	for i, region := range a.Regions {
		all.Go(func() {
			slots <- struct{}{} // every holder ends with ctx
			defer func() { <-slots }()
			report.Regions[i] = a.region(ctx, region)
			progress(a.Name, report.Regions[i])
		})
	}
	all.Wait()
	return report
}

// credentials obtains a key. Its failure is reported by the regions, which fail for it.
func (a Account) credentials(ctx context.Context) Credentials {
	began := time.Now()
	key, err := a.Keys.Key(ctx)
	c := Credentials{Source: a.Source, STS: a.STS, Seconds: time.Since(began).Seconds()}
	switch {
	case err == nil:
		id := []rune(key.ID)
		c.OK, c.Key = true, string(id[:min(shownOfKey, len(id))])
	case ctx.Err() != nil:
		c.Error = "no key came before the deadline"
	default:
		c.Error = err.Error()
	}
	return c
}

// shownOfKey is how many characters of an access key id may be shown.
const shownOfKey = 4

// region lists one region's buckets and, if the account exports indexes, those of its first bucket.
func (a Account) region(ctx context.Context, region string) Region {
	r := Region{Region: region}
	began := time.Now()
	first, err := a.list(ctx, region, &r)
	r.Seconds = time.Since(began).Seconds()
	r.Connection = a.Trace.of(ossvapi.ListVectorBuckets, region)
	if err != nil {
		r.fail(ossvapi.ListVectorBuckets, err)
		return r
	}
	if a.Indexes && first != nil {
		r.Indexes = a.indexes(ctx, *first, &r)
	}
	r.OK = len(r.Failures) == 0
	return r
}

// list walks the region's pages. It returns the first bucket of the region itself; indexes are listed of no other.
func (a Account) list(ctx context.Context, region string, r *Region) (first *ossvapi.Bucket, err error) {
	for page, err := range a.API.Buckets(ctx, region, nil) {
		if err != nil {
			return nil, err
		}
		r.Pages++
		for _, b := range page.Buckets {
			r.Buckets++
			switch {
			case b.Region != region && !slices.Contains(r.OtherRegions, b.Region):
				r.OtherRegions = append(r.OtherRegions, b.Region)
			case b.Region == region && first == nil:
				first = &b
			}
		}
	}
	slices.Sort(r.OtherRegions)
	return first, nil
}

func (a Account) indexes(ctx context.Context, b ossvapi.Bucket, r *Region) *Indexes {
	began := time.Now()
	found, err := a.API.Indexes(ctx, b)
	i := &Indexes{Bucket: b.Name, Indexes: len(found), Seconds: time.Since(began).Seconds()}
	i.Connection = a.Trace.of(ossvapi.ListVectorIndexes, b.Region)
	if err != nil {
		r.fail(ossvapi.ListVectorIndexes, err)
	}
	return i
}

// fail adds a failure with its advice. An interrupted run has none to give.
func (r *Region) fail(op ossvapi.Operation, err error) {
	var e *ossvapi.Error
	if !errors.As(err, &e) {
		e = &ossvapi.Error{Operation: op, Region: r.Region, Reason: ossvapi.Timeout, Message: "interrupted before it was done"}
	}
	f := collector.Explain(e)
	f.Message = e.Message
	r.Failures = append(r.Failures, f)
}
