package ossvtest_test

import (
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
		{Operation: ossvtest.ListVectorIndexes}: 2,
		{Page: 2}:                               1,
		{Region: shanghai, Operation: ossvtest.ListVectorIndexes}: 0,
	} {
		if got := s.Count(m); got != want {
			t.Errorf("%+v: %d, want %d", m, got, want)
		}
	}
}

func TestInFlight(t *testing.T) {
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
	if n := s.InFlight(); n != 3 {
		t.Errorf("%d in flight", n)
	}
	gate.Open()
	for range asks {
		<-done
	}
}
