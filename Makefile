# Everything a user or CI does, on a machine with python3 (with venv) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
LAKE := .venv-lake
LAKE_READY := $(LAKE)/.ready
KILLS ?=
CONFIG ?=
KEEP ?=
SAMPLE ?=

.PHONY: help env lock lock-lake demo demo-ledger notebooks serve test test-cluster check kill-loop clients soak bench clean
.DEFAULT_GOAL := help

help:  ## Say what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

env: $(READY)  ## Make the environment in .venv, every package checked against its hash

$(READY): requirements.lock pyproject.toml
$(LAKE_READY): requirements-lake.lock pyproject.toml
$(READY) $(LAKE_READY):
	@echo "making the environment in $(@D) (once, a minute or two) ..."
	@$(PYTHON) -m venv $(@D)
	@$(@D)/bin/pip install -q --disable-pip-version-check --require-hashes -r $<
	@$(@D)/bin/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

LOCKED = -q --universal --python-version 3.11 --group dev --generate-hashes --no-header \
  --no-emit-index-url --no-emit-find-links --no-strip-extras pyproject.toml

# The extra `lake` wants an older DuckDB: it has its own lock, with all else as in the other.
lock:  ## Choose versions anew
	$(BIN)/uv pip compile $(LOCKED) --extra analysis --extra cluster --extra notebooks --upgrade -o requirements.lock
	$(MAKE) lock-lake

lock-lake:
	cp requirements.lock requirements-lake.lock
	$(BIN)/uv pip compile $(LOCKED) --extra analysis --extra cluster --extra notebooks --extra lake -o requirements-lake.lock

demo: env  ## Two fake providers, the proxy, a fault in the middle, and the table of what happened
	@$(BIN)/python -m fixtures.demo $(if $(KEEP),--keep)

# SAMPLE=1 makes the sample anew that stands beside the notebooks, and shows where there is no demo.
demo-ledger: env  ## Four days of a small team, made up by a scenario: what notebooks show by default
	@rm -rf build/demo-ledger
	@$(BIN)/pointsman replay keep fixtures/demo/ledger.toml build/demo-ledger $(if $(SAMPLE),--sample notebooks/sample)

notebooks: demo-ledger  ## Execute every notebook on it: pages in build/notebooks
	@$(BIN)/pointsman notebook run --output build/notebooks --jobs 2

serve: env  ## Run the proxy: make serve CONFIG=pointsman.toml
	@$(BIN)/pointsman serve $(if $(CONFIG),--config $(CONFIG))

check: env  ## Format, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test: check  ## Everything CI runs but the real clients
	$(BIN)/pytest

# The DuckDB of the extra `lake` is an older one: what reads and writes ledgers is tested with both,
# but for the kill loops of a folder and for plain statistics.
test-cluster: $(LAKE_READY)  ## Several hosts: PostgreSQL, Redis, two proxies, kills (KILLS=100 for more)
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && command -v redis-server >/dev/null || { \
	  apt-get update -q && DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -q --no-install-recommends postgresql redis-server; }
	$(if $(KILLS),POINTSMAN_KILLS=$(KILLS) )$(LAKE)/bin/pytest tests/cluster tests/ledger tests/analysis \
	  --ignore-glob='tests/ledger/test_kill*' --ignore=tests/analysis/stats

kill-loop: env  ## Workers and converters killed, every answer of four readers checked: KILLS=1000
	$(if $(KILLS),POINTSMAN_KILLS=$(KILLS) )$(BIN)/pytest -q -s tests/ledger/test_kill_loop.py

clients: env  ## Claude Code, Codex CLI and Gemini CLI from npm, through the proxy
	@$(BIN)/python -m tests.clients.run

soak: env  ## 1,000 streams, 64 at a time, a fifth of them with a fault
	$(BIN)/pytest -q tests/test_soak.py

bench: env  ## CPU per request, event and row; questions to 10 M rows
	$(BIN)/pytest -q --benchmark-enable --benchmark-only tests/benchmarks

clean:  ## Remove what was made
	rm -rf $(VENV) $(LAKE) build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
