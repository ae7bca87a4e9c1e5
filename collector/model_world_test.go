package collector_test

import (
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	"ossvector_exporter/collector"
	"ossvector_exporter/ossvapi"
)

// What the model check's collectors are configured with, and what its regions answer.
var (
	modelAccounts = []string{"prod", "other"}
	modelRegions  = []string{"cn-a", "cn-b", "cn-c"}
	faults        = []answers{{fails: denied}, {fails: overloaded}, {panics: true}}
)

// gone is the limit of a scrape whose client leaves after half a second.
const gone = 500 * time.Millisecond

type regionKey struct{ account, region string }

type counter struct {
	regionKey
	operation ossvapi.Operation
	reason    ossvapi.Reason
}

type bucketName struct{ region, name string }

// entry is a bucket of a listing: one that is created again is another.
type entry struct {
	bucketName
	created string
}

// model is the contract's promises in the simplest way, beside the collector that it is compared with.
type model struct {
	t      testing.TB
	rig    *rig
	clouds map[string]*cloud

	config  modelConfig
	world   map[regionKey]answers
	denied  map[regionKey]bool           // its indexes
	indexes map[regionKey]map[entry]bool // buckets whose indexes are remembered
	memory  map[regionKey]remembered
	counted map[counter]int
}

type modelConfig struct {
	accounts    []modelAccount
	minInterval time.Duration
}

type modelAccount struct {
	name    string
	regions []string
	indexes bool
	always  bool // its indexes are listed at every scrape, else once
}

// remembered is the last complete listing of a region.
type remembered struct {
	entries []entry
	at      time.Time
	failing bool
}

// outcome is how a region's listing ended for one scrape.
type outcome struct {
	entries []entry
	reason  ossvapi.Reason // empty: complete
}

// outcomes are those of every region, for one scrape.
type outcomes map[regionKey]outcome

func newModel(t testing.TB) *model {
	m := &model{
		t: t, rig: newRig(t), clouds: map[string]*cloud{}, world: map[regionKey]answers{}, denied: map[regionKey]bool{},
		memory: map[regionKey]remembered{}, counted: map[counter]int{}, indexes: map[regionKey]map[entry]bool{},
	}
	for _, name := range modelAccounts {
		m.clouds[name] = newCloud()
		m.clouds[name].observer = m.rig.Observer(name)
		for _, region := range modelRegions {
			m.clouds[name].setIndexes(region, indexAnswers{byDate: true})
		}
	}
	return m
}

// change makes a region answer otherwise.
func (m *model) change(where regionKey, s step) {
	random := rand.New(rand.NewPCG(s.random, 3))
	a := answers{}
	if s.fault < len(faults) {
		a = faults[s.fault]
	}
	a.pages = randomPages(random).pages
	a.late = s.late
	m.world[where] = a
	m.clouds[where.account].set(where.region, a)
}

// reload configures collector and model anew, each second time with the accounts that there are. Counters of what stays go
// on, and so does the memory of accounts that did not change.
func (m *model) reload(s step) {
	random := rand.New(rand.NewPCG(s.random, 4))
	old := m.config.accounts
	m.config = modelConfig{minInterval: []time.Duration{0, 30 * time.Second}[random.IntN(2)], accounts: old}
	if random.IntN(2) == 0 {
		m.config.accounts = randomAccounts(random)
	}
	next := settings()
	counted, memory, indexes := m.counted, m.memory, m.indexes
	m.counted, m.memory, m.indexes = map[counter]int{}, map[regionKey]remembered{}, map[regionKey]map[entry]bool{}
	for _, a := range m.config.accounts {
		built := collector.Account{
			Name: a.name, Regions: a.regions, API: m.clouds[a.name], PerBucket: true, Indexes: a.indexes,
			IndexInterval: time.Hour, MinInterval: m.config.minInterval, Config: a,
		}
		if a.always {
			built.IndexInterval = 0
		}
		next.Accounts = append(next.Accounts, built)
		unchanged := slices.ContainsFunc(old, func(o modelAccount) bool { return reflect.DeepEqual(o, a) })
		for _, region := range a.regions {
			where := regionKey{a.name, region}
			m.keep(counted, where, a.indexes)
			if unchanged {
				m.memory[where], m.indexes[where] = memory[where], indexes[where]
			}
		}
	}
	m.rig.Apply(next)
}

