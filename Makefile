# make demo | test | check | wheel-smoke | bench | controls | compare | policies | fit | clean
# EXTRAS=dev,rl installs what trains networks, too: torch, whose ordinary build for Linux brings gigabytes of CUDA.
# VENV is where the environment is made, PYTHON (3.11 to 3.14) what makes it.
VENV ?= .venv
EXTRAS ?= dev
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.14; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null && echo $$p && break; done)
PYTEST_ARGS ?= -q
# Tests run in as many processes as there are cores, each of up to 2.5 GB.
PARALLEL ?= --numprocesses logical --maxprocesses 8 --dist worksteal
INSTALLED := $(VENV)/.neuromech-installed-$(EXTRAS)
BIN := $(VENV)/bin

.PHONY: demo test check wheel-smoke bench controls compare policies fit clean

demo: $(INSTALLED)
	$(BIN)/neuromech run experiment=worm_chemotaxis video=true output=demo
	@echo "Watch $(CURDIR)/demo/video.mp4 and look at $(CURDIR)/demo/report.png"

test: $(INSTALLED)
	$(BIN)/python -m pytest $(PARALLEL) $(PYTEST_ARGS)

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python

wheel-smoke: $(INSTALLED)
	$(BIN)/python -m pytest $(PYTEST_ARGS) -m slow tests/test_wheel.py

bench: $(INSTALLED)
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/env_speed.py

controls: $(INSTALLED)
	$(BIN)/python benchmarks/fish_replay.py
	$(BIN)/python benchmarks/controls.py
	$(BIN)/python benchmarks/fish_controls.py
	$(BIN)/python benchmarks/mouse_circuit.py
	$(BIN)/python benchmarks/mouse_controls.py --seeds 10
	$(BIN)/python benchmarks/fly_controls.py --seeds 10
	$(BIN)/python benchmarks/fly_manc.py
	$(BIN)/python benchmarks/fly_manc_tethered.py
	$(BIN)/python benchmarks/fly_motion.py
	$(BIN)/python benchmarks/fly_brain.py --seeds 10
	$(BIN)/python benchmarks/fly_published.py

compare: $(INSTALLED)
	$(BIN)/python benchmarks/compare.py

policies: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,rl]'
	$(BIN)/python benchmarks/policies.py

fit: $(INSTALLED)
	$(BIN)/neuromech fit fit=worm_crawl

clean:
	rm -rf $(VENV) build dist .pytest_cache .ruff_cache .hypothesis

$(INSTALLED): pyproject.toml constraints.txt hatch_build.py
	@test -n "$(PYTHON)" || { echo "neuromech needs Python 3.11 to 3.14; set PYTHON=/path/to/python" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "on Debian and Ubuntu, 'python3 -m venv' needs the package python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[$(EXTRAS)]'
	@touch $@
