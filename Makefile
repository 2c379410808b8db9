# One command does each thing; a second run does only what is out of date. `make help` lists them.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Images of containers like to set it: every process would compile all it imports anew, two seconds each time.
unexport PYTHONDONTWRITEBYTECODE

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
BUNDLE := src/lineside/api/static/index.html
WEB_SOURCES := $(shell find web src/lineside/texts -type f -not -path '*/node_modules/*' -not -path '*/__pycache__/*' \
	-not -path 'web/test-results/*')
WEB_PACKAGES := web/node_modules/.package-lock.json
LOCK := --universal --generate-hashes --no-header --quiet --python-version 3.11

# uv installs from a warm cache in a second. It does not read pip's configuration (a company's own index or
# certificates), so pip takes over where uv cannot reach its packages. Both check the same hashes.
install = $(BIN)/uv pip install --quiet --python $(BIN)/python $(1) || \
	{ echo "uv could not; pip takes over"; $(BIN)/python -m pip install --quiet $(1); }

.PHONY: help setup setup-test demo test beside lint check-web pytest soak bench pictures reference docs lock format wheel sbom clean distclean

help: ## List the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | sed -E 's/:.*## /\t/' | expand -t 14

setup: $(VENV)/.run $(BUNDLE) ## Install what running needs, from the lock files, and build the pages

demo: setup ## Start the demo plant; ARGS="--port 8100" passes options on
	@$(BIN)/lineside demo $(ARGS)

# The tests wait now and then, so the other checks run beside them; what those say comes whole, when they are over.
test: setup setup-test ## Everything a developer checks (make -k test: to the end in any case)
	@$(MAKE) --no-print-directory -j 2 $(if $(filter output-sync,$(.FEATURES)),--output-sync) beside lint check-web

beside:
	@$(MAKE) --no-print-directory $(if $(filter output-sync,$(.FEATURES)),--output-sync=none) pytest

lint: setup-test ## Rules, format and types of the Python code
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

check-web: $(VENV)/.run $(WEB_PACKAGES) ## Types and unit tests of the pages
	$(BIN)/python hatch_build.py run check
	$(BIN)/python hatch_build.py run test

pytest: setup setup-test ## The Python and browser tests, four files at a time; ARGS="-k oee" passes options on
	$(BIN)/pytest -n 4 --dist loadfile --no-loadscope-reorder --max-worker-restart 0 $(ARGS)

soak: setup setup-test ## The tests that run for minutes
	$(BIN)/pytest -m soak -o faulthandler_timeout=0 $(ARGS)

bench: setup setup-test ## The benchmarks, with this machine's figures; WHAT=history runs one
	@for script in bench/$(or $(WHAT),[a-z]*).py; do echo "== $$script"; $(BIN)/python "$$script" $(ARGS); done

pictures: setup setup-test ## Take the manual's pictures from a running demo plant
	$(BIN)/python docs/pictures.py $(ARGS)

reference: $(VENV)/.test ## Write the manual's tables of keys, options and commands from the product
	@$(BIN)/python docs/reference.py

docs: $(VENV)/.run $(VENV)/.test reference ## Build the manual into docs/_build
	$(BIN)/python -m sphinx -q -W --keep-going -b html docs docs/_build
	@echo "docs/_build/index.html"

format: $(VENV)/.test ## Put the Python code into its format
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

lock: $(VENV)/.uv ## Write requirements/ anew from pyproject.toml; ARGS=--upgrade takes newer versions
	echo uv | $(BIN)/uv pip compile - $(LOCK) $(ARGS) -o requirements/uv.txt
	$(BIN)/uv pip compile pyproject.toml --group build $(LOCK) $(ARGS) -o requirements/run.txt
	$(BIN)/uv pip compile pyproject.toml --extra scheduling --extra postgresql --extra mysql --extra privacy --group build --group test --group docs \
		-c requirements/run.txt $(LOCK) $(ARGS) -o requirements/test.txt
	echo cyclonedx-bom | $(BIN)/uv pip compile - $(LOCK) $(ARGS) -o requirements/sbom.txt

wheel: setup ## Build sdist and wheel into dist/
	$(BIN)/hatchling build