func randomAccounts(random *rand.Rand) []modelAccount {
	var accounts []modelAccount
	for _, name := range modelAccounts[:random.IntN(len(modelAccounts)+1)] {
		regions := slices.Clone(modelRegions)
		random.Shuffle(len(regions), func(i, j int) { regions[i], regions[j] = regions[j], regions[i] })
		accounts = append(accounts, modelAccount{
			name: name, regions: regions[:1+random.IntN(len(regions))], indexes: random.IntN(3) > 0, always: random.IntN(2) == 0,
		})
	}
	return accounts
}

// length is how long a scrape of everything lasts that has so much time.
func (m *model) length(limit time.Duration) time.Duration {
	longest := time.Duration(0)
	if limit == 0 {
		limit = 10 * time.Second
	}
	for _, a := range m.config.accounts {
		for _, region := range a.regions {
			longest = max(longest, min(limit, m.world[regionKey{a.name, region}].late))
		}
	}
	return longest
}

// keep has the counters of a place go on, and those that are new be 0.
func (m *model) keep(before map[counter]int, where regionKey, indexes bool) {
	for c, n := range before {
		if c.regionKey == where {
			m.counted[c] = n
		}
	}
	operations := []ossvapi.Operation{ossvapi.ListVectorBuckets}
	if indexes {
		operations = append(operations, ossvapi.ListVectorIndexes)
	}
	for _, op := range operations {
		for _, reason := range ossvapi.Reasons() {
			m.counted[counter{where, op, reason}] += 0
		}
	}
}

// count adds a failure, where it is configured.
func (m *model) count(where regionKey, reason ossvapi.Reason) {
	c := counter{where, ossvapi.ListVectorBuckets, reason}
	if _, configured := m.counted[c]; configured {
		m.counted[c]++
	}
}

// selected are the accounts with the regions that a scrape covers.
func (m *model) selected(sel collector.Selection) []modelAccount {
	var covered []modelAccount
	for _, a := range m.config.accounts {
		if sel.Account == "" || sel.Account == a.name {
			if sel.Region != "" {
				a.regions = []string{sel.Region}
			}
			covered = append(covered, a)
		}
	}
	return covered
}

// list says how each region's listing ends for each of the scrapes that begin now and have so much time.
func (m *model) list(sel collector.Selection, scrapes ...time.Duration) []outcomes {
	ends := make([]outcomes, len(scrapes))
	for i := range ends {
		ends[i] = outcomes{}
		if scrapes[i] == 0 {
			scrapes[i] = 10 * time.Second
		}
	}
	for _, a := range m.selected(sel) {
		for _, region := range a.regions {
			where := regionKey{a.name, region}
			for i := range scrapes {
				if m.world[where].late == 0 { // the one is over when the other begins
					ends[i][where] = m.listOnce(where, scrapes[i:i+1])[0]
				}
			}
			if m.world[where].late > 0 {
				for i, o := range m.listOnce(where, scrapes) {
					ends[i][where] = o
				}
			}
		}
	}
	return ends
}

// listOnce is one listing that scrapes share.
func (m *model) listOnce(where regionKey, scrapes []time.Duration) []outcome {
	a, memory := m.world[where], m.memory[where]
	ends := make([]outcome, len(scrapes))
	fresh := !memory.at.IsZero() && !memory.failing && time.Since(memory.at) < m.config.minInterval
	for i, limit := range scrapes {
		switch {
		case fresh:
			ends[i].entries = memory.entries
		case a.late < limit:
			ends[i] = end(a)
		case limit == gone:
			ends[i].reason = "gone"
		default:
			ends[i].reason = ossvapi.Timeout
			m.count(where, ossvapi.Timeout)
		}
	}
	if !fresh {
		m.remember(where, end(a), slices.Max(scrapes))
	}
	return ends
}

// remember keeps how a listing ended whose most patient waiter had so much time.
func (m *model) remember(where regionKey, o outcome, limit time.Duration) {
	late, memory := m.world[where].late, m.memory[where]
	switch {
	case late < limit && o.reason == "":
		memory = remembered{entries: o.entries, at: time.Now().Add(late)}
	case late < limit:
		m.count(where, o.reason)
		memory.failing = true
	case limit != gone:
		memory.failing = true
	}
	m.memory[where] = memory
}

// end is how a listing ends that is left alone.
func end(a answers) outcome {
	var o outcome
	switch {
	case a.panics:
		o.reason = ossvapi.InvalidResponse
	case a.fails != nil:
		o.reason = a.fails.Reason
	default:
		for _, p := range a.pages {
			for _, b := range p.Buckets {
				o.entries = append(o.entries, entry{bucketName{b.Region, b.Name}, b.CreationDate})
			}
		}
	}
	return o
}
