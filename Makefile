# Every target does its own set-up; `make demo` and `make test` are the two to know.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_ACOUSTIC := $(VENV)/.ready-acoustic
READY_BENCH := $(VENV)/.ready-bench
EVERY ?= 1
CALLS ?= 1000
TINY ?=
WORK ?= .cache/acoustic_model$(if $(TINY),-tiny)
VOICES ?= .cache/acoustic_model
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: acoustic-voices demo test check lint types serve bench bench-recognition bench-calls bench-page acoustic-model acoustic-first acoustic-second audio-fixtures lock clean

demo: $(READY)
	$(BIN)/elms-ivr demo

test: check
	$(BIN)/pytest -n auto

check: lint types

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

$(READY): requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ELMS IVR needs Python 3.11 or newer")'
	@echo "Setting up $(VENV) (a minute, once)…"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install -r requirements/dev.txt
	@$(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

# Torch and what trains the acoustic model: only for those who retrain it.
$(READY_ACOUSTIC): $(READY) requirements/acoustic.txt
	@$(PIP) install torch==2.13.0 || exit 1
	@$(PIP) install -r requirements/acoustic.txt
	@touch $@

serve: $(READY)
	$(BIN)/elms-server serve --demo

# What the benchmarks compare with and draw with: only for those who measure.
$(READY_BENCH): $(READY) requirements/bench.txt
	@$(PIP) install -r requirements/bench.txt
	@touch $@

bench: $(READY_BENCH)
	$(BIN)/python -m benchmarks

# Every recording under every condition; EVERY=20 takes each twentieth. What was heard is kept. The
# synthetic voices are those that `python -m acoustic_model prepare` made below VOICES.
bench-recognition: $(READY_BENCH)
	$(BIN)/python -m benchmarks.recognition --every $(EVERY) --voices $(VOICES)
	$(BIN)/python -m benchmarks.page

bench-calls: $(READY_BENCH)
	$(BIN)/python -m benchmarks.calls --calls $(CALLS)
	$(BIN)/python -m benchmarks.page

bench-page: $(READY_BENCH)
	$(BIN)/python -m benchmarks.page

# Installs the voices that the recipe was made with; without them it is made with those that are here.
acoustic-voices: $(READY_ACOUSTIC)
	@$(PIP) install -r requirements/voices.txt
	@grep -A 3 "Debian" requirements/voices.txt

# TINY=--tiny runs all stages on almost nothing, in a minute or two. The two models are trained at once, a core
# each; the same command goes on where it was stopped.
ACOUSTIC := $(BIN)/python -m acoustic_model
acoustic-model: $(READY_ACOUSTIC)
	$(ACOUSTIC) prepare --work $(WORK) $(TINY)
	$(MAKE) --no-print-directory --jobs 2 acoustic-first acoustic-second
	$(ACOUSTIC) export --work $(WORK) $(TINY)
	$(ACOUSTIC) spot $(WORK)/candidates/fold --threads 2 --work $(WORK) $(TINY)
	$(ACOUSTIC) evaluate $(WORK)/candidates/fold --work $(WORK) $(TINY)
	$(ACOUSTIC) export --name second --work $(WORK) $(TINY)
	$(ACOUSTIC) evaluate $(WORK)/candidates/second --work $(WORK) $(TINY)
	$(ACOUSTIC) card $(WORK)/candidates/second --work $(WORK)
	rm -rf $(WORK)/candidates/fold/second
	cp -r $(WORK)/candidates/second $(WORK)/candidates/fold/second
	$(ACOUSTIC) card $(WORK)/candidates/fold --work $(WORK)

acoustic-first:
	$(ACOUSTIC) train --name begun --work $(WORK) $(TINY)
	$(ACOUSTIC) export --name begun --word-cost -3 --unknown-cost -2.5 --work $(WORK)
	$(ACOUSTIC) train --start-from $(WORK)/candidates/begun --seed 2 --rounds 640 --work $(WORK) $(TINY)

# Two bars would hide one another: how far this one is, runs/second/log.jsonl says.
acoustic-second:
	$(ACOUSTIC) train --name second --small --seed 5 --rounds 1100 --work $(WORK) $(TINY) 2>$(WORK)/second.log || { cat $(WORK)/second.log; exit 1; }

# Makes the recorded callers again: only for those who change them.
audio-fixtures: $(READY)
	@$(PIP) install py-nanotts==0.1.1 hibari-tts==0.2.1
	$(BIN)/python -m audio_fixtures.make

lock: $(READY)
	$(BIN)/pip-compile --quiet --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-header --extra dev --output-file requirements/dev.txt pyproject.toml

clean:
	rm -rf $(VENV) out .cache .mypy_cache .ruff_cache .pytest_cache
