# Two commands for a fresh machine: `make demo` and `make test`. Needed: Python 3.11 or newer, make, git.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-dev demo test lint bench openapi lock

BIN := .venv/bin
WORKERS ?= 2
PYTEST ?=

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: ## .venv with hedui in it (quick when nothing changed)
	@sh .ci/setup runtime

setup-dev: ## .venv with the tools for tests and checks as well
	@sh .ci/setup dev

demo: setup ## sandbox and service running, a first household verified
	@$(BIN)/hedui demo

lint: setup-dev ## style, types and import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test: lint ## everything that has to hold, on SQLite and on a PostgreSQL of its own
	$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadfile $(PYTEST)

bench: setup-dev ## the service beside a bare client of the same sources, in ratios
	$(BIN)/python -m tests.benchmarks.verification

openapi: setup-dev ## openapi/hedui.json from the code
	$(BIN)/hedui openapi > openapi/hedui.json.new && mv openapi/hedui.json.new openapi/hedui.json

UV := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-strip-extras --only-binary :all: --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock"

lock: setup-dev ## both lock files from pyproject.toml
	$(UV) --group build -o requirements.lock
	$(UV) --group build --group dev -c requirements.lock -o requirements-dev.lock
