# Targets are listed by `make help`. Tools are built from their modules into .cache/bin, at the versions below.

PROMETHEUS_VERSION    := v0.316.0
GORELEASER_VERSION    := v2.16.0
CYCLONEDX_VERSION     := v1.10.0
GOLANGCI_LINT_VERSION := v2.15.0
ACTIONLINT_VERSION    := v1.7.12
# The newest whose module holds the compiled user interface: later ones do not build from it.
ALERTMANAGER_VERSION  := v0.31.1
HELM_VERSION          := v3.22.0
HELM_DOCS_VERSION     := v1.14.2
HELM_UNITTEST_VERSION := v1.1.2
YAML_LANGUAGE_SERVER_VERSION := 2.0.0

# The version is the tag, the date the commit's: the clock is in no binary, so that a build can be reproduced.
VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
REVISION ?= $(shell git rev-parse HEAD 2>/dev/null || echo unknown)
BRANCH   ?= $(shell git rev-parse --abbrev-ref HEAD 2>/dev/null || echo unknown)
DATE     ?= $(shell TZ=UTC git log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ 2>/dev/null || echo unknown)

PKG        = github.com/prometheus/common/version
LDFLAGS    = -s -w -X $(PKG).Version=$(VERSION) -X $(PKG).Revision=$(REVISION) -X $(PKG).Branch=$(BRANCH) \
              -X $(PKG).BuildDate=$(DATE)
BUILDFLAGS = -trimpath -buildvcs=false -ldflags '$(LDFLAGS)'

BINARY := $(CURDIR)/ossvector_exporter
TOOLS  := $(CURDIR)/.cache/bin
LINT   := $(TOOLS)/golangci-lint-$(GOLANGCI_LINT_VERSION)/golangci-lint
ACTIONLINT := $(TOOLS)/actionlint-$(ACTIONLINT_VERSION)/actionlint

export GORELEASER      ?= $(TOOLS)/goreleaser-$(GORELEASER_VERSION)/goreleaser
export CYCLONEDX_GOMOD ?= $(TOOLS)/cyclonedx-gomod-$(CYCLONEDX_VERSION)/cyclonedx-gomod

# A Prometheus 3 on the PATH is used; otherwise both are built once, without the service discoveries not needed here.
ifneq (,$(shell prometheus --version 2>/dev/null | grep 'version 3\.' && command -v promtool))
PROMETHEUS ?= $(shell command -v prometheus)
PROMTOOL   ?= $(shell command -v promtool)
else
PROMETHEUS ?= $(TOOLS)/prometheus-$(PROMETHEUS_VERSION)/prometheus
PROMTOOL   ?= $(TOOLS)/prometheus-$(PROMETHEUS_VERSION)/promtool
endif

ALERTMANAGER := $(TOOLS)/alertmanager-$(ALERTMANAGER_VERSION)/alertmanager
AMTOOL       := $(TOOLS)/alertmanager-$(ALERTMANAGER_VERSION)/amtool
PRINTER      := $(TOOLS)/printer
export HELM  ?= $(TOOLS)/helm-$(HELM_VERSION)/helm
HELM_DOCS    := $(TOOLS)/helm-docs-$(HELM_DOCS_VERSION)/helm-docs
HELM_UNITTEST := $(TOOLS)/helm-unittest-$(HELM_UNITTEST_VERSION)/helm-unittest
YAML_LANGUAGE_SERVER := $(TOOLS)/yaml-language-server-$(YAML_LANGUAGE_SERVER_VERSION)/node_modules/.bin/yaml-language-server

FUZZ_TIME  ?= 10s
SOAK_TIME  ?= 1h
BENCH      ?= .
BASELINE_COMMIT := 6becebb
CHROMIUM   ?= chromium
export FUZZ_TIME SOAK_TIME CHROMIUM PROMETHEUS PROMTOOL ALERTMANAGER AMTOOL PRINTER YAML_LANGUAGE_SERVER
export OSSVECTOR_EXPORTER := $(BINARY)
export YARDSTICK          := $(TOOLS)/yardstick
export FLOOR              := $(TOOLS)/floor
export BASELINE           := $(TOOLS)/ossvector_exporter-$(BASELINE_COMMIT)

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

.PHONY: build
build: ## the static binary, ./ossvector_exporter
	CGO_ENABLED=0 go build $(BUILDFLAGS) -o $(BINARY) .

.PHONY: test
test: ## all unit tests under the race detector, and the checks of the supply chain
	go test -race ./...
	cd deploy/dashboard && go test ./...
	cd test && go test -race -count=1 ./supply/ ./runbooks/

.PHONY: demo
demo: ## run against simulated accounts: no configuration, no credentials, no network
	go run . --demo

.PHONY: stack
stack: build tools printer ## demo, Prometheus, Alertmanager and a receiver that prints the messages; Ctrl-C ends all
	cd test && go build -o $(TOOLS)/stack ./stack/run
	$(TOOLS)/stack deploy

