"""Whole nerve cords: made-up files of the published columns, and a cut of MANC written as such files."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Mapping, Sequence
from csv import DictReader
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.brain import nerve_cords, wirings
from neuromech.brain.sparse_connectome import SparseConnectome
from neuromech.controllers.spiking import SpikingController
from neuromech.loop import Loop
from neuromech.specs.compose import load_run

pyarrow = pytest.importorskip("pyarrow", reason="the extra flywire is not installed")


def feather(path: Path, **columns: Any) -> Path:
    from pyarrow import feather as writer

    writer.write_feather(pyarrow.table(columns), path)
    return path


def male_cns(folder: Path, **changed: Mapping[str, Any]) -> list[Path]:
    """Files of the male CNS: four neurons, and one body without a class."""
    tables: dict[str, dict[str, Any]] = {
        "annotations": {
            "bodyId": [30, 10, 20, 40, 99],
            "type": ["DNg100", "IN17A001", "Ti flexor MN", None, None],
            "superclass": ["descending_neuron", "vnc_intrinsic", "vnc_motor", "vnc_sensory", None],
            "subclass": [None, None, "fl", None, None],
            "somaSide": ["L", "R", "R", None, None],
            "somaNeuromere": [None, "T1", "T1", None, None],
            "instance": ["DNg100_L", "IN17A001_T1_R", "Ti flexor MN_T1_R", None, None],
        },
        "transmitters": {
            "body": [10, 30, 40, 77],
            "consensus_nt": ["gaba", "acetylcholine", "unclear", "gaba"],
        },
        "weights": {
            "body_pre": [30, 10, 40, 99, 10],
            "body_post": [10, 20, 30, 10, 99],
            "weight": [12, 7, 3, 50, 50],
        },
    }
    return [
        feather(folder / f"{name}.feather", **{**columns, **changed.get(name, {})})
        for name, columns in tables.items()
    ]


def compiled(
    folder: Path, id_column: str, ids: Sequence[Any], edges: np.ndarray, **columns: Any
) -> list[Path]:
    """Files as compiled for the BANC papers, where ids are text."""
    plain = [""] * len(ids)
    names = (
        "cell_type", "super_class", "cell_class", "side", "neurotransmitter_predicted",
        "body_part_effector", "body_part_sensory", "nerve",
    )  # fmt: skip
    meta = {id_column: [str(each) for each in ids], **{name: plain for name in names}, **columns}
    pre, post, count = edges.T
    table = {"pre": [str(each) for each in pre], "post": [str(each) for each in post], "count": count}
    return [feather(folder / "meta.feather", **meta), feather(folder / "edges.feather", **table)]


def test_male_cns(tmp_path: Path) -> None:
    paths = male_cns(tmp_path)
    ids, synapses = nerve_cords.read_male_cns(paths)
    _, labels = nerve_cords.male_cns_neurons(paths)
    assert ids.tolist() == [30, 10, 20, 40]  # a body without a class is no neuron
    edges = [(ids[i], ids[j], c) for i, j, c in zip(synapses.pre, synapses.post, synapses.count, strict=True)]
    assert edges == [(30, 10, 12), (10, 20, -7), (40, 30, 3)]
    assert labels["transmitter"].tolist() == ["acetylcholine", "gaba", "", "unclear"]


@pytest.mark.parametrize("word", [True, "TRUE", "t"])
def test_banc_takes_what_is_proofread(tmp_path: Path, word: Any) -> None:
    edges = np.array([[1, 2, 4], [2, 3, 5], [3, 1, 6], [1, 1, 2]])
    off = False if word is True else "FALSE"
    paths = compiled(
        tmp_path, "root_id", [1, 2, 3, 4], edges,
        proofread=[word, off, off, word], roughly_proofread=[off, word, off, off],
        super_class=["motor", "sensory", "motor", "glia"],
        neurotransmitter_predicted=["Glutamate", "acetylcholine", "gaba", ""],
    )  # fmt: skip
    if word == "t":
        assert len(nerve_cords.read_banc(paths)[0]) == 0  # a word that nobody uses is no yes
        return
    ids, synapses = nerve_cords.read_banc(paths)
    assert ids.tolist() == [1, 2] and synapses.pre.tolist() == [0, 0]
    assert synapses.post.tolist() == [0, 1] and synapses.count.tolist() == [-2, -4]


@pytest.mark.parametrize(
    ("table", "columns", "told"),
    [
        ("annotations", {"bodyId": [1, 1, 2, 3, 4]}, "neuron 1 is there twice"),
        ("annotations", {"bodyId": ["a", "b", "c", "d", "e"]}, "'bodyId' must hold whole numbers"),
        ("weights", {"weight": [0, 1, 1, 1, 1]}, "weight must be whole numbers above 0, not 0"),
        ("weights", {"weight": [1.5, 1, 1, 1, 1]}, "'weight' must hold whole numbers"),
        ("weights", {"body_pre": [None, 1, 1, 1, 1]}, "'body_pre' must hold whole numbers"),
    ],
)
def test_wrong_tables(tmp_path: Path, table: str, columns: Any, told: str) -> None:
    with pytest.raises(InputError, match=told):
        nerve_cords.read_male_cns(male_cns(tmp_path, **{table: columns}))


def test_a_column_that_is_missing_and_a_file_that_is_none(tmp_path: Path) -> None:
    paths = male_cns(tmp_path)
    with pytest.raises(InputError, match="has no column 'manc_121_id'; it has bodyId, type"):
        nerve_cords.read_manc(paths[:2])
    paths[2].write_bytes(b"no Feather")
    with pytest.raises(InputError, match="cannot be read as Feather"):
        nerve_cords.read_male_cns(paths)


@pytest.fixture
def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, list[Path]], SparseConnectome]:
    """Load a wiring of the registry whose files are these."""
    monkeypatch.setenv("NEUROMECH_CACHE", str(tmp_path / "cache"))

    def load(name: str, paths: list[Path]) -> SparseConnectome:
        by_need = dict(zip(wirings.WIRINGS[name].needs, paths, strict=False))
        monkeypatch.setattr(wirings.datasets, "path", by_need.__getitem__)
        monkeypatch.setattr(wirings.datasets, "here", lambda entry: by_need.get(entry.name))
        monkeypatch.setattr(wirings.datasets, "whole", lambda entry, found: found)
        return SparseConnectome.load(name)

    return load


def test_neurons_are_chosen_by_their_labels(tmp_path: Path, loaded: Callable[..., SparseConnectome]) -> None:
    cord = loaded("malecns_1.0", male_cns(tmp_path))
    again = loaded("malecns_1.0", [])  # converted now
    for each in (cord, again):
        assert each.ids[each.select(type="DNg100", side="L")].tolist() == [30]
        assert each.ids[each.select(class_="vnc_motor", subclass="fl", neuromere=["T1"])].tolist() == [20]
    with pytest.raises(InputError, match="unknown type in malecns_1.0 'DNg10'; nearest: DNg100"):
        cord.select(type="DNg10")
    with pytest.raises(InputError, match="unknown label of malecns_1.0 'leg'"):
        cord.select(leg="LF")
    neurons, connections = cord.ablate(["30"]).to_pandas()
    assert neurons.loc[20, "type"] == "Ti flexor MN" and connections.weight.tolist() == [7]


BRAIN = {
    "annotations": {
        "bodyId": [30, 10, 20, 40, 50, 60, 70, 80],
        "type": ["DNg100", "IN17A001", "Ti flexor MN", "AN05B102", "MDN", "MDN", "MDN", "DNp09"],
        "superclass": [
            "descending_neuron", "vnc_intrinsic", "vnc_motor", "ascending_neuron", "descending_neuron",
            "descending_neuron", "descending_neuron", "descending_neuron",
        ],
        "subclass": [None] * 8,
        "somaSide": ["L", "R", "R", "L", "R", "R", "L", "R"],
        "somaNeuromere": [None] * 8,
        "instance": [None] * 8,
    },
    "weights": {
        "body_pre": [30, 10, 40, 80, 80],
        "body_post": [10, 40, 30, 30, 70],
        "weight": [12, 7, 3, 5, 60],
    },
}  # fmt: skip
"""Made-up neurons of a male's brain, neck and cord."""


