# Every command of the project. `make` alone lists them.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV_VERSION := 0.13.8
export UV_PYTHON_DOWNLOADS := never
export VIRTUAL_ENV := $(CURDIR)/$(VENV)
MEMBERS := $(patsubst %/pyproject.toml,%,$(wildcard libs/*/pyproject.toml services/*/pyproject.toml deploy/local/pyproject.toml))
SOURCES := libs services deploy/local tests
WIDGET := services/widget-gateway/widget
STATIC := services/widget-gateway/src/widget_gateway/static
# The wheel's node and npm, with its own folder first: scripts of packages call `node`.
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm
PACKAGES := contracts bus metagraph chassis vault filestore adapter ingest_whatsapp ingest_meta widget_gateway inbox_core sluice_local

.PHONY: help setup lock run demo test test-unit test-integration test-e2e test-browser browser widget check widget-check format lint types imports schemas schemas-check bench faults widget-runs screenshots clean

help: ## List the commands
	@awk 'BEGIN {FS = ":.*## "} /^##@/ {printf "\n%s\n", substr($$0, 5)} /^[a-z0-9-]+:.*## / {printf "  make %-18s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

##@ Use
run: setup widget ## Start everything on this machine: servers, services, emulator; Ctrl-C stops it
	@$(BIN)/sluice-local

demo: setup ## Lifelike traffic against the running stack; counts sent, stored, shown, lost, doubled
	@$(BIN)/sluice-demo

##@ Prove
test: setup widget browser ## Every test: unit, contract, integration, end to end, browser, faults
	$(BIN)/pytest -n 2 --dist loadgroup -m "not soak"

test-unit: setup ## The tests that need no server
	$(BIN)/pytest tests/unit

test-integration: setup ## Contract and integration tests, on real servers
	$(BIN)/pytest -n 2 --dist loadgroup tests/contract tests/integration

test-e2e: setup widget ## Whole-path tests, on real processes
	$(BIN)/pytest tests/e2e

test-browser: setup widget browser ## The widget in a real Chromium
	$(BIN)/pytest tests/browser -m "not soak"

widget-runs: setup widget browser ## 200 seeded runs of the widget under faults, one of them a minute offline; figures to docs/results
	$(BIN)/pytest tests/browser -m soak -s --runs 200 --figures docs/results/widget.md

faults: setup ## Kill each process in turn and at random under load; ten minutes, figures to docs/results
	$(BIN)/pytest tests/faults -s --results docs/results/faults.md

bench: setup ## Print the speed figures of this machine, and the command line behind each
	PYTHONPATH=tests $(BIN)/python -m bench

##@ Keep
check: setup format-check lint types imports schemas-check widget-check ## Format, lint, types, imports, generated files, sizes

.PHONY: format-check
format-check: setup
	$(BIN)/ruff format --check $(SOURCES)

format: setup ## Format the code and mend what ruff can mend
	$(BIN)/ruff check --fix-only $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

lint: setup ## ruff
	$(BIN)/ruff check $(SOURCES)

types: setup ## mypy, strict
	$(BIN)/mypy $(addprefix -p ,$(PACKAGES))
	$(BIN)/mypy tests

widget: $(STATIC)/loader.js ## Build the widget's client

widget-check: widget ## The widget's format, lint, types, unit tests and size
	@for command in format:check lint check test size; do \
		$(NPM) run --silent --workspace $(WIDGET) $$command || exit 1; \
	done

screenshots: setup widget browser ## Take the pictures of docs/widget/screenshots anew
	PYTHONPATH=tests $(BIN)/python -m browser.screenshots

imports: setup ## import-linter: who may import whom
	$(BIN)/lint-imports

schemas: setup ## Regenerate docs/wire from the code
	$(BIN)/python -m contracts.schemas docs/wire
	$(BIN)/inbox-core-admin openapi > docs/wire/openapi.json

