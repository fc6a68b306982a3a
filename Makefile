# linkage bus: `make` lists what there is to do. Needs make and Python 3.11 or newer, nothing else.

.DEFAULT_GOAL := help
.PHONY: help setup check test demo dev bench soak fuzz generate pictures lock clean

PYTHON ?= python3
VENV ?= .venv
JOBS ?= 2
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
COMPILE := UV_CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links

help:  ## List what there is to do
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(INSTALLED)  ## Make .venv with everything in requirements.lock

$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.11" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

check: setup  ## Lint, formatting, types, import contracts, schemas
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/linkage schemas check

test: setup  ## Every test, on brokers and databases of its own; JOBS=1 runs one file at a time
	$(BIN)/python -m pytest -n $(JOBS) --dist loadfile $(ARGS)

demo: setup  ## The main job on published cases; ONCE=1 stops after the report (ARGS="--lang en" in English)
	$(BIN)/linkage demo $(if $(ONCE),--once) $(ARGS)

dev: setup  ## Broker, database and every process, until Ctrl-C
	$(BIN)/linkage dev $(ARGS)

bench: setup  ## Throughput and latency, here and now (minutes)
	$(BIN)/python -m tests.benchmarks $(ARGS)

soak: setup  ## A long run under faults with a report; ARGS="--seconds 3600 --seed 7"
	$(BIN)/python -m tests.faults.soak $(ARGS)

fuzz: setup  ## Search for input that harms, with counts in a report; ARGS="--seconds 600"
	$(BIN)/python -m tests.fuzz $(ARGS)

generate: setup  ## Generate what is made from code: typed events, pages of docs/
	$(BIN)/linkage schemas generate
	$(BIN)/python -m infra.settings_page
	$(BIN)/python -m infra.grants_page
	$(BIN)/python -m consumers.transfers.routing_page > docs/routing.md
	$(BIN)/python -m consumers.opinions.mirrors_page > docs/mirrors.md
	$(BIN)/python -m consumers.handovers.statutes_page > docs/statutes.md
	$(BIN)/python -m consumers.views.views_page > docs/views.md
	$(BIN)/python -m consumers.documents.documents_page > docs/documents.md
	$(BIN)/python -m consumers.thresholds.thresholds_page > docs/thresholds.md
	$(BIN)/python -m consumers.opinions.offences_page > docs/offences.md
	$(BIN)/python -m consumers.bulletins.figures_page > docs/figures.md

pictures: setup  ## Take the pictures of both READMEs anew; needs a Chromium
	$(BIN)/python -m tests.consumers.console.pictures

lock: setup  ## Resolve every dependency anew into the lock files (ARGS=--upgrade for newer ones)
	$(BIN)/pip install --quiet uv
	$(COMPILE) $(ARGS) --all-extras --group dev --group build --output-file requirements.lock pyproject.toml
	$(COMPILE) --group build --constraint requirements.lock --output-file infra/docker/requirements.lock pyproject.toml

clean:  ## Remove .venv and everything that tools left behind
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
