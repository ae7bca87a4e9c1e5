package collector

import (
	"errors"
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
	Took  time.Duration // how long that listing took; 0 for indexes, which are many listings
}

// note keeps and logs how an operation ended: one warning when it starts to fail or fails for another reason, one line
// when it recovers; what repeats goes to debug.
func (t *target) note(op ossvapi.Operation, err error, took time.Duration) {
	failed := err != nil
	failure := asFailure(err, op, t.region)
	t.mu.Lock()
	before := t.failing[op]
	if failed {
		now := t.now()
		entry := &Failure{Error: failure, Since: now, At: now, Took: took}
		if before != nil {
			entry.Since = before.Since
		}
		t.failing[op] = entry
	} else {
		delete(t.failing, op)
	}
	t.mu.Unlock()
	switch {
	case failed && before == nil:
		t.logFailure(level.Warn(t.logger), "listing started to fail", failure)
	case failed && before.Error.Reason != failure.Reason:
		t.logFailure(level.Warn(t.logger), "listing fails for another reason", failure)
	case failed:
		t.logFailure(level.Debug(t.logger), "listing still fails", failure)
	case before != nil:
		_ = level.Info(t.logger).Log("msg", "listing recovered", "operation", op,
			"reason", before.Error.Reason, "duration", t.now().Sub(before.Since))
	}
}

func (t *target) logFailure(logger log.Logger, msg string, e *ossvapi.Error) {
	_ = logger.Log("msg", msg, "operation", e.Operation, "reason", e.Reason, "code", e.Code,
		"status", statusLabel(e.Status), "request_id", e.RequestID, "attempts", e.Attempts, "err", e.Message)
}

// failures are the present failures, in the order of the operations.
func (t *target) failures() []Failure {
	t.mu.Lock()
	defer t.mu.Unlock()
	var all []Failure
	for _, op := range []ossvapi.Operation{ossvapi.ListVectorBuckets, ossvapi.ListVectorIndexes} {
		if f := t.failing[op]; f != nil {
			all = append(all, *f)
		}
	}
	return all
}

// asFailure finds the typed error in err. Any other error of an API is one that it does not promise to give.
func asFailure(err error, op ossvapi.Operation, region string) *ossvapi.Error {
	var failure *ossvapi.Error
	if errors.As(err, &failure) || err == nil {
		return failure
	}
	return &ossvapi.Error{Operation: op, Region: region, Reason: ossvapi.InvalidResponse, Message: "unknown error", Err: err}
}
