"""The wiring's tables, the reader's complaints, and surgery on random graphs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.brain.connectome import Connectome

FOLDER = Path(__file__).parents[2] / "controllers" / "worm_connectome"
MUSCLES = [
    f"{q}{i:02d}" for q, m in (("MDL", 24), ("MDR", 24), ("MVR", 24), ("MVL", 23)) for i in range(1, m + 1)
]
MATRICES = ("chemical", "gap", "nmj", "gap_muscle")
COMMAND = ["AVA", "AVB", "AVD", "AVE", "PVC"]
CORD = ["AS", "DA", "DB", "DD", "VA", "VB", "VD", "VC"]

NEURONS = """name,class,type,transmitter
AVAL,AVA,interneuron,acetylcholine
AVAR,AVA,interneuron,acetylcholine
ASEL,ASE,sensory,glutamate
VB1,VB,motor,acetylcholine
"""
CONNECTIONS = """pre,post,kind,weight,sign
ASEL,AVAL,chemical,4,-1
AVAL,VB1,chemical,2,1
AVAL,AVAR,gap_junction,3,0
VB1,MVL01,neuromuscular,5,1
VB1,MDL01,gap_junction,1,0
"""


@pytest.fixture(scope="module")
def worm() -> Connectome:
    return Connectome.read([FOLDER], MUSCLES)


def written(tmp_path: Path, neurons: str = NEURONS, connections: str = CONNECTIONS) -> Path:
    (tmp_path / "neurons.csv").write_text(neurons)
    (tmp_path / "connections.csv").write_text(connections)
    return tmp_path


def test_counts_are_those_of_the_source(worm: Connectome) -> None:
    # Cook et al. 2019 hermaphrodite as cect 0.3.5 gives it (measured on the package itself)
    assert (len(worm.neurons), len(set(worm.classes)), len(worm.muscles)) == (302, 118, 95)
    assert (np.count_nonzero(worm.chemical), worm.chemical.sum()) == (3709, 20965)
    assert np.count_nonzero(np.diag(worm.chemical)) == 38
    assert (np.count_nonzero(worm.gap), worm.gap.sum()) == (2196, 11523)
    assert np.count_nonzero(np.diag(worm.gap)) == 14
    assert np.array_equal(worm.gap, worm.gap.T)
    assert (np.count_nonzero(worm.nmj), worm.nmj.sum()) == (956, 5515)
    assert (np.count_nonzero(worm.nmj.any(1)), np.count_nonzero(worm.nmj.any(0))) == (162, 95)
    assert np.count_nonzero(worm.gap_muscle) == 5
    assert Counter(worm.types) == {"sensory": 83, "interneuron": 83, "motor": 116, "pharyngeal": 20}


def test_signs_follow_transmitters_and_the_exceptions(worm: Connectome) -> None:
    assert np.array_equal(worm.chemical_sign != 0, worm.chemical > 0)
    assert np.array_equal(worm.nmj_sign != 0, worm.nmj > 0)
    gaba = [i for i, transmitter in enumerate(worm.transmitters) if transmitter == "GABA"]
    assert (worm.nmj_sign[gaba] <= 0).all() and (worm.chemical_sign[gaba] <= 0).all()
    sign = {}
    for pre, post in (("ASEL", "AIB"), ("ASER", "AIB"), ("ASEL", "AIY"), ("ASER", "AIY"), ("AIY", "AIZ")):
        block = worm.chemical_sign[np.ix_(worm.resolve(pre), worm.resolve(post))]
        (sign[pre, post],) = set(block[block != 0].tolist())
    assert list(sign.values()) == [-1, 1, 1, -1, -1]
    assert (worm.nmj_sign[worm.resolve(["DB", "VB", "DA", "VA"])] >= 0).all()


def test_names_are_neurons_classes_or_types(worm: Connectome) -> None:
    assert [worm.neurons[i] for i in worm.resolve("AVA")] == ["AVAL", "AVAR"]
    assert [worm.neurons[i] for i in worm.resolve(["ASER", "ASE", "ASEL"])] == ["ASER", "ASEL"]
    assert [worm.neurons[i] for i in worm.resolve("DB")] == [f"DB{i}" for i in range(1, 8)]
    assert len(worm.resolve("motor")) == 116 and len(worm.resolve([])) == 0
    with pytest.raises(InputError, match="AVAX.*AVA"):
        worm.resolve(["AVAL", "AVAX"])


def same_degrees(before: Connectome, after: Connectome, names: tuple[str, ...] = MATRICES) -> None:
    for name in names:
        old, new = getattr(before, name), getattr(after, name)
        for axis in (0, 1):
            assert np.array_equal(np.count_nonzero(old, axis), np.count_nonzero(new, axis)), name
        assert sorted(old[old > 0]) == sorted(new[new > 0]), name
        if name in ("chemical", "gap"):
            assert np.array_equal(np.diag(old), np.diag(new)), name
    assert np.array_equal(after.gap, after.gap.T)
    for name in ("chemical", "nmj"):
        old, new = getattr(before, name), getattr(after, name)
        signed = [getattr(c, name) * getattr(c, f"{name}_sign") for c in (before, after)]
        assert np.allclose(signed[0].sum(1), signed[1].sum(1)), name  # weight and sign travel with pre
        assert np.array_equal(getattr(after, f"{name}_sign") != 0, new > 0), name
        assert np.allclose(old.sum(1), new.sum(1)), name


def test_the_whole_wiring_is_mixed(worm: Connectome) -> None:
    shuffled = worm.shuffle(1)
    same_degrees(worm, shuffled)
    for name in ("chemical", "gap", "nmj"):
        old, new = getattr(worm, name) > 0, getattr(shuffled, name) > 0
        assert (old & new).sum() < 0.2 * old.sum(), name
    again = worm.shuffle(1)
    assert np.array_equal(shuffled.chemical, again.chemical) and np.array_equal(shuffled.gap, again.gap)
    assert not np.array_equal(shuffled.chemical, worm.shuffle(2).chemical)


def test_the_motor_circuit_can_be_spared(worm: Connectome) -> None:
    shuffled = worm.shuffle(1, ["sensory", "interneuron"])
    same_degrees(worm, shuffled)
    sensory, inter, motor = (worm.resolve(kind) for kind in ("sensory", "interneuron", "motor"))
    rest = np.concatenate([motor, worm.resolve("pharyngeal")])
    for name in ("chemical", "chemical_sign", "gap"):
        old, new = getattr(worm, name), getattr(shuffled, name)
        for pre, post in ((inter, rest), (rest, inter), (rest, rest), (inter, sensory), (rest, sensory)):
            if name != "gap" or sensory is not post:
                assert np.array_equal(old[np.ix_(pre, post)], new[np.ix_(pre, post)]), name
    command, cord = worm.resolve(COMMAND), worm.resolve(CORD)
    assert worm.gap[np.ix_(command, cord)].sum() > 0  # AVB-B and AVA-A, spared by the loop above
    assert np.array_equal(worm.nmj, shuffled.nmj) and np.array_equal(worm.gap_muscle, shuffled.gap_muscle)
    for pre, post in ((sensory, inter), (inter, inter)):
        old, new = (c.chemical[np.ix_(pre, post)] > 0 for c in (worm, shuffled))
        assert (old & new).sum() < 0.3 * old.sum()


def test_edges_from_one_type_to_another_are_shuffled_alone(worm: Connectome) -> None:
    shuffled = worm.shuffle(1, ["interneuron>motor"])
    same_degrees(worm, shuffled)
    types = np.array(worm.types)
    pair = np.ix_(types == "interneuron", types == "motor")
    assert ((worm.chemical > 0) != (shuffled.chemical > 0))[pair].sum() > 100
    rest, before = shuffled.chemical.copy(), worm.chemical.copy()
    rest[pair] = before[pair] = 0.0
    assert np.array_equal(rest, before)
    assert np.array_equal(worm.gap, shuffled.gap) and np.array_equal(worm.nmj, shuffled.nmj)
    with pytest.raises(InputError, match="unknown kind or neuron type in shuffle_wiring 'interneuron>moto'"):
        worm.shuffle(1, ["interneuron>moto"])


def test_a_single_kind_is_shuffled_alone(worm: Connectome) -> None:
    shuffled = worm.shuffle(1, "neuromuscular")
    same_degrees(worm, shuffled)
    assert np.array_equal(worm.chemical, shuffled.chemical) and not np.array_equal(worm.nmj, shuffled.nmj)
    assert worm.shuffle(1, False).chemical is worm.chemical
    for scope in (["sensor"], []):
        with pytest.raises(InputError):
            worm.shuffle(1, scope)


@st.composite
def graphs(draw: st.DrawFn) -> Connectome:
    n, m = draw(st.integers(2, 12)), draw(st.integers(1, 5))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    density = draw(st.floats(0, 1))

    def weights(columns: int) -> np.ndarray:
        return rng.integers(1, 20, (n, columns)) * (rng.random((n, columns)) < density).astype(float)

    def signs(matrix: np.ndarray) -> np.ndarray:
        return (rng.choice([-1, 1], n)[:, None] * (matrix > 0)).astype(np.int8)

    chemical, nmj, gap = weights(n), weights(m), np.triu(weights(n))
    return Connectome(
        neurons=tuple(f"n{i}" for i in range(n)),
        classes=tuple(f"c{i // 2}" for i in range(n)),
        types=tuple(rng.choice(["sensory", "interneuron", "motor"], n).tolist()),
        transmitters=("unknown",) * n,
        muscles=tuple(f"m{i}" for i in range(m)),
        chemical=chemical,
        chemical_sign=signs(chemical),
        gap=gap + np.triu(gap, 1).T,
        nmj=nmj,
        nmj_sign=signs(nmj),
        gap_muscle=weights(m),
    )


@settings(max_examples=60)
@given(
    graphs(),
    st.integers(0, 1000),
    st.sampled_from([True, ("sensory",), ("interneuron", "motor"), "gap_junction"]),
)
def test_shuffling_keeps_degrees(graph: Connectome, seed: int, scope: bool | str | tuple[str, ...]) -> None:
    if isinstance(scope, tuple) and not set(scope) <= set(graph.types):
        return
    same_degrees(graph, graph.shuffle(seed, scope))


def test_a_small_circuit_is_read(tmp_path: Path) -> None:
    small = Connectome.read([written(tmp_path)], ["MVL01", "MDL01"])
    assert small.chemical[2, 0] == 4 and small.chemical_sign[2, 0] == -1
    assert small.gap[0, 1] == small.gap[1, 0] == 3 and small.gap.sum() == 6
    assert small.nmj[3].tolist() == [5, 0] and small.gap_muscle[3].tolist() == [0, 1]


def connections(old: str, new: str) -> Callable[[Path], Path]:
    return lambda path: written(path, connections=CONNECTIONS.replace(old, new))


def neurons(old: str, new: str) -> Callable[[Path], Path]:
    return lambda path: written(path, neurons=NEURONS.replace(old, new))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            connections("ASEL,AVAL", "ASEL,AVAX"),
            r"connections.csv line 2: unknown neuron 'AVAX'; nearest: AVA",
        ),
        (connections("AVAL,VB1,", "AVBL,VB1,"), r"line 3: unknown neuron 'AVBL'; nearest: AVA"),
        (connections("MVL01", "MVL25"), r"line 5: unknown muscle 'MVL25'; nearest: MVL01"),
        (
            connections(",chemical,4", ",chemicl,4"),
            r"line 2: unknown kind of connection 'chemicl'; nearest: chemical",
        ),
        (connections(",4,-1", ",nan,-1"), r"line 2: weight is nan"),
        (connections(",4,-1", ",inf,-1"), r"line 2: weight must be a number > 0"),
        (connections(",4,-1", ",-4,-1"), r"line 2: weight must be a number > 0, got '-4'"),
        (connections(",4,-1", ",0,-1"), r"line 2: weight must be a number > 0"),
        (connections(",4,-1", ",four,-1"), r"line 2: weight must be a number > 0, got 'four'"),
        (connections(",4,-1", ",,-1"), r"line 2: weight is empty"),
        (
            connections(",4,-1", ",4,0"),
            r"line 2: sign of a chemical connection must be 1 or \+1 or -1, got '0'",
        ),
        (connections(",4,-1", ",4,2"), r"line 2: sign of a chemical"),
        (connections(",3,0", ",3,1"), r"line 4: sign of a gap_junction connection must be 0"),
        (connections(",4,-1", ",4"), r"line 2: not as many cells"),
        (connections(",4,-1", ",4,-1,x"), r"line 2: not as many cells"),
        (connections("weight", "count"), r"line 1: missing column weight"),
        (
            connections("AVAL,VB1,chemical", "ASEL,AVAL,chemical"),
            r"line 3: chemical ASEL -> AVAL is already on .* line 2",
        ),
        (
            connections("VB1,MDL01,gap", "AVAR,AVAL,gap"),
            r"line 6: gap_junction AVAR -> AVAL is already on .* line 4",
        ),
        (neurons("AVAR,", "AVAL,"), r"neurons.csv line 3: neuron AVAL is already on .* line 2"),
        (neurons("ASEL,ASE,sensory", "ASEL,ASE,"), r"line 4: type is empty"),
        (neurons("transmitter", "nt"), r"line 1: missing column transmitter"),
        (neurons("VB1,VB,motor", "VB1,AVAL,motor"), r"'AVAL' is a neuron and also a type or the class"),
        (neurons("VB1,VB,motor", "VB1,sensory,motor"), r"'sensory' is both a class and a type"),
        (neurons("VB1,VB", "MVL01,VB"), r"'MVL01' is also a muscle"),
        (lambda path: written(path, neurons="name,class,type,transmitter\n"), r"neurons.csv: no neurons"),
        (lambda path: path, r"cannot read .*neurons.csv: No such file"),
    ],
)
def test_bad_tables_are_refused_in_one_line(
    make: Callable[[Path], Path], message: str, tmp_path: Path
) -> None:
    folder = make(tmp_path)
    with pytest.raises(InputError, match=message) as caught:
        Connectome.read([folder], ["MVL01", "MDL01"])
    assert "\n" not in str(caught.value)


def test_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    folder = written(tmp_path)
    (folder / "neurons.csv").write_bytes(NEURONS.encode() + b"\xff\xfe,x,y,z\n")
    with pytest.raises(InputError, match="not UTF-8"):
        Connectome.read([folder], ["MVL01", "MDL01"])


def test_a_random_graph_keeps_how_many_connections_there_are_and_nothing_of_who_has_them() -> None:
    wiring = Connectome.load("worm_connectome")
    random, again, other = wiring.randomise(1), wiring.randomise(1), wiring.randomise(2)
    for name in ("chemical", "chemical_sign", "gap"):
        assert np.array_equal(getattr(random, name), getattr(again, name))
        assert not np.array_equal(getattr(random, name), getattr(other, name))
        assert np.array_equal(np.diag(getattr(random, name)), np.diag(getattr(wiring, name)))
        assert np.array_equal(
            np.sort(getattr(random, name), axis=None), np.sort(getattr(wiring, name), axis=None)
        )
    assert np.array_equal(random.gap, random.gap.T)
    assert np.array_equal(random.chemical != 0, random.chemical_sign != 0)
    assert np.array_equal(random.nmj, wiring.nmj)
    # Of 3,671 connections between different neurons, 302 x 301 pairs drawn evenly keep 4 % in place.
    both = (random.chemical != 0) & (wiring.chemical != 0)
    assert both.sum() - (np.diag(wiring.chemical) != 0).sum() < 0.07 * (wiring.chemical != 0).sum()
    # Numbers of partners are those of a random graph: their variance is near their mean, far from the worm's.
    assert (random.chemical != 0).sum(axis=1).var() < 0.2 * (wiring.chemical != 0).sum(axis=1).var()
