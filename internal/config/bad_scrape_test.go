package config

import "testing"

func TestBadScrape(t *testing.T) {
	section := func(lines ...string) string { return "scrape: {" + lines[0] + "}\n" + with("prefix: a") }
	badKeys(t, section, "line 1: scrape.", []badValue{
		{"zero timeout", "timeout: 0s", "expected a duration above 0s, found 0s"},
		{"negative timeout", "timeout: -1s", "expected a duration of at least 0s, found -1s"},
		{"negative interval", "min_interval: -1ms", "expected a duration of at least 0s, found -1ms"},
		{"no concurrency", "max_concurrency: 0", "expected a whole number of at least 1, found \"0\""},
	})
	badFiles(t, []badFile{
		{"all at once", section("timeout: 5, max_concurrency: -1, min_interval: x, y: z"), []string{
			"line 1: scrape.timeout: expected a duration such as 30s, found a number without a unit; write 5s, if seconds are meant",
			"line 1: scrape.max_concurrency: expected a whole number of at least 1, found \"-1\"",
			"line 1: scrape.min_interval: expected a duration such as 30s, found \"x\"; write it as Go does (300ms, 30s, 5m, 1h30m)",
			"line 1: scrape.y: unknown key; known are max_concurrency, min_interval, timeout",
		}},
	})
}
