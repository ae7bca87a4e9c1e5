package collector_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ossvector_exporter/collector"
	"ossvector_exporter/internal/exposition"
)

// step is one thing that happens to a collector in the model check.
type step struct {
	kind           stepKind
	account        int
	region         int
	random         uint64 // chooses what the region lists or how the configuration reads
	fault          int
	late           time.Duration
	limit, another time.Duration
}

type stepKind int

const (
	world        stepKind = iota // a region's inventory or behaviour changes
	indexFault                   // its indexes are denied, or not any more
	advance                      // time passes
	scrapeOnce                   // one scrape
	overlap                      // two at once, with limits of their own
	hangUp                       // one whose client leaves after half a second
	reload                       // another configuration, or the same
	reloadMidway                 // another configuration while a scrape runs
	kinds        = int(iota)
)

func (s step) String() string {
	name := []string{"world", "index fault", "advance", "scrape", "overlap", "hang up", "reload", "reload midway"}[s.kind]
	return fmt.Sprintf("%s{account %d region %d random %d fault %d late %v limits %v %v}",
		name, s.account, s.region, s.random%1000, s.fault, s.late, s.limit, s.another)
}

// randomSteps are n steps; the same seed gives the same.
func randomSteps(seed uint64, n int) []step {
	random := rand.New(rand.NewPCG(seed, 2))
	steps := make([]step, n)
	weighted := []stepKind{world, world, world, indexFault, advance, scrapeOnce, scrapeOnce, scrapeOnce, overlap, hangUp, reload, reloadMidway}
	for i := range steps {
		steps[i] = step{
			kind: weighted[random.IntN(len(weighted))], account: random.IntN(len(modelAccounts)), region: random.IntN(len(modelRegions)),
			random: random.Uint64(), fault: random.IntN(2 * len(faults)), late: []time.Duration{0, 0, 0, time.Second, 3 * time.Second, hangs}[random.IntN(6)],
			limit:   []time.Duration{2 * time.Second, 8 * time.Second, 0}[random.IntN(3)],
			another: []time.Duration{2 * time.Second, 8 * time.Second, 0}[random.IntN(3)],
		}
	}
	return steps
}

// check runs the steps against a collector and the model and returns the first disagreement, or empty.
func check(t *testing.T, steps []step) (problem string) {
	synctest.Test(t, func(t *testing.T) {
		m := newModel(t)
		for i, s := range steps {
			if p := m.step(s); p != "" {
				problem = fmt.Sprintf("step %d, %v: %s", i, s, p)
				return
			}
		}
	})
	return problem
}

// shrink leaves steps out as long as the rest still disagrees.
func shrink(t *testing.T, steps []step) []step {
	for size := len(steps) / 2; size > 0; size /= 2 {
		for from := 0; from+size <= len(steps); {
			less := slices.Delete(slices.Clone(steps), from, from+size)
			if check(t, less) != "" {
				steps = less
				continue
			}
			from += size
		}
	}
	return steps
}

// The collector and a simple model of its promises agree over thousands of random steps.
func TestModel(t *testing.T) {
	const seeds, length = 30, 100
	for seed := range uint64(seeds) {
		steps := randomSteps(seed, length)
		if check(t, steps) == "" {
			continue
		}
		steps = shrink(t, steps)
		var b strings.Builder
		for _, s := range steps {
			fmt.Fprintf(&b, "  %v\n", s)
		}
		t.Fatalf("seed %d: %s\nafter\n%s", seed, check(t, steps), b.String())
	}
}

// step does s to the collector and to the model, and compares what both say.
func (m *model) step(s step) string {
	where := regionKey{modelAccounts[s.account], modelRegions[s.region]}
	switch s.kind {
	case world:
		m.change(where, s)
	case indexFault:
		m.denied[where] = !m.denied[where]
		a := indexAnswers{byDate: true}
		if m.denied[where] {
			a.fails = denied
		}
		m.clouds[where.account].setIndexes(where.region, a)
	case advance:
		wait(m.t.Context(), 20*time.Second)
	case reload:
		m.reload(s)
	case scrapeOnce:
		return m.scrapeOnce(s)
	case overlap:
		return m.overlap(s)
	case hangUp:
		return m.hangUp()
	case reloadMidway:
		return m.reloadMidway(s)
	}
	return ""
}

// gather runs a scrape of the collector, and reads back every answer that may be made of it.
func (m *model) gather(ctx context.Context, sel collector.Selection, limit time.Duration) shown {
	families, err := m.rig.Gatherer(ctx, sel, limit).(exposition.Gatherer)()
	_, differs := answered(families)
	return newShown(exposition.Metrics(families), errors.Join(err, differs))
}

// start runs a scrape beside what comes.
func (m *model) start(ctx context.Context, limit time.Duration) <-chan shown {
	done := make(chan shown, 1)
	go func() { done <- m.gather(ctx, all, limit) }()
	synctest.Wait()
	return done
}

func (m *model) scrapeOnce(s step) string {
	sel := all
	if n := uint64(len(m.config.accounts)); s.random%3 == 0 && n > 0 {
		a := m.config.accounts[s.random/3%n]
		sel = collector.Selection{Account: a.name, Region: a.regions[s.random/7%uint64(len(a.regions))]}
	}
	ends := m.list(sel, s.limit)
	want := m.expect(sel, ends[0])
	return m.exactly(m.gather(m.t.Context(), sel, s.limit), want)
}

// overlap compares two scrapes that begin together.
func (m *model) overlap(s step) string {
	before := maps.Clone(m.counted)
	limits := []time.Duration{s.limit, s.another}
	ends := m.list(all, limits...)
	wants := make([]expected, 2)
	order := []int{0, 1}
	if m.length(limits[1]) < m.length(limits[0]) {
		order = []int{1, 0}
	}
	for _, i := range order { // what one forgets when it ends, the other may have to ask for again
		wants[i] = m.expect(all, ends[i])
	}
	first, second := m.start(m.t.Context(), s.limit), m.start(m.t.Context(), s.another)
	for i, got := range []shown{<-first, <-second} {
		if p := m.roughly(got, wants[i], before); p != "" {
			return fmt.Sprintf("scrape %d: %s", i+1, p)
		}
	}
	return ""
}

// hangUp compares nothing: what nobody reads must leave no trace in what comes after.
func (m *model) hangUp() string {
	m.expect(all, m.list(all, gone)[0])
	ctx, leave := context.WithCancel(m.t.Context())
	done := m.start(ctx, 0)
	wait(m.t.Context(), gone)
	leave()
	<-done
	return ""
}

func (m *model) reloadMidway(s step) string {
	before := maps.Clone(m.counted)
	want := m.expect(all, m.list(all, s.limit)[0])
	done := m.start(m.t.Context(), s.limit)
	m.reload(s)
	return m.roughly(<-done, want, before)
}
