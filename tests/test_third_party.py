"""An installed package of somebody else's: neurons, encoders, a sense, a tracker, a reader and an animal.

It is built as a wheel and unpacked into a folder that Python imports from, which is what installing it does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hatchling.build import build_wheel

from neuromech import recording

BRAINS = '''
from dataclasses import dataclass

import equinox as eqx
import jax.numpy as jnp
import numpy as np

from neuromech import register
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
ANIMALS = '''
import numpy as np
import xarray as xr

from neuromech import InputError, register
from neuromech.senses import Sense
from neuromech.tracking.io.base import Points, need_fps, reader
from neuromech.tracking.similarity.features import Behaviour, Feature, FeatureSet
from neuromech.tracking.trackers.base import measures


@register("sense", "turn_rate")
class TurnRate(Sense):
    """How fast a joint turns, rad/s."""

    def __init__(self, body, *, joint: str):
        self.channels, self.unit = (joint,), "rad/s"
        self._address = body.model.joint(joint).dofadr[0]

    def read(self, data, t_s, around):
        return data.qvel[[self._address]].astype(np.float32)


def rates_deg_s(recording):
    tip = recording["landmarks"].sel(landmark="tip").values
    angle = np.degrees(np.unwrap(np.arctan2(tip[:, 1], tip[:, 0])))
    return np.diff(angle) / np.diff(recording["time"].values)


@register("tracker", "spin")
@measures({"spin_deg_s": "deg/s"})
def spin(recording):
    """Mean angular velocity of the tip about the origin."""
    return {"spin_deg_s": float(rates_deg_s(recording).mean())}


register("feature set", "spin")(
    FeatureSet(
        {"rate": Feature("angular velocity", "deg/s")},
        lambda recording: Behaviour({"rate": rates_deg_s(recording)}),
        mirrored=False,
        max_lag_s=1.0,
    )
)


@register("reader", "turntable")
@reader((".turns",), lambda path: path.read_text().startswith("turntable"), ("fps", "unit", "y_down"))
def turntable(path, options):
    """A line of a title, then the angle of the tip in every frame, degrees."""
    angle = np.radians([float(line) for line in path.read_text().split()[1:]])
    xyz = np.stack([np.cos(angle), np.sin(angle)], axis=1)[:, None]
    return Points(path, np.arange(len(angle)) / need_fps(options, path), xyz, ["tip"], 1.0).dataset(options)
'''
FILES = {
    "pyproject.toml": """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "spinning-lab"
version = "0.1"

[project.entry-points."neuromech.plugins"]
spinning_brains = "spinning_lab.brains"
spinning_animals = "spinning_lab.animals"

[project.entry-points."neuromech.content"]
spinning = "spinning_lab.content"
""",
    "spinning_lab/__init__.py": "",
    "spinning_lab/brains.py": BRAINS,
    "spinning_lab/animals.py": ANIMALS,
    "spinning_lab/content/bodies/spinner/body.yaml": """name: spinner
title: A rod that turns about its end
model: spinner.xml
senses: {turn: {kind: turn_rate, joint: hinge}}
tracker: spin
""",
    "spinning_lab/content/bodies/spinner/spinner.xml": """<mujoco>
<worldbody><body name="rod" pos="0 0 2">
  <joint name="hinge" axis="0 0 1" damping="0.5"/>
  <geom type="capsule" size="0.1" fromto="0 0 0 1 0 0" density="1"/>
  <site name="tip" pos="1 0 0"/>
</body></worldbody>
<actuator><motor name="pull" joint="hinge" ctrlrange="0 1"/></actuator>
</mujoco>
""",
    "spinning_lab/content/environments/turntable/environment.yaml": """name: turntable
title: Nothing but a place to turn
""",
    "spinning_lab/content/configs/experiment/spin.yaml": """# @package _global_
title: A rod that turns and feels it.
body: spinner
environment: {name: turntable}
controller: {name: spinner_brain}
clock: {physics_s: 0.005, control_s: 0.01, record_s: 0.05, brain_substeps: 2}
duration_s: 1.0
start: {heading: 0.0}
""",
    "spinning_lab/content/controllers/spinner_brain/controller.yaml": """name: spinner_brain
title: Two neurons
model: leaky
encoding: {turn: {kind: squared, sense: turn, neurons: {hinge: [SENSE]}}}
""",
    "spinning_lab/content/controllers/spinner_brain/parameters.yaml": """parameters:
  tau_ms: {'*': 20.0}
  chemical_gain: {'*>*': 1.0}
  noise_pA: {MOVE: 0.3}
  neuromuscular: {'*': 1.0}
  tone: 0.3
  turn: {current_pA: 1.0}
""",
    "spinning_lab/content/controllers/spinner_brain/neurons.csv": """name,class,type,transmitter
SENSE,SENSE,sensory,glutamate
MOVE,MOVE,motor,acetylcholine
""",
    "spinning_lab/content/controllers/spinner_brain/connections.csv": """pre,post,kind,weight,sign
