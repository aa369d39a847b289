# The one door for people and CI. Long work says what it does; every target can be run again at no cost.
.DEFAULT_GOAL := help
SHELL := /bin/bash
# Node 24 and all tools come with the repository's own dependencies.
export PATH := $(CURDIR)/node_modules/.bin:$(CURDIR)/.tools/bin:$(PATH)

.PHONY: help
help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Run
.PHONY: start
start: install ## Run the guestbook on this computer (FRONTEND_PORT, BACKEND_PORT and DATA_DIR move it)
	@node scripts/start.ts

.PHONY: traffic
traffic: install ## Send traffic to a running guestbook (ARGS="--help" lists the options)
	@node tests/load/traffic.ts $(ARGS)

##@ Check
.PHONY: test
test: install test-tools ## Run every test with its coverage (PATHS="services/backend tests/charts" narrows it)
	@node scripts/test.ts $(PATHS)

.PHONY: e2e
e2e: install ## Install the charts on the cluster of the current context and change them under traffic (KIND_CLUSTER loads the images)
	@scripts/install-go-tools
	@node tests/e2e/run.ts

.PHONY: lint
lint: install ## Check style, types and generated files (PATHS="services/backend scripts" narrows style)
	@echo "lint: eslint" && eslint $(or $(PATHS),.)
	@for workspace in services/* infra tests scripts; do echo "lint: types of $$workspace" && tsc -p $$workspace || exit 1; done
	@echo "lint: services/backend/openapi.json is current" && npm run --silent --workspace services/backend openapi -- --check
	@echo "lint: docs/settings.md is current" && node scripts/document-settings.ts --check

.PHONY: format
format: install ## Mend what the linter can mend by itself
	npm run --silent lint -- --fix

##@ Generate
.PHONY: openapi
openapi: install ## Write services/backend/openapi.json from the routes
	npm run --silent --workspace services/backend openapi

.PHONY: settings
settings: install ## Write docs/settings.md from the services' settings
	node scripts/document-settings.ts

.PHONY: charts
charts: install ## Write the tables of values in the charts' READMEs
	node scripts/document-charts.ts

.PHONY: screenshots
screenshots: install test-tools ## Take the pictures in docs/screenshots anew
	SCREENSHOTS=1 npm test -- tests/browser

##@ Workflows
.PHONY: ci
ci: install ## Run the commands of a workflow here (WORKFLOW=backend-deploy; JOB=, EVENT=push; ARGS=--help lists the workflows)
	@node scripts/ci/local.ts $(WORKFLOW) $(if $(JOB),--job $(JOB)) $(if $(EVENT),--event $(EVENT)) $(ARGS)

.PHONY: image
image: ## Build the image of a service (SERVICE=backend)
	@./build.sh --$(SERVICE)
	@$(if $(REPORTS),mkdir -p $(REPORTS) && docker image inspect --format '{"bytes":{{.Size}}}' "$$(./build.sh --$(SERVICE) --print-tag)" >$(REPORTS)/image.json)

.PHONY: scan
scan: ## Look for known vulnerabilities that have a remedy in a built image (SERVICE=backend; needs grype)
	@$(or $(GRYPE),grype) "docker:$$(./build.sh --$(SERVICE) --print-tag)" --only-fixed --fail-on high

.PHONY: changes
changes: install ## Tell which workflows the commits since BASE (default: main) call for
	@node scripts/ci/changes.ts

.PHONY: gate
gate: install ## Judge the jobs of a pull request, RESULTS in JSON
	@node scripts/ci/gate.ts

##@ Prepare
.PHONY: install
install: node_modules/.package-lock.json ## Install the dependencies, Node 24 included

node_modules/.package-lock.json: package-lock.json package.json $(wildcard services/*/package.json infra/package.json tests/package.json)
	@echo "install: npm packages (about 20 s with a warm cache)"
	@npm ci --prefer-offline --loglevel=error
	@touch $@

.PHONY: test-tools
test-tools: ## Install what tests need beyond npm packages (mongod, Chromium, helm, actionlint), all or for those of PATHS
	@$(if $(call touches,services services/backend% tests tests/services%),$(MAKE) --no-print-directory test-mongod)
	@$(if $(call touches,tests tests/browser%),scripts/install-chromium)
	@$(if $(call touches,tests tests/charts% tests/ci%),scripts/install-go-tools)

# Not empty when PATHS is, or when it names one of these.
touches = $(if $(PATHS),$(filter $(1),$(PATHS)),all)

.PHONY: test-mongod
test-mongod:
	@[ -n "$$MONGOMS_SYSTEM_BINARY" ] || scripts/install-mongod

.PHONY: clean
clean: ## Remove what was installed and built; messages under .data stay
	rm -rf node_modules coverage .tools