sbom: $(VENV)/.run $(VENV)/.sbom ## What a node is made of, from the lock files, as CycloneDX in dist/
	@mkdir -p dist
	$(VENV)/sbom/bin/cyclonedx-py requirements requirements/run.txt --pyproject pyproject.toml \
		--output-reproducible --output-format JSON --output-file dist/sbom-python.cdx.json
	$(BIN)/python hatch_build.py sbom --sbom-format cyclonedx --package-lock-only > dist/sbom-web.cdx.json

clean: ## Remove what was built, and caches; plant folders stay
	rm -rf dist docs/_build $(dir $(BUNDLE)) .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find src tests bench docs -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## Remove also what was installed
	rm -rf $(VENV) web/node_modules

# What stands behind them

$(VENV)/.uv: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo \
		"Lineside needs Python 3.11 or newer; '$(PYTHON)' is not. Name another: make PYTHON=python3.12 setup" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo \
		"'$(PYTHON)' cannot make environments (no venv or ensurepip). On Debian and Ubuntu: apt-get install python3-venv" >&2; \
		exit 1; }
	@echo "Making $(VENV)"
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements/uv.txt
	@touch $@

$(VENV)/.run: $(VENV)/.uv requirements/run.txt pyproject.toml
	@echo "Installing what running needs"
	@$(call install,--require-hashes -r requirements/run.txt)
	@$(call install,--no-deps --no-build-isolation --editable .)
	@touch $@

# In an environment of its own: a node needs none of it.
$(VENV)/.sbom: requirements/sbom.txt | $(VENV)/.uv
	@$(PYTHON) -m venv $(VENV)/sbom
	@$(VENV)/sbom/bin/python -m pip install --quiet --require-hashes -r requirements/sbom.txt
	@touch $@

$(VENV)/.test: requirements/test.txt | $(VENV)/.run
	@echo "Installing what developing needs"
	@$(call install,--require-hashes -r requirements/test.txt)
	@touch $@

$(WEB_PACKAGES): web/package-lock.json | $(VENV)/.run
	@echo "Installing what the pages are built with"
	@$(BIN)/python hatch_build.py ci --no-audit --no-fund --loglevel=error
	@touch $@

# Not through $(WEB_PACKAGES): an unpacked sdist carries the bundle and needs no Node.
$(BUNDLE): $(WEB_SOURCES) | $(VENV)/.run
	@$(MAKE) --silent $(WEB_PACKAGES)
	@echo "Building the pages"
	@$(BIN)/python hatch_build.py run build --silent
	@touch $@

# The browser and the MQTT broker are the system's own: Debian names, installed when root, asked for otherwise. The
# database of apt-root.txt is installed when root; without it its tests say that they are skipped. The same Chromium
# without windows asks the processor for less; it is taken when root and when it can be had at once.
setup-test: $(VENV)/.run $(VENV)/.test
	@missing=; \
	if command -v dpkg >/dev/null; then \
		for package in $$(cat requirements/apt.txt; [ "$$(id -u)" != 0 ] || cat requirements/apt-root.txt); do \
			dpkg -s "$$package" >/dev/null 2>&1 || missing="$$missing $$package"; \
		done; \
	elif ! command -v chromium >/dev/null || ! command -v mosquitto >/dev/null; then missing=" $$(tr '\n' ' ' < requirements/apt.txt)"; fi; \
	if [ -n "$$missing" ]; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "Installing$$missing"; \
			apt-get update -qq; \
			DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $$missing >/dev/null; \
		else echo "The tests need:$$missing. Install them, for example: sudo apt-get install$$missing" >&2; exit 1; fi; \
	fi
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && dpkg -s chromium >/dev/null 2>&1 && \
	! dpkg -s chromium-headless-shell >/dev/null 2>&1; then \
		DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends -o Acquire::Retries=0 \
			-o Acquire::http::Timeout=10 "chromium-headless-shell=$$(dpkg-query -W -f '$${Version}' chromium)" >/dev/null 2>&1 || \
		echo "No chromium-headless-shell to be had: the tests take Chromium with its windows"; \
	fi
