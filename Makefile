# The commands that people and CI share, for GNU make 3.81 (which macOS has) and newer. In the repository of another app
# `bin/storefront` is `go tool storefront`; here the tool is compiled first.

.PHONY: help doctor setup synth graph preflight test test-library test-packages test-slow test-tool test-recommendations test-opensearch test-web test-services load nag golden generate images push lint cfn-lint bench sandbox sandbox-down sandbox-test web clean

tool    = bin/storefront
sources = $(shell find cmd/storefront -type f ! -name '*_test.go' ! -path '*/testdata/*')

# What synth, graph, preflight and sandbox pass on to the app. Of the sandbox, SANDBOX_ variables say where it is.
settings := only env account protection jobs
flags     = $(foreach s,$(settings),$(if $($s),--$s='$($s)'))
unknown   = $(filter-out $(addsuffix =%,$(settings) registry version base service quick kills) SANDBOX_% SHOP_PORT=%,$(MAKEOVERRIDES))
$(if $(unknown),$(error unknown setting: $(unknown) (known: $(settings) registry version base service quick kills SANDBOX_ENDPOINT SANDBOX_ACCOUNT SANDBOX_PORT SHOP_PORT)))

modules := . cmd/storefront test/nag services tools bench

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo 'make synth, graph, preflight and sandbox take settings: only=cart,reviews  env=production  account=111122223333  protection=off  jobs=2'
	@echo 'make sandbox… deploys to an emulator on this machine; SANDBOX_ENDPOINT= and credentials make it a real account'

# The first build prints nothing for a minute, which looks like a fault, so name it.
$(tool): $(sources)
	@test -f $@ || echo 'fetching and compiling the tool (a minute or so, once) ...' >&2
	@go -C cmd/storefront build -o ../../$@ . && touch $@

doctor: $(tool) ## Check that this machine and this repository have what the other targets need
	@$(tool) doctor

setup: $(tool) ## Install the CDK's command line and Node.js, as package-lock.json pins them
	@$(tool) setup

synth: $(tool) ## Define every stack, validate, write the templates to cdk.out and list them
	@$(tool) synth $(flags)

graph: env ?= production
graph: $(tool) ## Write docs/graph.md, docs/least-privilege.md and docs/events: who calls whom, and who may do what in production
	@$(tool) graph $(flags)

preflight: $(tool) ## Check, read-only, that the account is ready for the stacks (quotas, roles, images), and compare them with what is deployed
	@$(tool) preflight $(flags)

# Two at once, since the services wait most of the time; the longest first. The tool must not overwrite its line on a terminal then.
test: $(tool) ## Run the tests that are fast: those of the library, the storefront, the tool and the services
	@TERM=dumb $(MAKE) --no-print-directory --keep-going --jobs=2 test-library test-services test-packages

test-library: $(tool) ## Run those of the library and the storefront
	@$(tool) test -- -short ./test ./...

test-packages: ## Run those of the tool's packages
	@go -C cmd/storefront test ./internal/...

test-services: ## Run the tests of the services on emulators that make sandbox has installed (without, they are skipped), and of make images
	@go -C services test ./... && go -C tools test ./...

test-slow: $(tool) ## Run the tests that take long: whole programs, the examples, another repository, each change of a service
	@$(tool) test -- -run '^Test(Program|Slow)' ./test

test-tool: setup ## Build the tool and run its commands, on an emulator too
	@go -C cmd/storefront test -count=1 -timeout 30m .

# The service in Python, with the packages that its image has.
recommendations = .cache/recommendations

$(recommendations)/.installed: services/recommendations/requirements.txt
	@rm -rf $(recommendations) && python3 -m venv $(recommendations)
	@$(recommendations)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r $<
	@touch $@

test-recommendations: $(recommendations)/.installed ## Run the tests of the service recommendations, on an emulator (needs Python 3.10 or newer)
	@cd services/recommendations && ../../$(recommendations)/bin/python -m unittest

opensearch = .cache/opensearch
java       = services/search/testdata/opensearch

$(opensearch)/.installed: $(java)/pom.xml $(java)/Main.java
	@command -v mvn > /dev/null && command -v javac > /dev/null || { echo 'make test-opensearch needs Java 17 and Maven: install them (on Debian openjdk-17-jdk and maven)' >&2; exit 1; }
	@echo 'fetching OpenSearch (a minute or so, once) ...' >&2
	@rm -rf $(opensearch)
	@mvn --quiet --batch-mode --file $(java)/pom.xml dependency:copy-dependencies -DoutputDirectory=$(CURDIR)/$(opensearch)/lib
	@javac -cp '$(opensearch)/lib/*' -d $(opensearch)/classes $(java)/Main.java
	@touch $@

test-opensearch: $(opensearch)/.installed ## Run the tests of the search against a real OpenSearch (needs Java 17 and Maven)
	@cd services && STOREFRONT_OPENSEARCH=1 go test -count=1 -run TestInADomain ./search

test-web: setup web/node_modules/.tests ## Check the page of the shop, and visit it in Chromium or Chrome, with services in memory
	@npm --prefix web test

nag: $(tool) ## Check every stack with the AwsSolutions rules of cdk-nag
	@$(tool) test --dir test/nag -- -count=1 ./...

