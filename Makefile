# Each target does its own set-up in .venv; a fresh clone needs nothing else but Python 3.11 or newer.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
ARGS   ?=

.PHONY: interview serve test check build bench format clean

interview: $(VENV)/.installed     ## a mock interview, offline:  make interview ARGS="--topic distributed --lang zh"
	@$(BIN)/mockint interview $(ARGS)

serve: $(VENV)/.installed-web     ## the same in a browser, with reports
	@$(BIN)/mockint serve $(ARGS)

test: $(VENV)/.installed-dev      ## everything CI runs
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/mockint check
	$(BIN)/mockint build --check
	$(BIN)/mockint test --quiet --fail-under kappa.points=0.93 --fail-under kappa.misconceptions=0.93
	$(BIN)/mockint test --blind --quiet --fail-under kappa.points=0.60 --fail-under kappa.misconceptions=0.70
	$(BIN)/mockint eval --attacks --bank --worst 0 --fail-under attacks=1
	$(BIN)/pytest $(ARGS)

check: $(VENV)/.installed         ## the bank only
	$(BIN)/mockint check

build: $(VENV)/.installed         ## compile bank/ into decks/
	$(BIN)/mockint build

bench: $(VENV)/.installed-dev     ## every benchmark; with -k also those after one that missed a bar
	$(BIN)/python -m tests.benchmarks.startup
	$(BIN)/python -m tests.benchmarks.offline_grading
	$(BIN)/python -m tests.benchmarks.packaging
	$(BIN)/python -m tests.benchmarks.llm_grading
	$(BIN)/python -m tests.benchmarks.history_100k
	$(BIN)/python -m tests.benchmarks.web_sessions

format: $(VENV)/.installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean:
	rm -rf $(VENV) dist

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.installed-web: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[report,web]'
	@touch $@ $(VENV)/.installed

$(VENV)/.installed-dev: pyproject.toml constraints.txt | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.installed $(VENV)/.installed-web
