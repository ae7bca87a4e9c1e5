package main

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"ossvector_exporter/collector"
	"ossvector_exporter/internal/server"
)

// backend shows the collector to the server in the server's own terms.
type backend struct{ c *collector.Collector }

var _ server.Backend = backend{}

// Gatherer implements server.Backend.
func (b backend) Gatherer(ctx context.Context, sel server.Selection, limit time.Duration) prometheus.Gatherer {
	return b.c.Gatherer(ctx, collector.Selection(sel), limit)
}

// Targets implements server.Backend.
func (b backend) Targets() []server.Target {
	var all []server.Target
	for _, a := range b.c.Places() {
		all = append(all, server.Target{Account: a.Name, Regions: a.Regions})
	}
	return all
}

// Regions implements server.Backend.
func (b backend) Regions(sel server.Selection) []server.Region {
	var all []server.Region
	for _, s := range b.c.State(collector.Selection(sel)) {
		all = append(all, region(s))
	}
	return all
}

func region(s collector.RegionState) server.Region {
	r := server.Region{
		Account: s.Account, Name: s.Region, Buckets: s.Buckets, Quota: s.Quota, LastSuccess: s.LastSuccess,
		Duration: s.Took, Pages: s.Pages, IndexesOn: s.IndexesOn, Indexes: s.Indexes, IndexFailedBuckets: s.IndexFailed,
		Inventory: func(yield func(server.Bucket) bool) {
			for l := range s.Inventory {
				if !yield(bucket(l)) {
					return
				}
			}
		},
	}
	switch {
	case s.Failing:
		r.State = server.StateFailing
	case s.Listed:
		r.State = server.StateUp
	}
	for _, f := range s.Failures {
		r.Failures = append(r.Failures, server.Failure{
			Operation: string(f.Error.Operation), Reason: string(f.Error.Reason), Code: f.Error.Code,
			Status: f.Error.Status, RequestID: f.Error.RequestID, Message: f.Error.Detail(), At: f.At,
		})
	}
	return r
}

func bucket(l collector.Listed) server.Bucket {
	b := server.Bucket{
		Name: l.Bucket.Name, ARN: l.Bucket.ARN, Region: l.Bucket.Region, Location: l.Bucket.Location,
		CreationDate: l.Bucket.CreationDate, ExtranetEndpoint: l.Bucket.ExtranetEndpoint,
		IntranetEndpoint: l.Bucket.IntranetEndpoint, ResourceGroupID: l.Bucket.ResourceGroupID,
		IndexesListed: l.IndexesListed,
	}
	for _, i := range l.Indexes {
		b.Indexes = append(b.Indexes, server.Index(i))
	}
	return b
}
