# make demo | test | check | docs | wheel-smoke | bench | controls | compare | policies | imitation | wiring | robustness | fit | clean
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

.PHONY: demo test check docs site wheel-smoke bench controls compare policies imitation wiring robustness fit clean

demo: $(INSTALLED)
	$(BIN)/neuromech run experiment=worm_chemotaxis video=true output=demo
	@echo "Watch $(CURDIR)/demo/video.mp4 and look at $(CURDIR)/demo/report.png"

test: $(INSTALLED)
	$(BIN)/python -m pytest $(PARALLEL) $(PYTEST_ARGS)

check: $(INSTALLED)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright --pythonpath $(BIN)/python

# The tools that build the site are an extra of their own.
docs:
	$(MAKE) EXTRAS=docs site

site: $(INSTALLED)
	$(BIN)/python docs/scripts/build.py

wheel-smoke: $(INSTALLED)
	$(BIN)/python -m pytest $(PYTEST_ARGS) -m slow tests/test_wheel.py

bench: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,rl]'
	$(BIN)/python benchmarks/speed.py
	$(BIN)/python benchmarks/env_speed.py

# Finished episodes are kept in docs/validation/evaluations. Where files that `neuromech data list` names are not on this
# machine, the tables that need them stay as they are.
EVALUATE = $(BIN)/neuromech evaluate evaluation=$(1) output=docs/validation/evaluations/$(1) page=docs/validation/$(2).md
controls: $(INSTALLED)
	$(call EVALUATE,worm,worm)
	$(call EVALUATE,worm_steps,worm)
	$(call EVALUATE,worm_connectomes,worm_connectomes)
	$(call EVALUATE,worm_search,worm_search)
	$(call EVALUATE,worm_lawn,worm_search)
	-$(call EVALUATE,worm_patch_clamp,worm_channels)
	-$(call EVALUATE,worm_channels,worm_channels)
	$(call EVALUATE,larva,larva)
	$(call EVALUATE,larva_eyes,larva)
	$(call EVALUATE,mouse,mouse)
	$(call EVALUATE,fly,fly)
	$(call EVALUATE,fly_manc,fly_manc)
	-$(call EVALUATE,worm_atlas,worm)
	-$(call EVALUATE,fly_brain,fly_brain)
	-$(call EVALUATE,fly_brain_published,fly_brain)

compare: $(INSTALLED)
	-$(call EVALUATE,worm_recorded,comparison)
	-$(call EVALUATE,larva_recorded,comparison)
	-$(call EVALUATE,mouse_recorded,comparison)
	-$(call EVALUATE,fly_recorded,comparison)

# Hours: every seed of a row with a training is a training.
policies: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,rl]'
	$(call EVALUATE,policies,policies)

imitation: $(INSTALLED)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[dev,rl]'
	-$(call EVALUATE,imitation,imitation)

# Trainings of wirings beside their controls, five seeds each; they go on in trainings/ where they were stopped.
CONTROLS = $(BIN)/neuromech train train=policy_gradient experiment=$(1) controls=true seeds=5 \
	algorithm.population=12 output=trainings/$(1)_wiring_controls page=docs/validation/wiring.md
wiring: $(INSTALLED)
	$(call CONTROLS,fish_optomotor) algorithm.sigma=1.0 algorithm.rate=0.3
	cp trainings/fish_optomotor_wiring_controls/controls.png docs/assets/pictures/wiring_larva.png
	$(call CONTROLS,worm_chemotaxis) algorithm.sigma=0.5 algorithm.rate=0.2 steps=6 learners.wiring.per=class \
		learners.wiring.episode_s=10
	cp trainings/worm_chemotaxis_wiring_controls/controls.png docs/assets/pictures/wiring_worm.png

# Hours; each step is kept, and what was tried before is not tried again.
robustness: $(INSTALLED)
	-$(BIN)/python -m tests.fuzz readers
	-$(BIN)/python -m tests.fuzz keys
	-$(BIN)/python -m tests.fuzz kills
	$(BIN)/python -m tests.fuzz write

fit: $(INSTALLED)
	$(BIN)/neuromech fit fit=worm_crawl

clean:
	rm -rf $(VENV) build dist site .cache docs/content docs/tutorials/output .pytest_cache .ruff_cache .hypothesis

$(INSTALLED): pyproject.toml constraints.txt hatch_build.py
	@test -n "$(PYTHON)" || { echo "neuromech needs Python 3.11 to 3.14; set PYTHON=/path/to/python" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); \
		echo "on Debian and Ubuntu, 'python3 -m venv' needs the package python3-venv" >&2; exit 1; }
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[$(EXTRAS)]'
	@touch $@
