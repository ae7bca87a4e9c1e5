{{- /* Made by "make generate" from deploy/rules/rules.yml.tmpl and parameters.yml: change those.
The groups of rules. The context is the parameters, .Values.prometheusRule say. */}}
{{- define "ossvector-exporter.rules" -}}
{{- $only := "" }}{{ $also := "" }}
{{- with .selector }}{{ $only = printf "{%s}" . }}{{ $also = printf ", %s" . }}{{ end }}
{{- $exporter := or .exporterURL (printf "{{ with or (query `ossvector_exporter_build_info%[1]s`) (query `last_over_time(ossvector_exporter_build_info%[1]s[1d])`) }}http://{{ (. | sortByLabel \"instance\" | first).Labels.instance }}{{ else }}http://localhost:10073{{ end }}" $only) }}
{{- $runbook := or .runbookURL (printf "%s/runbooks" $exporter) }}
{{- $dashboard := .dashboardURL }}
groups:
  # Rules are evaluated in this order. An alert that would repeat another one waits for that one to fire, not for its mere
  # condition: whatever alternates, one of them fires.
  - name: ossvector_cloud
    rules:
      - alert: OSSVectorAccountFailing
        expr: max by (account) (ossvector_up{{ $only }}) == 0
        for: {{ .alerts.OSSVectorAccountFailing.for }}
        labels:
          severity: {{ .alerts.OSSVectorAccountFailing.severity }}
          {{- range $name, $value := .alertLabels }}
          {{ $name }}: {{ $value | quote }}
          {{- end }}
        annotations:
          summary: No region of {{ "{{" }} $labels.account }} can be listed
          description: >-
            No region of {{ "{{" }} $labels.account }} has been listed for {{ .alerts.OSSVectorAccountFailing.for }}, so all its buckets are unknown.
            {{ "{{" }} with printf `count by (reason, code, status) (max by (region, reason, code, status) (ossvector_last_error_info{account=%q, operation="ListVectorBuckets"{{ $also }}}))` $labels.account | query | sortByLabel "reason" -}}
            The last failures, with the number of regions:{{ "{{" }} range $i, $e := . }}{{ "{{" }} if lt $i 3 }}{{ "{{" }} if $i }};{{ "{{" }} end }} {{ "{{" }} .Labels.reason }}{{ "{{" }} with .Labels.code }}, code {{ "{{" }} . }}{{ "{{" }} end }}, HTTP status {{ "{{" }} .Labels.status }} ({{ "{{" }} .Value }}){{ "{{" }} end }}{{ "{{" }} end }}{{ "{{" }} if gt (len .) 3 }} and more{{ "{{" }} end }}.
            {{ "{{" }}- end }}
          runbook_url: '{{ $runbook }}#ossvectoraccountfailing'
          dashboard_url: '{{ "{{" }} with "{{ $dashboard }}" }}{{ "{{" }} . }}?var-account={{ "{{" }} $labels.account | urlquery }}{{ "{{" }} else }}{{ $exporter }}/#account/{{ "{{" }} $labels.account | urlquery }}{{ "{{" }} end }}'

      - alert: OSSVectorAccessDenied
        expr: >-
          max by (account, region, operation)
          (ossvector_last_error_info{reason=~"access_denied|invalid_credentials|no_credentials"{{ $also }}}) > 0
          unless on (account) ALERTS{alertname="OSSVectorAccountFailing", alertstate="firing"{{ range $name, $value := .alertLabels }}, {{ $name }}={{ $value | quote }}{{ end }}}
        for: {{ .alerts.OSSVectorAccessDenied.for }}
        labels:
          severity: {{ .alerts.OSSVectorAccessDenied.severity }}
          {{- range $name, $value := .alertLabels }}
          {{ $name }}: {{ $value | quote }}
          {{- end }}
        annotations:
          summary: The cloud refuses {{ "{{" }} $labels.operation }} for {{ "{{" }} $labels.account }} in {{ "{{" }} $labels.region }}
          description: >-
            {{ "{{" }} $labels.operation }} has been refused to {{ "{{" }} $labels.account }} in {{ "{{" }} $labels.region }} for {{ .alerts.OSSVectorAccessDenied.for }}, which does
            not pass by itself.
            {{ "{{" }} with printf `ossvector_last_error_info{account=%q, region=%q, operation=%q, reason=~"access_denied|invalid_credentials|no_credentials"{{ $also }}}` $labels.account $labels.region $labels.operation | query -}}
            {{ "{{" }} with first . }}The last failure: {{ "{{" }} .Labels.reason }}{{ "{{" }} with .Labels.code }}, code {{ "{{" }} . }}{{ "{{" }} end }}, HTTP status {{ "{{" }} .Labels.status }}.{{ "{{" }} end }}
            {{ "{{" }}- end }}
          runbook_url: '{{ $runbook }}#ossvectoraccessdenied'
          dashboard_url: '{{ "{{" }} with "{{ $dashboard }}" }}{{ "{{" }} . }}?var-account={{ "{{" }} $labels.account | urlquery }}&var-region={{ "{{" }} $labels.region | urlquery }}{{ "{{" }} else }}{{ $exporter }}/#region/{{ "{{" }} $labels.account | urlquery }}/{{ "{{" }} $labels.region | urlquery }}{{ "{{" }} end }}'

      - alert: OSSVectorRegionFailing
        expr: >-
          max by (account, region) (ossvector_up{{ $only }}) == 0
          unless on (account) ALERTS{alertname="OSSVectorAccountFailing", alertstate="firing"{{ range $name, $value := .alertLabels }}, {{ $name }}={{ $value | quote }}{{ end }}}
          unless on (account, region) ALERTS{alertname="OSSVectorAccessDenied", alertstate="firing", operation="ListVectorBuckets"{{ range $name, $value := .alertLabels }}, {{ $name }}={{ $value | quote }}{{ end }}}
        for: {{ .alerts.OSSVectorRegionFailing.for }}
        labels:
          severity: {{ .alerts.OSSVectorRegionFailing.severity }}
          {{- range $name, $value := .alertLabels }}
          {{ $name }}: {{ $value | quote }}
          {{- end }}
        annotations:
          summary: Vector buckets of {{ "{{" }} $labels.account }} in {{ "{{" }} $labels.region }} cannot be listed
          description: >-
            No listing of {{ "{{" }} $labels.account }} in {{ "{{" }} $labels.region }} has been complete for {{ .alerts.OSSVectorRegionFailing.for }}, so its buckets are
            unknown.
            {{ "{{" }} with printf `ossvector_last_error_info{account=%q, region=%q, operation="ListVectorBuckets"{{ $also }}}` $labels.account $labels.region | query -}}
            {{ "{{" }} with first . }}The last failure: {{ "{{" }} .Labels.reason }}{{ "{{" }} with .Labels.code }}, code {{ "{{" }} . }}{{ "{{" }} end }}, HTTP status {{ "{{" }} .Labels.status }}.{{ "{{" }} end }}
            {{ "{{" }}- end }}
          runbook_url: '{{ $runbook }}#ossvectorregionfailing'
          dashboard_url: '{{ "{{" }} with "{{ $dashboard }}" }}{{ "{{" }} . }}?var-account={{ "{{" }} $labels.account | urlquery }}&var-region={{ "{{" }} $labels.region | urlquery }}{{ "{{" }} else }}{{ $exporter }}/#region/{{ "{{" }} $labels.account | urlquery }}/{{ "{{" }} $labels.region | urlquery }}{{ "{{" }} end }}'

      - alert: OSSVectorRegionFlapping
        expr: min by (account, region) (changes(ossvector_up{{ $only }}[1h])) >= {{ .alerts.OSSVectorRegionFlapping.changesPerHour }}
        for: {{ .alerts.OSSVectorRegionFlapping.for }}
        labels:
          severity: {{ .alerts.OSSVectorRegionFlapping.severity }}
          {{- range $name, $value := .alertLabels }}
          {{ $name }}: {{ $value | quote }}
          {{- end }}
        annotations:
          summary: Listings of {{ "{{" }} $labels.account }} in {{ "{{" }} $labels.region }} fail again and again
          description: >-
            The listing of {{ "{{" }} $labels.account }} in {{ "{{" }} $labels.region }} went between failing and complete {{ "{{" }} $value }} times
            within an hour. Graphs and counts of its buckets have gaps.
          runbook_url: '{{ $runbook }}#ossvectorregionflapping'
          dashboard_url: '{{ "{{" }} with "{{ $dashboard }}" }}{{ "{{" }} . }}?var-account={{ "{{" }} $labels.account | urlquery }}&var-region={{ "{{" }} $labels.region | urlquery }}{{ "{{" }} else }}{{ $exporter }}/#region/{{ "{{" }} $labels.account | urlquery }}/{{ "{{" }} $labels.region | urlquery }}{{ "{{" }} end }}'

      - alert: OSSVectorThrottled
        expr: >-
          sum by (account, region) (rate(ossvector_api_errors_total{reason="throttled"{{ $also }}}[15m]))
          / sum by (account, region) (rate(ossvector_api_requests_total{{ $only }}[15m])) > {{ .alerts.OSSVectorThrottled.share }}
        for: {{ .alerts.OSSVectorThrottled.for }}
        labels:
          severity: {{ .alerts.OSSVectorThrottled.severity }}
          {{- range $name, $value := .alertLabels }}
          {{ $name }}: {{ $value | quote }}
          {{- end }}
        annotations:
          summary: Calls for {{ "{{" }} $labels.account }} in {{ "{{" }} $labels.region }} are throttled
          description: >-
            {{ "{{" }} $value | humanizePercentage }} of the API calls for {{ "{{" }} $labels.account }} in {{ "{{" }} $labels.region }} have been
            throttled for {{ .alerts.OSSVectorThrottled.for }}. Retries may hide it so far.
          runbook_url: '{{ $runbook }}#ossvectorthrottled'
          dashboard_url: '{{ "{{" }} with "{{ $dashboard }}" }}{{ "{{" }} . }}?var-account={{ "{{" }} $labels.account | urlquery }}&var-region={{ "{{" }} $labels.region | urlquery }}{{ "{{" }} else }}{{ $exporter }}/#region/{{ "{{" }} $labels.account | urlquery }}/{{ "{{" }} $labels.region | urlquery }}{{ "{{" }} end }}'

      # Only while listings are complete: a region that runs into its deadline is failing, and says so above.
      - alert: OSSVectorListingSlow
        expr: >-
          max by (account, region) (ossvector_scrape_duration_seconds{{ $only }}) > {{ .alerts.OSSVectorListingSlow.seconds }}
          and on (account, region) max by (account, region) (ossvector_up{{ $only }}) == 1
        for: {{ .alerts.OSSVectorListingSlow.for }}
        labels:
          severity: {{ .alerts.OSSVectorListingSlow.severity }}
          {{- range $name, $value := .alertLabels }}
          {{ $name }}: {{ $value | quote }}
          {{- end }}
        annotations:
          summary: Listing {{ "{{" }} $labels.account }} in {{ "{{" }} $labels.region }} comes near the scrape timeout
          description: >-
            A listing of {{ "{{" }} $labels.account }} in {{ "{{" }} $labels.region }} takes {{ "{{" }} $value | humanizeDuration }}. Beyond the scrape
            timeout the region fails.
          runbook_url: '{{ $runbook }}#ossvectorlistingslow'
          dashboard_url: '{{ "{{" }} with "{{ $dashboard }}" }}{{ "{{" }} . }}?var-account={{ "{{" }} $labels.account | urlquery }}&var-region={{ "{{" }} $labels.region | urlquery }}{{ "{{" }} else }}{{ $exporter }}/#region/{{ "{{" }} $labels.account | urlquery }}/{{ "{{" }} $labels.region | urlquery }}{{ "{{" }} end }}'

      # keep_firing_for bridges a failed listing, which has no count.
      - alert: OSSVectorBucketQuotaNearlyUsed
        expr: >-
          (max by (account, region) (ossvector_buckets{{ $only }}) / max by (account, region) (ossvector_bucket_quota{{ $only }} > 0))
          >= {{ .alerts.OSSVectorBucketQuotaNearlyUsed.share }} < 1
        for: {{ .alerts.OSSVectorBucketQuotaNearlyUsed.for }}
        labels:
          severity: {{ .alerts.OSSVectorBucketQuotaNearlyUsed.severity }}
          {{- range $name, $value := .alertLabels }}
          {{ $name }}: {{ $value | quote }}
          {{- end }}
        keep_firing_for: 15m
        annotations:
          summary: '{{ "{{" }} $labels.account }} has used {{ "{{" }} $value | humanizePercentage }} of its bucket quota in {{ "{{" }} $labels.region }}'
          description: >-
            {{ "{{" }} $labels.account }} has used {{ "{{" }} $value | humanizePercentage }} of the vector buckets that it may create in
            {{ "{{" }} $labels.region }}.
          runbook_url: '{{ $runbook }}#ossvectorbucketquotanearlyused'
          dashboard_url: '{{ "{{" }} with "{{ $dashboard }}" }}{{ "{{" }} . }}?var-account={{ "{{" }} $labels.account | urlquery }}&var-region={{ "{{" }} $labels.region | urlquery }}{{ "{{" }} else }}{{ $exporter }}/#region/{{ "{{" }} $labels.account | urlquery }}/{{ "{{" }} $labels.region | urlquery }}{{ "{{" }} end }}'

      - alert: OSSVectorBucketQuotaFull
        expr: >-
          max by (account, region) (ossvector_buckets{{ $only }}) / max by (account, region) (ossvector_bucket_quota{{ $only }} > 0) >= 1
        for: {{ .alerts.OSSVectorBucketQuotaFull.for }}
        labels:
          severity: {{ .alerts.OSSVectorBucketQuotaFull.severity }}
          {{- range $name, $value := .alertLabels }}
          {{ $name }}: {{ $value | quote }}
          {{- end }}
        keep_firing_for: 15m
        annotations:
          summary: '{{ "{{" }} $labels.account }} can create no more vector buckets in {{ "{{" }} $labels.region }}'
          description: >-
            {{ "{{" }} $labels.account }} has used {{ "{{" }} $value | humanizePercentage }} of its bucket quota in {{ "{{" }} $labels.region }}: the next
            bucket will be refused.
          runbook_url: '{{ $runbook }}#ossvectorbucketquotafull'
          dashboard_url: '{{ "{{" }} with "{{ $dashboard }}" }}{{ "{{" }} . }}?var-account={{ "{{" }} $labels.account | urlquery }}&var-region={{ "{{" }} $labels.region | urlquery }}{{ "{{" }} else }}{{ $exporter }}/#region/{{ "{{" }} $labels.account | urlquery }}/{{ "{{" }} $labels.region | urlquery }}{{ "{{" }} end }}'

  - name: ossvector_changes
    rules:
      # Against the last known count of half an hour ago, replicas put together first. A region that fails has no count now,
      # one that was removed has none either, and one that is new had none then: none of them is a change.
      - alert: OSSVectorBucketsVanished
        expr: >-
          last_over_time(max by (account, region) (ossvector_buckets{{ $only }})[1h:1m] offset 30m)
          - max by (account, region) (ossvector_buckets{{ $only }}) > 0
        for: {{ .alerts.OSSVectorBucketsVanished.for }}
        labels:
          severity: {{ .alerts.OSSVectorBucketsVanished.severity }}
          {{- range $name, $value := .alertLabels }}
          {{ $name }}: {{ $value | quote }}
          {{- end }}
        annotations:
          summary: '{{ "{{" }} $value }} vector buckets of {{ "{{" }} $labels.account }} in {{ "{{" }} $labels.region }} are gone'
          description: >-
            {{ "{{" }} $labels.account }} has {{ "{{" }} $value }} vector buckets fewer in {{ "{{" }} $labels.region }} than half an hour ago.
            {{ "{{" }} with printf `group by (bucket) (last_over_time(ossvector_bucket_info{account=%[1]q, region=%[2]q{{ $also }}}[1h] offset 30m)) unless on (bucket) ossvector_bucket_info{account=%[1]q, region=%[2]q{{ $also }}}` $labels.account $labels.region | query | sortByLabel "bucket" -}}
            Gone:{{ "{{" }} range $i, $b := . }}{{ "{{" }} if lt $i 10 }} {{ "{{" }} $b.Labels.bucket }}{{ "{{" }} end }}{{ "{{" }} end }}{{ "{{" }} if gt (len .) 10 }} and more{{ "{{" }} end }}.
            {{ "{{" }}- end }}
          runbook_url: '{{ $runbook }}#ossvectorbucketsvanished'
          dashboard_url: '{{ "{{" }} with "{{ $dashboard }}" }}{{ "{{" }} . }}?var-account={{ "{{" }} $labels.account | urlquery }}&var-region={{ "{{" }} $labels.region | urlquery }}{{ "{{" }} else }}{{ $exporter }}/#region/{{ "{{" }} $labels.account | urlquery }}/{{ "{{" }} $labels.region | urlquery }}{{ "{{" }} end }}'

      - alert: OSSVectorBucketsAppeared
        expr: >-
          max by (account, region) (ossvector_buckets{{ $only }})
          - last_over_time(max by (account, region) (ossvector_buckets{{ $only }})[1h:1m] offset 30m) > 0
        for: {{ .alerts.OSSVectorBucketsAppeared.for }}
        labels:
          severity: {{ .alerts.OSSVectorBucketsAppeared.severity }}
          {{- range $name, $value := .alertLabels }}
          {{ $name }}: {{ $value | quote }}
          {{- end }}
        annotations:
          summary: '{{ "{{" }} $value }} vector buckets of {{ "{{" }} $labels.account }} in {{ "{{" }} $labels.region }} are new'
          description: >-
            {{ "{{" }} $labels.account }} has {{ "{{" }} $value }} vector buckets more in {{ "{{" }} $labels.region }} than half an hour ago.
            {{ "{{" }} with printf `group by (bucket) (ossvector_bucket_info{account=%[1]q, region=%[2]q{{ $also }}}) unless on (bucket) last_over_time(ossvector_bucket_info{account=%[1]q, region=%[2]q{{ $also }}}[1h] offset 30m)` $labels.account $labels.region | query | sortByLabel "bucket" -}}
            New:{{ "{{" }} range $i, $b := . }}{{ "{{" }} if lt $i 10 }} {{ "{{" }} $b.Labels.bucket }}{{ "{{" }} end }}{{ "{{" }} end }}{{ "{{" }} if gt (len .) 10 }} and more{{ "{{" }} end }}.
            {{ "{{" }}- end }}
          runbook_url: '{{ $runbook }}#ossvectorbucketsappeared'
          dashboard_url: '{{ "{{" }} with "{{ $dashboard }}" }}{{ "{{" }} . }}?var-account={{ "{{" }} $labels.account | urlquery }}&var-region={{ "{{" }} $labels.region | urlquery }}{{ "{{" }} else }}{{ $exporter }}/#region/{{ "{{" }} $labels.account | urlquery }}/{{ "{{" }} $labels.region | urlquery }}{{ "{{" }} end }}'

  - name: ossvector_indexes
    rules:
      # The service says `enable` (documented) or `running` (its SDK's tests). Without the status in the result, an index
      # that goes from one bad state to another stays one alert. Its annotation asks nothing: should the service invent
      # another word for ready, there will be an alert for each index.
      - alert: OSSVectorIndexNotReady
        expr: >-
          max by (account, region, bucket, index)
          (ossvector_index_info{status!~"(?i:enabled?|running|ready|active|available)"{{ $also }}})
        for: {{ .alerts.OSSVectorIndexNotReady.for }}
        labels:
          severity: {{ .alerts.OSSVectorIndexNotReady.severity }}
          {{- range $name, $value := .alertLabels }}
          {{ $name }}: {{ $value | quote }}
          {{- end }}
        keep_firing_for: 15m
        annotations:
          summary: Vector index {{ "{{" }} $labels.index }} of bucket {{ "{{" }} $labels.bucket }} does not become ready
          description: >-
            Index {{ "{{" }} $labels.index }} of bucket {{ "{{" }} $labels.bucket }} ({{ "{{" }} $labels.account }}, {{ "{{" }} $labels.region }}) has not been
            ready for {{ .alerts.OSSVectorIndexNotReady.for }}. Its status is on the dashboard.
          runbook_url: '{{ $runbook }}#ossvectorindexnotready'
          dashboard_url: '{{ "{{" }} with "{{ $dashboard }}" }}{{ "{{" }} . }}?var-account={{ "{{" }} $labels.account | urlquery }}&var-region={{ "{{" }} $labels.region | urlquery }}{{ "{{" }} else }}{{ $exporter }}/#region/{{ "{{" }} $labels.account | urlquery }}/{{ "{{" }} $labels.region | urlquery }}{{ "{{" }} end }}'

      - alert: OSSVectorIndexesNearLimit
        expr: max by (account, region, bucket) (ossvector_indexes{{ $only }}) >= {{ .alerts.OSSVectorIndexesNearLimit.indexes }}
        for: {{ .alerts.OSSVectorIndexesNearLimit.for }}
        labels:
          severity: {{ .alerts.OSSVectorIndexesNearLimit.severity }}
          {{- range $name, $value := .alertLabels }}
          {{ $name }}: {{ $value | quote }}
          {{- end }}
        keep_firing_for: 15m
        annotations:
          summary: Bucket {{ "{{" }} $labels.bucket }} has {{ "{{" }} $value }} vector indexes
          description: >-
            Bucket {{ "{{" }} $labels.bucket }} ({{ "{{" }} $labels.account }}, {{ "{{" }} $labels.region }}) has {{ "{{" }} $value }} vector indexes; the service
            allows 100 unless the quota was raised.
          runbook_url: '{{ $runbook }}#ossvectorindexesnearlimit'
          dashboard_url: '{{ "{{" }} with "{{ $dashboard }}" }}{{ "{{" }} . }}?var-account={{ "{{" }} $labels.account | urlquery }}&var-region={{ "{{" }} $labels.region | urlquery }}{{ "{{" }} else }}{{ $exporter }}/#region/{{ "{{" }} $labels.account | urlquery }}/{{ "{{" }} $labels.region | urlquery }}{{ "{{" }} end }}'

      - alert: OSSVectorIndexListingFailing
        expr: >-
          min by (account, region) (ossvector_index_failed_buckets{{ $only }}) > 0
          unless on (account, region) ALERTS{alertname="OSSVectorAccessDenied", alertstate="firing", operation="ListVectorIndexes"{{ range $name, $value := .alertLabels }}, {{ $name }}={{ $value | quote }}{{ end }}}
        for: {{ .alerts.OSSVectorIndexListingFailing.for }}
        labels:
          severity: {{ .alerts.OSSVectorIndexListingFailing.severity }}
          {{- range $name, $value := .alertLabels }}
          {{ $name }}: {{ $value | quote }}
          {{- end }}
        annotations:
          summary: Vector indexes of {{ "{{" }} $value }} buckets of {{ "{{" }} $labels.account }} in {{ "{{" }} $labels.region }} cannot be listed
          description: >-
            For {{ .alerts.OSSVectorIndexListingFailing.for }} there have been buckets of {{ "{{" }} $labels.account }} in {{ "{{" }} $labels.region }} whose indexes could not be
            listed, {{ "{{" }} $value }} at present.
            {{ "{{" }} with printf `ossvector_last_error_info{account=%q, region=%q, operation="ListVectorIndexes"{{ $also }}}` $labels.account $labels.region | query -}}
            {{ "{{" }} with first . }}The last failure: {{ "{{" }} .Labels.reason }}{{ "{{" }} with .Labels.code }}, code {{ "{{" }} . }}{{ "{{" }} end }}, HTTP status {{ "{{" }} .Labels.status }}.{{ "{{" }} end }}
            {{ "{{" }}- end }}
          runbook_url: '{{ $runbook }}#ossvectorindexlistingfailing'
          dashboard_url: '{{ "{{" }} with "{{ $dashboard }}" }}{{ "{{" }} . }}?var-account={{ "{{" }} $labels.account | urlquery }}&var-region={{ "{{" }} $labels.region | urlquery }}{{ "{{" }} else }}{{ $exporter }}/#region/{{ "{{" }} $labels.account | urlquery }}/{{ "{{" }} $labels.region | urlquery }}{{ "{{" }} end }}'

  - name: ossvector_exporter
    rules:
      - alert: OSSVectorConfigReloadFailed
        expr: ossvector_exporter_config_last_reload_successful{{ $only }} == 0
        for: {{ .alerts.OSSVectorConfigReloadFailed.for }}
        labels:
          severity: {{ .alerts.OSSVectorConfigReloadFailed.severity }}
          {{- range $name, $value := .alertLabels }}
          {{ $name }}: {{ $value | quote }}
          {{- end }}
        annotations:
          summary: '{{ "{{" }} $labels.instance }} refuses its configuration file'
          description: >-
            ossvector_exporter at {{ "{{" }} $labels.instance }} could not load its changed configuration and goes on with the one
            before. A restart would fail.
          runbook_url: '{{ $runbook }}#ossvectorconfigreloadfailed'
          dashboard_url: '{{ "{{" }} with "{{ $dashboard }}" }}{{ "{{" }} . }}{{ "{{" }} else }}{{ $exporter }}/{{ "{{" }} end }}'

      - alert: OSSVectorExporterAbsent
        expr: absent(ossvector_exporter_build_info{{ $only }})
        for: {{ .alerts.OSSVectorExporterAbsent.for }}
        labels:
          severity: {{ .alerts.OSSVectorExporterAbsent.severity }}
          {{- range $name, $value := .alertLabels }}
          {{ $name }}: {{ $value | quote }}
          {{- end }}
        annotations:
          summary: No ossvector_exporter is being scraped
          description: >-
            This Prometheus has had no ossvector_exporter for {{ .alerts.OSSVectorExporterAbsent.for }}: nothing is known about any vector bucket, and no other
            alert of these can fire.
          runbook_url: '{{ $runbook }}#ossvectorexporterabsent'
          dashboard_url: '{{ "{{" }} with "{{ $dashboard }}" }}{{ "{{" }} . }}{{ "{{" }} else }}{{ $exporter }}/{{ "{{" }} end }}'

      # A target counts as an exporter's if it has served its series within a day.
      - alert: OSSVectorExporterDown
        expr: >-
          up{{ $only }} == 0
          and on (job, instance)
          (present_over_time(ossvector_exporter_build_info{{ $only }}[1d]) or present_over_time(ossvector_up{{ $only }}[1d]))
          unless on () ALERTS{alertname="OSSVectorExporterAbsent", alertstate="firing"{{ range $name, $value := .alertLabels }}, {{ $name }}={{ $value | quote }}{{ end }}}
        for: {{ .alerts.OSSVectorExporterDown.for }}
        labels:
          severity: {{ .alerts.OSSVectorExporterDown.severity }}
          {{- range $name, $value := .alertLabels }}
          {{ $name }}: {{ $value | quote }}
          {{- end }}
        annotations:
          summary: ossvector_exporter at {{ "{{" }} $labels.instance }} cannot be scraped
          description: >-
            Prometheus has had no answer from ossvector_exporter at {{ "{{" }} $labels.instance }} (job {{ "{{" }} $labels.job }}) for {{ .alerts.OSSVectorExporterDown.for }}.
          runbook_url: '{{ $runbook }}#ossvectorexporterdown'
          dashboard_url: '{{ "{{" }} with "{{ $dashboard }}" }}{{ "{{" }} . }}{{ "{{" }} else }}{{ $exporter }}/{{ "{{" }} end }}'
{{- end }}
