# Two commands for a fresh machine: `make demo` and `make test`. Needed: Python 3.11 or newer, make, git.
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help setup setup-dev setup-bench demo test lint bench bench-engines bench-large bench-kills bench-linkage \
	bench-error-rate bench-desk check-image client docs docs-serve openapi lock security-table sbom licences \
	audit screenshots pictures

BIN := .venv/bin
WORKERS ?= 2
# By file, for a module's tests share a service; in their order, for the longest come early. A process that
# dies is not replaced: with files dealt so, the run would wait for its tests for ever.
DEALT := --dist loadfile --no-loadscope-reorder --max-worker-restart 0
PYTEST ?=
LINKAGE ?= all
LARGE ?=

help: ## what can be made
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

setup: ## .venv with hedui in it (quick when nothing changed)
	@sh .ci/setup runtime

setup-dev: ## .venv with the tools for tests and checks as well
	@sh .ci/setup dev

setup-bench: ## .venv with the peers of the linkage benchmark as well
	@sh .ci/setup bench

demo: setup ## sandbox and service in the middle of an office's work, a first household verified
	@$(BIN)/hedui demo

screenshots: setup-dev ## docs/screens: every screen of the demo's county, in both languages
	$(BIN)/python -m tests.screenshots

PICTURED := tests/web/test_cases.py tests/web/test_kinds.py tests/web/test_review.py tests/web/test_shell.py
pictures: setup-dev ## tests/web/pictures anew: look at what changed before it is committed
	HEDUI_PICTURES=new $(BIN)/python -m pytest -q -n 0 $(PICTURED) -k "looks_as_it_did or no_violation"

lint: setup-dev ## style, types and import directions
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

test: lint ## everything that has to hold, on SQLite and on a PostgreSQL of its own
	$(BIN)/python -m pytest -q -n $(WORKERS) $(DEALT) $(PYTEST)

bench: setup-dev ## the service beside clients of the same sources: single verifications and batches, in ratios
	$(BIN)/python -m tests.benchmarks.verification
	$(BIN)/python -m tests.benchmarks.interactive
	$(BIN)/python -m tests.benchmarks.batch

bench-linkage: setup-bench ## hedui link beside other record-linkage tools (LINKAGE="registers --size 10000")
	$(BIN)/python -m tests.benchmarks.linkage $(LINKAGE)

bench-engines: setup-bench ## units of batches by leased rows beside a queue of DBOS
	$(BIN)/python -m tests.benchmarks.engines

DESK ?=
bench-desk: setup-dev ## pages of the review UI in a county of 100,000 cases, on both databases (DESK="--cases 20000")
	$(BIN)/python -m tests.benchmarks.desk $(DESK)

bench-large: setup-dev ## one batch of 100,000 households on PostgreSQL, two workers: time, memory, storage (hours)
	$(BIN)/python -m tests.benchmarks.large $(LARGE)

bench-kills: setup-dev ## kill -9 at 200 random moments of 3,000 verifications, on both databases (hours)
	$(BIN)/python -m tests.acceptance.kills --verifications 3000 --kills 200 --workers 1 --database sqlite
	$(BIN)/python -m tests.acceptance.kills --verifications 3000 --kills 200 --workers 1 --database postgresql

ADVISORIES ?=
ERROR_RATE := $(BIN)/python -m tests.acceptance.error_rates
bench-error-rate: setup-dev ## how predicted error rates hold on two made-up counties, and docs/pictures (an hour)
	$(ERROR_RATE) gather --seed 101 --households 1000 --folder data/error-rate/training
	$(ERROR_RATE) gather --seed 202 --households 5000 --folder data/error-rate/evaluation
	$(ERROR_RATE) measure --training data/error-rate/training --evaluation data/error-rate/evaluation \
		--pictures docs/pictures

check-image: ## what the Dockerfile does, without Docker: installed, served as non-root, stopped
	@sh .ci/check-image

SEEN := .pytest_cache/promises.json
security-table: setup-dev ## runs the tests of the security page's promises and writes its table (HEDUI_CASES=full: all cases)
	-$(BIN)/python -m pytest -q -n $(WORKERS) $(DEALT) -m promise --promises $(SEEN)
	$(BIN)/python -m tests.security_table $(SEEN) "$$(date +%F)"

sbom: setup-dev ## dist/hedui-VERSION.cdx.json: the parts of this release (CycloneDX)
	@$(BIN)/python .ci/supply.py sbom

licences: setup-dev ## docs/licences.md from the installed parts
	@$(BIN)/python .ci/supply.py licences

audit: setup-dev ## the parts against a folder of dated advisories (ADVISORIES=folder); says NOT AUDITED without
	@$(BIN)/python .ci/supply.py audit $(if $(ADVISORIES),--advisories $(ADVISORIES))

docs: setup-dev ## build/docs/site: the documentation in both languages; a dead link or anchor fails
	@$(BIN)/python -m docs.generator

docs-serve: docs ## the documentation at http://127.0.0.1:8008
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory build/docs/site 8008

openapi: setup-dev ## openapi/hedui.json from the code
	$(BIN)/hedui openapi > openapi/hedui.json.new && mv openapi/hedui.json.new openapi/hedui.json

client: setup-dev ## openapi/clients/python: models and operations from openapi/hedui.json
	$(BIN)/python openapi/clients/generate.py

UV := $(BIN)/uv pip compile pyproject.toml --quiet --universal --python-version 3.11 --generate-hashes \
	--no-strip-extras --only-binary :all: --custom-compile-command "make lock"

lock: setup-dev ## the lock files from pyproject.toml
	$(UV) --group build -o requirements.lock
	$(UV) --group build --group dev -c requirements.lock -o requirements-dev.lock
	$(UV) --group build --group dev --group bench -c requirements-dev.lock -o requirements-bench.lock
