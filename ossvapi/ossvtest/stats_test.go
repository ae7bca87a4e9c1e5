package ossvtest_test

import (
	"net/http"
	"testing"

	"ossvector_exporter/ossvapi/ossvtest"
)

func TestCounts(t *testing.T) {
	s, _, url := faulty(t, ossvtest.Fault{Match: ossvtest.Match{Region: "cn-fault"}, Do: ossvtest.HangUp()})
	for _, q := range []raw{
		{key: key()}, {key: key(), query: "max-keys=1&marker=a"}, {key: key(), region: shanghai}, {key: key(), bucket: "a"},
		{key: key(), bucket: "none"}, {key: ossvtest.Key{ID: "LTAInone", Secret: "s"}}, {key: key(), region: "cn-fault"},
	} {
		_, _, _ = try(t, url, q) // that one of them fails is told apart below
	}
	for m, want := range map[ossvtest.Match]int{
		{}:                                      7,
		{Account: accountID}:                    6,
		{Region: hangzhou}:                      5,
		{Region: shanghai}:                      1,
		{Operation: ossvtest.ListVectorBuckets}: 5,
		{Operation: ossvtest.ListVectorIndexes}: 2,
		{Bucket: "a"}:                           1,
		{Page: 2}:                               1,
		{FromPage: 2}:                           1,
		{Region: "cn-fault"}:                    1,
		{Region: shanghai, Operation: ossvtest.ListVectorIndexes}: 0,
	} {
		if got := s.Count(m); got != want {
			t.Errorf("%+v: %d, want %d", m, got, want)
		}
	}
	statuses := []int{200, 200, 200, 200, 404, 403, 0}
	for i, q := range s.Requests() {
		if q.Status != statuses[i] {
			t.Errorf("request %d: %+v, want status %d", i, q, statuses[i])
		}
	}
	s.ResetStats()
	if s.Count(ossvtest.Match{}) != 0 || len(s.Requests()) != 0 || s.MaxInFlight(accountID, "") != 0 {
		t.Error("counts are left after a reset")
	}
}

func TestRequestLog(t *testing.T) {
	s, _, url := serve(t, ossvtest.Options{Now: noon})
	resp, _ := raw{key: key(), query: "prefix=p&marker=m&max-keys=5", header: map[string][]string{"X-Oss-Resource-Group-Id": {"rg"}}}.
		send(t, url)
	want := ossvtest.Request{
		ID: resp.Header.Get("X-Oss-Request-Id"), Account: accountID, Region: hangzhou, Operation: ossvtest.ListVectorBuckets,
		Page: 1, Host: "127.0.0.1", KeyID: "LTAItest", Prefix: "p", Marker: "m", Limit: 5, ResourceGroupID: "rg", Status: 200,
	}
	if got := s.Requests(); len(got) != 1 || got[0] != want {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

func TestMaxInFlight(t *testing.T) {
	s, _, url := serve(t, ossvtest.Options{Now: noon})
	gate := ossvtest.NewGate()
	s.Inject(ossvtest.Fault{Do: gate.Action})
	done := make(chan struct{})
	asks := []raw{{key: key()}, {key: key(), region: shanghai}, {key: key(), bucket: "a"}}
	for _, ask := range asks {
		q := ask.build(t, url)
		go func() {
			_, _, _ = do(q) // only that it was there matters
			done <- struct{}{}
		}()
		<-gate.Arrived()
	}
	if n := s.InFlight(accountID, ""); n != 3 {
		t.Errorf("%d in flight", n)
	}
	s.ResetStats()
	gate.Open()
	for range asks {
		<-done
	}
	for operation, want := range map[string]int{"": 3, ossvtest.ListVectorBuckets: 2, ossvtest.ListVectorIndexes: 1} {
		if got := s.MaxInFlight(accountID, operation); got != want {
			t.Errorf("%q: %d at a time, want %d", operation, got, want)
		}
	}
	if n := s.MaxInFlight(otherID, ""); n != 0 {
		t.Errorf("other account: %d", n)
	}
}

// TestLogIsBounded sends more than the log keeps.
func TestLogIsBounded(t *testing.T) {
	s := ossvtest.New(ossvtest.Options{Now: noon})
	s.Inject(ossvtest.Fault{Do: func(w http.ResponseWriter, _ *http.Request, _ http.Handler) {
		_, _ = w.Write(nil) // implies the status
	}})
	r := raw{key: key()}.build(t, "http://127.0.0.1")
	for range 11_000 {
		s.ServeHTTP(&discard{header: http.Header{}}, r)
	}
	log := s.Requests()
	if n := len(log); n < 5_000 || n > 10_000 || s.Count(ossvtest.Match{}) != 11_000 {
		t.Fatalf("%d in the log", n)
	}
	if last := log[len(log)-1]; last.ID != "000000000000000000002AF8" || last.Status != 200 {
		t.Errorf("last: %+v", last)
	}
}
