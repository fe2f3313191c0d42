"""Wirings that a controller's folder ships: the graph around P9 and MDN, and what may be wrong in one."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.brain.sparse_connectome import SparseConnectome
from neuromech.brain.spelling import SpellingWarning
from neuromech.cli.main import main
from neuromech.specs import content
from tests import scripts

GRAPH = "flywire630_P9_MDN"


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine onto which nothing was fetched."""
    monkeypatch.setenv("NEUROMECH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("NEUROMECH_DATA", raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A controller's folder that ships a wiring of three neurons."""
    wiring = tmp_path / "mine" / "wirings" / "three"
    wiring.mkdir(parents=True)
    (wiring / "wiring.yaml").write_text("note: three neurons only\n")
    (wiring / "neurons.csv").write_text("id\nb\na\nc\n")
    (wiring / "connections.csv").write_text("pre,post,count,sign\na,c,3,-1\nb,a,2,1\nb,c,40000,1\n")
    return tmp_path / "mine"


def test_a_wiring_is_read_in_the_order_of_its_table(folder: Path, bare: None) -> None:
    brain = SparseConnectome.first(["flywire_783", "three"], [folder])
    assert brain.name == brain.id_column == "three" and brain.note == "three neurons only"
    assert brain.ids.tolist() == ["b", "a", "c"] and brain.find(["c", "d"]).tolist() == [2, -1]
    edges = zip(brain.synapses.pre, brain.synapses.post, brain.synapses.count, strict=True)
    assert [tuple(map(int, edge)) for edge in edges] == [(0, 1, 2), (0, 2, 40000), (1, 2, -3)]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("neurons.csv", "c\n", "a\n", r"neurons.csv line 4: neuron a is there twice"),
        ("neurons.csv", "id", "name", r"neurons.csv line 1: missing column id"),
        ("connections.csv", "a,c,3", "a,d,3", r"connections.csv line 2: unknown neuron 'd'"),
        ("connections.csv", "c,3,", "c,0,", r"connections.csv line 2: count must be .* not 0 and -1"),
        ("connections.csv", "c,3,", "c,1.5,", r"connections.csv line 2: count must be .* not 1.5 and -1"),
        ("connections.csv", ",-1", ",0", r"connections.csv line 2: .* sign 1 or -1, not 3 and 0"),
    ],
)
def test_a_spoilt_wiring_is_one_line(folder: Path, file: str, old: str, new: str, message: str) -> None:
    path = folder / "wirings" / "three" / file
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(InputError, match=message) as caught:
        SparseConnectome.first(["three"], [folder])
    assert "\n" not in str(caught.value)


def test_what_is_not_here_is_said_with_how_to_get_it(folder: Path, bare: None) -> None:
    whole = ["flywire_783", "flywire783_ge5_within_side"]
    with pytest.raises(
        InputError, match=r"needs .* flywire_783 or .*fetch NAME' gets flywire_783 \(104 MB\)"
    ):
        SparseConnectome.first(whole, [folder])
    with pytest.raises(InputError, match="none of them can be fetched"):
        SparseConnectome.first(whole[1:], [folder])
    with pytest.raises(InputError, match="unknown wiring 'thre'; nearest: three"):
        SparseConnectome.first(["three", "thre"], [folder])
    with pytest.raises(InputError, match="which wiring"):
        SparseConnectome.first([], [folder])


