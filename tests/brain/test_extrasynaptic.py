"""Signals without synapses: who gets them, how slowly, and what takes them away."""

from pathlib import Path

import jax.numpy as jnp
import numpy as np
import pytest

from neuromech import InputError
from neuromech.brain.circuit import Circuit
from neuromech.brain.extrasynaptic import Signals
from neuromech.brain.neurons.graded_wireless import GradedWireless
from neuromech.specs.controller import GradedSpec
from neuromech.specs.perturb import Perturb

NEURONS = (
    "name,class,type,transmitter\nN1,N,interneuron,serotonin\nN2,N,interneuron,serotonin\nR,R,motor,GABA\n"
)
TABLE = """signal,receptor,kind,releasing,receiving,sign,source
serotonin,mod-1,monoamine,N,R,-1,a
serotonin,ser-1,monoamine,N,N2,1,b
flp-1,npr-4,peptide,R,N1,-1,c
"""
PARAMETERS = {
    "scale_mV": 10.0, "tonic": 0.1, "rest_mV": {"*": -40.0}, "leak_nS": {"*": 1.0}, "tau_ms": {"*": 100.0},
    "plateau_nS": {}, "chemical_nS": {}, "gap_nS": {}, "bias_pA": {}, "drive_pA": {}, "command_mV": 1.0,
    "extrasynaptic": {"monoamine_s": 2.0, "peptide_s": 5.0, "threshold": 0.2},
    "extrasynaptic_pA": {"monoamine": 3.0, "mod-1": 8.0},
}  # fmt: skip


def circuit(
    folder: Path, perturb: Perturb | None = None, table: str = TABLE, **parameters: object
) -> Circuit:
    (folder / "neurons.csv").write_text(NEURONS)
    (folder / "connections.csv").write_text("pre,post,kind,weight,sign\nN1,R,chemical,1,1\n")
    (folder / "extrasynaptic.csv").write_text(table)
    spec = GradedSpec(name="three", model="graded_wireless", folders=(folder,))
    return Circuit.load(spec, perturb, parameters={**PARAMETERS, **parameters})  # pyright: ignore[reportArgumentType]


def test_the_receptor_then_the_signal_then_the_kind_says_how_much(tmp_path: Path) -> None:
    found = Signals.of(circuit(tmp_path))
    assert found.names == ("serotonin", "flp-1")
    assert found.released.tolist() == [[1, 1, 0], [0, 0, 1]]
    assert found.current_pA[:, 0].tolist() == [0, 3, -8] and not found.current_pA[:, 1].any()
    assert found.tau_ms.tolist() == [2000, 5000]


@pytest.mark.thorough
def test_a_neuron_that_is_driven_inhibits_slowly_where_there_is_no_synapse(tmp_path: Path) -> None:
    made = circuit(tmp_path)
    network = GradedWireless.from_circuit(made)
    state, drive = network.init(), jnp.array([0.0, 20.0, 0.0])
    for _ in range(3000):
        state = network.step(state, drive, jnp.ones(3), 10.0)
    released = float(np.tanh((float(state.potential_mV[1]) + 40) / 10))
    amount = (released - 0.2) / 0.8
    level = amount / (1 + amount)
    assert float(state.level[0]) == pytest.approx(level, rel=1e-3)
    assert float(state.potential_mV[2]) == pytest.approx(-40 - 8 * level, rel=1e-3)
    half = network.init()
    for _ in range(140):  # 1.4 s are 0.7 of its time
        half = network.step(half, drive, jnp.ones(3), 10.0)
    assert 0.4 * level < float(half.level[0]) < 0.55 * level


def test_nothing_is_left_of_signals_that_are_scaled_to_nothing(tmp_path: Path) -> None:
    network = GradedWireless.from_circuit(circuit(tmp_path, Perturb(scale_extrasynaptic=0.0)))
    assert not np.asarray(network.signal_pA).any()


def test_a_part_of_the_brain_keeps_its_own_signals(tmp_path: Path) -> None:
    network = GradedWireless.from_circuit(circuit(tmp_path))
    part = network.part(np.array([1, 2]))
    assert part.released.shape == (2, 2) and part.signal_pA.shape == (2, 2)
    assert part.step(part.init(), jnp.zeros(2), jnp.ones(2), 10.0).level.shape == (2,)


@pytest.mark.parametrize(
    ("table", "parameters", "said"),
    [
        (TABLE.replace("peptide", "gas"), {}, "line 4: kind must be one of monoamine, peptide, not gas"),
        (TABLE.replace(",-1,a", ",2,a"), {}, "sign must be one of"),
        (TABLE.replace(",N,R,", ",X,R,"), {}, "X"),
        (TABLE, {"extrasynaptic_pA": {"mod-7": 1.0}}, "mod-7 is no receptor"),
        (TABLE, {"extrasynaptic": {"monoamine_s": 0.0, "peptide_s": 5.0, "threshold": 0.2}}, "above 0"),
    ],
)
def test_a_wrong_table_is_one_line(table: str, parameters: dict, said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        Signals.of(circuit(tmp_path, table=table, **parameters))
