// The dashboard's source: a module of its own, so that Grafana's SDK stays out of the exporter's go.mod.
module ossvector_exporter/deploy/dashboard

go 1.26.0

require github.com/grafana/grafana-foundation-sdk/go v0.0.18