schemas-check: setup
	@rm -rf .local/wire && mkdir -p .local/wire
	@$(BIN)/python -m contracts.schemas .local/wire
	@$(BIN)/inbox-core-admin openapi > .local/wire/openapi.json
	@diff -r docs/wire .local/wire || { echo "docs/wire is stale: run 'make schemas' and commit it"; exit 1; }

lock: $(BIN)/uv-tool ## Resolve requirements.lock anew (no host in it: any mirror serves)
	$$(cat $(BIN)/uv-tool) pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header \
		--group dev $(addsuffix /pyproject.toml,$(MEMBERS)) --no-emit-package sluice-contracts --no-emit-package sluice-bus \
		--no-emit-package sluice-metagraph --no-emit-package sluice-chassis --no-emit-package sluice-vault \
		--no-emit-package sluice-filestore --no-emit-package sluice-adapter -o requirements.lock

clean: ## Remove what the commands made: .venv, .local, node_modules and caches
	rm -rf node_modules $(WIDGET)/node_modules $(STATIC) .venv .local .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

browser: ## Install a Chromium for the browser tests where there is none (Debian, Ubuntu)
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do \
		command -v $$name >/dev/null && exit 0; \
	done; \
	[ -n "$$SLUICE_TEST_CHROMIUM" ] && exit 0; \
	sudo=; [ "$$(id -u)" = 0 ] || { sudo -n true 2>/dev/null && sudo=sudo; }; \
	if command -v apt-get >/dev/null && { [ "$$(id -u)" = 0 ] || [ -n "$$sudo" ]; }; then \
		echo "installing chromium"; \
		$$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
			$$sudo apt-get install -y -qq --no-install-recommends chromium fonts-liberation >/dev/null; \
	else \
		echo "The browser tests need a Chromium: install one, or name yours: SLUICE_TEST_CHROMIUM=/path/to/chromium"; exit 1; \
	fi

$(STATIC)/loader.js: node_modules/.synced $(shell find $(WIDGET) -type f -not -path '*/node_modules/*')
	@echo "building the widget"
	@$(NPM) run --silent --workspace $(WIDGET) build
	@touch $@

node_modules/.synced: package.json package-lock.json $(WIDGET)/package.json $(VENV)/.synced
	@echo "syncing node_modules"
	@$(NPM) ci --silent
	@touch $@

setup: $(VENV)/.synced ## Install uv if absent, then every locked dependency and the members

# The path of a uv: the one on the PATH, or our own copy beside the environment.
$(BIN)/uv-tool:
	@$(PY) -c 'import sys; sys.exit("Sluice needs Python 3.11 or newer; set PY=python3.x") if sys.version_info < (3, 11) else None'
	@mkdir -p .local $(BIN)
	@if command -v uv >/dev/null; then command -v uv > $@; else \
		echo "installing uv"; \
		{ { $(PY) -m venv .local/uv && .local/uv/bin/pip install --quiet uv==$(UV_VERSION); } >/dev/null 2>&1 \
			&& echo "$(CURDIR)/.local/uv/bin/uv" > $@; } \
		|| { rm -rf .local/uv; $(PY) -m pip install --quiet --target .local/uv uv==$(UV_VERSION) \
			&& echo "$(CURDIR)/.local/uv/bin/uv" > $@; } \
		|| { rm -f $@; echo "uv could not be installed: this Python has neither venv nor pip"; exit 1; }; \
	fi

$(VENV)/.synced: requirements.lock $(BIN)/uv-tool $(addsuffix /pyproject.toml,$(MEMBERS))
	@uv=$$(cat $(BIN)/uv-tool); \
	[ -e $(VENV)/pyvenv.cfg ] || $$uv venv --quiet --allow-existing --python $(PY) $(VENV); \
	echo "syncing $(VENV)"; \
	$$uv pip sync --quiet --require-hashes requirements.lock && \
	$$uv pip install --quiet --no-deps --no-build-isolation $(addprefix -e ,$(MEMBERS))
	@touch $@
