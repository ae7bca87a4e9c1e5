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
	Pages int           // that came of it; the same
}

// note keeps and logs how an operation ended: what failed now, or nil. One warning when it starts to fail or fails for
// another reason, one line when it recovers; what repeats goes to debug. It needs the lock, over the logging too, so that
// the lines come in the order of what they tell.
func (t *target) note(op ossvapi.Operation, now *Failure) {
	before := t.failing[op]
	if now == nil {
		delete(t.failing, op)
		if before != nil {
			_ = level.Info(t.logger).Log("msg", "listing recovered", "operation", op,
				"reason", before.Error.Reason, "duration", time.Since(before.Since))
		}
		return
	}
	t.failing[op], now.Since = now, now.At
	if before == nil {
		t.logFailure(level.Warn(t.logger), "listing started to fail", now.Error)
		return
	}
	now.Since = before.Since
	if before.Error.Reason != now.Error.Reason {
		t.logFailure(level.Warn(t.logger), "listing fails for another reason", now.Error)
		return
	}
	t.logFailure(level.Debug(t.logger), "listing still fails", now.Error)
}

func (t *target) logFailure(logger log.Logger, msg string, e *ossvapi.Error) {
	_ = logger.Log("msg", msg, "operation", e.Operation, "reason", e.Reason, "code", e.Code,
		"status", statusLabel(e.Status), "request_id", e.RequestID, "attempts", e.Attempts, "err", e.Detail())
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
	if errors.As(err, &failure) {
		return failure
	}
	return &ossvapi.Error{Operation: op, Region: region, Reason: ossvapi.InvalidResponse, Message: "unknown error", Err: err}
}
