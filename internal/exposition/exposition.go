// Package exposition writes metric families as Prometheus reads them. Series that are the same at every scrape live in
// blocks, whose compressed text is made once and copied into every answer that contains it. What a registry gathers is
// written between them. An answer is never in memory as a whole: what a slow client costs does not grow with it.
package exposition

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

// Family is the series of one metric: gauges in blocks, or what a registry gathered. It is never changed.
type Family struct {
	name, help string
	blocks     []*Block
	gathered   *dto.MetricFamily // instead of the others
}

// Families puts the blocks of each metric together, in their order. No series may be in two of them.
func Families(blocks []*Block) []*Family {
	var all []*Family
	known := map[string]*Family{}
	for _, b := range blocks {
		f := known[b.layout.name]
		if f == nil {
			f = &Family{name: b.layout.name, help: b.layout.help}
			known[f.name] = f
			all = append(all, f)
		}
		f.blocks = append(f.blocks, b)
	}
	return all
}

// Name is the metric's name.
func (f *Family) Name() string { return f.name }

// Blocks are the family's blocks, which other answers may share.
func (f *Family) Blocks() []*Block { return f.blocks }

// Metrics are the families in the registry's own terms, blocks made anew at each call, without those that are empty.
func Metrics(families []*Family) []*dto.MetricFamily {
	all := make([]*dto.MetricFamily, 0, len(families))
	for _, f := range families {
		if f.gathered != nil || f.series() > 0 {
			all = append(all, f.metric())
		}
	}
	return all
}

func (f *Family) metric() *dto.MetricFamily {
	if f.gathered != nil {
		return f.gathered
	}
	kind := dto.MetricType_GAUGE
	m := &dto.MetricFamily{Name: &f.name, Help: &f.help, Type: &kind, Metric: make([]*dto.Metric, 0, f.series())}
	for _, b := range f.blocks {
		m.Metric = b.appendMetrics(m.Metric)
	}
	return m
}

func (f *Family) series() int {
	n := 0
	for _, b := range f.blocks {
		n += b.Len()
	}
	return n
}

// Gatherer gives the families of an answer; what it gives together with an error is what there is in spite of it. It can be
// gathered like any other, at the price of making all its series.
type Gatherer func() ([]*Family, error)

// Gather implements prometheus.Gatherer.
func (g Gatherer) Gather() ([]*dto.MetricFamily, error) {
	families, err := g()
	return Metrics(families), err
}

// Join asks its members one after the other and sorts the families by name. The names must be disjoint: unlike
// prometheus.Gatherers it looks at no series, of which there may be hundreds of thousands. A name that comes twice is an
// error, and its first family stays.
func Join(members ...prometheus.Gatherer) ([]*Family, error) {
	var (
		all  []*Family
		errs []error
	)
	for _, g := range members {
		families, err := familiesOf(g)
		all = append(all, families...)
		errs = append(errs, err)
	}
	slices.SortStableFunc(all, func(a, b *Family) int { return cmp.Compare(a.name, b.name) })
	unique := slices.CompactFunc(all, func(a, b *Family) bool {
		if a.name == b.name {
			errs = append(errs, fmt.Errorf("two sources of metric %s", b.name))
		}
		return a.name == b.name
	})
	return unique, errors.Join(errs...)
}

func familiesOf(g prometheus.Gatherer) ([]*Family, error) {
	if own, ok := g.(Gatherer); ok {
		return own()
	}
	gathered, err := g.Gather()
	families := make([]*Family, len(gathered))
	for i, m := range gathered {
		families[i] = &Family{name: m.GetName(), gathered: m}
	}
	return families, err
}

// Encoder writes answers and keeps the buffers and compressors that it needs for them. It is safe for concurrent use.
type Encoder struct{ pools *pools }

// NewEncoder returns an Encoder.
func NewEncoder() *Encoder { return &Encoder{newPools()} }

// Serve answers a request with the families, which must be in the order of their names. Format, compression and the
// query's name[] are negotiated as promhttp does it. An error comes too late for a status of its own: what was sent is
// not complete, and in gzip visibly so.
func (e *Encoder) Serve(w http.ResponseWriter, r *http.Request, families []*Family) error {
	families = selected(families, r)
	accepted := expfmt.NegotiateAccept(r.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...)
	f, ok := textFormat(accepted)
	if !ok {
		return serveOther(w, r, families)
	}
	h := w.Header()
	h.Add("Vary", "Accept")
	h.Add("Vary", "Accept-Encoding")
	h.Set("Content-Type", string(accepted))
	if !acceptsGzip(r.Header["Accept-Encoding"]) {
		return e.write(w, f, families)
	}
	h.Set("Content-Encoding", "gzip")
	return e.writeGzip(w, f, families)
}

// Compressed is h with its answers in gzip for those who accept it, by the same rules and with the same compressors.
func (e *Encoder) Compressed(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		if !acceptsGzip(r.Header["Accept-Encoding"]) {
			h.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Encoding", "gzip")
		m := newMember(w, e.pools)
		defer e.pools.release(m.out)
		s := newStream(e.pools, m.text)
		defer s.release()
		h.ServeHTTP(redirected{w, s}, r)
		if s.flush() == nil { // an error is the client's hanging up
			_ = m.end()
		}
	})
}

// WriteText writes the families in the text format 0.0.4.
func (e *Encoder) WriteText(w io.Writer, families []*Family) error { return e.write(w, text, families) }

// selected are the families that the query's name[] asks for: all of them without one.
func selected(families []*Family, r *http.Request) []*Family {
	names := r.URL.Query()["name[]"]
	if len(names) == 0 {
		return families
	}
	return slices.DeleteFunc(slices.Clone(families), func(f *Family) bool { return !slices.Contains(names, f.name) })
}

// write renders everything anew: keeping text for it would take far more memory than the time is worth.
func (e *Encoder) write(w io.Writer, f format, families []*Family) error {
	s := newStream(e.pools, func(text []byte) error {
		_, err := w.Write(text)
		return err
	})
	defer s.release()
	if err := s.families(families, f, s.block); err != nil {
		return err
	}
	return s.flush()
}

// writeGzip takes the blocks that are kept as they are.
func (e *Encoder) writeGzip(w io.Writer, f format, families []*Family) error {
	m := newMember(w, e.pools)
	defer e.pools.release(m.out)
	s := newStream(e.pools, m.text)
	defer s.release()
	err := s.families(families, f, func(b *Block, f format) error {
		if !b.keep {
			return s.block(b, f)
		}
		if err := s.flush(); err != nil {
			return err
		}
		return m.block(b.deflated(f, e.pools))
	})
	if err != nil {
		return err
	}
	if err := s.flush(); err != nil {
		return err
	}
	return m.end()
}