def test_a_brain_is_cut_from_its_cord_at_the_neck(
    tmp_path: Path, loaded: Callable[..., SparseConnectome]
) -> None:
    brain = loaded("malecns_1.0_brain", male_cns(tmp_path, **BRAIN))
    assert brain.ids.tolist() == [30, 40, 50, 60, 70, 80]  # neither premotor nor motor neurons
    edges = zip(brain.ids[brain.synapses.pre], brain.ids[brain.synapses.post], strict=True)
    assert list(edges) == [(40, 30), (80, 30), (80, 70)]
    assert "ascending" in brain.note and brain.id_column == "malecns"


def test_neurons_are_named_by_type_and_side(tmp_path: Path, loaded: Callable[..., SparseConnectome]) -> None:
    brain = loaded("malecns_1.0_brain", male_cns(tmp_path, **BRAIN))
    asked = ["DNg100 L", "MDN R 1", "MDN R 2", "MDN L", "MDN L 1", "DNp09 R", "70"]
    assert brain.ids[brain.find_described(asked)].tolist() == [30, 50, 60, 70, 70, 80, 70]
    # Another side, one of two, one too many, no such type, nothing.
    none = ["DNg100 R", "MDN R", "MDN R 3", "MDN R 0", "DNa02 L", "DNg100", ""]
    assert (brain.find_described(none) == -1).all()