@pytest.mark.parametrize("name", ["fly_feeding", "fly_grooming"])
def test_a_run_without_its_wiring_is_one_line(
    name: str, bare: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", f"experiment={name}", f"output={tmp_path / 'out'}"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and "flywire_783 or flywire_630" in said[0] and "neuromech data fetch" in said[0]


def test_the_graph_around_p9_and_mdn_comes_with_the_controller(bare: None) -> None:
    brain = SparseConnectome.first([GRAPH], [content.find("controllers", "fly_brain")])
    assert (brain.synapses.size, len(brain.synapses.post)) == (194, 4833)
    assert (brain.find(["P9_l", "DNa02_r"]) >= 0).all() and "no senses" in brain.note
    inhibitory = np.unique(brain.synapses.pre[brain.synapses.count < 0])
    excitatory = np.unique(brain.synapses.pre[brain.synapses.count > 0])
    assert len(inhibitory) > 20 and not np.intersect1d(inhibitory, excitatory).size  # Dale's law


def test_its_tables_are_those_of_the_published_graph(data: Path) -> None:
    folder = content.find("controllers", "fly_brain")
    script = scripts.load(folder / "make_tables.py")
    for file, rows in script.tables(data / "fly" / f"{GRAPH}.gexf").items():
        with (folder / "wirings" / GRAPH / file).open(newline="", encoding="utf-8") as table:
            assert list(csv.reader(table)) == [list(map(str, row)) for row in rows]


@pytest.fixture
def three(folder: Path) -> SparseConnectome:
    return SparseConnectome.load("three", [folder])


def test_a_large_wiring_speaks_as_a_small_one(three: SparseConnectome) -> None:
    assert repr(three) == "SparseConnectome(three: 3 neurons, 3 chemical synapses)"
    assert three.neurons == ("b", "a", "c")
    neurons, connections = three.to_pandas()
    assert neurons.index.tolist() == ["b", "a", "c"]
    assert connections.loc[connections["pre"] == "a"].values.tolist() == [["a", "c", "chemical", 3, -1]]
    signed = three.adjacency(signed=True)
    assert float(signed.sel(pre="a", post="c")) == -3 and float(three.adjacency().sum()) == 40005
    part = three.adjacency(among=["c", "a"])
    assert part["pre"].values.tolist() == ["c", "a"] and float(part.sum()) == 3
    assert three.ablate("b").to_pandas()[1]["weight"].tolist() == [3]
    with pytest.warns(SpellingWarning, match="A is read as a"):
        assert three.resolve("A").tolist() == [1]
    with pytest.raises(InputError, match="unknown neuron of three 'd'"):
        three.ablate(["d"])
    with pytest.raises(InputError, match="kind of connection in three 'gap_junction'"):
        three.adjacency("gap_junction")


def test_a_shuffle_keeps_every_neurons_numbers_of_partners() -> None:
    graph = SparseConnectome.load(GRAPH, [content.find("controllers", "fly_brain")])
    mixed = graph.shuffle(1)
    for axis in ("pre", "post"):
        before, after = (each.to_pandas()[1][axis].value_counts() for each in (graph, mixed))
        assert before.to_dict() == after.to_dict()
    assert not np.array_equal(graph.synapses.post, mixed.synapses.post)


def test_a_matrix_of_a_whole_brain_is_refused(
    three: SparseConnectome, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("neuromech.brain.sparse_connectome.LARGEST", 2)
    with pytest.raises(InputError, match="a matrix of 3 neurons would be too large: name up to 2 in among="):
        three.adjacency()


def test_ids_that_are_numbers_name_the_spikes_where_they_have_a_name(folder: Path) -> None:
    place = folder / "wirings" / "three"
    assert SparseConnectome.load("three", [folder]).spikes_named()[0] == "row of three"
    numbers = dict(zip("bac", (30, 10**18, 20), strict=True))
    for file in ("neurons.csv", "connections.csv"):
        head, *rows = (place / file).read_text().splitlines()
        renamed = [",".join(str(numbers.get(cell, cell)) for cell in row.split(",")) for row in rows]
        (place / file).write_text("\n".join([head, *renamed]) + "\n")
    (place / "wiring.yaml").write_text("ids: number in the atlas\n")
    name, ids = SparseConnectome.load("three", [folder]).spikes_named()
    assert name == "number in the atlas" and ids.tolist() == [30, 10**18, 20]
