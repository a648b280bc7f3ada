# Two commands matter: `make demo` and `make test`. Each makes the virtual environment first if there is none.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
TESTING := $(VENV)/.testing

# All of tests/integration but what is about Bluetooth or the command line: these know no database.
ON_POSTGRES := tests/integration $(addprefix --ignore=tests/integration/,test_ble_stack.py test_bluez.py test_bluez_faults.py test_commands.py)

.PHONY: demo run test test-postgres soak bench diagrams screenshots lint format assets clean help

help:  ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(INSTALLED)  ## a whole talk in two minutes, with a simulated body, at http://127.0.0.1:8000
	@$(BIN)/flooding demo $(if $(PORT),--port $(PORT))

run: $(INSTALLED)  ## the real thing, on this machine only
	@$(BIN)/flooding run $(if $(PORT),--port $(PORT))

test: $(TESTING)  ## set up and run every test, a file to a processor; the slow ones, which are first by name, first
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

test-postgres: $(TESTING)  ## the journal's and the pages' tests once more, with every journal on a real PostgreSQL
	FLOODING_TEST_DATABASE=postgresql $(BIN)/python -m pytest -n auto --dist loadfile $(ON_POSTGRES)

soak: $(TESTING)  ## a hundred thousand random talks through policy and pause (about half an hour)
	$(BIN)/python -m tests.soak

diagrams: $(TESTING)  ## write docs/alerts.md from the tables in alerts/
	$(BIN)/python -m tests.alerts_page

bench: $(TESTING)  ## timings and the artifact table, also written to docs/benchmarks.md
	$(BIN)/python -m tests.benchmarks

screenshots: $(TESTING)  ## make the pictures of the pages, into screenshots/, and the README's
	$(BIN)/python -m tests.e2e.screenshots --readme

lint: $(TESTING)  ## style, types, import contracts, vendored assets
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m api.page.vendor --check

format: $(TESTING)  ## put the code in its form
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

assets: $(TESTING)  ## fetch the vendored page assets again (needs npm)
	$(BIN)/python -m api.page.vendor

clean:  ## remove what these commands made
	rm -rf $(VENV) screenshots build *.egg-info

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "flooding needs Python 3.11 or newer; $$($(PYTHON) --version) was found. Try: make $(MAKECMDGOALS) PYTHON=python3.12"; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(INSTALLED): pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(TESTING): pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[test,lint]'
	@touch $@ $(INSTALLED)
