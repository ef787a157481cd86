# What a person types. `make` alone lists it.

PYTHON ?= python3
SEED ?= $(shell date +%s)
BUILD ?= buildah bud --format docker
IMAGE ?= handoff

BIN := .venv/bin
# The environment is as good as the lock it was made from: a changed lock has another stamp and installs again.
STAMP := .venv/lock-$(shell cat requirements-dev.lock pyproject.toml | sha256sum | cut -c 1-16)

# The same for the npm packages: the lock names every one by version and digest.
CLIENTS := tests/clients/node_modules/lock-$(shell cat tests/clients/package.json tests/clients/package-lock.json | sha256sum | cut -c 1-16)

# Reference data lies beside the checkout where there is any; without it the tests that need it skip and say so.
ifneq ($(wildcard ../shared/data),)
export HANDOFF_REFERENCE_DATA ?= $(abspath ../shared/data)
endif

.DEFAULT_GOAL := help
.PHONY: help run demo test check format clients bench prove conformance image clean

help:  ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1\t\2/p' Makefile | expand -t 18

run: $(STAMP)  ## serve a sample practice on http://127.0.0.1:8000 until stopped (made in ./demo the first time)
	@$(BIN)/handoff serve --sample

demo: $(STAMP)  ## play the whole exchange, step by step, in this terminal
	@$(BIN)/handoff demo --script

test: $(STAMP)  ## all tests; PostgreSQL and Chromium are used where the machine has them
	$(BIN)/pytest --cov --numprocesses 2 --dist loadfile

check: $(STAMP)  ## format, lint, types, layers, dead code
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/vulture

format: $(STAMP)  ## put every file into the one format, and mend what the linter can mend by itself
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

clients: $(CLIENTS)  ## the npm clients that the tests run against a gateway (needs Node 18 or newer; without them those tests skip)

bench: $(STAMP)  ## read and search beside a bare Flask route, intake beside the raw driver, as ratios
	@$(BIN)/python -m tests.bench

prove: $(STAMP)  ## the tests at full count; `make prove SEED=...` repeats a run
	@echo "seed $(SEED)"
	$(BIN)/pytest --hypothesis-profile=prove --hypothesis-seed=$(SEED)

conformance: $(STAMP)  ## every golden resource in HL7's validator, by R4 and three versions of US Core (needs Java 17 and Maven)
	@$(BIN)/python -m conformance.validate

image:  ## the container image, with buildah (or BUILD='docker build')
	$(BUILD) --file docker/Dockerfile --tag $(IMAGE) $(BUILD_OPTIONS) .

clean:  ## remove the environment and every cache; ./demo stays
	rm -rf .venv tests/clients/node_modules .cache build dist .coverage .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find gateway mappings conformance tests -name __pycache__ -prune -exec rm -rf {} +

$(STAMP):
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing. As root: apt-get install python3-venv" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Handoff needs Python 3.11 or newer. Name one: make PYTHON=python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "Python's venv is missing. As root: apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing the locked dependencies into .venv (once; about a minute)"
	@test -x $(BIN)/pip || $(PYTHON) -m venv --clear .venv
	@# the lock is whole: nothing is resolved again, so that a newer release elsewhere changes nothing here
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements-dev.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@rm -f .venv/lock-*
	@touch $@

$(CLIENTS):
	@command -v node >/dev/null && command -v npm >/dev/null || { echo "Node.js is missing. As root: apt-get install nodejs npm" >&2; exit 1; }
	@echo "Installing the locked npm clients into tests/clients/node_modules (once)"
	@cd tests/clients && npm ci --ignore-scripts --loglevel=error
	@touch $@
