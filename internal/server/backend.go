package server

import (
	"context"
	"iter"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Backend is what the pages show: the collector, as far as HTTP needs it. All methods may be called concurrently.
type Backend interface {
	// Gatherer runs one scrape of what sel selects when it is gathered, and once only. limit is the time that the scraper
	// allows, less the offset; 0 if it named none.
	Gatherer(ctx context.Context, sel Selection, limit time.Duration) prometheus.Gatherer
	// Targets lists what is configured, in the configuration's order. It is cheap.
	Targets() []Target
	// Regions is the state of the last listings of what sel selects, in the configuration's order, without any call of
	// the cloud.
	Regions(sel Selection) []Region
}

// Selection names the regions that a request is about. An empty field selects all.
type Selection struct{ Account, Region string }

// Target is a configured account with its regions.
type Target struct {
	Account string
	Regions []string
}

// State says how the last listing of a region ended.
type State int

// The states of a region.
const (
	StateUnknown State = iota // never listed since the configuration was loaded
	StateUp
	StateFailing
)

// String is the state as the API spells it.
func (s State) String() string {
	switch s {
	case StateUp:
		return "up"
	case StateFailing:
		return "failing"
	default:
		return "unknown"
	}
}

// Region is one configured region of one account, as of its last listings.
type Region struct {
	Account, Name      string
	State              State
	Buckets            int // in the last complete listing
	Quota              int // 0: not configured
	LastSuccess        time.Time
	Duration           time.Duration
	Pages              int
	Failures           []Failure        // what fails at present, at most one per operation
	Inventory          iter.Seq[Bucket] // the buckets of the last complete listing
	IndexesOn          bool             // vector indexes are listed too
	Indexes            int              // in the buckets whose indexes could be listed
	IndexFailedBuckets int              // buckets whose indexes could not be listed
}

// Failure is what an operation met when it last failed.
type Failure struct {
	Operation, Reason string
	Code              string // the service's error code; may be empty
	Status            int    // the HTTP status; 0 without a response
	RequestID         string
	Message           string
	At                time.Time
}

// Bucket is a vector bucket of the inventory.
type Bucket struct {
	Name, ARN, Region, Location        string
	CreationDate                       string // as the service gave it
	ExtranetEndpoint, IntranetEndpoint string
	ResourceGroupID                    string
	Indexes                            []Index
	IndexesListed                      time.Time // zero: never
}

// Index is a vector index of a bucket.
type Index struct {
	Name, DataType, DistanceMetric, Mode, Status string
	Dimension                                    int
	Created                                      time.Time
}

// ConfigStatus tells how the last attempts to load the configuration went.
type ConfigStatus struct {
	File     string    // what is loaded; empty if there is no file
	LoadedAt time.Time // when the configuration in use was loaded; zero: none is, the exporter is not ready
	FailedAt time.Time // when a reload failed after that; zero: none did
	Error    string    // why it failed, without secrets
}
