package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// variables are what the reader chooses, and the exporter's address, which links need: the one at which Prometheus scrapes it, unless
// somebody makes it a constant.
func (b *board) variables() {
	b.builder.WithVariable(dashboard.NewDatasourceVariableBuilder("datasource").Label("Data source").Type("prometheus")).
		WithVariable(chooser("account", "Account", "label_values(ossvector_up, account)")).
		WithVariable(chooser("region", "Region", `label_values({__name__=~"ossvector_up|ossvector_buckets", account=~"$account"}, region)`)).
		WithVariable(queried("exporter",
			`query_result(label_join(label_replace(group by (instance) (ossvector_exporter_build_info), "scheme", "http:", "", ""), "url", "//", "scheme", "instance"))`).
			Regex(`/url="([^"]+)"/`).Hide(dashboard.VariableHideHideVariable)).
		Annotation(dashboard.NewAnnotationQueryBuilder().Name("Configuration taken").Datasource(source()).Enable(true).IconColor("purple").
			Expr("changes(ossvector_exporter_config_last_reload_success_timestamp_seconds[$__interval]) > 0").Step("60s").
			TitleFormat("Configuration taken").TextFormat("{{instance}}")).
		Link(toExporter("The exporter's page", "/")).Link(toExporter("Runbooks", "/runbooks"))
}

func chooser(name, label, values string) *dashboard.QueryVariableBuilder {
	all := dashboard.VariableOption{
		Selected: new(true),
		Text:     dashboard.StringOrArrayOfString{ArrayOfString: []string{"All"}},
		Value:    dashboard.StringOrArrayOfString{ArrayOfString: []string{"$__all"}},
	}
	return queried(name, values).Label(label).Multi(true).IncludeAll(true).AllValue(".*").Current(all)
}

func queried(name, query string) *dashboard.QueryVariableBuilder {
	return dashboard.NewQueryVariableBuilder(name).Datasource(source()).Definition(query).
		Query(dashboard.StringOrMap{Map: map[string]any{"query": query, "refId": name}}).
		Refresh(dashboard.VariableRefreshOnTimeRangeChanged).Sort(dashboard.VariableSortAlphabeticalAsc)
}

func toExporter(title, path string) *dashboard.DashboardLinkBuilder {
	return dashboard.NewDashboardLinkBuilder(title).Type(dashboard.DashboardLinkTypeLink).Url("${exporter}" + path).Icon("external link").
		TargetBlank(true)
}
