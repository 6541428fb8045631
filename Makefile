# `make` alone lists what there is. Each target does its own set-up.
PYTHON ?= python3
export PYTHON
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest

.DEFAULT_GOAL := help
.PHONY: help setup dev browser vendor demo run test quick check fix sim bench lock clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

setup: ## install only; leaves .venv/bin/ulinzi
	@scripts/setup core

dev:
	@scripts/setup dev

browser:
	@scripts/setup browser

demo: setup ## fill a demonstration mission and serve it: MISSION=osmere
	@$(BIN)/ulinzi demo $(if $(MISSION),--mission $(MISSION))

run: setup ## serve this machine's own node
	@$(BIN)/ulinzi run

test: dev browser ## run every test; a skip without a reason on the list fails
	@$(PYTEST) -q -n 2 --dist loadfile -p tests.repo.skips

quick: dev ## run the tests that need no browser and no PostgreSQL, under 60 s
	@$(PYTEST) -q -m "not slow and not postgres and not browser"

check: dev ## lint, format, types, layers and the tests that read the tree
	@$(BIN)/ruff check
	@$(BIN)/ruff format --check
	@$(BIN)/mypy $$($(BIN)/python -m tests.repo.pure)
	@$(BIN)/lint-imports --no-logo
	@$(PYTEST) -q -m "not slow and not postgres and not browser" tests/repo

fix: dev ## mend what can be mended by itself: lint and format
	@$(BIN)/ruff check --fix
	@$(BIN)/ruff format

sim: dev ## search for histories that break the ledger: SEEDS=10000 SEED_FROM=0 PLANT=name
	@$(BIN)/python -m tests.ledger.simulation

bench: dev ## measure, one table each, the raw engine beside it
	@$(BIN)/python -m bench

vendor: setup ## fetch the scripts of others that pages use, compared with their digests (needs npm once)
	@scripts/setup vendor

lock: ## choose exact versions again (needs uv): UPGRADE=--upgrade
	@scripts/lock $(UPGRADE)

clean: ## remove what make made; keeps .ulinzi, where data lives
	@rm -rf .venv build dist src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	@find src tests bench -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true
	@find src -name '*.mo' -delete
