"""The policy gradient over the strengths of a wiring's synapses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from scipy.stats import gmean

from neuromech._lib.errors import InputError
from neuromech.brain.circuit import Circuit
from neuromech.controllers.policy_network import Network
from neuromech.specs.compose import training
from neuromech.training import curves, evolution
from neuromech.training.learners import Settings
from neuromech.training.network_weights import Weights, hidden_of
from neuromech.training.policy_gradient import POLICY_GRADIENT, PolicyGradient
from neuromech.training.train import run_train
from neuromech.training.train_spec import PolicyGradientSpec
from neuromech.training.training_task import TrainingTask, read

ALGORITHM = {"kind": "policy_gradient", "population": 8, "sigma": 0.3, "rate": 0.1, "episodes": 1}
WORDS = (
    "experiment=worm_chemotaxis",
    "train=policy_gradient",
    "learners.wiring.episode_s=0.2",
    "evaluate=false",
)


def task(*more: str) -> TrainingTask:
    return read(training([*WORDS, *more]))


def test_it_climbs_a_hill_in_many_dimensions() -> None:
    given = PolicyGradientSpec(kind="policy_gradient", population=16, sigma=0.3, rate=0.05, episodes=1)
    search, top = PolicyGradient(np.zeros(200), given, 0), np.linspace(-1, 1, 200)
    rng = np.random.RandomState(0)
    first = np.linalg.norm(search.mean - top)
    for _ in range(400):
        np.random.seed(rng.randint(2**31))
        points = search.ask()
        assert np.allclose(points[0] + points[1], 2 * search.mean, atol=1e-5)
        search.tell(points, [float(np.sum((point - top) ** 2)) for point in points])
    assert np.linalg.norm(search.mean - top) < 0.3 * first


def test_every_synapse_is_free_within_its_reach_and_begins_as_it_is() -> None:
    search = evolution.problem(each := task())
    assert each.under is not None
    circuit = Circuit.load(each.under)
    assert len(search.bounds) == (circuit.matrix("chemical_nS").T[circuit.connectome.chemical > 0] > 0).sum()
    start = evolution.beginning(each, search)
    begun = Circuit.load(each.under, parameters=search.decode(list(start)))
    there = circuit.connectome.chemical.T > 0
    assert begun.matrix("chemical_nS")[there] == pytest.approx(circuit.matrix("chemical_nS")[there], rel=1e-4)
    moved = Circuit.load(each.under, parameters=search.decode(list(start + 50.0)))
    assert moved.matrix("chemical_nS")[there] == pytest.approx(
        4 * circuit.matrix("chemical_nS")[there], rel=1e-4
    )
    assert moved.parameters["gap_nS"] == circuit.parameters["gap_nS"]


def test_classes_may_share_their_strengths() -> None:
    shared = evolution.problem(task("learners.wiring.per=class")).bounds
    assert "chemical_nS.ASE>AIY" in shared and "chemical_nS.ASEL>AIYL" not in shared
    assert len(shared) < len(evolution.problem(task()).bounds)


def test_strengths_may_begin_alike_on_every_wiring() -> None:
    words = ("experiment=fish_optomotor", "train=policy_gradient", "learners.wiring.reach=10")
    for shuffled in ((), ("perturb.shuffle_wiring=[chemical]", "perturb.wiring_seed=3")):
        search = evolution.problem(each := read(training([*words, *shuffled])))
        assert each.under is not None
        own = Circuit.load(each.under)
        strengths = own.matrix("chemical_pA")[own.connectome.chemical.T > 0]
        begun = search.decode(list(evolution.beginning(each, search)))["chemical_pA"]
        mine = [begun[name.removeprefix("chemical_pA.")] for name in search.bounds]
        assert np.ptp(mine) < 1e-6 * mine[0]
        assert mine[0] == pytest.approx(gmean(strengths[strengths > 0]), rel=1e-6)
    assert [high / low for low, high in search.bounds.values()] == pytest.approx([100.0] * len(mine))


def test_a_network_is_trained_by_its_numbers() -> None:
    each = task("learner=muscles", "learners.muscles.episode_s=0.4")
    weights = Weights.of(each, [3], 1)
    features, hidden, actions = weights.sizes
    assert hidden == 3 and len(weights.bounds) == len(weights.start(1)) == 3 * (features + 1) + 4 * actions
    assert len(set(weights.bounds)) == len(weights.bounds)
    network = weights.decode(list(weights.start(1)))
    assert network.shape == (features, actions)
    assert np.isfinite(network.act(np.zeros(features, np.float32))).all()
    assert not np.array_equal(weights.start(1), weights.start(2))
    assert np.array_equal(Weights.of(each, [3], 1).scale, weights.scale)
    count = 1 + 3 * (features + 1) + 4 * actions
    assert hidden_of(each, count) == 3


def test_a_shuffled_wiring_has_strengths_of_its_own_connections() -> None:
    words = ("perturb.shuffle_wiring=[chemical]", "perturb.wiring_seed=3")
    own, other = evolution.problem(task()).bounds, evolution.problem(task(*words)).bounds
    assert set(own) != set(other) and len(other) == pytest.approx(len(own), rel=0.2)


@pytest.mark.thorough
def test_a_training_goes_on_to_the_same_curve_and_leaves_a_controller(tmp_path: Path) -> None:
    def train(name: str, steps: int) -> Path:
        words = (
            *WORDS,
            "algorithm.population=2",
            f"steps={steps}",
            f"output={tmp_path / name}",
            "learners.wiring.per=class",
        )
        return run_train(training(list(words)), progress=False)

    whole = train("whole", 2)
    train("parts", 1)
    parts = train("parts", 2)
    found = [
        yaml.safe_load((folder / "parameters.yaml").read_text())["parameters"] for folder in (whole, parts)
    ]
    assert found[0] == found[1] and found[0]["chemical_nS"]["ASE>AIY"] > 0
    rewards = [[row["reward_per_s"] for row in curves.read(tmp_path / name)] for name in ("whole", "parts")]
    assert rewards[0] == rewards[1] and len(rewards[0]) == 2
    assert yaml.safe_load((whole / "controller.yaml").read_text())["learner"] == "wiring"


@pytest.mark.thorough
def test_the_training_of_a_network_goes_on_to_the_same_curve(tmp_path: Path) -> None:
    def train(name: str, steps: int) -> Path:
        words = ("learner=muscles", "learners.muscles.episode_s=0.4", "algorithm.population=4")
        more = ("algorithm.hidden=[4]", f"steps={steps}", f"output={tmp_path / name}")
        return run_train(training([*WORDS, *words, *more]), progress=False)

    whole = train("whole", 3)
    train("parts", 1)
    parts = train("parts", 3)
    first, second = (Network.load(each / "policy.npz", "clip") for each in (whole, parts))
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(first.layers, second.layers, strict=True))
    rewards = [[row["reward_per_s"] for row in curves.read(tmp_path / name)] for name in ("whole", "parts")]
    assert rewards[0] == rewards[1] and len(rewards[0]) == 3


@pytest.mark.parametrize(
    ("words", "change", "message"),
    [
        (("learners.wiring.reach=1",), {}, "reach"),
        (("learners.wiring.per=neuron",), {}, "per"),
        (("learners.wiring.start=odd",), {}, "start"),
        ((), {"population": 3}, "population must be even"),
        ((), {"rate": 0}, "rate"),
        ((), {"popsize": 4}, "population"),
    ],
)
def test_a_wrong_setting_is_one_line(
    tmp_path: Path, words: tuple[str, ...], change: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        POLICY_GRADIENT.learn(task(*words), Settings({**ALGORITHM, **change}, tmp_path, 0, 1, progress=False))
