# The two commands are `make run` and `make test`; both set up what they need.
# The first of these that runs and is new enough.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
  $$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$name && break; done)
# A process more than cores, because some of them always wait for another; a file's tests stay together, so that
# what is costly to set up is set up once, and files begin in the order of tests/conftest.py.
PROCESSES := $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1)))
PARALLEL := --numprocesses $(PROCESSES) --dist loadfile --no-loadscope-reorder
VENV := .venv
BIN := $(VENV)/bin
INSTALLED := $(VENV)/.installed
TEST_READY := $(VENV)/.test-ready
SPARK_READY := $(VENV)/.spark-ready
# A real CRM to test against; what it pins has nothing to do with ours.
TRYTON := .venv-tryton
TRYTON_INSTALLED := $(TRYTON)/.installed
TRYTON_READY := $(TRYTON)/template.sqlite

.PHONY: run test test-full test-real screenshots check browser clean help

help:
	@echo "make run        set everything up and serve the sidebar and the console"
	@echo "make test       the checks and the tests, browser tests included"
	@echo "make test-full  also the long ones"
	@echo "make test-real  the loop against servers of yours: see docs/add-a-crm.md"
	@echo "make screenshots  every page of the console, light and dark, wide and narrow, in tests/output/console"
	@echo "make check      format, lint, types and the architecture, without tests"

run: $(INSTALLED)
	$(BIN)/assist setup
	$(BIN)/assist serve

test: $(TEST_READY) $(TRYTON_READY) browser check
	$(BIN)/pytest -m "not long and not real" $(PARALLEL)

test-full: $(SPARK_READY) $(TRYTON_READY) browser check
	$(BIN)/pytest -m "not real" $(PARALLEL)

test-real: $(TEST_READY)
	$(BIN)/pytest -m real

screenshots: $(TEST_READY) browser
	SCREENSHOTS=1 $(BIN)/pytest tests/browser -k "axe or accessible" $(PARALLEL)

check: $(TEST_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Python 3.11 or later is needed: make PYTHON=/path/to/python3 run" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"

$(INSTALLED): $(VENV)/bin/python pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable .
	touch $@

$(TEST_READY): $(INSTALLED) pyproject.toml constraints.txt
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . --group test
	touch $@

# Half a gigabyte, for a few long tests.
$(SPARK_READY): $(TEST_READY)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[spark]'
	touch $@

$(TRYTON_INSTALLED): tests/real/tryton/requirements.txt | $(VENV)/bin/python
	$(BIN)/python -m venv $(TRYTON)
	$(TRYTON)/bin/python -m pip install --quiet --requirement tests/real/tryton/requirements.txt
	touch $@

$(TRYTON_READY): $(TRYTON_INSTALLED) tests/real/tryton/template.py | $(TEST_READY)
	$(BIN)/python -m tests.real.tryton.template

# Debian's Chromium; elsewhere any chromium on the PATH will do.
browser:
	@command -v chromium >/dev/null || tools/install-chromium

clean:
	rm -rf $(VENV) $(TRYTON) data build dist
