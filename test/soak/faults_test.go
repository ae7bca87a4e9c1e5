package soak

import (
	"net/http"
	"time"

	"ossvector_exporter/ossvapi/ossvtest"
)

// stay is how many scrapes in a row meet the same fault.
const stay = 5

// fault is one entry of the schedule. It strikes the shaky regions only.
type fault struct {
	name   string
	do     ossvtest.Action
	times  int    // per region; 0 is until the next entry
	once   bool   // inject again before each scrape: a fault that a retry cures
	clock  bool   // it is the clock of the whole region that is wrong, for every operation
	reason string // what the region fails with; empty if the scrape must succeed all the same
}

func (f fault) calm() bool { return f.do == nil }

func (f fault) inject(s *ossvtest.Server) {
	if f.do == nil {
		return
	}
	for _, region := range []string{shaky, shaky2} {
		match := ossvtest.Match{Region: region, Operation: ossvtest.ListVectorBuckets}
		if f.clock {
			match.Operation = ""
		}
		s.Inject(ossvtest.Fault{Match: match, Times: f.times, Do: f.do})
	}
}

// faults is the schedule: what retries cure, what they cannot, and calm in between, in which all must recover at once.
func faults() []fault {
	cured := func(name string, do ossvtest.Action) fault { return fault{name: name, do: do, times: 1, once: true} }
	fatal := func(name, reason string, do ossvtest.Action) fault { return fault{name: name, do: do, reason: reason} }
	html := http.Header{"Content-Type": {"text/html"}}
	struck := []fault{
		cured("throttled once", ossvtest.Throttle(http.StatusTooManyRequests, "")),
		cured("one server error", ossvtest.Fail(http.StatusInternalServerError, "InternalError", "We encountered an error.")),
		cured("one hang-up", ossvtest.HangUp()),
		cured("one body cut off", ossvtest.CutOff(100)),
		cured("one hang", ossvtest.Hang()),
		cured("one gateway page", ossvtest.Respond(http.StatusBadGateway, html, "<html>bad gateway</html>")),
		{name: "a clock that is wrong", clock: true, do: ossvtest.Skew(2 * time.Hour)},
		{name: "duplicates", do: ossvtest.Duplicate(3)},
		{name: "slow", do: ossvtest.Latency(20 * time.Millisecond)},
		fatal("denied", "access_denied", ossvtest.Deny()),
		fatal("always throttled", "throttled", ossvtest.Throttle(http.StatusTooManyRequests, "60")),
		fatal("always down", "server_error", ossvtest.Fail(http.StatusServiceUnavailable, "ServiceUnavailable", "Down.")),
		fatal("hangs", "timeout", ossvtest.Hang()),
		fatal("hangs up", "network", ossvtest.HangUp()),
		fatal("cut off", "invalid_response", ossvtest.CutOff(100)),
		fatal("an empty body", "invalid_response", ossvtest.Respond(http.StatusOK, nil, "")),
		fatal("null", "invalid_response", ossvtest.Respond(http.StatusOK, nil, "null")),
		fatal("a login page", "invalid_response", ossvtest.Respond(http.StatusOK, html, "<html>log in</html>")),
		fatal("a huge body", "invalid_response", ossvtest.Huge(5<<20)),
		fatal("endless pages", "invalid_response", ossvtest.LoopMarker()),
	}
	var all []fault
	for _, f := range struck {
		all = append(all, fault{name: "calm"}, f)
	}
	return all
}
