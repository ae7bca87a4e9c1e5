package exposition

import (
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	dto "github.com/prometheus/client_model/go"
)

// Layout is how the series of a block look: the metric's name and help, and the labels. It is never changed.
type Layout struct {
	name   string
	help   string
	labels []label  // by name
	before []string // the text before each value of a row, in the order of the labels
	end    string   // the text after the last of them
}

// label takes its value out of a row, or has one of its own.
type label struct {
	name  string
	value string
	row   int // the value's position in a row; negative for a constant
}

// NewLayout makes the layout of the metric's series whose rows hold a value for each of labels. Constant labels have the
// same value in every series. Metric and labels must have names in the classic alphabet, each label once.
func NewLayout(metric, help string, labels []string, constant map[string]string) *Layout {
	l := &Layout{name: metric, help: help, end: metric}
	for _, name := range slices.Sorted(maps.Keys(constant)) {
		l.labels = append(l.labels, label{name, constant[name], -1})
	}
	for i, name := range labels {
		l.labels = append(l.labels, label{name, "", i})
	}
	slices.SortFunc(l.labels, func(a, b label) int { return strings.Compare(a.name, b.name) })
	separator := "{"
	for _, label := range l.labels {
		l.end += separator + label.name + `="`
		if separator = `",`; label.row < 0 {
			l.end += string(appendEscaped(nil, label.value))
			continue
		}
		l.before = append(l.before, l.end)
		l.end = ""
	}
	if len(l.labels) > 0 {
		l.end += `"}`
	}
	l.end += " "
	return l
}

// appendLine appends one series.
func (l *Layout) appendLine(b []byte, f format, row []string, value float64) []byte {
	n := 0
	for i := range l.labels {
		if at := l.labels[i].row; at >= 0 {
			b = append(b, l.before[n]...)
			b = appendEscaped(b, row[at])
			n++
		}
	}
	b = append(b, l.end...)
	b = f.appendNumber(b, value)
	return append(b, '\n')
}

// metric is one series in the registry's own terms.
func (l *Layout) metric(row []string, value float64) *dto.Metric {
	m := &dto.Metric{Gauge: &dto.Gauge{Value: &value}, Label: make([]*dto.LabelPair, len(l.labels))}
	for i := range l.labels {
		v := l.labels[i].value
		if at := l.labels[i].row; at >= 0 {
			v = row[at]
		}
		m.Label[i] = &dto.LabelPair{Name: &l.labels[i].name, Value: &v}
	}
	return m
}

// minKept is the least number of series whose compressed text is worth keeping.
const minKept = 16

// Rows are the series of a block: for each the values of its layout's labels, and its own. They must be the same at
// every call, which may be concurrent. The slice is read before the next row and may be used again for it.
type Rows = iter.Seq2[[]string, float64]

// Block is a number of series of one metric that never change. It may be part of any number of concurrent responses.
type Block struct {
	layout *Layout
	rows   Rows
	n      int
	keep   bool
	kept   [formats]kept
}

// kept is the compressed text of a block, from the first time on that it is asked for.
type kept struct {
	once  sync.Once
	piece piece
}

// NewBlock is a block for many answers: its compressed text is kept.
func NewBlock(l *Layout, rows Rows) *Block {
	b := NewPassingBlock(l, rows)
	b.keep = b.n >= minKept
	return b
}

// NewPassingBlock is a block for one answer.
func NewPassingBlock(l *Layout, rows Rows) *Block {
	b := &Block{layout: l, rows: rows}
	for range rows {
		b.n++
	}
	return b
}

// Len is the number of series.
func (b *Block) Len() int { return b.n }

// appendMetrics appends all series in the registry's own terms.
func (b *Block) appendMetrics(all []*dto.Metric) []*dto.Metric {
	for row, value := range b.rows {
		all = append(all, b.layout.metric(row, value))
	}
	return all
}

// deflated is the block's compressed text.
func (b *Block) deflated(f format, p *pools) *piece {
	k := &b.kept[f]
	k.once.Do(func() { k.piece = p.deflateBlock(b, f) })
	return &k.piece
}
