package main

import (
	"github.com/grafana/grafana-foundation-sdk/go/common"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// chosen selects what the reader has chosen, of a metric.
func chosen(metric string) string {
	return "ossvector_" + metric + `{account=~"$account", region=~"$region"}`
}

// Replicas put together: each region, bucket or index counts once.
func region(metric string) string { return "max by (account, region) (" + chosen(metric) + ")" }
func bucket(metric string) string { return "max by (account, region, bucket) (" + chosen(metric) + ")" }
func index(metric string) string {
	return "max by (account, region, bucket, index) (" + chosen(metric) + ")"
}

// ours keeps a metric of Go's or of the process to exporters.
func ours(metric string) string {
	return metric + " and on (job, instance) ossvector_exporter_build_info"
}

// top keeps the n regions that had most of something at the end of the time range.
func top(n, expr, most string) string {
	return expr + " and on (account, region) topk(" + n + ", " + most + ")"
}

const (
	regionName = "{{account}} {{region}}"
)

// Where the rows of a table lead. The exporter's address is a variable.
const (
	rowView = "/d/ossvector-exporter?${datasource:queryparam}&${__url_time_range}" +
		"&var-account=${__data.fields.Account:percentencode}&var-region=${__data.fields.Region:percentencode}"
	rowPage    = "${exporter}/#region/${__data.fields.Account:percentencode}/${__data.fields.Region:percentencode}"
	rowRunbook = "${exporter}/runbooks#${__data.fields.Alert}"
	reasons    = "${exporter}/runbooks#reasons"
)

// more leads from a region to the board of it alone, and to its line on the exporter's page.
func more() dashboard.DynamicConfigValue {
	return links(link{"Show this region alone", rowView, false}, link{"The exporter's page", rowPage, true})
}

// vectorBuckets is the dashboard.
func vectorBuckets() (dashboard.Dashboard, error) {
	b := &board{builder: dashboard.NewDashboardBuilder("OSS vector buckets").Uid("ossvector-exporter").
		Description("Vector buckets of Alibaba Cloud OSS, by ossvector_exporter.").
		Tags([]string{"alibaba-cloud", "oss", "vector"}).Time("now-6h", "now").Refresh("1m").
		Tooltip(dashboard.DashboardCursorSyncCrosshair)}
	b.variables()
	b.overview()
	b.inventory()
	b.changes()
	b.failures()
	b.calls()
	b.exporters()
	b.indexes()
	made, err := b.builder.Build()
	if err != nil {
		return made, err
	}
	// What the SDK's builders cannot say: a schema that Grafana 10 reads, and that links and annotations stand in the open.
	made.SchemaVersion = 39
	for i := range made.Links {
		made.Links[i].Placement = nil
	}
	for i := range made.Annotations.List {
		made.Annotations.List[i].Placement = nil
	}
	return made, nil
}

func (b *board) overview() {
	b.open("Is everything all right?")
	b.stat(at(0, 0, 3, 4), "Failing regions", "Regions whose last listing was not complete, a region of two accounts counted twice. Their buckets are unknown: they are in none of the counts below. With two exporters a region fails only if it fails for both.",
		"short", "sum(1 - "+region("up")+")", background, coloured("green", from(1, "red")))
	b.stat(at(3, 0, 3, 4), "Regions", "Regions that are listed, one per account and region.",
		"locale", "count("+region("up")+")", coloured("blue"))
	b.stat(at(6, 0, 3, 4), "Buckets", "Vector buckets in the regions that answered. A failing region counts nothing, so this falls when one fails.",
		"locale", "sum("+region("buckets")+")", coloured("blue"))
	b.stat(at(9, 0, 3, 4), "Highest quota use", "The fullest region, where the configuration says a bucket_quota.",
		"percentunit", "max("+region("buckets")+" / ("+region("bucket_quota")+" > 0))", decimals(0), noValue("no quota set"),
		coloured("green", from(0.8, "orange"), from(1, "red")))
	b.stat(at(12, 0, 3, 4), "Oldest listing", "How long ago the region that has waited longest was last listed completely. Regions that never were since the exporter started are not in it.",
		"s", "max(time() - "+region("last_success_timestamp_seconds")+")", decimals(0), coloured("green", from(300, "orange"), from(900, "red")))
	b.stat(at(15, 0, 3, 4), "Failed attempts", "Share of the HTTP attempts of the last 15 minutes that failed, those that a retry cured included.",
		"percentunit", "sum(rate("+chosen("api_errors_total")+"[15m])) / sum(rate("+chosen("api_requests_total")+"[15m]))", decimals(1),
		coloured("green", from(0.01, "orange"), from(0.1, "red")))
	b.stat(at(18, 0, 3, 4), "Vector indexes", "Vector indexes of all buckets, where the configuration has indexes: true. More of them in the last row.",
		"locale", "sum("+bucket("indexes")+")", noValue("not listed"), coloured("blue"))
	b.stat(at(21, 0, 3, 4), "Exporters", "Exporters that answer. Two are fine: everything here counts once.",
		"short", "count(group by (job, instance) (ossvector_exporter_build_info))", noValue("none"), noGraph, coloured("red", from(1, "green")))
	b.graph(at(0, 4, 12, 7), "Regions, complete and failing", "How many regions were listed completely, and how many were not. A gap means that no exporter was scraped.",
		"short", []line{{"sum(" + region("up") + ")", "complete"}, {"sum(1 - " + region("up") + ")", "failing"}}, area(60), stepped, decimals(0),
		legend(listed("lastNotNull")), seriesColour("complete", "green"), seriesColour("failing", "red"))
	b.table(at(12, 4, 12, 7), "Firing alerts", "Alerts of this exporter's rules that fire now, if the rules are evaluated by the Prometheus of this data source. A click on one leads to its runbook.",
		"string", []string{alerts("3", "critical") + " or " + alerts("2", "warning") + " or " + alerts("1", "info")}, "-Severity", []column{
			col("Value", "Severity", wide(85), unfiltered(), left(), words(word{3, "critical", "red"}, word{2, "warning", "orange"}, word{1, "info", "blue"}), colouredText()),
			col("alertname", "Alert", wide(270), unfiltered(), links(link{"Runbook", rowRunbook, true})),
			col("account", "Account"), col("region", "Region", more()), col("bucket", "Bucket"), col("index", "Index"),
		}, noValue("No alert is firing"))
}

// alerts are the firing ones of a severity, with a number for it.
func alerts(number, severity string) string {
	return number + ` * max by (alertname, account, region, bucket, index) (ALERTS{severity="` + severity +
		`", alertname=~"OSSVector.+", alertstate="firing", account=~"$account|", region=~"$region|"})`
}

func (b *board) inventory() {
	b.open("How many buckets, where, against which quota?")
	b.table(at(0, 0, 14, 10), "Accounts and regions", "Every account and region that is listed, or that a listing found buckets of. A failing region shows no count. Quota and use only where the configuration says a bucket_quota. Click a heading to sort, an account or a region for more.",
		"short", []string{
			region("up"), region("buckets"), region("bucket_quota"), region("buckets") + " / (" + region("bucket_quota") + " > 0)",
			"time() - " + region("last_success_timestamp_seconds"), region("scrape_duration_seconds"),
		}, "-Buckets", []column{
			col("account", "Account", more()), col("region", "Region", more()),
			col("Value #A", "State", words(word{1, "up", "green"}, word{0, "failing", "red"}), colouredText(), wide(90), missing("not asked")),
			col("Value #B", "Buckets", wide(90), unfiltered(), missing("unknown")),
			col("Value #C", "Quota", wide(75), unfiltered(), missing("-")),
			col("Value #D", "Used", in("percentunit"), set("min", 0), set("max", 1), digits(0), gauge(), wide(150), unfiltered(), missing("-"),
				thresholds("green", from(0.8, "orange"), from(1, "red"))),
			col("Value #E", "Listed", in("s"), digits(0), unfiltered(), wide(85), missing("never")),
			col("Value #F", "Took", in("s"), wide(85), unfiltered(), digits(1)),
		})
	b.graph(at(14, 0, 10, 10), "Buckets over time", "Vector buckets by account and region, the 20 that have most at the end of the time range. A line has a gap while its region fails.",
		"short", []line{{top("20", region("buckets"), "max by (account, region) (last_over_time("+chosen("buckets")+"[$__range] @ end()))"), regionName}},
		decimals(0), legend(tabled("min", "max", "lastNotNull")))
}

func gauge() dashboard.DynamicConfigValue {
	return cellOptions(common.TableBarGaugeCellOptions{
		Type: "gauge", Mode: new(common.BarGaugeDisplayModeBasic), ValueDisplayMode: new(common.BarGaugeValueModeText),
	})
}

func (b *board) changes() {
	changed := region("buckets") + " - last_over_time(" + region("buckets") + "[1d:$__interval] offset $__interval)"
	created := col("Value", "Created", in("dateTimeAsLocal"), wide(200))
	where := []column{col("account", "Account", wide(110)), col("region", "Region", wide(135))}
	b.open("What changed, and when?")
	b.graph(at(0, 0, 24, 7), "Buckets added and removed", "How the number of buckets changed from one point to the next, against the last one known: what changed while a region failed shows when it is back. Removals are below zero.",
		"short", []line{{"sum by (account) (" + changed + " > 0)", "{{account}} added"}, {"sum by (account) (" + changed + " < 0)", "{{account}} removed"}},
		area(80), bars, decimals(0), interval("1m"), noValue("No bucket came or went in this time range"),
		legend(tabled("sum").Placement(common.LegendPlacementRight).SortBy("Total")))
	b.table(at(0, 7, 12, 8), "Newest buckets", "The 20 buckets created last, whatever the time range.",
		"short", []string{"topk(20, " + bucket("bucket_created_timestamp_seconds") + ") * 1000"}, "-Created",
		append([]column{created, col("bucket", "Bucket")}, where...), noValue("No buckets"))
	b.table(at(12, 7, 12, 8), "Buckets gone", "Buckets that were there in the chosen time range and are not now, in regions that answer now: a region that fails has lost nothing. Last seen is as fine as the graphs' resolution.",
		"short", []string{"1000 * max by (account, region, bucket) (max_over_time(timestamp(" + chosen("bucket_info") + ")[$__range:$__interval])) unless on (account, region, bucket) ossvector_bucket_info and on (account, region) " + region("up") + " == 1"}, "-Last seen",
		append([]column{col("Value", "Last seen", created.properties...), col("bucket", "Bucket")}, where...),
		interval("1m"), noValue("No bucket went in this time range"))
	b.open("What exists?")
	b.table(at(0, 0, 24, 12), "Buckets", "Every vector bucket in the chosen regions. Click a heading to sort, its funnel to filter. Indexes only where the configuration has indexes: true.",
		"short", []string{
			"max by (account, region, bucket, location, resource_group_id) (" + chosen("bucket_info") + ")",
			bucket("bucket_created_timestamp_seconds") + " * 1000", "time() - " + bucket("bucket_created_timestamp_seconds"), bucket("indexes"),
		}, "-Created", []column{
			col("bucket", "Bucket"), col("account", "Account"), col("region", "Region", more()),
			col("Value #B", "Created", in("dateTimeAsLocal"), wide(200), missing("unknown")),
			col("Value #C", "Age", in("s"), digits(0), wide(110), missing("unknown")), col("Value #D", "Indexes", wide(105), missing("-")),
			col("location", "Location", missing("-")), col("resource_group_id", "Resource group", missing("-")),
		}, noValue("No buckets"))
}

func (b *board) failures() {
	b.open("Why is a region failing?")
	b.table(at(0, 0, 24, 6), "Failing now", "What fails at present and what the last failure was. ListVectorBuckets: the region's buckets are unknown. ListVectorIndexes: some buckets show no indexes. A click on a reason leads to what it means.",
		"string", []string{
			"max by (account, region, operation, reason, code, status) (" + chosen("last_error_info") + ")",
			"time() - " + region("last_success_timestamp_seconds") + " and on (account, region) ossvector_last_error_info",
		}, "Account", []column{
			col("account", "Account"), col("region", "Region", more()), col("operation", "Operation"),
			col("reason", "Reason", colouredText(), fixed("red"), links(link{"What the reasons mean", reasons, true})), col("code", "Code", missing("-")), col("status", "HTTP status"),
			col("Value #B", "Listed completely", in("s"), digits(0), missing("never")),
		}, noValue("Nothing is failing"))
	b.graph(at(0, 6, 12, 8), "Failing regions over time", "A bar while the region's listing fails.",
		"short", []line{{"1 - " + region("up") + " and on (account, region) (min by (account, region) (min_over_time(" + chosen("up") + "[$__range] @ end())) == 0)", regionName}},
		area(70), stepped, shades("red"), decimals(0), noValue("No region failed in this time range"), legend(listed()))
	b.graph(at(12, 6, 12, 8), "Failed attempts by reason", "Failed HTTP attempts and failures that came to no attempt, by reason. Retries cure many of them: then the region stays up.",
		"reqps", []line{{"sum by (operation, reason) (rate(" + chosen("api_errors_total") + "[$__rate_interval])) and on (operation, reason) (sum by (operation, reason) (increase(" + chosen("api_errors_total") + "[$__range] @ end())) > 0)", "{{reason}} ({{operation}})"}},
		area(60), noValue("No attempt failed in this time range"), legend(tabled("lastNotNull", "max")))
}

func (b *board) calls() {
	quantile := func(q string) string {
		return "histogram_quantile(" + q + ", sum by (le, operation) (rate(" + chosen("api_request_duration_seconds_bucket") + "[$__rate_interval])))"
	}
	b.open("What do our API calls cost?")
	b.stat(at(0, 0, 4, 4), "Calls per day", "HTTP attempts a day at the rate of the chosen time range, of all exporters together: this is what the service counts.",
		"locale", "sum(rate("+chosen("api_requests_total")+"[$__range])) * 86400", decimals(0), noGraph, coloured("blue"))
	b.stat(at(0, 4, 4, 4), "Pages per listing", "The longest listing. More than one page costs more than one call; page_size is the remedy.",
		"short", "max("+chosen("scrape_pages")+")", decimals(0), coloured("blue"))
	b.graph(at(4, 0, 10, 8), "Calls", "HTTP attempts by operation and HTTP status, of all exporters together. Status none: no response.",
		"reqps", []line{{"sum by (operation, status) (rate(" + chosen("api_requests_total") + "[$__rate_interval]))", "{{operation}} {{status}}"}},
		area(30), lineWidth(1), legend(tabled("mean", "lastNotNull")))
	b.graph(at(14, 0, 10, 8), "Duration of an attempt", "Median and 99th percentile of an HTTP attempt, body included. The histogram begins at 25 ms.",
		"s", []line{{quantile("0.5"), "{{operation}} median"}, {quantile("0.99"), "{{operation}} 99%"}}, legend(tabled("mean", "lastNotNull")))
	b.graph(at(0, 8, 12, 8), "Listing a region", "How long the listing of a region took, all pages and retries, the ten that took longest in the time range. Near the scrape timeout it starts to fail.",
		"s", []line{{top("10", region("scrape_duration_seconds"), "max by (account, region) (max_over_time("+chosen("scrape_duration_seconds")+"[$__range] @ end()))"), regionName}},
		legend(tabled("lastNotNull", "max")))
	b.graph(at(12, 8, 12, 8), "Calls by account and region", "Who makes the calls: HTTP attempts by account and region, the ten that made most in the time range.",
		"reqps", []line{{top("10", "sum by (account, region) (rate("+chosen("api_requests_total")+"[$__rate_interval]))", "sum by (account, region) (increase("+chosen("api_requests_total")+"[$__range] @ end()))"), regionName}},
		legend(tabled("lastNotNull", "max")))
}

func (b *board) exporters() {
	b.open("Is the exporter itself healthy?")
	b.table(at(0, 0, 24, 5), "Exporters", "Every exporter: its version, how long it has run, and whether it took its configuration file when it last changed.",
		"string", []string{
			"max by (job, instance, version, goversion) (ossvector_exporter_build_info)",
			"time() - max by (job, instance) (" + ours("process_start_time_seconds") + ")",
			"max by (job, instance) (ossvector_exporter_config_last_reload_successful)",
			"1000 * max by (job, instance) (ossvector_exporter_config_last_reload_success_timestamp_seconds)",
			"max by (job, instance) (" + ours("process_resident_memory_bytes") + ")",
		}, "Instance", []column{
			col("instance", "Instance"), col("job", "Job"), col("version", "Version"), col("goversion", "Go"),
			col("Value #B", "Running for", in("s"), digits(0)),
			col("Value #C", "Configuration", words(word{1, "taken", "green"}, word{0, "refused", "red"}), colouredText()),
			col("Value #D", "Taken at", in("dateTimeAsLocal")), col("Value #E", "Memory", in("bytes")),
		}, noValue("No exporter is scraped"))
	b.graph(at(0, 5, 8, 7), "Memory", "Resident memory of the process, and what Go's heap holds of it.",
		"bytes", []line{{ours("process_resident_memory_bytes"), "{{instance}} resident"}, {ours("go_memstats_heap_alloc_bytes"), "{{instance}} heap"}})
	b.graph(at(8, 5, 8, 7), "CPU", "Processor time of the process; 1 is one core.",
		"short", []line{{ours("rate(process_cpu_seconds_total[$__rate_interval])"), "{{instance}}"}}, fill(10))
	b.graph(at(16, 5, 8, 7), "Goroutines and open files", "Both go up and down with the scrapes; a rise that does not end is a leak.",
		"short", []line{{ours("go_goroutines"), "{{instance}} goroutines"}, {ours("process_open_fds"), "{{instance}} open files"}})
}

func (b *board) indexes() {
	none := noValue("Indexes are not listed")
	owner := []column{col("bucket", "Bucket", wide(190)), col("account", "Account", wide(110)), col("region", "Region", wide(135))}
	b.closed("Vector indexes (where the configuration has indexes: true)")
	b.graph(at(0, 0, 12, 8), "Indexes over time", "Vector indexes by account and region. Buckets whose indexes cannot be listed are not in it.",
		"short", []line{{"sum by (account, region) (" + bucket("indexes") + ")", regionName}}, decimals(0), none, legend(tabled("lastNotNull", "max")))
	b.graph(at(12, 0, 12, 8), "Buckets whose indexes cannot be listed", "By account and region. They show no index series; their buckets stay. The reason is in the table above.",
		"short", []line{{"min by (account, region) (" + chosen("index_failed_buckets") + ")", regionName}}, fill(10), decimals(0), none, legend(tabled("lastNotNull", "max")))
	b.table(at(0, 8, 6, 9), "Indexes by status", "How many indexes are in which status. enable is the one that answers queries.",
		"short", []string{"count by (status) (group by (account, region, bucket, index, status) (" + chosen("index_info") + "))"}, "-Indexes",
		[]column{col("status", "Status"), col("Value", "Indexes")}, none)
	b.table(at(6, 8, 9, 9), "Buckets with the most indexes", "The 20 buckets with the most indexes. The service allows 100 in a bucket, unless the quota was raised.",
		"short", []string{"topk(20, " + bucket("indexes") + ")"}, "-Indexes", append(owner,
			col("Value", "Indexes", colouredText(), thresholds("green", from(80, "orange"), from(90, "red")), wide(95), unfiltered())), none)
	b.table(at(15, 8, 9, 9), "Oldest index listings", "The 20 buckets whose indexes were listed completely longest ago. index_interval is the usual age.",
		"short", []string{"topk(20, time() - " + bucket("index_last_success_timestamp_seconds") + ")"}, "-Listed", append(owner,
			col("Value", "Listed", in("s"), digits(0), wide(85), unfiltered())), none)
	b.table(at(0, 17, 24, 12), "Indexes", "Every vector index of the chosen regions. Click a heading to sort, its funnel to filter.",
		"short", []string{
			"max by (account, region, bucket, index, data_type, distance_metric, mode, status) (" + chosen("index_info") + ")",
			index("index_dimension"), "1000 * " + index("index_created_timestamp_seconds"),
		}, "-Created", []column{
			col("index", "Index"), col("bucket", "Bucket", wide(230)), col("account", "Account"), col("region", "Region"), col("status", "Status"),
			col("Value #B", "Dimension", in("none"), missing("-"), unfiltered(), wide(100)), col("data_type", "Data type"),
			col("distance_metric", "Distance"), col("mode", "Mode"), col("Value #C", "Created", in("dateTimeAsLocal"), wide(200), missing("unknown")),
		}, none)
	b.end()
}
