# Two commands do all the set-up: `make demo` runs the main job, `make test` the tests.
# They need git, make and a Python from 3.11 on; everything else goes into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo test lint clean

$(VENV)/demo-ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	@touch $@

$(VENV)/test-ready: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@ $(VENV)/demo-ready

demo: $(VENV)/demo-ready
	$(BIN)/radiome demo demo

lint: $(VENV)/test-ready
	$(BIN)/ruff check src tests benchmarks docs
	$(BIN)/ruff format --check src tests benchmarks docs
	$(BIN)/mypy
	$(BIN)/lint-imports

# A file of tests stays on one process, so that what its tests share is made once.
test: $(VENV)/test-ready
	$(MAKE) lint
	$(BIN)/pytest --numprocesses auto --maxprocesses 8 --dist loadfile

clean:
	rm -rf $(VENV) demo
