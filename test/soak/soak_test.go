// Package soak runs the built binary for a long time in short steps: a scrape every 200 ms while the service fails in all
// the ways that it can, keys rotate, inventories change and the configuration is loaded again and again.
//
//	make soak SOAK_TIME=10m
package soak

import (
	"os"
	"strings"
	"testing"
	"time"
)

const every = 200 * time.Millisecond

// TestSoak fails at the first scrape that breaks a promise, and at the end if anything has grown.
func TestSoak(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("SOAK_TIME"))
	if err != nil {
		t.Fatalf("SOAK_TIME: %v; run this by make soak", err)
	}
	r := newRig(t)
	growth := newGrowth(length)
	tick := time.NewTicker(every)
	defer tick.Stop()
	began := time.Now()
	steps := 0
	for time.Since(began) < length {
		if t.Failed() {
			t.Fatalf("stopped after %d scrapes", steps)
		}
		f := r.step(steps)
		samples := r.scrape()
		r.check(f, samples)
		if f.calm() && !r.extra { // with one region more, each may keep more connections
			growth.note(t, time.Since(began), r)
		}
		r.visit(steps)
		steps++
		select {
		case <-tick.C:
		case <-r.process.Done():
			t.Fatal("the exporter has ended")
		}
	}
	growth.judge(t)
	for _, secret := range r.secrets {
		if strings.Contains(r.process.Output(), secret) {
			t.Errorf("a secret was printed")
		}
	}
	t.Logf("%d scrapes in %s, %d reloads, %d of the same file, %d refused, %d rotations, %d creations; %d requests over %d connections\n%s",
		steps, time.Since(began).Round(time.Second), r.reloads, r.reloaded, r.refused, len(r.secrets), r.created, r.cloud.Requests(),
		r.cloud.Connections(), growth)
}
