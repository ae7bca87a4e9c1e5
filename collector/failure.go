package collector

import (
	"errors"
	"maps"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/go-kit/log/level"

	"ossvector_exporter/ossvapi"
)

// Failure is what is wrong with an operation in a region at present.
type Failure struct {
	Error *ossvapi.Error
	Since time.Time     // when it began to fail
	At    time.Time     // when it failed last
	Took  time.Duration // how long that listing took, or that bucket's of its indexes
	Pages int           // pages that came of it; 0 for indexes
}

// changing are the words of a message that may differ from one time to the next although nothing changed: those with
// numbers, request ids, addresses.
var changing = regexp.MustCompile(`\S*[0-9]\S*`)

// signature tells failures apart that are worth a warning of their own.
func signature(e *ossvapi.Error) string {
	return string(e.Reason) + " " + e.Code + " " + e.EC + " " + changing.ReplaceAllString(e.Message, "#")
}

// note keeps how an operation ended: what failed, or nil. It needs the lock.
func (m *regionMemory) note(op ossvapi.Operation, failure *Failure) {
	if failure == nil {
		delete(m.failing, op)
		return
	}
	failure.Since = failure.At
	if before := m.failing[op]; before != nil {
		failure.Since = before.Since
	}
	m.failing[op] = failure
}

// failure is the present failure of an operation, or nil. It is never changed.
func (m *regionMemory) failure(op ossvapi.Operation) *Failure {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.failing[op]
}

// failures are the present failures, in the order of the operations' names.
func (m *regionMemory) failures() []Failure {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []Failure
	for _, op := range slices.Sorted(maps.Keys(m.failing)) {
		all = append(all, *m.failing[op])
	}
	return all
}

// failureLog knows what was logged of an account's failures. A warning tells when something starts to fail or fails in
// another way, an info line when it recovers, and what repeats goes to debug. Missing credentials are the account's
// failure, whose regions are not logged one by one.
type failureLog struct {
	mu      sync.Mutex
	logged  map[failureKey]*Failure
	keyless *Failure        // the account's
	regions int             // how many regions it is that of
	over    map[string]bool // regions with more buckets than max_bucket_series
}

type failureKey struct {
	region    string
	operation ossvapi.Operation
}

// logFailures logs what has changed since it was called last.
func (c *Collector) logFailures(a *account) {
	l := &a.log
	l.mu.Lock()
	defer l.mu.Unlock()
	var keyless *Failure
	regions := map[string]bool{}
	for _, t := range a.targets {
		for _, op := range a.operations() {
			key, now := failureKey{t.region, op}, t.failure(op)
			if now != nil && now.Error.Reason == ossvapi.NoCredentials {
				regions[t.region] = true
				if keyless == nil {
					keyless = &Failure{Error: now.Error, At: now.At, Since: now.At, Took: now.Took}
				}
				delete(l.logged, key) // the account's lines tell how it goes on
				continue
			}
			logChange(t.logger, l.logged[key], now)
			l.logged[key] = now
		}
	}
	if keyless != nil {
		l.regions = len(regions)
		if l.keyless != nil {
			keyless.Since = l.keyless.Since
		}
	}
	logChange(log.With(c.logger, "account", a.Name, "regions", l.regions), l.keyless, keyless)
	l.keyless = keyless
}

// logLimits warns once of each region whose buckets get no series because there are too many of them.
func (c *Collector) logLimits(p *accountPass) {
	l := &p.account.log
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, region := range p.inventory.order {
		part := p.inventory.regions[region]
		if part.over == l.over[region] {
			continue
		}
		l.over[region] = part.over
		fields := []any{"account", p.account.Name, "region", region, "buckets", part.shown, "max_bucket_series", p.account.MaxBucketSeries}
		if part.over {
			_ = level.Warn(c.logger).Log(append(fields, "msg", "more buckets than max_bucket_series: they get no series of their own")...)
		} else {
			_ = level.Info(c.logger).Log(append(fields, "msg", "no more buckets than max_bucket_series: they get series of their own")...)
		}
	}
}

// logChange logs one line, or none if nothing happened.
func logChange(logger log.Logger, before, now *Failure) {
	switch {
	case now == nil && before == nil, now != nil && before != nil && now.Error == before.Error:
	case now == nil:
		_ = level.Info(logger).Log("msg", "listing recovered", "operation", before.Error.Operation,
			"reason", before.Error.Reason, "duration", time.Since(before.Since))
	case before == nil:
		now.log(level.Warn(logger), "listing started to fail")
	case signature(before.Error) != signature(now.Error):
		now.log(level.Warn(logger), "listing fails for another reason")
	default:
		now.log(level.Debug(logger), "listing still fails")
	}
}

func (f *Failure) log(logger log.Logger, msg string) {
	e := f.Error
	fields := []any{"msg", msg, "operation", e.Operation, "reason", e.Reason, "code", e.Code}
	if e.EC != "" {
		fields = append(fields, "ec", e.EC)
	}
	_ = logger.Log(append(fields, "status", statusLabel(e.Status), "request_id", e.RequestID, "attempts", e.Attempts,
		"duration", f.Took, "err", e.Detail())...)
}

// asFailure finds the typed error in err. Any other error of an API is one that it does not promise to give.
func asFailure(err error, op ossvapi.Operation, region string) *ossvapi.Error {
	var failure *ossvapi.Error
	if errors.As(err, &failure) {
		return failure
	}
	return &ossvapi.Error{Operation: op, Region: region, Reason: ossvapi.InvalidResponse, Message: ourBug, Err: err}
}
