"""A network of which some neurons have ion channels: how units meet, what is held silent, what is cut out."""

from __future__ import annotations

import sys
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from neuromech import InputError
from neuromech.brain.circuit import Circuit
from neuromech.brain.neurons import models
from neuromech.brain.neurons.base import Neurons
from neuromech.brain.neurons.graded_wireless import GradedWireless
from neuromech.specs.controller import GradedWirelessSpec
from neuromech.specs.perturb import Perturb
from tests.brain.test_extrasynaptic import PARAMETERS, TABLE

jaxley = pytest.mark.skipif(find_spec("jaxley") is None, reason="the extra channels is not installed")
NEURONS = """name,class,type,transmitter
N1,N,interneuron,serotonin
N2,N,interneuron,serotonin
R,R,motor,GABA
P1,P,interneuron,glutamate
P2,P,interneuron,glutamate
"""
CONNECTIONS = """pre,post,kind,weight,sign
N1,P1,chemical,5,1
P1,R,chemical,5,1
P2,P1,chemical,5,-1
P1,N2,gap_junction,4,0
P1,P2,gap_junction,4,0
"""
# A cell that is a leak and nothing else: its potential is known.
PASSIVE = """channels:
  LEAK: {ion: leak, source: none}
cells:
  P: {neurons: [P], source: none, capacitance_pF: 2, reversal_mV: {leak: -60}, conductance_nS: {LEAK: 0.2}}
"""


def circuit(folder: Path, detail: str, perturb: Perturb | None = None, cells: str = PASSIVE) -> Circuit:
    (folder / "neurons.csv").write_text(NEURONS)
    (folder / "connections.csv").write_text(CONNECTIONS)
    (folder / "extrasynaptic.csv").write_text(TABLE)
    (folder / "channels.yaml").write_text(cells)
    spec = GradedWirelessSpec(name="five", model="graded_wireless", folders=(folder,), detail=detail)  # pyright: ignore[reportArgumentType]
    numbers: dict[str, Any] = {
        **PARAMETERS,
        "chemical_nS": {"*>*": 0.6},
        "gap_nS": {"*>*": 0.3},
        "bias_pA": {"P1": 2.0, "N2": -1.0},
    }
    return Circuit.load(spec, perturb, parameters=numbers)


def network(made: Circuit) -> Any:
    return models.of(made.spec).from_circuit(made)


@partial(jax.jit, static_argnums=(4, 5))
def ran(cells: Neurons, state: Any, drive: Any, present: Any, step_ms: float, count: int) -> Any:
    return jax.lax.fori_loop(0, count, lambda _, s: cells.step(s, drive, present, step_ms), state)


def test_without_jaxley_it_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jaxley", None)
    made = circuit(tmp_path, "channels")
    with pytest.raises(InputError, match=r"=channels\) need jaxley: pip .* 'neuromech\[channels\]'"):
        models.of(made.spec)
    assert models.of(circuit(tmp_path, "graded").spec) is GradedWireless


@jaxley
def test_a_passive_cell_comes_to_rest_where_a_graded_neuron_does_sooner(tmp_path: Path) -> None:
    detailed, plain = (network(circuit(tmp_path, detail)) for detail in ("channels", "graded"))
    drive, present = jnp.array([6.0, 0.0, 0.0, 3.0, -2.0]), jnp.ones(5)
    assert detailed.activity(detailed.init())[3:].tolist() == pytest.approx([-60.0, -60.0])
    ends = [ran(each, each.init(), drive, present, 10.0, 600) for each in (detailed, plain)]
    np.testing.assert_allclose(ends[0].potential_mV, ends[1].potential_mV, atol=2e-3)
    np.testing.assert_allclose(detailed.output(ends[0]), plain.output(ends[1]), atol=2e-4)
    np.testing.assert_allclose(detailed.activity(ends[0])[3:], ends[1].potential_mV[3:] - 20, atol=2e-3)
    # 2 pF over 0.2 nS are 10 ms; the graded neuron takes 100 ms.
    soon = [
        ran(each, each.init(), drive, present, 10.0, 3).potential_mV[3] + 40 for each in (detailed, plain)
    ]
    assert soon[0] > 2 * soon[1] > 0


@jaxley
@pytest.mark.thorough
def test_longer_steps_of_the_network_change_little(tmp_path: Path) -> None:
    cells = network(circuit(tmp_path, "channels"))
    drive, present = jnp.array([6.0, 0.0, 0.0, 3.0, -2.0]), jnp.ones(5)
    fine, coarse = (ran(cells, cells.init(), drive, present, ms, round(200 / ms)) for ms in (1.0, 10.0))
    np.testing.assert_allclose(fine.potential_mV, coarse.potential_mV, atol=0.3)


@jaxley
def test_silent_and_ablated_cells_release_nothing(tmp_path: Path) -> None:
    made = circuit(tmp_path, "channels", Perturb(ablate=("P1",)))
    cells = network(made)
    present = jnp.asarray(made.present) * jnp.array([1.0, 1.0, 1.0, 1.0, 0.0])
    end = ran(cells, cells.init(), jnp.full(5, 10.0), present, 10.0, 100)
    assert cells.output(end)[3:].tolist() == pytest.approx([-0.1, -0.1], abs=1e-3)
    assert not np.asarray(cells.gap_nS)[3].any()


@jaxley
@pytest.mark.thorough
def test_a_part_is_what_is_left_when_the_others_are_silent(tmp_path: Path) -> None:
    made = circuit(tmp_path, "channels", Perturb(ablate=("N1", "N2", "P2")))
    whole = network(made)
    part = whole.part(np.array([2, 3]))
    assert part.places == (("P", (1,)),) and part.membranes["P"].capacitance_pF.shape == (1,)
    drive = jnp.array([0.0, 0.0, 1.0, 5.0, 0.0])
    end = ran(whole, whole.init(), drive, jnp.asarray(made.present), 10.0, 50)
    cut = ran(part, part.init(), drive[2:4], jnp.ones(2), 10.0, 50)
    np.testing.assert_allclose(part.activity(cut), whole.activity(end)[2:4], atol=1e-3)
    none = whole.part(np.array([0, 1]))
    assert none.places == () and none.activity(none.init()).tolist() == [-40.0, -40.0]


@jaxley
def test_two_membranes_of_one_neuron_are_refused(tmp_path: Path) -> None:
    twice = PASSIVE + PASSIVE[PASSIVE.index("  P:") :].replace("  P:", "  Q:").replace("[P]", "[P2]")
    with pytest.raises(InputError, match="P2 is in two kinds of cells, P and Q"):
        network(circuit(tmp_path, "channels", cells=twice))
