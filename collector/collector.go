// Package collector lists the vector buckets of every configured account and region on each scrape and turns what came
// into series. Cloud state is made anew at each scrape out of complete listings only; counters outlive scrapes and
// reloads. It writes nothing and starts nothing in the background: every listing is owned by the scrapes that wait for it.
package collector

import (
	"context"
	"iter"
	"maps"
	"reflect"
	"regexp"
	"slices"
	"sync"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"

	"ossvector_exporter/internal/exposition"
	"ossvector_exporter/ossvapi"
)

// API is what the collector asks of an account. *ossvapi.Client is one.
type API interface {
	Buckets(ctx context.Context, region string, known []*ossvapi.Page) iter.Seq2[*ossvapi.Page, error]
	Indexes(ctx context.Context, b ossvapi.Bucket) ([]ossvapi.Index, error)
}

// Settings is what is collected: a validated configuration with its clients.
type Settings struct {
	Timeout        time.Duration // longest scrape, and the length of one whose scraper names none
	MaxConcurrency int           // regions of one account listed at the same time
	Accounts       []Account
}

// Account is one account's share of the settings. Its API's observer must be the collector's Observer for its name.
type Account struct {
	Name            string
	Config          any // what it was made of: if it is deeply equal after a reload, what is known of the account stays; nil never is
	Regions         []string
	MinInterval     time.Duration // a region listed less than this ago is answered from memory
	API             API
	BucketQuota     int               // 0: not exported
	PerBucket       bool              // export a series per bucket
	Labels          map[string]string // constant labels of every series; after Apply with every label that another account has, empty
	Include         *regexp.Regexp    // buckets of these names get series and index listings; nil: all
	Exclude         *regexp.Regexp    // less these; nil: none
	MaxBucketSeries int               // a region with more of them gets no series of single buckets; 0: no limit
	Indexes         bool              // list the indexes of every bucket that gets series
	IndexInterval   time.Duration
	Close           func() // frees what API holds once no scrape uses it any more; may be nil
}

// Selection is what a scrape covers: an account, a region of it, or everything where they are empty.
type Selection struct{ Account, Region string }

// Collector is safe for concurrent use.
type Collector struct {
	logger   log.Logger
	counters *counterStore
	mu       sync.Mutex
	gen      *generation
}

// New returns a collector that covers nothing until Apply.
func New(logger log.Logger) *Collector {
	return &Collector{logger: logger, counters: newCounterStore(), gen: &generation{}}
}

// Observer counts the attempts and failures of an account's client. Regions that are not configured are not counted.
func (c *Collector) Observer(account string) ossvapi.Observer {
	return &observer{store: c.counters, account: account, logger: log.With(c.logger, "account", account)}
}

// generation is one configuration at work, with the memory of its listings.
type generation struct {
	settings Settings
	accounts []*account
	users    int // scrapes that use it
	retired  bool
}

// Apply replaces what is collected. Counters go on, and so does what is known of every account whose Config is what it
// was. Those of accounts and regions that are gone go away, and everything else starts anew. Scrapes that are under way
// end with the settings they began with.
func (c *Collector) Apply(s Settings) {
	s.Accounts = withAllLabels(s.Accounts)
	gen := &generation{settings: s}
	keys := map[regionKey][]ossvapi.Operation{}
	for _, a := range s.Accounts {
		for _, region := range a.Regions {
			keys[regionKey{a.Name, region}] = a.operations()
		}
	}
	c.mu.Lock()
	c.counters.keep(keys)
	old := c.gen
	for _, a := range s.Accounts {
		gen.accounts = append(gen.accounts, c.newAccount(a, s.MaxConcurrency, old.unchanged(a)))
	}
	c.gen = gen
	old.retired = true
	idle := old.users == 0
	c.mu.Unlock()
	if idle {
		old.close()
	}
}

// withAllLabels gives every account every label that one of them has, empty where it sets none.
func withAllLabels(accounts []Account) []Account {
	names := map[string]string{}
	for _, a := range accounts {
		for name := range a.Labels {
			names[name] = ""
		}
	}
	if len(names) == 0 {
		return accounts
	}
	accounts = slices.Clone(accounts)
	for i, a := range accounts {
		accounts[i].Labels = maps.Clone(names)
		maps.Copy(accounts[i].Labels, a.Labels)
	}
	return accounts
}

// unchanged is the account of the same configuration, or nil.
func (g *generation) unchanged(a Account) *account {
	for _, known := range g.accounts {
		if a.Config != nil && known.Name == a.Name && reflect.DeepEqual(known.Config, a.Config) {
			return known
		}
	}
	return nil
}

// Close lets go of the clients, once the scrapes under way are done with them.
func (c *Collector) Close() { c.Apply(Settings{}) }

// acquire takes the generation in force for the length of a scrape; release gives it back.
func (c *Collector) acquire() *generation {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gen.users++
	return c.gen
}

func (c *Collector) release(gen *generation) {
	c.mu.Lock()
	gen.users--
	last := gen.retired && gen.users == 0
	c.mu.Unlock()
	if last {
		gen.close()
	}
}

func (g *generation) close() {
	for _, a := range g.settings.Accounts {
		if a.Close != nil {
			a.Close()
		}
	}
}

// targets are the regions that a selection covers, by account, in the configuration's order.
func (g *generation) targets(sel Selection) [][]*target {
	var all [][]*target
	for _, a := range g.accounts {
		if sel.Account != "" && sel.Account != a.Name {
			continue
		}
		covered := slices.Clone(a.targets)
		covered = slices.DeleteFunc(covered, func(t *target) bool { return sel.Region != "" && sel.Region != t.region })
		if len(covered) > 0 {
			all = append(all, covered)
		}
	}
	return all
}

// operations are those that the account calls.
func (a *Account) operations() []ossvapi.Operation {
	return slices.DeleteFunc(ossvapi.Operations(), func(op ossvapi.Operation) bool {
		return op == ossvapi.ListVectorIndexes && !a.Indexes
	})
}

// Gatherer runs one scrape of what sel covers each time it is asked. It ends when ctx does or after limit, the time that
// the scraper leaves (0: it names none), and never later than Settings.Timeout.
func (c *Collector) Gatherer(ctx context.Context, sel Selection, limit time.Duration) prometheus.Gatherer {
	return exposition.Gatherer((&scrape{ctx: ctx, collector: c, sel: sel, limit: limit}).families)
}
