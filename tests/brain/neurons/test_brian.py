"""The spiking neurons against Brian2, where an interpreter has it: the same spikes in the same steps."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from neuromech.brain.neurons.event_driven import EventNetwork
from neuromech.brain.neurons.lif import Membrane, Spikes
from tests import scripts
from tests.brain.neurons.spiking_graphs import case, pairs


@pytest.fixture(scope="module")
def brian(repository: Path) -> ModuleType:
    """benchmarks/brian.py, which runs Brian2 in another interpreter."""
    path = repository / "benchmarks" / "brian.py"
    if not path.is_file():
        pytest.skip("benchmarks/brian.py is not there")
    module = scripts.load(path)
    if module.python() is None:
        pytest.skip(f"no Brian2: {module.VARIABLE} may name a Python that has it")
    return module


@pytest.mark.parametrize(
    ("neurons", "degree", "steps", "electrodes"),
    [(200, 10, 5000, True), (1000, 20, 3000, False), (5000, 30, 2000, True)],
)
def test_the_same_spikes(brian: ModuleType, neurons: int, degree: int, steps: int, electrodes: bool) -> None:
    given = case(neurons, degree, steps, neurons + 1, electrodes)
    own = given.play(EventNetwork(given.synapses, Membrane()))
    found = brian.run(
        brian.python(), given.synapses, Membrane(), steps, kick_step=given.kick_step,
        kick_cell=given.kick_cell, free=given.free, muted=given.muted, drive_mV=given.drive_mV,
    )  # fmt: skip
    assert len(own) > 200
    np.testing.assert_array_equal(pairs(Spikes(found["step"], found["cell"])), own)
