# `make demo` and `make test` are the two commands of the README; each does all of its set-up on a fresh clone.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help demo test promises check fix widgets compose-env bench clean

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

demo: $(VENV)/.runtime ## Three backends and the gateway on this machine, with a page to try them on
	@$(BIN)/python -m gateway demo $(ARGS)

test: $(VENV)/.dev ## All tests; ARGS="-k name" for some of them
	@echo "Running the tests: real servers on loopback, nothing else is needed …"
	@PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder $(ARGS)

promises: $(VENV)/.dev ## Real faults on real processes, timed, one after the other; ARGS="-k redis" for some of them
	@$(BIN)/python -m pytest promises -p no:xdist $(ARGS); status=$$?; $(BIN)/python -m promises --write; exit $$status

check: $(VENV)/.dev ## Style, types, import contracts, and what is printed from code
	@echo "ruff …" && $(BIN)/ruff check . && $(BIN)/ruff format --check .
	@echo "mypy …" && $(BIN)/mypy gateway schema resolvers backends tests benchmarks promises
	@echo "import contracts …" && $(BIN)/lint-imports
	@echo "SDL and settings reference …" \
		&& $(BIN)/python -m gateway schema --check schema/schema.graphql \
		&& $(BIN)/python -m gateway settings --check docs/settings.md
	@echo "promises …" && $(BIN)/python -m promises --check

fix: $(VENV)/.dev ## Format, and print SDL and settings reference anew
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .
	@$(BIN)/python -m gateway schema --write schema/schema.graphql
	@$(BIN)/python -m gateway settings --write docs/settings.md
	@$(BIN)/python -m promises --write

widgets: widgets/node_modules ## Print the widgets' types and build them anew (needs Node)
	@cd widgets && npm run codegen && npm run typecheck && npm run build

%/node_modules: %/package-lock.json
	@echo "Installing what $*/package-lock.json names …"
	@cd $* && npm ci --no-progress --no-audit --no-fund --loglevel=error
	@touch $@

compose-env: $(VENV)/.runtime ## Write .env with fresh secrets for docker-compose.yml
	@[ ! -e .env ] || { echo ".env is there already: remove it first, its secrets may be in use."; exit 1; }
	@umask 077 && $(BIN)/python -m gateway.demo.compose_env > .env && echo "Wrote .env; now: docker compose up"

bench: $(VENV)/.dev ## The gateway beside its peers on this machine, in twenty minutes; ARGS=--quick for four
	@$(BIN)/python -m benchmarks $(ARGS)

requirements.txt requirements-dev.txt: pyproject.toml # by hand, with uv: see CONTRIBUTING.md
	@touch $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed: make PYTHON=python3.11 …"; exit 1; }
	@echo "Making a virtual environment in $(VENV) …"
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.runtime: requirements.txt | $(VENV)/bin/python
	@echo "Installing what the gateway and the demo's backends need …"
	@$(PIP) --require-hashes -r requirements.txt
	@touch $@

$(VENV)/.dev: requirements-dev.txt pyproject.toml | $(VENV)/bin/python
	@echo "Installing what the gateway, the demo and the tests need …"
	@$(PIP) --require-hashes -r requirements-dev.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.runtime

clean: ## Remove everything that the other commands made
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache *.egg-info