.PHONY: lint
lint: $(LINT) $(ACTIONLINT) ## golangci-lint over all modules, actionlint over the workflows
	$(LINT) config verify
	$(LINT) run ./...
	cd deploy/dashboard && $(LINT) run --config ../../.golangci.yml ./...
	cd test && $(LINT) run --config ../.golangci.yml ./...
	$(ACTIONLINT) -shellcheck= -pyflakes= .github/workflows/*.yml

.PHONY: e2e
e2e: build tools printer ## a real Prometheus and a real browser against a running --demo
	cd test && go test -count=1 -timeout 10m -v ./e2e/

.PHONY: editor
editor: $(YAML_LANGUAGE_SERVER) ## an editor's language server with the schema of the configuration
	cd test && go test -count=1 -timeout 5m ./editor/

.PHONY: schema
schema: ## docs/config.schema.json, from the configuration's types
	go run . --config.schema >docs/config.schema.json.new
	mv docs/config.schema.json.new docs/config.schema.json

.PHONY: printer
printer:
	go build -o $(PRINTER) ./deploy/alertmanager/printer

.PHONY: e2e-k8s
e2e-k8s: $(HELM) ## the image, the manifests and the chart in the cluster of KUBECONFIG; KUBE_IMAGE FOLDER TAG builds the image for it
	cd test && go test -count=1 -timeout 30m -v ./kubernetes/

.PHONY: screenshot
screenshot: VERSION := 0.1.0
screenshot: build ## docs/images/page.png, of the landing page of --demo
	cd test && SCREENSHOT=$(CURDIR)/docs/images/page.png go test -count=1 -run TestPage ./e2e/

.PHONY: alerts-doc
alerts-doc: build tools printer ## the messages in docs/alerts.md, as a failure in the demo produces them
	cd test && ALERTS_DOC=1 go test -count=1 -run TestStack ./e2e/

.PHONY: bench
bench: build yardstick baseline ## compare with a typical hand-written exporter; prints a table
	cd test && go test -count=1 -timeout 60m -run '^$$' -bench '$(BENCH)' -benchtime 1x ./bench/

.PHONY: bench-smoke
bench-smoke: build yardstick baseline ## every benchmark once, on small inventories and without limits
	go test -run '^$$' -bench . -benchtime 1x ./...
	cd test && go test -count=1 -short -run '^$$' -bench . -benchtime 1x ./bench/

.PHONY: yardstick
yardstick:
	cd test && CGO_ENABLED=0 go build -trimpath -o $(YARDSTICK) ./bench/yardstick
	cd test && CGO_ENABLED=0 go build -trimpath -o $(FLOOR) ./bench/floor

# The exporter as it was when an answer was still made anew for each scrape, built out of its commit.
.PHONY: baseline
baseline: $(BASELINE)
$(BASELINE):
	rm -rf $(BASELINE).src && mkdir -p $(BASELINE).src
	git archive $(BASELINE_COMMIT) | tar -x -C $(BASELINE).src
	cd $(BASELINE).src && CGO_ENABLED=0 go build -trimpath -o $@ .
	rm -rf $(BASELINE).src

.PHONY: soak
soak: build ## SOAK_TIME (1h) of scrapes, faults, reloads and key rotations against the binary
	cd test && go test -count=1 -timeout 3h -v ./soak/...

.PHONY: faults
faults: build ## every row of docs/reliability.md, against the binary
	cd test && go test -race -count=1 -timeout 20m ./faults/

.PHONY: fuzz
fuzz: ## every fuzz target for FUZZ_TIME (10s)
	test/fuzz $(FUZZ_TIME)

.PHONY: mutate
mutate: ## deliberate faults, each of which the unit tests must notice; MUTATE=WORDS of their names, such as wiring:
	cd test && go run ./mutate $(MUTATE)

.PHONY: rules
rules: tools printer ## the alerts' own tests, and those of the routes
	cd test && go test -count=1 -run 'TestRules|TestAlertmanager' ./e2e/

RULES := go run ./deploy/rules

.PHONY: generate
generate: ## everything generated from deploy/rules, deploy/dashboard and docs/runbooks.md: rules file, PrometheusRule, the chart's template, dashboard, page
	$(RULES) >deploy/rules/ossvector_exporter.rules.yml
	$(RULES) -format prometheusrule >deploy/k8s/components/prometheus-operator/prometheusrule.yaml
	$(RULES) -format helm >deploy/helm/ossvector-exporter/templates/_rules.tpl
	$(RULES) -parameters deploy/compose/parameters.yml >deploy/compose/ossvector_exporter.rules.yml
	cd test && go run ./runbooks <../docs/runbooks.md >runbooks.new && mv runbooks.new ../internal/server/runbooks.html
	cd deploy/dashboard && go run . >../k8s/components/grafana-dashboard/dashboard.json

.PHONY: chart
chart: $(HELM) $(HELM_DOCS) $(HELM_UNITTEST) ## the Helm chart: lint, its schema, its output for many values, and its README
	cd test && go test -count=1 ./helm/
	$(HELM_UNITTEST) deploy/helm/ossvector-exporter
	$(HELM_DOCS) --chart-search-root deploy/helm --dry-run | diff - deploy/helm/ossvector-exporter/README.md

.PHONY: chart-docs
chart-docs: $(HELM_DOCS) ## the chart's README and schema, from its values and the types that they configure
	cd test && go test -count=1 -run TestSchemaDefinitions ./helm/ -update
	$(HELM_DOCS) --chart-search-root deploy/helm

.PHONY: manifests
manifests: ## every combination of the Kubernetes components, checked against the schemas
	test/manifests

.PHONY: release
release: $(GORELEASER) $(CYCLONEDX_GOMOD) ## dist/: archives, deb, rpm, bills of materials, image; a snapshot without a tag
	packaging/release

.PHONY: reproducible
reproducible: ## `make release` again in another folder without caches: the result must be byte for byte what is in dist/
	test/reproducible

.PHONY: packages
packages: $(GORELEASER) ## installs, serves, upgrades and removes what is in dist/, in a Debian of its own; needs root
	cd test && go test -count=1 -timeout 30m -v ./packages/

.PHONY: push
push: ## the image of dist/ to IMAGE, such as ghcr.io/OWNER/ossvector_exporter:v1.2.3; prints what to sign
	cd test && go run ./image push ../dist $(IMAGE)

.PHONY: push-chart
push-chart: $(HELM) ## the chart to CHARTS, such as oci://ghcr.io/OWNER/charts, with IMAGE as its image; prints what to sign
	packaging/chart $(IMAGE) $(CHARTS)

.PHONY: tools
tools: $(PROMETHEUS) $(PROMTOOL) $(ALERTMANAGER) $(AMTOOL) $(YAML_LANGUAGE_SERVER) ## Prometheus, Alertmanager, the editor's language server

$(TOOLS)/prometheus-%/prometheus $(TOOLS)/prometheus-%/promtool:
	GOBIN=$(TOOLS)/prometheus-$* go install -tags remove_all_sd,enable_kubernetes_sd \
		github.com/prometheus/prometheus/cmd/prometheus@$* github.com/prometheus/prometheus/cmd/promtool@$*

$(TOOLS)/alertmanager-%/alertmanager $(TOOLS)/alertmanager-%/amtool:
	GOBIN=$(TOOLS)/alertmanager-$* go install \
		github.com/prometheus/alertmanager/cmd/alertmanager@$* github.com/prometheus/alertmanager/cmd/amtool@$*

$(TOOLS)/yaml-language-server-%/node_modules/.bin/yaml-language-server:
	npm install --no-audit --no-fund --silent --prefix $(TOOLS)/yaml-language-server-$* yaml-language-server@$*

# Helm's own build says which Kubernetes it is made for; without that it is 1.20, which the chart refuses.
HELM_FLAGS = -s -w -X helm.sh/helm/v3/internal/version.version=v$* \
	$(foreach p,pkg/chartutil.k8sVersion pkg/lint/rules.k8sVersion,-X helm.sh/helm/v3/$(p)Major=1 -X helm.sh/helm/v3/$(p)Minor=37)

$(TOOLS)/helm-v%/helm:
	GOBIN=$(@D) go install -trimpath -ldflags "$(HELM_FLAGS)" helm.sh/helm/v3/cmd/helm@v$*

# By a module of its own, which has the replacement that `go install` refuses; the version is in its go.mod.
$(TOOLS)/helm-unittest-%/helm-unittest:
	cd test/tools/helm-unittest && GOBIN=$(@D) CGO_ENABLED=0 go install tool

$(TOOLS)/helm-docs-%/helm-docs:
	GOBIN=$(@D) go install github.com/norwoodj/helm-docs/cmd/helm-docs@$*

$(TOOLS)/golangci-lint-%/golangci-lint:
	GOBIN=$(TOOLS)/golangci-lint-$* go install github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$*

$(TOOLS)/actionlint-%/actionlint:
	GOBIN=$(@D) go install github.com/rhysd/actionlint/cmd/actionlint@$*

# Without paths and symbols: what these tools make must not depend on where they were built.
$(TOOLS)/goreleaser-%/goreleaser:
	CGO_ENABLED=0 GOBIN=$(dir $@) go install -trimpath -ldflags '-s -w' github.com/goreleaser/goreleaser/v2@$*

$(TOOLS)/cyclonedx-gomod-%/cyclonedx-gomod:
	CGO_ENABLED=0 GOBIN=$(dir $@) go install -trimpath -ldflags '-s -w' github.com/CycloneDX/cyclonedx-gomod/cmd/cyclonedx-gomod@$*

.PHONY: clean
clean: ## what was built; the tools in .cache stay
	rm -rf $(BINARY) dist
