# Everything a user or CI does, on a machine with python3 (with venv) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
CONFIG ?=
KEEP ?=

.PHONY: help env lock demo serve test check clients soak bench clean
.DEFAULT_GOAL := help

help:  ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

env: $(READY)  ## Make the environment in .venv, every package checked against its hash

$(READY): requirements.lock pyproject.toml
	@echo "making the environment in $(VENV) (once, a minute or two) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

lock:  ## Choose versions anew
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --all-extras --group dev \
	  --generate-hashes --no-header --no-emit-index-url --no-emit-find-links --no-strip-extras --upgrade \
	  pyproject.toml -o requirements.lock

demo: env  ## Two fake providers, the proxy, a fault in the middle, and the table of what happened
	@$(BIN)/python -m fixtures.demo $(if $(KEEP),--keep)

serve: env  ## Run the proxy: make serve CONFIG=pointsman.toml
	@$(BIN)/pointsman serve $(if $(CONFIG),--config $(CONFIG))

check: env  ## Format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test: check  ## Everything CI runs but the real clients
	$(BIN)/pytest

clients: env  ## Claude Code, Codex CLI and Gemini CLI from npm, through the proxy
	@$(BIN)/python -m tests.clients.run

soak: env  ## 1,000 streams, 64 at a time, a fifth of them with a fault
	$(BIN)/pytest -q tests/test_soak.py

bench: env  ## CPU per request and per stream event
	$(BIN)/pytest -q --benchmark-enable --benchmark-only tests/benchmarks

clean:  ## Remove what was made
	rm -rf $(VENV) build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
