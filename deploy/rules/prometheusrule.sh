#!/bin/sh
# Writes the PrometheusRule of the component prometheus-operator from the plain rules file, which is the one source.
# With --check it writes nothing and fails if the two have drifted apart.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
target=$here/../k8s/components/prometheus-operator/prometheusrule.yaml

made() {
  cat <<'YAML'
# Made by deploy/rules/prometheusrule.sh from ossvector_exporter.rules.yml. Change it there.
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: ossvector-exporter
spec:
YAML
  grep -v '^#' "$here/ossvector_exporter.rules.yml" | sed 's/^\(.\)/  \1/'
}

case ${1:-} in
  '') made >"$target" ;;
  --check) made | diff -u "$target" - ;;
  *) echo "usage: $0 [--check]" >&2 && exit 2 ;;
esac
