package config

import "testing"

func TestBadScrape(t *testing.T) {
	badFiles(t, []badFile{
		{"zero timeout", `scrape: {timeout: 0s}
accounts:
- name: a
  regions: [cn-hangzhou]
`, []string{
			"line 1: scrape.timeout: expected a duration above 0s, found 0s",
		}},
		{"negative timeout", `scrape: {timeout: -1s}
accounts:
- name: a
  regions: [cn-hangzhou]
`, []string{
			"line 1: scrape.timeout: expected a duration of at least 0s, found -1s",
		}},
		{"negative interval", `scrape: {min_interval: -1ms}
accounts:
- name: a
  regions: [cn-hangzhou]
`, []string{
			"line 1: scrape.min_interval: expected a duration of at least 0s, found -1ms",
		}},
		{"no concurrency", `scrape: {max_concurrency: 0}
accounts:
- name: a
  regions: [cn-hangzhou]
`, []string{
			"line 1: scrape.max_concurrency: expected a whole number of at least 1, found \"0\"",
		}},
		{"all at once", `scrape: {timeout: 5, max_concurrency: -1, min_interval: x, y: z}
accounts:
- name: a
  regions: [cn-hangzhou]
`, []string{
			"line 1: scrape.timeout: expected a duration such as 30s, found a number without a unit; write 5s, if seconds are meant",
			"line 1: scrape.max_concurrency: expected a whole number of at least 1, found \"-1\"",
			"line 1: scrape.min_interval: expected a duration such as 30s, found \"x\"; write it as Go does (300ms, 30s, 5m, 1h30m)",
			"line 1: scrape.y: unknown key; known are max_concurrency, min_interval, timeout",
		}},
	})
}
