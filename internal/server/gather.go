package server

import (
	"math"
	"strconv"
	"time"
)

// maxTimeout is more than any scraper waits and far from overflowing a time.Duration.
const maxTimeout = 24 * time.Hour

// positiveSeconds is 0 for what is no positive finite number. Numbers beyond a day count as a day, those below a
// nanosecond as one.
func positiveSeconds(text string) time.Duration {
	seconds, err := strconv.ParseFloat(text, 64)
	if err != nil || !(seconds > 0) || math.IsInf(seconds, 0) {
		return 0
	}
	if seconds > maxTimeout.Seconds() {
		return maxTimeout
	}
	return max(1, time.Duration(math.Round(seconds*float64(time.Second))))
}
