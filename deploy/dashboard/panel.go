package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/variants"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/stat"
	"github.com/grafana/grafana-foundation-sdk/go/timeseries"
)

// at is a panel's position within its row: columns of 24, lines, width and height.
func at(x, y, w, h uint32) dashboard.GridPos { return dashboard.GridPos{X: x, Y: y, W: w, H: h} }

// style is how a panel departs from the others of its kind.
type style struct {
	noValue   string
	decimals  *float64
	steps     []dashboard.Threshold
	colour    *dashboard.FieldColorBuilder
	mode      common.BigValueColorMode // of a stat
	noGraph   bool                     // a stat without its line
	interval  string
	legend    *common.VizLegendOptionsBuilder
	fill      float64
	width     float64
	stacked   bool
	stepped   bool
	bars      bool
	overrides []override
}

type override struct {
	field      string
	properties []dashboard.DynamicConfigValue
}

type option func(*style)

func styled(options []option) style {
	s := style{steps: steps("green"), mode: common.BigValueColorModeValue, legend: listed("lastNotNull", "max"), width: 1}
	for _, apply := range options {
		apply(&s)
	}
	return s
}

func noValue(text string) option  { return func(s *style) { s.noValue = text } }
func decimals(n float64) option   { return func(s *style) { s.decimals = &n } }
func interval(text string) option { return func(s *style) { s.interval = text } }
func noGraph(s *style)            { s.noGraph = true }
func lineWidth(n float64) option  { return func(s *style) { s.width = n } }
func fill(percent float64) option { return func(s *style) { s.fill = percent } }
func background(s *style)         { s.mode = common.BigValueColorModeBackground }
func stepped(s *style)            { s.stepped = true }
func bars(s *style)               { s.bars = true }
func coloured(first string, more ...dashboard.Threshold) option {
	return func(s *style) { s.steps = steps(first, more...) }
}

// area stacks the series and fills them, without lines.
func area(percent float64) option {
	return func(s *style) { s.stacked, s.fill, s.width = true, percent, 0 }
}

func shades(colour string) option {
	return func(s *style) {
		s.colour = dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdShades).FixedColor(colour)
	}
}

func seriesColour(name, colour string) option {
	return func(s *style) {
		s.overrides = append(s.overrides, override{name, []dashboard.DynamicConfigValue{fixed(colour)}})
	}
}

// legend shows these reductions of each series; the last is what it is sorted by.
func legend(l *common.VizLegendOptionsBuilder) option { return func(s *style) { s.legend = l } }

func listed(calcs ...string) *common.VizLegendOptionsBuilder {
	calcs = append([]string{}, calcs...) // no null in the JSON
	return common.NewVizLegendOptionsBuilder().ShowLegend(true).DisplayMode(common.LegendDisplayModeList).
		Placement(common.LegendPlacementBottom).Calcs(calcs).SortBy("Last *").SortDesc(true)
}

func tabled(calcs ...string) *common.VizLegendOptionsBuilder {
	return listed(calcs...).DisplayMode(common.LegendDisplayModeTable)
}

func steps(first string, more ...dashboard.Threshold) []dashboard.Threshold {
	return append([]dashboard.Threshold{{Color: first}}, more...)
}

func from(value float64, colour string) dashboard.Threshold {
	return dashboard.Threshold{Value: &value, Color: colour}
}

// builder is what the panels of every kind are told alike; B is the kind.
type builder[B any] interface {
	Id(uint32) B
	Title(string) B
	Description(string) B
	Datasource(common.DataSourceRef) B
	GridPos(dashboard.GridPos) B
	Unit(string) B
	NoValue(string) B
	Decimals(float64) B
	Interval(string) B
	Thresholds(cog.Builder[dashboard.ThresholdsConfig]) B
	WithTarget(cog.Builder[variants.Dataquery]) B
	OverrideByName(string, []dashboard.DynamicConfigValue) B
}

func alike[B builder[B]](b B, pos dashboard.GridPos, title, description, unit string, s style) B {
	b = b.Title(title).Description(description).Datasource(source()).GridPos(pos).Unit(unit).
		Thresholds(dashboard.NewThresholdsConfigBuilder().Mode(dashboard.ThresholdsModeAbsolute).Steps(s.steps))
	if s.noValue != "" {
		b = b.NoValue(s.noValue)
	}
	if s.decimals != nil {
		b = b.Decimals(*s.decimals)
	}
	if s.interval != "" {
		b = b.Interval(s.interval)
	}
	for _, o := range s.overrides {
		b = b.OverrideByName(o.field, o.properties)
	}
	return b
}

// source is the data source that the reader chooses.
func source() common.DataSourceRef {
	return common.DataSourceRef{Type: new("prometheus"), Uid: new("${datasource}")}
}

func (b *board) stat(pos dashboard.GridPos, title, description, unit, expr string, options ...option) {
	s := styled(options)
	p := alike(stat.NewPanelBuilder(), b.position(pos), title, description, unit, s).Id(b.id()).
		WithTarget(series(0, expr, title)).Orientation(common.VizOrientationAuto).ColorMode(s.mode).JustifyMode(common.BigValueJustifyModeCenter).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdThresholds)).
		ReduceOptions(common.NewReduceDataOptionsBuilder().Calcs([]string{"lastNotNull"}))
	p = p.GraphMode(common.BigValueGraphModeArea)
	if s.noGraph {
		p = p.GraphMode(common.BigValueGraphModeNone)
	}
	b.add(p)
}

// line is a query of a graph and the name of its series.
type line struct{ expr, name string }

func (b *board) graph(pos dashboard.GridPos, title, description, unit string, lines []line, options ...option) {
	s := styled(options)
	p := alike(timeseries.NewPanelBuilder(), b.position(pos), title, description, unit, s).Id(b.id()).
		LineWidth(s.width).FillOpacity(s.fill).ShowPoints(common.VisibilityModeNever).Legend(s.legend).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdPaletteClassic)).
		Tooltip(common.NewVizTooltipOptionsBuilder().Mode(common.TooltipDisplayModeMulti).Sort(common.SortOrderDescending))
	for i, l := range lines {
		p = p.WithTarget(series(i, l.expr, l.name))
	}
	if s.colour != nil {
		p = p.ColorScheme(s.colour)
	}
	if s.stacked {
		p = p.Stacking(common.NewStackingConfigBuilder().Mode(common.StackingModeNormal).Group("A"))
	}
	if s.stepped {
		p = p.LineInterpolation(common.LineInterpolationStepAfter)
	}
	if s.bars {
		p = p.DrawStyle(common.GraphDrawStyleBars).AxisCenteredZero(true)
	} else {
		p = p.Min(0)
	}
	b.add(p)
}

// series asks for a range; the queries of a panel are called A, B, ..
func series(i int, expr, name string) *prometheus.DataqueryBuilder {
	return query(i, expr).Range().LegendFormat(name)
}

func query(i int, expr string) *prometheus.DataqueryBuilder {
	return prometheus.NewDataqueryBuilder().RefId(ref(i)).Datasource(source()).Expr(expr).EditorMode(prometheus.QueryEditorModeCode)
}

func ref(i int) string { return "ABCDEFGH"[i : i+1] }
