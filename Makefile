# The same few words everywhere: format, lint, types, test, build. `drill` is the main job.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: drill test format lint types build bench fidelity sources liars mutants clean

drill: $(READY)
	$(BIN)/offramp drill --report drill-report

test: $(READY)
	$(BIN)/python -m pytest --numprocesses auto --dist worksteal

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lint: $(READY)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types: $(READY)
	$(BIN)/mypy
	$(BIN)/mypy tests/typing/api.py tests/typing/wrong_calls.py
	$(BIN)/pyright

build: $(READY)
	$(BIN)/python -m pip --quiet wheel --no-deps --wheel-dir dist .

bench: $(READY)
	$(BIN)/python -m offramp_conformance.bench

fidelity: $(READY)
	$(BIN)/python -m offramp_conformance.fidelity

sources: $(READY)
	$(BIN)/offramp vendors sources --open

liars: $(READY)
	$(BIN)/python -m offramp_conformance.liars

# All of what decides on policy and of what follows an error. `tests/mutants.py --help` names the other fields.
MUTANTS ?= policy disposition
mutants: $(READY)
	$(BIN)/python tests/mutants.py $(MUTANTS)

$(READY): pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip --quiet --disable-pip-version-check install --editable '.[bedrock,cli,conformance,litellm,sign,dev]'
	touch $(READY)

clean:
	rm -rf $(VENV) dist build .pytest_cache .mypy_cache .ruff_cache .hypothesis
