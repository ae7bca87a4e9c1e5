// Package collector lists the vector buckets of every configured account and region on each scrape and turns what came
// into series. Cloud state is made anew at each scrape out of complete listings only; counters outlive scrapes and
// reloads. It writes nothing and starts nothing of its own accord: every listing is owned by the scrapes that wait for it.
package collector

import (
	"context"
	"iter"
	"reflect"
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
	Name          string
	Config        any // what it was made of: if it is deeply equal after a reload, what is known of the account stays; nil never is
	Regions       []string
	MinInterval   time.Duration // a region listed less than this ago is answered from memory
	API           API
	BucketQuota   int  // 0: not exported
	PerBucket     bool // export a series per bucket
	Indexes       bool // list the indexes of every bucket
	IndexInterval time.Duration
	Close         func() // frees what API holds once no scrape uses it any more; may be nil
}

// Selection is what a scrape covers: an account, a region of it, or everything where they are empty.
type Selection struct{ Account, Region string }

// Collector is safe for concurrent use.
type Collector struct {
	logger log.Logger
	now    func() time.Time
	book   *book
	mu     sync.Mutex
	gen    *generation
	descs  descs
}

// New returns a collector that covers nothing until Apply. The clock is passed in for tests.
func New(logger log.Logger, now func() time.Time) *Collector {
	return &Collector{logger: logger, now: now, book: newBook(), gen: &generation{}, descs: newDescs()}
}

// Observer counts the attempts and failures of an account's client. Regions that are not configured are not counted.
func (c *Collector) Observer(account string) ossvapi.Observer {
	return &observer{book: c.book, account: account}
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
	gen := &generation{settings: s}
	keys := map[place][]ossvapi.Operation{}
	for _, a := range s.Accounts {
		for _, region := range a.Regions {
			keys[place{a.Name, region}] = a.operations()
		}
	}
	c.mu.Lock()
	c.book.keep(keys)
	old := c.gen
	for _, a := range s.Accounts {
		gen.accounts = append(gen.accounts, c.newAccount(a, s.MaxConcurrency, old.memory(a)))
	}
	c.gen = gen
	old.retired = true
	idle := old.users == 0
	c.mu.Unlock()
	if idle {
		old.close()
	}
}

// memory is what is known of an account, or a blank one if its configuration has changed.
func (g *generation) memory(a Account) *accountMemory {
	for _, known := range g.accounts {
		if a.Config != nil && known.Name == a.Name && reflect.DeepEqual(known.Config, a.Config) {
			return known.accountMemory
		}
	}
	return newAccountMemory(a.Regions)
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
		all = append(all, covered)
	}
	return all
}

func (a *Account) operations() []ossvapi.Operation {
	if a.Indexes {
		return []ossvapi.Operation{ossvapi.ListVectorBuckets, ossvapi.ListVectorIndexes}
	}
	return []ossvapi.Operation{ossvapi.ListVectorBuckets}
}

// Gatherer runs one scrape of what sel covers each time it is asked. It ends when ctx does or after limit, the time that
// the scraper leaves (0: it names none), and never later than Settings.Timeout.
func (c *Collector) Gatherer(ctx context.Context, sel Selection, limit time.Duration) prometheus.Gatherer {
	return exposition.Gatherer((&scrape{ctx: ctx, collector: c, sel: sel, limit: limit}).families)
}