def test_the_spiking_brain_runs_on_a_male(tmp_path: Path, loaded: Callable[..., SparseConnectome]) -> None:
    brain = loaded("malecns_1.0_brain", male_cns(tmp_path, **BRAIN))
    run = load_run(
        [
            "experiment=fly_brain_walk",
            "controller.wiring=[malecns_1.0_brain]",
            "controller.commands.P9_L=0",
            "controller.commands.P9_R=150",
            "duration_s=0.2",
        ]
    )
    loop = Loop.of(run)
    controller = loop.controller
    assert isinstance(controller, SpikingController)
    named = controller.named
    there = {
        name: int(brain.ids[cell]) for name, cell in zip(named.names, named.cells, strict=True) if cell >= 0
    }
    assert there == {
        "P9_R": 80, "MDN_R1": 50, "MDN_R2": 60, "MDN_L1": 70, "DNg100_L": 30,
    }  # fmt: skip
    loop.play_in_memory()
    spikes = np.unique(controller.take_spikes()[1]).tolist()
    assert 80 in spikes and 70 in spikes and not {10, 20} & set(spikes)  # P9 and what 60 contacts reach
    assert any("named neurons are not in it" in note for note in controller.notes)


def test_the_walking_circuit_written_as_a_release(
    data: Path, tmp_path: Path, loaded: Callable[..., SparseConnectome]
) -> None:
    with gzip.open(data / "fly/manc_walking_neurons.csv.gz", "rt", encoding="utf-8") as file:
        rows = list(DictReader(file))
    with np.load(data / "fly/manc_walking_edges.npz") as found:
        pre, post, count, sign = (found[key] for key in ("pre", "post", "count", "sign"))
    bodies = np.array([int(row["body_id"]) for row in rows])
    # Only who has an edge can be known by it to inhibit.
    inhibits = {int(each): int(s) for each, s in zip(pre, sign, strict=True)}
    transmitters = ["gaba" if inhibits.get(i, 1) < 0 else "acetylcholine" for i in range(len(rows))]
    edges = np.stack([bodies[pre], bodies[post], count], axis=1)
    paths = compiled(
        tmp_path, "manc_121_id", bodies.tolist(), edges,
        cell_type=[row["type"] for row in rows], super_class=[row["role"] for row in rows],
        neurotransmitter_predicted=transmitters,
    )  # fmt: skip
    cord = loaded("manc_1.2.1", paths)
    assert len(cord.select(type="DNg100")) == 2 and len(cord.select(class_="motor")) == 392
    assert len(cord.select(type="IN17A001")) >= 6  # E1 of six legs
    dense = np.zeros((len(rows), len(rows)))
    dense[pre, post] = count * sign
    found = np.zeros_like(dense)
    found[cord.synapses.pre, cord.synapses.post] = cord.synapses.count
    assert np.array_equal(found, dense)
