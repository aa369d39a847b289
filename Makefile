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
test: install test-tools ## Run every test with its coverage
	npm test -- --coverage

.PHONY: e2e
e2e: install ## Install the charts on the cluster of the current context and change them under traffic (KIND_CLUSTER loads the images)
	@scripts/install-go-tools
	@node tests/e2e/run.ts

.PHONY: lint
lint: install ## Check style, types and generated files
	@echo "lint: eslint" && npm run --silent lint
	@for workspace in services/* tests scripts; do echo "lint: types of $$workspace" && tsc -p $$workspace || exit 1; done
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

##@ Prepare
.PHONY: install
install: node_modules/.package-lock.json ## Install the dependencies, Node 24 included

node_modules/.package-lock.json: package-lock.json package.json $(wildcard services/*/package.json infra/package.json tests/package.json)
	@echo "install: npm packages (about 20 s with a warm cache)"
	@npm ci --prefer-offline --loglevel=error
	@touch $@

.PHONY: test-tools
test-tools: test-mongod ## Install what tests need beyond npm packages (mongod, Chromium, helm)
	@scripts/install-chromium
	@scripts/install-go-tools

.PHONY: test-mongod
test-mongod:
	@[ -n "$$MONGOMS_SYSTEM_BINARY" ] || scripts/install-mongod

.PHONY: clean
clean: ## Remove what was installed and built; messages under .data stay
	rm -rf node_modules coverage .tools
