# Every target prepares .venv from the pinned lock files by itself: Python >= 3.11 and make are enough.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
UV := $(BIN)/uv
STAMP := $(VENV)/.run.stamp
DEV_STAMP := $(VENV)/.dev.stamp

FUZZ_SECONDS ?= 300
DATABASES ?= both

# Where this is set, every process of every test compiles all that it imports, anew: three seconds of a core at each start.
export PYTHONDONTWRITEBYTECODE :=

PIP_AUDIT ?= 2.10.1

.PHONY: audit help vendor screens demo demo-stop test test-both lint format bench fuzz faults fixtures lock tools clean

help: ## What each target does
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

$(UV): requirements-bootstrap.lock
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Seatrial needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bootstrap.lock
	@touch $(UV)

# A developer's environment serves `make demo` too, so the run-time set is installed only where neither is there.
$(STAMP): $(UV) requirements.lock pyproject.toml
	@if [ ! -e $(DEV_STAMP) ]; then \
	  $(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements.lock && \
	  $(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable . ; fi
	@touch $(STAMP)

$(DEV_STAMP): $(UV) requirements-dev.lock pyproject.toml
	$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes requirements-dev.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@touch $(DEV_STAMP) $(STAMP)

demo: $(STAMP) ## A running server in ./data with one sample build, and curl lines to paste
	@$(BIN)/python scripts/demo.py

demo-stop: ## Stop the server of `make demo`; its data stays
	@$(PYTHON) scripts/demo.py stop

# Most tests wait for processes, not for a core: three at a time, each file by one.
test: lint tools ## Lint, types, import order and every test
	$(BIN)/python -m pytest -n 3 --dist loadfile

test-both: lint tools ## Every test of whole servers on SQLite and a disk and on PostgreSQL and S3 (DATABASES=postgresql: on those alone)
	SEATRIAL_TEST_DATABASES=$(DATABASES) $(BIN)/python -m pytest -n 3 --dist loadfile tests/e2e tests/browser

lint: $(DEV_STAMP) ## Format, lint, types, import order
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEV_STAMP) ## Rewrite files in the house format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(DEV_STAMP) ## Measure the promises; writes docs/performance.md (BENCH="upload web": those alone, and keeps the rest)
	@sh scripts/test-tools.sh bench
	$(BIN)/python -m bench $(BENCH)

fuzz: $(DEV_STAMP) ## Damage sample files and real builds for FUZZ_SECONDS, and read them; findings in build/fuzz
	$(BIN)/python -m tests.fuzz.run --seconds $(FUZZ_SECONDS)

faults: $(DEV_STAMP) tools ## Cause every fault in full; writes docs/faults.md
	$(BIN)/python -m tests.faults.report

vendor: $(DEV_STAMP) ## Bring the pages' style sheet, scripts and icons from npm into static/vendor
	$(BIN)/python scripts/vendor_web.py

screens: $(DEV_STAMP) ## Pictures of every page in both themes and two sizes, in build/screens
	$(BIN)/python -m tests.browser.screens

fixtures: $(DEV_STAMP) ## Rebuild tests/fixtures from their sources (Debian's Android tools needed)
	$(BIN)/python -m tests.fixtures.build

lock: $(UV) ## Resolve pyproject.toml into the pinned lock files
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate \
	  --extra build pyproject.toml -o requirements.lock
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url --no-annotate \
	  --extra build --extra dev pyproject.toml -o requirements-dev.lock

audit: $(UV) ## Known holes in the pinned dependencies (asks the network; not a part of `make test`)
	$(UV) tool run --from 'pip-audit==$(PIP_AUDIT)' pip-audit --disable-pip --require-hashes --strict -r requirements.lock

tools: ## Debian packages that the tests use, where they may be installed
	@sh scripts/test-tools.sh

clean:
	rm -rf $(VENV) build dist
