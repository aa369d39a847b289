# The one door for people and CI. Long work says what it does; every target can be run again at no cost.
.DEFAULT_GOAL := help
SHELL := /bin/bash
# Node 24 and all tools come with the repository's own dependencies.
export PATH := $(CURDIR)/node_modules/.bin:$(CURDIR)/.tools/bin:$(PATH)

.PHONY: help
help: ## Show this help
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Run
.PHONY: start
start: install ## Run the guestbook on this computer (FRONTEND_PORT, BACKEND_PORT and DATA_DIR move it)
	@node scripts/start.ts

.PHONY: traffic
traffic: install ## Send traffic to a running guestbook (ARGS="--help" lists the options)
	@node system-tests/traffic/run.ts $(ARGS)

.PHONY: bench
bench: install test-mongod ## Measure the guestbook beside Express, Flask and a bare server (ARGS="--help" lists the options)
	@node system-tests/bench/run.ts $(ARGS)

.PHONY: soak
soak: install test-mongod ## Break everything in turn under traffic for 10 minutes, and see that nothing is lost (ARGS="--help" lists the options)
	@node system-tests/soak/run.ts $(ARGS)

.PHONY: consistency
consistency: install test-mongod ## Check the promises of consistency in partitions for 5 minutes (ARGS="--help" lists the options)
	@node system-tests/consistency/run.ts $(ARGS)

.PHONY: abuse
abuse: install test-mongod ## Attack both services for 10 minutes, and see that others are served (ARGS="--help" lists the options)
	@node system-tests/abuse/run.ts $(ARGS)

.PHONY: fuzz
fuzz: install ## Send the API for 2 minutes what its description makes possible and what not (ARGS="--help" lists the options)
	@node system-tests/fuzz/run.ts $(ARGS)

.PHONY: compose
compose: ## Run everything but Kubernetes in containers: the guestbook, MongoDB, Prometheus and Grafana (settings: .env.example)
	@compose/make-secrets
	@./build.sh --all --tag compose
	docker compose up --detach --wait

.PHONY: fault
fault: install ## Hold a game day: break a running service for a while (NAME=unstable FOR=10m; ARGS="--help" lists the faults)
	@node scripts/fault.ts $(if $(NAME),--name $(NAME)) $(if $(FOR),--for $(FOR)) $(if $(URL),--url $(URL)) $(ARGS)

##@ Check
.PHONY: test
test: install test-tools ## Run every test with its coverage (PATHS="services/backend tests/charts" narrows it)
	@node scripts/test.ts $(PATHS)

.PHONY: mutants
mutants: install test-tools ## Put small mistakes into the code and see that tests notice (ARGS="--help" lists the options)
	@node scripts/mutants/run.ts $(ARGS)

.PHONY: e2e
e2e: install ## Install the charts on the cluster of the current context and change them under traffic (KIND_CLUSTER loads the images)
	@scripts/install-go-tools
	@node system-tests/e2e/run.ts

.PHONY: e2e-infra
e2e-infra: install docker-sock ## Deploy from nothing, switch to Argo CD and back under traffic, interrupt it, take it away (ARGS="--help" tells more)
	@node system-tests/e2e/infra/run.ts $(ARGS)

.PHONY: drill
drill: install test-mongod ## Cause every fault that alerts watch for and wait for its page (ARGS="--help" lists the options)
	@scripts/install-prometheus
	@node system-tests/drills/run.ts $(ARGS)

.PHONY: drill-cluster
drill-cluster: install ## The same on what make up deployed, for faults that need a cluster (ARGS="--help" lists the options)
	@DRILL_FACTOR=$${DRILL_FACTOR:-5} node system-tests/drills/cluster/run.ts $(ARGS)

.PHONY: lint
lint: style ## Check style, types and generated files
	@echo "lint: every dependency is declared where it is imported, and used" && knip --no-progress
	@echo "lint: services/backend/openapi.json is current" && npm run --silent --workspace services/backend openapi -- --check
	@echo "lint: services/backend/openapi.json holds to the rules of Spectral" && spectral lint --quiet --fail-severity hint --ruleset services/backend/.spectral.yaml services/backend/openapi.json
	@echo "lint: docs/reference/settings.md is current" && node scripts/document-settings.ts --check
	@echo "lint: what follows from alert-rules/slo.yml is current" && node alert-rules/generator/main.ts --check
	@echo "lint: docs/develop/ci.md is current" && node scripts/document-ci.ts --check

