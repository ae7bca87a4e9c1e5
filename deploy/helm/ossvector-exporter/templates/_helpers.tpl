{{- define "ossvector-exporter.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* The name of the objects. 50 characters, as names of ConfigMaps with a hash and of the pods are longer. */}}
{{- define "ossvector-exporter.fullname" -}}
{{- $name := include "ossvector-exporter.name" . }}
{{- $full := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) }}
{{- .Values.fullnameOverride | default $full | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "ossvector-exporter.selectorLabels" -}}
app.kubernetes.io/name: {{ include "ossvector-exporter.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: exporter
{{- end }}

{{- define "ossvector-exporter.labels" -}}
{{- $labels := include "ossvector-exporter.selectorLabels" . | fromYaml }}
{{- $_ := set $labels "app.kubernetes.io/version" (.Values.image.tag | default .Chart.AppVersion) }}
{{- $_ := set $labels "app.kubernetes.io/managed-by" .Release.Service }}
{{- $_ := set $labels "helm.sh/chart" (printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-") }}
{{- merge $labels .Values.commonLabels | toYaml }}
{{- end }}

{{/* metadata of an object; the argument is [root, name, labels, annotations, namespace], of which all but root may be empty. */}}
{{- define "ossvector-exporter.metadata" -}}
{{- $root := index . 0 -}}
name: {{ index . 1 | default (include "ossvector-exporter.fullname" $root) }}
namespace: {{ index . 4 | default $root.Release.Namespace }}
labels:
  {{- merge (include "ossvector-exporter.labels" $root | fromYaml) (index . 2) | toYaml | nindent 2 }}
{{- with index . 3 }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{- define "ossvector-exporter.serviceAccountName" -}}
{{- $default := .Values.serviceAccount.create | ternary (include "ossvector-exporter.fullname" .) "default" }}
{{- .Values.serviceAccount.name | default $default }}
{{- end }}

{{- define "ossvector-exporter.secretName" -}}
{{- .Values.credentials.secret.existing | default (printf "%s-credentials" (include "ossvector-exporter.fullname" .)) }}
{{- end }}

{{/* What `credentials.type` means in the exporter's own words. */}}
{{- define "ossvector-exporter.credentials" -}}
{{- $folder := "/etc/ossvector_exporter/credentials" }}
{{- with .Values.credentials }}
{{- if eq .type "rrsa" }}
type: oidc_role_arn
{{- else if eq .type "ecs-ram-role" }}
type: ecs_ram_role
{{- else if eq .type "secret" }}
type: static
access_key_id_file: {{ $folder }}/{{ .secret.accessKeyIdKey }}
access_key_secret_file: {{ $folder }}/{{ .secret.accessKeySecretKey }}
{{- with .secret.securityTokenKey }}
security_token_file: {{ $folder }}/{{ . }}
{{- end }}
{{- else }}
type: default
{{- end }}
{{- end }}
{{- end }}

{{/* config.yml: `config`, in which accounts without a type of credentials have that of `credentials`. */}}
{{- define "ossvector-exporter.config" -}}
{{- $config := deepCopy .Values.config }}
{{- $shared := include "ossvector-exporter.credentials" . | fromYaml }}
{{- $accounts := list }}
{{- range $account := $config.accounts }}
{{- $own := $account.credentials | default dict }}
{{- if not $own.type }}
{{- $own = merge (deepCopy $shared) $own }}
{{- end }}
{{- $accounts = append $accounts (set $account "credentials" $own) }}
{{- end }}
{{- set $config "accounts" $accounts | toYaml }}
{{- end }}

{{/* The name of what holds the configuration. The hash of the content is in it: a changed configuration rolls out, and a
broken one leaves the running pod its own. */}}
{{- define "ossvector-exporter.configName" -}}
{{- $hash := include "ossvector-exporter.config" . | sha256sum | trunc 10 }}
{{- .Values.configFrom.name | default (printf "%s-config-%s" (include "ossvector-exporter.fullname" .) $hash) }}
{{- end }}

{{/* What a ServiceMonitor's endpoint and a PodMonitor's have in common. */}}
{{- define "ossvector-exporter.endpoint" -}}
port: metrics
path: /metrics
interval: {{ .interval }}
scrapeTimeout: {{ .scrapeTimeout }}
scheme: {{ .scheme }}
{{- range $key := list "tlsConfig" "basicAuth" "relabelings" "metricRelabelings" }}
{{- with index $ $key }}
{{ $key }}:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{/* httpGet of a probe; the argument is [probes, path]. */}}
{{- define "ossvector-exporter.probe" -}}
{{- $probes := index . 0 -}}
path: {{ index . 1 }}
port: metrics
{{- if ne $probes.scheme "HTTP" }}
scheme: {{ $probes.scheme }}
{{- end }}
{{- with $probes.httpHeaders }}
httpHeaders:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Refuses values that would be ignored, and credentials that are incomplete. */}}
{{- define "ossvector-exporter.validate" -}}
{{- with .Values.credentials }}
{{- $rrsa := eq .type "rrsa" }}
{{- if and $rrsa $.Values.serviceAccount.create (not .rrsa.roleName) }}
{{- fail "credentials.type is rrsa: credentials.rrsa.roleName must name the RAM role" }}
{{- end }}
{{- if and .rrsa.roleName (not (and $rrsa $.Values.serviceAccount.create)) }}
{{- fail "credentials.rrsa.roleName is used only with credentials.type rrsa and serviceAccount.create: annotate a ServiceAccount of your own yourself" }}
{{- end }}
{{- $made := or .secret.accessKeyId .secret.accessKeySecret }}
{{- if and (ne .type "secret") (or .secret.existing $made) }}
{{- fail (printf "credentials.secret is used only with credentials.type secret, and that is %s" .type) }}
{{- end }}
{{- if and (eq .type "secret") (not .secret.existing) (not (and .secret.accessKeyId .secret.accessKeySecret)) }}
{{- fail "credentials.type is secret: set credentials.secret.existing, or both accessKeyId and accessKeySecret" }}
{{- end }}
{{- if and .secret.existing $made }}
{{- fail "credentials.secret.existing and accessKeyId or accessKeySecret: one or the other" }}
{{- end }}
{{- if and .secret.securityTokenKey (not .secret.existing) }}
{{- fail "credentials.secret.securityTokenKey needs credentials.secret.existing" }}
{{- end }}
{{- end }}
{{- end }}
