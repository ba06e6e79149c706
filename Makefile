# `make` sets everything up and builds the tables and notebooks; `make test` checks them.
# VENV=dir uses another environment, PYTHON=python3.12 another interpreter (3.11 or newer).
PYTHON ?= python3
VENV ?= .venv
RUN := $(VENV)/bin/python -m
INSTALLED := $(VENV)/.installed
NOTEBOOKS := $(sort $(wildcard notebooks/*.ipynb))

.PHONY: all build notebooks test lint lab lock clean

all: build notebooks

# The stamp is newer than the lock: nothing is installed twice.
$(INSTALLED): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than Python 3.11: install a newer one and name it, e.g. make PYTHON=python3.12" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(RUN) pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(RUN) pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@$(VENV)/bin/python -c 'import matplotlib.font_manager' # builds its cache, which later would warn in a notebook
	@touch $@

build: $(INSTALLED)
	$(RUN) xianbi build

# The accept step: runs every notebook and stores its outputs. No timings and no versions are
# stored, so that a second run changes nothing.
notebooks: $(INSTALLED)
	$(RUN) jupyter nbconvert --log-level=WARN --to=notebook --execute --inplace \
	  --ExecutePreprocessor.record_timing=False \
	  --ClearMetadataPreprocessor.enabled=True \
	  --ClearMetadataPreprocessor.preserve_nb_metadata_mask=kernelspec \
	  $(NOTEBOOKS)

test: $(INSTALLED)
	$(RUN) pytest tests src --nbval --nbval-current-env notebooks

lint: $(INSTALLED)
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy

lab: $(INSTALLED)
	$(RUN) jupyterlab notebooks

# The reader of scans is in the lock because one of the samples is a scan.
# Renews the lock for every system and Python from 3.11 on; needs the network and `pip install uv`.
lock:
	uv pip compile pyproject.toml --extra ocr --group dev --universal --python-version 3.11 --upgrade \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate \
	  --custom-compile-command "make lock" --output-file requirements.lock

clean:
	rm -rf $(VENV) build .pytest_cache .mypy_cache .ruff_cache .hypothesis
