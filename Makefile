# The commands of this repository, for people and for CI. Every target can be run again.
# Targets with a `##` text are public: `make help` lists them. A plain comment describes the others.
.DEFAULT_GOAL := help
SHELL := /bin/bash
# The npm packages include Node 24 and most tools.
export PATH := $(CURDIR)/node_modules/.bin:$(CURDIR)/.tools/bin:$(PATH)

.PHONY: help
help:
	@awk 'BEGIN { FS = ":.*## " } \
	  /^##@ / { printf "\n%s\n", substr($$0, 5) } \
	  /^[a-zA-Z0-9_-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

##@ Develop
.PHONY: start test lint fix generate
start: runtime-packages ## Run the guestbook on this computer
	@node scripts/start.ts

test: install test-tools ## Run all tests, or some (PATHS="services/backend tests/charts")
	@node scripts/test.ts $(PATHS)

lint: style ## Check style, types and generated files
	@echo "lint: dependencies" && knip --no-progress
	@echo "lint: OpenAPI document" && spectral lint --quiet --fail-severity hint \
	  --ruleset services/backend/.spectral.yaml services/backend/openapi.json
	@echo "lint: generated files are current"
	@npm run --silent --workspace services/backend openapi -- --check
	@node scripts/document-services.ts --check
	@node scripts/charts/main.ts --check
	@node alert-rules/generator/main.ts --check
	@node scripts/document-ci.ts --check
	@node scripts/document-infra.ts --check

fix: install ## Fix lint errors
	@eslint --fix $(or $(PATHS),.)

generate: openapi settings slo map infra-docs charts ## Regenerate all generated files

##@ Deploy
.PHONY: doctor plan up status open down
doctor: docker-sock ## Check that this computer can run a deployment
	@node infra/cli/main.ts doctor

plan: docker-sock ## Show what a deployment would change
	@node infra/cli/main.ts plan

up: docker-sock ## Deploy the platform, or apply what changed, and test it
	@node infra/cli/main.ts up

status: docker-sock ## Show URLs, pods and credentials
	@node infra/cli/main.ts status

open: docker-sock ## Open a component (NAME=guestbook|grafana|prometheus|loki|tempo)
	@NAME=$(NAME) node infra/cli/main.ts open

down: docker-sock ## Destroy the platform, messages included
	@node infra/cli/main.ts down

##@ Verify
.PHONY: e2e drill bench
e2e: install ## Install and upgrade the charts under traffic on the current cluster
	@scripts/install-go-tools
	@node system-tests/e2e/run.ts

drill: install test-mongod ## Inject every fault that alerts cover and expect its page
	@scripts/install-prometheus
	@node system-tests/drills/run.ts $(ARGS)

bench: install test-mongod ## Compare the guestbook's performance with other web servers
	@node system-tests/bench/run.ts $(ARGS)

##@ Release
.PHONY: release
release: install ## Write the version and changelog, commit and tag (VERSION=1.2.3)
	@node scripts/release.ts $(VERSION)

# The targets below are for CI and for special cases. Those that take ARGS explain ARGS=--help.

.PHONY: traffic soak consistency abuse fuzz compose fault
# Send traffic to a running guestbook.
traffic: install
	@node system-tests/traffic/run.ts $(ARGS)

# Cause faults under traffic for 10 minutes and check that no message is lost.
soak: install test-mongod
	@node system-tests/soak/run.ts $(ARGS)

# Check the consistency guarantees under network partitions for 5 minutes.
consistency: install test-mongod
	@node system-tests/consistency/run.ts $(ARGS)

# Attack both services for 10 minutes and check that other clients are served.
abuse: install test-mongod
	@node system-tests/abuse/run.ts $(ARGS)

# Fuzz the API from its OpenAPI document for 2 minutes.
fuzz: install
	@node system-tests/fuzz/run.ts $(ARGS)

# Run the guestbook, MongoDB, Prometheus and Grafana in containers (settings: .env.example).
compose:
	@compose/make-secrets
	@./build.sh --all --tag compose
	docker compose up --detach --wait

# Inject a fault into a running service (NAME=unstable FOR=10m).
fault: install
	@node system-tests/fault/run.ts $(if $(NAME),--name $(NAME)) $(if $(FOR),--for $(FOR)) \
	  $(if $(URL),--url $(URL)) $(ARGS)

