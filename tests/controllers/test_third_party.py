"""An installed package of somebody else's: a neuron model and encoders, found by their entry point."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from neuromech import recording

MODULE = '''
from dataclasses import dataclass

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from neuromech._lib.registry import register
from neuromech.brain.encoders.base import Memoryless, by_channel
from neuromech.brain.encoders.random_spikes import SpikeEncoder
from neuromech.brain.neurons.base import Matrix, Neurons, Vector
from neuromech.brain.shared_parameters import single


@register("neuron model", "leaky")
class Leaky(Neurons):
    """Linear leaky integrators: tau dV/dt = -V + W V + I."""

    sections = ("tau_ms", "chemical_gain")
    activity_unit = "mV"
    muscle_law = "about_tone"

    tau_ms: Vector
    weights: Matrix

    @classmethod
    def from_circuit(cls, circuit):
        circuit.check_above_zero("tau_ms")
        wiring = circuit.connectome
        weights = wiring.chemical.T * wiring.chemical_sign.T * circuit.matrix("chemical_gain")
        return cls(single(circuit.vector("tau_ms")), single(weights))

    def init(self):
        return jnp.zeros_like(self.tau_ms)

    def step(self, state, injected_pA, present, step_ms, substeps=1):
        for _ in range(substeps):
            target = self.weights @ jnp.tanh(state) + injected_pA
            state = (target + (state - target) * jnp.exp(-step_ms / self.tau_ms)) * present
        return state

    def activity(self, state):
        return state

    def output(self, state):
        return jnp.tanh(state)


@register("encoder", "squared")
class Squared(Memoryless):
    """Each channel squared."""

    channels: int = eqx.field(static=True)

    @classmethod
    def sections(cls, entry):
        return {entry.name: ("current_pA",)}

    @classmethod
    def from_entry(cls, entry, circuit):
        currents = by_channel(entry, circuit, circuit.parameters[entry.name]["current_pA"])
        return cls(len(entry.channels)), currents

    def features(self, sensed):
        return sensed**2


@register("spike encoder", "linear")
@dataclass(frozen=True)
class Linear(SpikeEncoder):
    """A reading times a number."""

    numbers = ("per_{unit}",)
    per: float

    def rates_Hz(self, reading):
        return self.per * np.maximum(reading, 0.0)
'''
FILES = {
    "site/leaky_brains.py": MODULE,
    "site/leaky_brains-0.1.dist-info/METADATA": "Metadata-Version: 2.1\nName: leaky-brains\nVersion: 0.1\n",
    "site/leaky_brains-0.1.dist-info/entry_points.txt": "[neuromech.plugins]\nleaky = leaky_brains\n",
    "configs/experiment/leaky_crawl.yaml": """# @package _global_
title: A worm with a brain of somebody else's.
body: worm
environment: {name: agar_salt, stimulus: {kind: none}}
controller: {name: leaky_worm}
clock: {physics_s: 0.005, control_s: 0.01, record_s: 0.05, brain_substeps: 2}
duration_s: 0.5
start: {heading: 0.0}
""",
    "controllers/leaky_worm/controller.yaml": """name: leaky_worm
title: Two neurons
model: leaky
encoding: {bend: {kind: squared, sense: bend, neurons: {bend_05: [SENSE]}}}
""",
    "controllers/leaky_worm/parameters.yaml": """parameters:
  tau_ms: {'*': 20.0}
  chemical_gain: {'*>*': 1.0}
  noise_pA: {MOVE: 0.3}
  neuromuscular: {'*': 1.0}
  tone: 0.0
  bend: {current_pA: 1.0}
""",
    "controllers/leaky_worm/neurons.csv": """name,class,type,transmitter
SENSE,SENSE,sensory,glutamate
MOVE,MOVE,motor,acetylcholine
""",
    "controllers/leaky_worm/connections.csv": """pre,post,kind,weight,sign
SENSE,MOVE,chemical,1,1
MOVE,MDL05,neuromuscular,5,1
""",
}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def neuromech(place: Path, repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(repository), str(place / "site")])
    return subprocess.run(
        [sys.executable, *arguments], cwd=place, env={**os.environ, "PYTHONPATH": path},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_a_run_uses_its_neurons_and_its_encoder(place: Path, repository: Path) -> None:
    run = ("-m", "neuromech", "run", "--config-dir", "configs", "experiment=leaky_crawl", "output=out")
    done = neuromech(place, repository, *run)
    assert done.returncode == 0, done.stderr
    found = recording.load(place / "out" / "episode_000.nc")
    assert found["neuron"].values.tolist() == ["SENSE", "MOVE"] and found["activity"].attrs["units"] == "mV"
    move = found["activity"].sel(neuron="MOVE").values
    muscle = found["muscle"].values[:, found["muscle_name"].values == "MDL05"][:, 0]
    assert np.std(move) > 0 and np.std(muscle) > 0
    sense = found["activity"].sel(neuron="SENSE").values
    assert sense.max() > 0 and sense.min() >= 0  # it answers bends either way
    assert json.loads((place / "out" / "summary.json").read_text())["ended"] == "complete"
    wrong = neuromech(place, repository, *run, "controller.model=leeky")
    assert wrong.returncode == 2 and "unknown controller.model 'leeky'; nearest: leaky" in wrong.stderr


def test_the_registries_name_what_it_brings(place: Path, repository: Path) -> None:
    code = """
from neuromech._lib.registry import load_plugins, registry
print([name in registry(kind) for kind, name in (
    ("neuron model", "leaky"), ("encoder", "squared"), ("spike encoder", "linear"), ("wiring", "leaky"),
    ("wiring", "flywire_783"), ("controller model", "policy"),
)], load_plugins())
"""
    done = neuromech(place, repository, "-c", code)
    assert done.stdout == "[True, True, True, False, True, True] {}\n", done.stderr


def test_the_command_lists_it(place: Path, repository: Path) -> None:
    done = neuromech(place, repository, "-m", "neuromech", "list", "neuron", "models")
    assert done.stdout.split() == ["graded", "rate", "bursting", "leaky"], done.stderr


def test_it_can_be_taken_out_of_its_body(place: Path, repository: Path) -> None:
    code = """
from pathlib import Path
from neuromech.brain.isolated import Preparation, play
cord = Preparation.of("leaky_worm", inject_pA={"SENSE": 2.0}, config_dirs=[Path("configs")])
print([f"{each:.3f}" for each in play([cord], 0.2)[1][0, -1]], type(cord.network).__name__)
"""
    done = neuromech(place, repository, "-c", code)
    assert done.stdout == "['0.964', '0.746'] Leaky\n", done.stderr