SENSE,MOVE,chemical,1,1
MOVE,pull,neuromuscular,5,1
""",
}
ANGLES = "turntable\n" + "\n".join(str(9.0 * k) for k in range(40))
"""A tip that turns by 9 degrees in every frame."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to work in, beside `site`, into which the package was installed."""
    root = tmp_path_factory.mktemp("third_party")
    for name, text in FILES.items():
        (root / "source" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "source" / name).write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root / "source")
        wheel = build_wheel(str(root))
    with zipfile.ZipFile(root / wheel) as packed:
        packed.extractall(root / "site")
    (root / "work").mkdir()
    return root / "work"


def python(place: Path, repository: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(repository), str(place.parent / "site")])
    return subprocess.run(
        [sys.executable, *arguments], cwd=place, env={**os.environ, "PYTHONPATH": path},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.thorough
def test_its_animal_runs_from_the_command_line(place: Path, repository: Path) -> None:
    run = ("-m", "neuromech", "run", "experiment=spin", "output=out", "video=false")
    done = python(place, repository, *run)
    assert done.returncode == 0, done.stderr
    found = recording.load(place / "out" / "episode_000.nc")
    assert found["neuron"].values.tolist() == ["SENSE", "MOVE"] and found["activity"].attrs["units"] == "mV"
    assert np.std(found["activity"].sel(neuron="MOVE").values) > 0 and np.std(found["muscle"].values) > 0
    turned = found["sense_turn"].values[:, 0]
    assert found["sense_turn"].attrs["units"] == "rad/s" and turned.max() > 0.1
    assert found["activity"].sel(neuron="SENSE").values.max() > 0  # it is sent what the joint feels
    summary = json.loads((place / "out" / "summary.json").read_text())
    assert summary["ended"] == "complete" and (place / "out" / "report.png").is_file()
    spin = summary["metrics"]["spin_deg_s"]
    assert spin["unit"] == "deg/s" and spin["mean"] == pytest.approx(np.degrees(turned[1:].mean()), rel=0.1)
    (place / "mine.turns").write_text(ANGLES)
    compare = ("-m", "neuromech", "compare", "simulation=out/episode_000.nc", "animal=mine.turns", "fps=10")
    done = python(place, repository, *compare)
    assert done.returncode == 0 and "angular velocity" in done.stdout, done.stderr
    wrong = python(place, repository, *run, "controller.model=leeky", "body.tracker=spinn")
    assert wrong.returncode == 2 and "\n" not in wrong.stderr.strip()
    assert "unknown body.tracker 'spinn'; nearest: spin" in wrong.stderr


@pytest.mark.thorough
def test_all_of_it_is_there_in_python(place: Path, repository: Path) -> None:
    (place / "mine.turns").write_text(ANGLES)
    code = """
import json
import neuromech as nm
from neuromech._lib.registry import load_plugins, registry
from neuromech.brain.isolated import Preparation, play
from neuromech.cli.main import main

assert load_plugins() == {}
there = [("neuron model", "leaky"), ("encoder", "squared"), ("spike encoder", "linear"), ("tracker", "spin"),
         ("reader", "turntable"), ("sense", "turn_rate"), ("wiring", "flywire_783")]
assert all(name in registry(kind) for kind, name in there) and "leaky" not in registry("wiring")

result = nm.run("spin", output="python", video=False, duration_s=0.5)
assert list(result.metrics.index) == ["spin_deg_s"]
animal = nm.read("mine.turns", fps=10)
table = nm.track(animal, "spin")
assert abs(table.loc["spin_deg_s", "value"] - 90.0) < 1e-9 and table.loc["spin_deg_s", "unit"] == "deg/s"
compared = nm.compare("python/episode_000.nc", "mine.turns", fps=10)
assert list(compared.features.index) == ["angular velocity"], compared
for wrong, said in [
    (lambda: nm.read("mine.turns", format="turntabel"), "nearest: turntable"),
    (lambda: nm.read("mine.turns", fps=10, individual="a"), "is read as turntable, for which individual="),
    (lambda: nm.read("mine.turns", fps=10, tracker="spinn"), "unknown tracker 'spinn'; nearest: spin"),
    (lambda: nm.track(animal, "spinn"), "unknown tracker 'spinn'; nearest: spin"),
    (lambda: nm.run("spinn"), "nearest: spin"),
]:
    try:
        wrong()
    except nm.InputError as error:
        assert said in str(error), error
    else:
        raise AssertionError(said)

for what in ("neuron models", "trackers", "readers", "senses", "bodies", "environments", "experiments"):
    print(what)
    assert main(["list", *what.split()]) == 0

cord = Preparation.of("spinner_brain", inject_pA={"SENSE": 2.0})
print([f"{each:.3f}" for each in play([cord], 0.2)[1][0, -1]], type(cord.network).__name__)
"""
    done = python(place, repository, "-c", code)
    assert done.returncode == 0, done.stderr
    words = done.stdout.split()
    for name in ("leaky", "spin", "turntable", "turn_rate", "spinner", "undulation", "deeplabcut", "worm"):
        assert name in words, name
    assert done.stdout.endswith("['0.964', '0.746'] Leaky\n"), done.stdout
