package main

import (
	"strconv"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
	"github.com/grafana/grafana-foundation-sdk/go/prometheus"
	"github.com/grafana/grafana-foundation-sdk/go/table"
)

// column is a field of a table: a label or a value, which is called "Value", or "Value #B" if there are several queries.
type column struct {
	field, title string
	properties   []dashboard.DynamicConfigValue
}

func col(field, title string, properties ...dashboard.DynamicConfigValue) column {
	return column{field, title, properties}
}

// table shows the instant values of the queries, merged, in the columns named and no other value.
func (b *board) table(pos dashboard.GridPos, title, description, unit string, queries []string, sorted string, columns []column,
	options ...option,
) {
	s := styled(options)
	excluded, order, names := map[string]bool{"Time": true}, map[string]int{}, map[string]string{}
	if len(queries) > 1 {
		for i := range queries {
			excluded["Value #"+ref(i)] = true
		}
	}
	for i, c := range columns {
		order[c.field], names[c.field] = i, c.title
		delete(excluded, c.field)
		if len(c.properties) > 0 {
			s.overrides = append(s.overrides, override{c.title, c.properties})
		}
	}
	p := alike(table.NewPanelBuilder(), b.position(pos), title, description, unit, s).Id(b.id()).
		ColorScheme(dashboard.NewFieldColorBuilder().Mode(dashboard.FieldColorModeIdThresholds)).
		CellHeight(common.TableCellHeightSm).Filterable(true).ShowHeader(true).Footer(common.NewTableFooterOptionsBuilder().Reducer([]string{})).
		SortBy([]cog.Builder[common.TableSortByFieldState]{sortBy(sorted)})
	for i, expr := range queries {
		p = p.WithTarget(query(i, expr).Instant().Format(prometheus.PromQueryFormatTable))
	}
	if len(queries) > 1 {
		p = p.WithTransformation(dashboard.DataTransformerConfig{Id: "merge", Options: struct{}{}})
	}
	b.add(p.WithTransformation(dashboard.DataTransformerConfig{Id: "organize", Options: map[string]any{
		"excludeByName": excluded, "indexByName": order, "renameByName": names,
	}}))
}

// sortBy reads "Name", or "-Name" for the largest first.
func sortBy(column string) *common.TableSortByFieldStateBuilder {
	descending := column[0] == '-'
	if descending {
		column = column[1:]
	}
	return common.NewTableSortByFieldStateBuilder().DisplayName(column).Desc(descending)
}

// What a column departs from the others in.

func set(id string, value any) dashboard.DynamicConfigValue {
	return dashboard.DynamicConfigValue{Id: id, Value: value}
}

func in(unit string) dashboard.DynamicConfigValue          { return set("unit", unit) }
func wide(pixels int) dashboard.DynamicConfigValue         { return set("custom.width", pixels) }
func digits(n int) dashboard.DynamicConfigValue            { return set("decimals", n) }
func missing(text string) dashboard.DynamicConfigValue     { return set("noValue", text) }
func unfiltered() dashboard.DynamicConfigValue             { return set("custom.filterable", false) }
func left() dashboard.DynamicConfigValue                   { return set("custom.align", "left") }
func cellOptions(options any) dashboard.DynamicConfigValue { return set("custom.cellOptions", options) }
func colouredText() dashboard.DynamicConfigValue {
	return cellOptions(map[string]string{"type": "color-text"})
}
func fixed(colour string) dashboard.DynamicConfigValue {
	return set("color", map[string]string{"mode": "fixed", "fixedColor": colour})
}

func thresholds(first string, more ...dashboard.Threshold) dashboard.DynamicConfigValue {
	return set("thresholds", dashboard.ThresholdsConfig{Mode: dashboard.ThresholdsModeAbsolute, Steps: steps(first, more...)})
}

// word says what a number means.
type word struct {
	value        int
	text, colour string
}

func words(all ...word) dashboard.DynamicConfigValue {
	options := map[string]dashboard.ValueMappingResult{}
	for i, w := range all {
		options[strconv.Itoa(w.value)] = dashboard.ValueMappingResult{Text: &w.text, Color: &w.colour, Index: new(int32(i))}
	}
	return set("mappings", []dashboard.ValueMap{{Type: dashboard.MappingTypeValueToText, Options: options}})
}

// link is where a click on a field leads.
type link struct {
	Title       string `json:"title"`
	URL         string `json:"url"`
	TargetBlank bool   `json:"targetBlank"`
}

func links(all ...link) dashboard.DynamicConfigValue { return set("links", all) }
