# Backstop. Needs python3 (3.11 to 3.13), pip and make; everything else goes into .venv, from the lock.
PYTHON ?= python3
VENV   := .venv
PY     := $(VENV)/bin/python
# Rules share their arguments, which core/model/__init__.py explains once; ruff sees that each says what it means.
CORE   := $(shell grep -rL --include=*.py "^@rule" core) core/model/engine.py

.DEFAULT_GOAL := help
.PHONY: help setup run test lint bench load soak reference golden screenshots

help: ## list these targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 14

setup: $(VENV)/dev.stamp ## make .venv with everything the tests need (quick when nothing changed)

run: $(VENV)/run.stamp ## serve the app on http://localhost:8501
	@$(PY) -m core warm > /dev/null  # the first time half a minute, then a second
	$(PY) -m streamlit run asgi.py

test: setup ## run every test, those in a browser included, in two processes
	@$(PY) -m core warm > /dev/null  # once, not in each of the two processes
	$(PY) -m pytest -q -n 2 --dist loadscope --durations=25

lint: setup ## check format, style, types and docstrings
	$(PY) -m ruff format --check .
	$(PY) -m ruff check .
	$(PY) -m mypy
	$(PY) -m numpydoc lint $(CORE)

bench: setup ## time the engine beside a fixed numpy workload, and the front door
	$(PY) -m tests.bench

load: setup ## tell how many viewers a server carries, what a move costs it, how fast it reaches an audience
	@$(PY) -m core warm > /dev/null
	@STREAMLIT_LOGGER_LEVEL=error $(PY) -m tests.load
	@STREAMLIT_LOGGER_LEVEL=error $(PY) -m tests.rooms_load

soak: setup ## read 500 generated files of brokers, play 200 quick sequences of a hand in a browser, keep an audience of 1,000 (20 minutes)
	@$(PY) -m tests.core.holdings.generated
	@$(PY) -m core warm > /dev/null
	@STREAMLIT_LOGGER_LEVEL=error $(PY) -m tests.browser.sequences
	@STREAMLIT_LOGGER_LEVEL=error $(PY) -m tests.rooms_load --soak

reference: setup ## hold the engine against its results at full precision
	$(PY) -m tests.reference

golden: setup ## write the golden results anew (look at the difference before keeping it)
	$(PY) -m tests.golden --write

screenshots: setup ## take a picture of every page into docs/screenshots
	$(PY) -m tests.browser.screenshots docs/screenshots

# The stamps are what makes a second call quick: the lock is read again only when it changes.
$(VENV)/run.stamp: requirements.txt | $(PY)
	$(call install,requirements.txt)
	@touch $@

$(VENV)/dev.stamp: requirements-dev.txt $(VENV)/run.stamp | $(PY)
	$(call install,requirements-dev.txt)
	@touch $@

# Without pip inside .venv (a Python that lacks ensurepip), the machine's own pip fills it from outside.
define install
	@if $(PY) -m pip --version >/dev/null 2>&1; then \
	  $(PY) -m pip install --quiet --disable-pip-version-check -r $(1); \
	elif "$$(cat $(VENV)/base)" -m pip --version >/dev/null 2>&1; then \
	  "$$(cat $(VENV)/base)" -m pip --python $(PY) install --quiet --disable-pip-version-check -r $(1); \
	else \
	  pip --python $(PY) install --quiet --disable-pip-version-check -r $(1); \
	fi
endef

$(PY):
	@set -e; \
	for python in $(PYTHON) python3.13 python3.12 python3.11; do \
	  if "$$python" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null; then \
	    base=$$python; break; \
	  fi; \
	done; \
	if [ -z "$$base" ]; then \
	  echo "Backstop needs Python 3.11, 3.12 or 3.13; '$(PYTHON)' is not one. Try: make PYTHON=/path/to/python3.12" >&2; \
	  exit 1; \
	fi; \
	rm -rf $(VENV); \
	if "$$base" -c 'import ensurepip' 2>/dev/null && "$$base" -m venv $(VENV); then :; \
	else \
	  echo "This Python cannot put pip into .venv (no ensurepip); its own pip fills .venv from outside." >&2; \
	  rm -rf $(VENV); \
	  "$$base" -m venv --without-pip $(VENV) || { \
	    echo "This Python has no working venv module. Install it (Debian: the package python3-venv)." >&2; \
	    rm -rf $(VENV); exit 1; }; \
	fi; \
	echo "$$base" > $(VENV)/base
