# Everything below is plain `python3 -m venv` and `pip`; a second run installs nothing again.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=

.PHONY: help demo test lint types layers unit slow audit clean

help:
	@echo "make demo   install, train the default experiment on real digits, evaluate it (ARGS='latent=sphere')"
	@echo "make test   install the test extra, run everything that CI runs"
	@echo "make audit  ask for known holes in what is installed (needs a network)"
	@echo "make clean  remove caches and build folders; runs in outputs/ stay"

$(BIN)/python:
	@echo "+ $(PYTHON) -m venv $(VENV)"
	@$(PYTHON) -m venv $(VENV) || { echo "python3 has no venv module: on Debian, apt-get install python3-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/.installed: pyproject.toml | $(BIN)/python
	@echo "+ pip install -e .    (once; takes minutes, most of it torch)"
	@$(BIN)/pip install --quiet --disable-pip-version-check -e . 2>&1 | grep -v '^WARNING: Location' || true
	@$(BIN)/python -c "import torch, hydra, pytorch_lightning" && touch $@

$(VENV)/.installed-test: pyproject.toml | $(BIN)/python
	@echo "+ pip install -e '.[test]'    (once; takes minutes, most of it torch)"
	@$(BIN)/pip install --quiet --disable-pip-version-check -e '.[test]' 2>&1 | grep -v '^WARNING: Location' || true
	@$(BIN)/python -c "import torch, hydra, pytorch_lightning, pytest, mypy" && touch $@ $(VENV)/.installed

demo: $(VENV)/.installed
	@$(BIN)/gan-lab train experiment=mnist_dcgan name=demo $(ARGS)
	@$(BIN)/gan-lab evaluate outputs/demo/latest

test: lint types layers unit slow

lint: $(VENV)/.installed-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.installed-test
	$(BIN)/mypy

layers: $(VENV)/.installed-test
	$(BIN)/lint-imports

unit: $(VENV)/.installed-test
	OMP_NUM_THREADS=1 $(BIN)/pytest -m "not slow"

slow: $(VENV)/.installed-test
	OMP_NUM_THREADS=1 $(BIN)/pytest -m slow

audit: $(VENV)/.installed
	$(BIN)/pip install --quiet --disable-pip-version-check 'pip-audit>=2.9'
	$(BIN)/pip-audit --skip-editable --progress-spinner off

clean:
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