.PHONY: style
style: install ## Check style and types alone (PATHS="services/backend scripts" narrows it)
	@echo "lint: eslint" && eslint $(or $(PATHS),.)
	@for workspace in $(or $(PATHS),services/* infra system-tests tests scripts alert-rules/generator); do \
	  if [ -f $$workspace/tsconfig.json ]; then echo "lint: types of $$workspace" && tsc -p $$workspace || exit 1; fi; done

.PHONY: validate-chart
validate-chart: install ## Lint a chart and check what it renders against the schemas of Kubernetes (CHART=guestbook-backend)
	@scripts/install-go-tools
	@scripts/validate-chart $(CHART)

.PHONY: format
format: install ## Mend what the linter can mend by itself
	npm run --silent lint -- --fix

##@ Deploy
# The Docker engine that Terraform and kind shall use: the one of the current Docker context.
.PHONY: docker-sock
docker-sock: install
	@docker context inspect --format '{{.Endpoints.docker.Host}}' >infra/.docker_sock 2>/dev/null || rm -f infra/.docker_sock

.PHONY: doctor
doctor: docker-sock ## See whether this computer can take a deployment, and how to mend what is in the way
	@node infra/cli/main.ts doctor

.PHONY: up
up: docker-sock ## Deploy everything from nothing, or what changed; then check it and tell where it is
	@node infra/cli/main.ts up

.PHONY: status
status: docker-sock ## Tell where everything is, how it is and how one gets in
	@node infra/cli/main.ts status

.PHONY: plan
plan: docker-sock ## Show what a deployment would change
	@node infra/cli/main.ts plan

.PHONY: smoke
smoke: docker-sock ## Sign the guestbook as a visitor would, and ask every part whether it is well
	@node infra/cli/main.ts smoke

.PHONY: helm-test
helm-test: install ## Run the charts' own tests on what is deployed
	@node scripts/helm-test.ts

.PHONY: logs
logs: docker-sock ## Follow the logs of both services
	@node infra/cli/main.ts logs

.PHONY: down
down: docker-sock ## Take everything away, messages included
	@node infra/cli/main.ts down

.PHONY: validate
validate: install ## Let Terraform check what the infrastructure's code writes, as JSON and as HCL
	@node infra/cli/main.ts validate

.PHONY: lock-providers
lock-providers: install ## Note down the checksums of the Terraform providers in infra/providers.lock.hcl (LOCK_ARGS=-fs-mirror=FOLDER in closed networks)
	@node infra/cli/main.ts lock

.PHONY: versions
versions: install ## Warn of components that end within 90 days
	@node infra/cli/main.ts versions

##@ Generate
.PHONY: openapi
openapi: install ## Write services/backend/openapi.json from the routes
	npm run --silent --workspace services/backend openapi

.PHONY: settings
settings: install ## Write docs/reference/settings.md from the services' settings
	node scripts/document-settings.ts

.PHONY: slo
slo: install ## Write what follows from alert-rules/slo.yml, and the dashboards
	node alert-rules/generator/main.ts

.PHONY: map
map: install ## Write the tables of docs/develop/ci.md from the workflows
	@node scripts/document-ci.ts

.PHONY: chart-values
chart-values: install ## Verify that charts of others have the values that we pass (CHARTS=folder with one folder for each chart)
	@node infra/verify-chart-values.ts $(CHARTS)

.PHONY: infra-docs
infra-docs: install ## Write the tables of docs/reference from the infrastructure
	@node scripts/document-infra.ts

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

.PHONY: audit
audit: ## Look for known vulnerabilities in the npm packages that images hold
	@npm audit --omit=dev --audit-level=high

.PHONY: changes
changes: install ## Tell which workflows the commits since BASE (default: main) call for
	@node scripts/ci/changes.ts

.PHONY: gate
gate: install ## Judge the jobs of a pull request, RESULTS in JSON
	@node scripts/ci/gate.ts

.PHONY: plan-report
plan-report: ## Show what a deployment would change, and keep it for the comment on the pull request (REPORTS names a folder)
	@mkdir -p $(or $(REPORTS),reports) && set -o pipefail && $(MAKE) --no-print-directory plan | tee $(or $(REPORTS),reports)/plan.txt

.PHONY: pr-comment
pr-comment: install ## Write the comment on PULL_REQUEST from the reports of its jobs, compared with BASE
	@scripts/install-go-tools
	@node scripts/pr-comment/main.ts

.PHONY: deployment
deployment: install ## Decide what is deployed: the cluster of DEPLOY_CONFIG and images whose signatures hold, else a cluster for this job
	@node scripts/ci/deployment.ts

.PHONY: commit-tag
commit-tag: install ## Commit tag and digest of a published image where Argo CD looks for it (SERVICE=backend)
	@node scripts/ci/commit-tag.ts $(SERVICE)

##@ Release
.PHONY: release
release: install ## Give everything one version, with its changelog, as a commit and a tag (VERSION=1.2.3)
	@node scripts/release.ts $(VERSION)

.PHONY: release-check
release-check: install ## Check that everything has the version of the tag GITHUB_REF_NAME
	@node scripts/release.ts --check "$$GITHUB_REF_NAME"

.PHONY: release-page
release-page: install ## Publish the changelog's part on the tag GITHUB_REF_NAME as the release's page (needs gh)
	@notes=$$(node scripts/release.ts --notes "$$GITHUB_REF_NAME") && \
	  gh release create "$$GITHUB_REF_NAME" --verify-tag --title "$$GITHUB_REF_NAME" --notes "$$notes"

##@ Prepare
.PHONY: install
install: node_modules/.package-lock.json ## Install the dependencies, Node 24 included

node_modules/.package-lock.json: package-lock.json package.json $(wildcard services/*/package.json infra/package.json system-tests/package.json tests/package.json)
	@echo "install: npm packages (about 20 s with a warm cache)"
	@npm ci --prefer-offline --loglevel=error
	@touch $@

.PHONY: test-tools
test-tools: ## Install what tests need beyond npm packages (mongod, Chromium, helm, actionlint, promtool), all or for those of PATHS
	@$(if $(call touches,services services/backend% tests tests/services%),$(MAKE) --no-print-directory test-mongod)
	@$(if $(call touches,tests tests/browser%),scripts/install-chromium)
	@$(if $(call touches,tests tests/charts% tests/ci%),scripts/install-go-tools)
	@$(if $(call touches,tests tests/alerts%),scripts/install-prometheus)

# Not empty when PATHS is, or when it names one of these.
touches = $(if $(PATHS),$(filter $(1),$(PATHS)),all)

.PHONY: test-mongod
test-mongod:
	@[ -n "$$MONGOMS_SYSTEM_BINARY" ] || scripts/install-mongod

.PHONY: clean
clean: ## Remove what was installed and built; messages under .data stay
	rm -rf node_modules coverage .tools
