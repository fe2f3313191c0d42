"""From tables and class-shared parameters to matrices, on a circuit small enough to write down."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.brain import shared_parameters
from neuromech.brain.connectome import Connectome
from neuromech.muscles import neuromuscular_weights
from neuromech.specs import content

MUSCLES = ("MDL01", "MDL02", "MVL01", "MVL02")
NEURONS = """name,class,type,transmitter
AL,A,sensory,ACh
AR,A,sensory,ACh
B,B,interneuron,GABA
C1,C,motor,ACh
C2,C,motor,GABA
"""
CONNECTIONS = """pre,post,kind,weight,sign
AL,B,chemical,3,1
AR,B,chemical,7,1
B,C1,chemical,5,-1
AL,C1,chemical,2,1
AL,AL,chemical,4,1
AL,C2,gap_junction,6,0
AR,C2,gap_junction,1,0
B,B,gap_junction,9,0
C1,MDL01,neuromuscular,8,1
C1,MDL02,neuromuscular,2,1
C2,MVL02,neuromuscular,10,-1
"""


@pytest.fixture
def small(tmp_path: Path) -> Connectome:
    (tmp_path / "neurons.csv").write_text(NEURONS)
    (tmp_path / "connections.csv").write_text(CONNECTIONS)
    return Connectome.read([tmp_path], MUSCLES)


@pytest.fixture
def groups(small: Connectome) -> shared_parameters.Groups:
    return shared_parameters.Groups(small, {"front": ["A", "B"], "B": ["C"]})


def test_a_name_is_a_group_then_a_class_then_a_neuron(groups: shared_parameters.Groups) -> None:
    assert groups.mask("*").all()
    assert groups.mask("front").tolist() == [True, True, True, False, False]
    assert groups.mask("B").tolist() == [False, False, False, True, True]  # a group hides a class
    assert groups.mask("A").tolist() == [True, True, False, False, False]
    assert groups.mask("AR").tolist() == [False, True, False, False, False]
    with pytest.raises(InputError, match="nearest: front"):
        groups.mask("frnt")


def test_the_narrower_name_wins_in_any_order(groups: shared_parameters.Groups) -> None:
    assert groups.vector({"*": 1.0, "A": 2.0, "AR": 3.0}).tolist() == [2, 3, 1, 1, 1]
    assert groups.vector({"AR": 3.0, "A": 2.0, "*": 1.0}).tolist() == [2, 3, 1, 1, 1]
    gains = groups.matrix({"*>*": 1.0, "A>C1": 5.0, "AL>C1": 6.0})
    turned = groups.matrix({"AL>C1": 6.0, "A>C1": 5.0, "*>*": 1.0})
    assert gains.tolist() == turned.tolist()
    assert gains[3].tolist() == [6, 5, 1, 1, 1] and gains[:3].tolist() == np.ones((3, 5)).tolist()
    with pytest.raises(InputError, match="pre>post"):
        groups.matrix({"A": 1.0})
    with pytest.raises(InputError, match="neuron, class or group"):
        groups.matrix({"A>Z": 1.0})


def test_chemical_conductances_written_down(groups: shared_parameters.Groups) -> None:
    seen = shared_parameters.chemical(groups, {"*>*": 2.0, "A>C1": 3.0})
    expected = np.zeros((5, 5))
    expected[2, 0], expected[2, 1] = 2 * 3 / (10 + 5), 2 * 7 / (10 + 5)  # [post, pre]
    expected[3, 2], expected[3, 0] = -2 * 5 / (5 + 5), 3 * 2 / (2 + 5)
    expected[0, 0] = 2 * 4 / (4 + 5)
    assert seen == pytest.approx(expected)


def test_gap_conductances_written_down(groups: shared_parameters.Groups) -> None:
    seen = shared_parameters.laplacian(shared_parameters.gap(groups, {"*>*": 2.0, "C2>A": 4.0}))
    # AL and AR share their class's 7 contacts with C2, C2 is alone in its class: the smaller share counts.
    left, right = 4 * min(6 / 12, 6 / 11), 4 * min(1 / 12, 1 / 6)
    expected = np.zeros((5, 5))
    expected[0, 4] = expected[4, 0] = left
    expected[1, 4] = expected[4, 1] = right
    expected -= np.diag(expected.sum(axis=1))
    assert seen == pytest.approx(expected)  # and the gap junction of B with itself carries nothing


def test_neuromuscular_weights_written_down(groups: shared_parameters.Groups) -> None:
    seen = neuromuscular_weights(groups, {"*": 1.0, "C2": 3.0})
    expected = np.zeros((4, 5))
    expected[0, 3], expected[1, 3], expected[3, 4] = 8 / 13, 2 / 7, -3 * 10 / 15
    assert seen == pytest.approx(expected)


def test_where_motor_neurons_act(small: Connectome) -> None:
    place, side = shared_parameters.body_position(
        small, np.array([0.1, 0.5, 0.1, 0.5]), np.array([1.0, 1, -1, -1])
    )
    assert place[3:] == pytest.approx([(8 * 0.1 + 2 * 0.5) / 10, 0.5]) and np.isnan(place[:3]).all()
    assert side.tolist() == [0, 0, 0, 1, -1]
    # A muscle without a place tells nothing, and a neuron with only such muscles is nowhere.
    place, side = shared_parameters.body_position(
        small, np.array([0.1, np.nan, 0.1, np.nan]), np.array([1.0, 0, -1, 0])
    )
    assert place[3] == pytest.approx(0.1) and np.isnan(place[4]) and side[3:].tolist() == [1, 0]


def test_the_contacts_onto_muscles_are_scaled_by_kind(tmp_path: Path) -> None:
    (tmp_path / "neurons.csv").write_text(NEURONS)
    (tmp_path / "connections.csv").write_text(CONNECTIONS + "C2,MVL02,gap_junction,5,0\n")
    groups = shared_parameters.Groups(Connectome.read([tmp_path], MUSCLES), {})
    both, chemical, gap = (
        neuromuscular_weights(groups, {"*": 1.0}, *scales) for scales in ((1.0, 1.0), (1.0, 0.0), (0.0, 1.0))
    )
    # C2 has 10 inhibitory contacts and 5 gap junctions with MVL02: shares of 15 + 5.
    assert (both[3, 4], chemical[3, 4], gap[3, 4]) == pytest.approx((-5 / 20, -10 / 20, 5 / 20))
    assert np.count_nonzero(gap) == 1 and np.array_equal(chemical[:3], both[:3])


@given(
    counts=st.lists(st.lists(st.integers(0, 50), min_size=6, max_size=6), min_size=1, max_size=4),
    labels=st.lists(st.sampled_from("ABC"), min_size=6, max_size=6),
)
def test_a_class_never_weighs_more_than_one(counts: list[list[int]], labels: list[str]) -> None:
    table = np.array(counts, float)
    shared = shared_parameters.share_by_class(table, labels)
    for label in set(labels):
        own = np.array([one == label for one in labels])
        total = table[:, own].sum(axis=1)
        assert shared[:, own].sum(axis=1) == pytest.approx(total / (total + 5))
    assert ((shared > 0) == (table > 0)).all()


@pytest.fixture(scope="module")
def worm() -> Connectome:
    muscles = [f"M{q}{i:02d}" for q in ("DL", "DR", "VR", "VL") for i in range(1, 24 + (q != "VL"))]
    return Connectome.read([content.find("controllers", "worm_connectome")], muscles)


def test_the_worms_gap_junctions_conserve_current(worm: Connectome) -> None:
    everything = shared_parameters.Groups(worm, {})
    gap = shared_parameters.laplacian(shared_parameters.gap(everything, {"*>*": 1.0, "AVB>DB": 3.0}))
    assert np.array_equal(gap, gap.T)
    assert np.abs(gap.sum(axis=0)).max() < 1e-12
    assert (gap - np.diag(np.diag(gap)) >= 0).all()
    assert gap.shape == (302, 302) and np.diag(gap).min() < -1


def test_wrong_parameters_are_refused() -> None:
    known = ("tone", "leak_nS")
    shared_parameters.check_parameters({"tone": 0.0, "leak_nS": {"*": 1}}, known, {})
    with pytest.raises(InputError, match="leak_nS"):
        shared_parameters.check_parameters({"leek_nS": {"*": 1.0}, "tone": 0.0}, known, {})
    for bad in (float("nan"), float("inf"), "1.0", None):
        with pytest.raises(InputError, match="finite"):
            shared_parameters.check_parameters({"tone": 0.0, "leak_nS": {"*": bad}}, known, {})
    with pytest.raises(InputError, match="leak_nS"):
        shared_parameters.check_parameters({"tone": 0.0}, known, {})  # a section that is missing


def test_a_section_of_fixed_entries_holds_just_those() -> None:
    known, members = ("salt",), {"salt": ("fast_s", "slow_s")}
    shared_parameters.check_parameters({"salt": {"fast_s": 1, "slow_s": 2}}, known, members)
    for wrong, says in (
        ({"fast_s": 1}, "salt.slow_s is missing"),
        (3.0, "salt.fast_s is missing"),
        ({"fast_s": 1, "slow_s": 2, "slw_s": 3}, "unknown parameter 'salt.slw_s'; nearest: salt.slow_s"),
    ):
        with pytest.raises(InputError, match=says):
            shared_parameters.check_parameters({"salt": wrong}, known, members)
