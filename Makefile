# The commands that people and CI share, for GNU make 3.81 (which macOS has) and newer.

.PHONY: help setup synth synthesized preflight test test-programs nag golden lint cfn-lint sandbox sandbox-down sandbox-test clean build

# jsii runs the first `node` on PATH: the pinned one is in node_modules. Without the two switches the CDK's command
# line would check for a newer version, and recommend an upgrade to a version that is older than its number says.
run := env PATH="$(CURDIR)/node_modules/.bin:$$PATH" CDK_DISABLE_VERSION_CHECK=1 CDK_DISABLE_CLI_TELEMETRY=1

# What `make synth` passes on to the app.
settings := only env account protection

help: ## Show this help
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo 'make synth and preflight take settings: only=cart,reviews  env=production  account=111122223333  protection=off'
	@echo 'make sandbox… deploys to an emulator on this machine; SANDBOX_ENDPOINT= and credentials make it a real account'

setup: node_modules/.installed ## Install the CDK's command line and Node.js, as package-lock.json pins them

synth: synthesized ## Define every stack, validate, write the templates to cdk.out and list them
	@go run ./internal/summary cdk.out

preflight: synthesized .cache/fetched-sdk ## Check, read-only, that the account is ready for the stacks (quotas, roles, images), and compare them with what is deployed
	@go -C cmd/preflight build -o ../../bin/preflight .
	@bin/preflight cdk.out

synthesized: setup build
	$(if $(unknown),$(error unknown setting: $(unknown) (known: $(settings))))
	@rm -rf cdk.out
	@status=0; $(run) CDK_VALIDATION=true cdk synth --quiet --no-color --no-lookups --app bin/storefront $(context) \
		>.cache/synth.log 2>&1 || status=$$?; sed $(noise) .cache/synth.log >&2; exit $$status

test: setup .cache/compiled .cache/fetched-sdk ## Run all tests but those of make test-programs, make nag and make sandbox-test
	@$(run) CDK_VALIDATION=false go test -short ./...
	@go -C cmd/preflight test ./...

test-programs: setup .cache/compiled ## Build and run whole programs: the storefront, the examples, another repository
	@$(run) CDK_VALIDATION=false go test -run '^TestProgram' ./test

nag: setup .cache/compiled ## Check every stack with the AwsSolutions rules of cdk-nag
	@$(run) CDK_VALIDATION=false go -C test/nag test -count=1 ./...

golden: setup .cache/compiled ## Rewrite the golden templates and charts and run their tests; review the difference before you commit it
	@$(run) CDK_VALIDATION=false SNAPSHOT_UPDATE=1 go test -count=1 ./test ./constructs/scaling ./constructs/chart

lint: setup .cache/compiled .cache/fetched-sdk .cache/bin/golangci-lint ## Check format, style, dependencies between packages, go.mod and the lock file
	@.cache/bin/golangci-lint run
	@go vet ./...
	@go mod tidy -diff
	@for module in test/sandbox test/nag cmd/preflight; do \
		(cd $$module && "$(CURDIR)/.cache/bin/golangci-lint" run && go vet ./... && go mod tidy -diff) || exit; \
	done
	@! grep -Hn '"resolved"' package-lock.json

cfn-lint: ## Check the templates in cdk.out with cfn-lint (needs Python 3.10 or newer)
	@test -e cdk.out/manifest.json || { echo 'cfn-lint: no templates in cdk.out; run make synth first' >&2; exit 1; }
	@if [ -n "$(python)" ]; then \
		$(MAKE) -s .cache/cfn-lint/.installed && .cache/cfn-lint/bin/cfn-lint && \
			echo "cfn-lint: nothing found, templates checked: $$(ls cdk.out/*.template.json | wc -l | tr -d ' ')"; \
	else \
		echo 'cfn-lint: not run, since there is no Python 3.10 or newer with venv' >&2; test "$$CI" != true; \
	fi

# The programs themselves, and not `go run` or a shell, which would keep a SIGTERM from them.
sandbox: setup build .cache/fetched-sdk ## Deploy the storefront to an emulator of AWS on this machine, and leave it there to look at
	$(no-settings)
	@go -C test/sandbox build -o ../../.cache/sandbox/sandbox ./cmd/sandbox
	@exec $(run) .cache/sandbox/sandbox up

sandbox-down: setup .cache/fetched-sdk ## Destroy what make sandbox deployed, and stop the emulator
	$(no-settings)
	@go -C test/sandbox build -o ../../.cache/sandbox/sandbox ./cmd/sandbox
	@exec $(run) .cache/sandbox/sandbox down

sandbox-test: setup build .cache/fetched-sdk ## Deploy, read back, update, break, attack and destroy the storefront in a fresh sandbox
	$(no-settings)
	@go -C cmd/preflight build -o ../../bin/preflight .
	@go -C test/sandbox test $$(go -C test/sandbox list ./... | grep -v -e /e2e$$ -e /cmd/)
	@go -C test/sandbox test -c -o ../../.cache/sandbox/e2e ./e2e
	@cd test/sandbox/e2e && exec $(run) ../../../.cache/sandbox/e2e -test.v -test.timeout 90m
	@$(run) go -C test/sandbox test -count=1 ./cmd/...

clean: ## Remove all that the other targets made
	@rm -rf bin cdk.out node_modules .cache

build: .cache/compiled
	@go build -o bin/storefront .

context = $(foreach s,$(settings),$(if $($s),-c $s='$($s)'))
unknown = $(filter-out $(addsuffix =%,$(settings)),$(MAKEOVERRIDES))

# The sandbox is env=sandbox, whole; SANDBOX_ variables say where.
no-settings = $(if $(filter-out SANDBOX_%,$(MAKEOVERRIDES)),$(error unknown setting: $(filter-out SANDBOX_%,$(MAKEOVERRIDES)) \
	(known: SANDBOX_ENDPOINT SANDBOX_ACCOUNT SANDBOX_PORT)))

# Said by the CDK's command line and not by the app: an empty line under CI, where the templates went, that the app
# failed (it has said why), and a warning from jsii's end of process, which loses a race with itself in one run of three
# and has no consequence.
race  := ^Runtime process exited abnormally: wait[id]*: no child processes
noise := -e '1{/^$$/d;}' -e '/$(race)$$/d' -e 's/$(race)//' \
	-e '/^Successfully synthesized to /d' -e '/^Supply a stack id /d' -e '/: Subprocess exited with error 1$$/d'

python = $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python3.10; do \
	$$p -c 'import ensurepip, sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null && echo $$p && break; done)

node_modules/.installed: package.json package-lock.json
	@npm ci --loglevel=error >/dev/null
	@touch $@

# The first build prints nothing for half a minute, which looks like a fault, so name it.
.cache/compiled: go.sum
	@echo 'fetching and compiling the AWS CDK (a minute or so, once) ...' >&2
	@go mod download
	@go build ./...
	@mkdir -p $(@D) && touch $@

.cache/fetched-sdk: test/sandbox/go.sum cmd/preflight/go.sum
	@echo 'fetching the AWS SDK ...' >&2
	@go -C test/sandbox mod download
	@go -C cmd/preflight mod download
	@mkdir -p $(@D) && touch $@

.cache/bin/golangci-lint: tools/go.mod tools/go.sum
	@echo 'fetching and compiling golangci-lint (two minutes or so, once) ...' >&2
	@go -C tools mod download
	@go -C tools build -o ../$@ tool
	@touch $@

.cache/cfn-lint/.installed: test/cfn-lint/requirements.txt
	@rm -rf $(@D)
	@$(python) -m venv $(@D)
	@$(@D)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@
