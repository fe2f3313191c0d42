"""The spiking neurons against spikes that Brian2 made (keep_brian2.py): the same ones in the same steps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from neuromech.brain.neurons.event_driven import EventNetwork
from neuromech.brain.neurons.lif import Membrane, Spikes, SpikingNetwork
from neuromech.brain.neurons.spiking import DenseNetwork
from neuromech.brain.neurons.synapses import Synapses
from tests.brain.neurons.spiking_graphs import Case, pairs

FILE = Path(__file__).with_name("brian2_spikes.npz")
NETWORKS: dict[str, Callable[[Synapses, Membrane], SpikingNetwork]] = {
    "events": EventNetwork,
    "jax": DenseNetwork,
}


@pytest.fixture(scope="module")
def kept() -> dict[str, np.ndarray]:
    with np.load(FILE, allow_pickle=False) as file:
        return dict(file)


def test_they_were_made_with_the_constants_of_now(kept: dict[str, np.ndarray]) -> None:
    for name, value in asdict(Membrane()).items():
        assert float(kept[f"membrane_{name}"]) == value


@pytest.mark.parametrize("name", ["small", "large"])
@pytest.mark.parametrize("engine", NETWORKS)
def test_the_same_spikes(kept: dict[str, np.ndarray], name: str, engine: str) -> None:
    one = {key.removeprefix(f"{name}_"): value for key, value in kept.items() if key.startswith(name)}
    synapses = Synapses(one["start"], one["post"], one["count"])
    given = Case(
        synapses, int(one["steps"]), one["free"], one["kick_step"], one["kick_cell"],
        one["muted"], one["drive_mV"],
    )  # fmt: skip
    own = given.play(NETWORKS[engine](synapses, Membrane()))
    assert len(own) > 200
    np.testing.assert_array_equal(own, pairs(Spikes(one["spike_step"], one["spike_cell"])))