.PHONY: style validate-chart format mutants e2e-infra drill-cluster
# Check style and types (PATHS="services/backend scripts" limits it).
style: install
	@echo "lint: eslint" && eslint $(or $(PATHS),.)
	@echo "lint: line width" && node scripts/line-width.ts $(PATHS)
	@for workspace in $(or $(PATHS),services/* infra system-tests tests scripts \
	  alert-rules/generator); do \
	  if [ -f $$workspace/tsconfig.json ]; then \
	  echo "lint: types of $$workspace" && tsc -p $$workspace || exit 1; fi; done

# Lint a chart and validate its manifests against Kubernetes' schemas (CHART=guestbook-backend).
validate-chart: install
	@scripts/install-go-tools
	@scripts/validate-chart $(CHART)

# The former name of `fix`.
format: fix

# Mutate the code and check that tests fail.
mutants: install test-tools
	@node scripts/mutants/run.ts $(ARGS)

# Deploy an empty cluster, switch delivery to Argo CD and back, interrupt a deployment, destroy it.
e2e-infra: install docker-sock
	@node system-tests/e2e/infra/run.ts $(ARGS)

# Inject the faults that need a cluster into what `make up` deployed.
drill-cluster: install
	@DRILL_FACTOR=$${DRILL_FACTOR:-5} node system-tests/drills/cluster/run.ts $(ARGS)

.PHONY: docker-sock smoke helm-test logs validate lock-providers versions chart-values
# Write the Docker socket of the current Docker context for Terraform and kind.
docker-sock: install
	@docker context inspect --format '{{.Endpoints.docker.Host}}' >infra/.docker_sock 2>/dev/null \
	  || rm -f infra/.docker_sock

# Post a message as a visitor and check the health of every component.
smoke: docker-sock
	@node infra/cli/main.ts smoke

# Run the tests of the deployed charts.
helm-test: install
	@node scripts/helm-test.ts

# Follow the logs of both services.
logs: docker-sock
	@node infra/cli/main.ts logs

# Validate the synthesised Terraform, as JSON and as HCL.
validate: install
	@node infra/cli/main.ts validate

# Write the checksums of Terraform providers (LOCK_ARGS=-fs-mirror=FOLDER in closed networks).
lock-providers: install
	@node infra/cli/main.ts lock

# Warn about components whose support ends within 90 days.
versions: install
	@node infra/cli/main.ts versions

# Check that third-party charts have our values; helm pulls them (or CHARTS=folder with one each).
chart-values: install
	@CHARTS=$(CHARTS) node infra/cli/main.ts chart-values

.PHONY: openapi settings slo map infra-docs charts screenshots
# Write services/backend/openapi.json from the routes.
openapi: install
	@npm run --silent --workspace services/backend openapi

# Write settings, API and metrics of docs/reference from the services.
settings: install
	@node scripts/document-services.ts

# Write alert rules, recording rules, dashboards and their reference from alert-rules.
slo: install
	@node alert-rules/generator/main.ts

# Write the tables of docs/develop/ci.md from the workflows.
map: install
	@node scripts/document-ci.ts

# Write the tables of docs/reference from the infrastructure.
infra-docs: install
	@node scripts/document-infra.ts

# Write schemas, READMEs and the values that follow from the settings of the charts.
charts: install
	@node scripts/charts/main.ts

# Take the pictures in docs/screenshots.
screenshots: install test-tools
	SCREENSHOTS=1 npm test -- tests/browser

.PHONY: ci image scan audit changes gate plan-report pr-comment deployment \
  commit-tag required-checks
# Run the commands of a workflow (WORKFLOW=backend-deploy JOB=check EVENT=push).
ci: install
	@node scripts/ci/local.ts $(WORKFLOW) $(if $(JOB),--job $(JOB)) \
	  $(if $(EVENT),--event $(EVENT)) $(ARGS)

# Build the image of a service (SERVICE=backend).
image:
	@./build.sh --$(SERVICE)
	@$(if $(REPORTS),mkdir -p $(REPORTS) && docker image inspect --format '{"bytes":{{.Size}}}' \
	  "$$(./build.sh --$(SERVICE) --print-tag)" >$(REPORTS)/image.json)

# Scan a built image for known vulnerabilities that have a fix (SERVICE=backend; needs grype).
scan:
	@$(or $(GRYPE),grype) "docker:$$(./build.sh --$(SERVICE) --print-tag)" \
	  --only-fixed --fail-on high

# Check the npm packages that images contain for known vulnerabilities.
audit:
	@npm audit --omit=dev --audit-level=high

# List the workflows that the commits since BASE (default: main) trigger.
changes: install
	@node scripts/ci/changes.ts

# Fail unless all required jobs of a pull request passed (RESULTS in JSON).
required-checks: install
	@node scripts/ci/required-checks.ts

# The former name of `required-checks`.
gate: required-checks

# Show what a deployment would change, and save it for the comment on the pull request.
plan-report:
	@mkdir -p $(or $(REPORTS),reports) && set -o pipefail && \
	  $(MAKE) --no-print-directory plan | tee $(or $(REPORTS),reports)/plan.txt

# Write the comment on PULL_REQUEST from the reports of its jobs, compared with BASE.
pr-comment: install
	@scripts/install-go-tools
	@node scripts/pr-comment/main.ts

# Choose cluster and images: DEPLOY_CONFIG and signed images, or a cluster for this job.
deployment: install
	@node scripts/ci/deployment.ts

# Commit tag and digest of a published image to the values that Argo CD reads (SERVICE=backend).
commit-tag: install
	@node scripts/ci/commit-tag.ts $(SERVICE)

.PHONY: release-check release-page
# Check that every version in the repository equals the tag GITHUB_REF_NAME.
release-check: install
	@node scripts/release.ts --check "$$GITHUB_REF_NAME"

# Publish the changelog of the tag GITHUB_REF_NAME as a GitHub release (needs gh).
release-page: install
	@notes=$$(node scripts/release.ts --notes "$$GITHUB_REF_NAME") && \
	  gh release create "$$GITHUB_REF_NAME" --verify-tag --title "$$GITHUB_REF_NAME" --notes "$$notes"

.PHONY: install runtime-packages test-tools test-mongod clean
# Files that record a finished installation. `npm ci` deletes them with all of node_modules. npm's
# own list does too, if it has development packages: somebody ran `npm ci` or `npm install`.
NPM_LIST := node_modules/.package-lock.json
ALL_PACKAGES := $(or $(wildcard node_modules/.all-packages),$(shell \
  grep --no-messages --files-with-matches '"dev": true' $(NPM_LIST)),node_modules/.all-packages)
RUNTIME_PACKAGES := node_modules/.runtime-packages
MANIFESTS := package-lock.json package.json $(wildcard */package.json services/*/package.json)
NPM_OPTIONS := --prefer-offline --loglevel=error

# Install all npm packages, Node 24 included.
install: $(ALL_PACKAGES)

# Install the npm packages that services need at run time, unless all are installed.
runtime-packages: $(or $(wildcard $(ALL_PACKAGES)),$(RUNTIME_PACKAGES))

# `npm install` adds packages without removing those that a running `make start` uses.
$(ALL_PACKAGES): $(MANIFESTS)
	@echo "install: all npm packages (about 20 s with a warm cache)"
	@$(if $(wildcard $(RUNTIME_PACKAGES)),npm install --no-save,npm ci) $(NPM_OPTIONS)
	@rm -f $(RUNTIME_PACKAGES) && touch $@

$(RUNTIME_PACKAGES): $(MANIFESTS)
	@echo "install: npm packages of the services (about 8 s with a warm cache)"
	@npm ci $(NPM_OPTIONS) --omit=dev --include-workspace-root \
	  $(addprefix --workspace ,$(wildcard services/*))
	@touch $@

# Install the tools that tests need, or only those of the tests in PATHS.
test-tools:
	@$(if $(call touches,services services/backend% tests tests/services%),$(MAKE) \
	  --no-print-directory test-mongod)
	@$(if $(call touches,tests tests/browser%),scripts/install-chromium)
	@$(if $(call touches,tests tests/charts% tests/ci%),scripts/install-go-tools)
	@$(if $(call touches,tests tests/alerts%),scripts/install-prometheus)

# Not empty when PATHS is empty or has a word that matches one of these patterns.
touches = $(if $(PATHS),$(filter $(1),$(PATHS)),all)

# Install mongod, unless MONGOMS_SYSTEM_BINARY names one.
test-mongod:
	@[ -n "$$MONGOMS_SYSTEM_BINARY" ] || scripts/install-mongod

# Remove all that was installed and built; messages in .data stay.
clean:
	rm -rf node_modules coverage .tools