golden: $(tool) ## Rewrite the golden templates, charts and pages of the graph and run their tests; review the difference before you commit it
	@$(tool) test --update -- ./test ./constructs/scaling ./constructs/chart ./examples/...

generate: ## Write the server interfaces of the services from their openapi.yaml
	@go -C services generate ./...

images: ## Build the images of the services in Go without Docker, as OCI layouts in bin/images: base=oci:… is another base image
	@go -C tools run ./images -services ../services -out ../bin/images $(if $(base),-base '$(base)')

push: ## Build these images and push them: registry=111122223333.dkr.ecr.eu-central-1.amazonaws.com/storefront version=0.1.0
	@$(if $(registry),,$(error make push needs registry=, such as registry=111122223333.dkr.ecr.eu-central-1.amazonaws.com/storefront))
	@go -C tools run ./images -services ../services -push '$(registry)' $(if $(version),-version '$(version)') $(if $(base),-base '$(base)')

lint: ## Check format, style, dependencies between packages, go.mod and the lock file
	@test -f .cache/linted || echo 'fetching and compiling golangci-lint (some minutes, once) ...' >&2
	@for m in $(modules); do ( cd $$m && go tool -modfile=$(CURDIR)/tools/go.mod golangci-lint run --allow-parallel-runners && go vet ./... && go mod tidy -diff ) || exit; done
	@! grep -Hn '"resolved"' package-lock.json web/package-lock.json bench/package-lock.json
	@$(MAKE) generate && git diff --exit-code -- 'services/*.gen.go' || { echo 'run make generate and commit what it has changed' >&2; exit 1; }
	@mkdir -p .cache && touch .cache/linted

cfn-lint: $(tool) ## Check the templates in cdk.out with cfn-lint (needs Python 3.10 or newer)
	@$(tool) lint

# The program itself, and not `go run`, which would keep a SIGTERM from it.
sandbox: $(tool) ## Deploy the storefront to an emulator of AWS on this machine, and leave it there to look at
	@$(tool) sandbox up $(filter-out --account=%,$(flags))

sandbox-down: $(tool) ## Destroy what make sandbox deployed, and stop the emulator
	@$(tool) sandbox down

sandbox-test: setup ## Deploy, read back, update, break, attack and destroy the storefront in a fresh sandbox
	@go -C cmd/storefront test -c -o ../../bin/e2e ./e2e && cd cmd/storefront/e2e && exec ../../../bin/e2e -test.v -test.timeout 90m

web/node_modules/.package-lock.json: web/package-lock.json
	@npm --prefix web ci --silent --omit=dev && touch $@

# With what the tests need, too.
web/node_modules/.tests: web/package-lock.json | web/node_modules/.package-lock.json
	@npm --prefix web ci --silent && touch $@

web: setup web/node_modules/.package-lock.json ## Build the page of the shop into web/dist
	@npm --prefix web run --silent build

load: $(recommendations)/.installed ## Measure what a task of each service can do, and write docs/sizing.md (needs Linux, two cores that are idle, and Python 3.10 or newer)
	@go -C services test -count=1 -timeout 20m -v -run '^TestLoad$$' ./load -write

.PHONY: shop shop-down shop-logs shop-contract shop-test pictures

shop: web $(tool) ## Run the shop on this machine: deploy to the emulator, build every service and start it
	@$(tool) run up $(filter-out --only=% --account=%,$(flags))

shop-down: $(tool) ## Stop the shop and the emulator
	@$(tool) run down

shop-logs: $(tool) ## Print what the services write, or one of them: service=cart
	@$(tool) run logs $(if $(service),--service='$(service)')

shop-contract: $(tool) ## Call every operation of every openapi.yaml in the running shop, and check the responses: service=cart
	@$(tool) run contract $(if $(service),--service='$(service)')

shop-test: web web/node_modules/.tests $(tool) ## Run the shop and do in it what shoppers do, in a browser, too, and while its services die (kills=1000 times); ends the shop, unless it ran before
	@go -C cmd/storefront test -count=1 -v -timeout 30m ./shop $(if $(kills),-kills=$(kills))

pictures: web web/node_modules/.tests $(tool) ## Take the pictures in docs/images anew, from the shop as it runs
	@STOREFRONT_REQUIRE_BROWSER=1 STOREFRONT_PICTURES=1 go -C cmd/storefront test -count=1 -v -timeout 20m -run 'TestShop/tour_in_a_browser' ./shop

.PHONY: bench-check

bench/dist/storefront.js: bench/package-lock.json bench/tsconfig.json $(wildcard bench/twin/*.ts)
	@npm --prefix bench ci --silent && npm --prefix bench run --silent build && touch $@

bench: setup bench/dist/storefront.js $(tool) ## Measure the synthesis against a twin in TypeScript and write docs/benchmarks.md (25 minutes); quick=1 takes two and prints
	@go -C bench test ./... && go -C bench run . $(if $(quick),quick)

bench-check: setup bench/dist/storefront.js ## Check that the twin in TypeScript defines the stacks that the app in Go does
	@go -C bench run . check

clean: ## Remove all that the other targets made
	@rm -rf bin cdk.out node_modules .cache web/dist web/node_modules web/screenshots bench/dist bench/node_modules
