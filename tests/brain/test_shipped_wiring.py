"""Wirings that a controller's folder ships: the graph around P9 and MDN, and what may be wrong in one."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.brain import shipped_wiring
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
    brain = shipped_wiring.first(["flywire_783", "three"], [folder])
    assert brain.name == brain.column == "three" and brain.note == "three neurons only"
    assert brain.ids.tolist() == ["b", "a", "c"] and brain.cells(["c", "d"]).tolist() == [2, -1]
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
        shipped_wiring.first(["three"], [folder])
    assert "\n" not in str(caught.value)


def test_what_is_not_here_is_said_with_how_to_get_it(folder: Path, bare: None) -> None:
    whole = ["flywire_783", "flywire783_ge5_within_side"]
    with pytest.raises(
        InputError, match=r"needs .* flywire_783 or .*fetch NAME' gets flywire_783 \(104 MB\)"
    ):
        shipped_wiring.first(whole, [folder])
    with pytest.raises(InputError, match="none of them can be fetched"):
        shipped_wiring.first(whole[1:], [folder])
    with pytest.raises(InputError, match="unknown wiring 'thre'; nearest: three"):
        shipped_wiring.first(["three", "thre"], [folder])
    with pytest.raises(InputError, match="which wiring"):
        shipped_wiring.first([], [folder])


@pytest.mark.parametrize("name", ["fly_feeding", "fly_grooming"])
def test_a_run_without_its_wiring_is_one_line(
    name: str, bare: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", f"experiment={name}", f"output={tmp_path / 'out'}"]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1 and "flywire_783 or flywire_630" in said[0] and "neuromech data fetch" in said[0]


def test_the_graph_around_p9_and_mdn_comes_with_the_controller(bare: None) -> None:
    brain = shipped_wiring.first([GRAPH], [content.find("controllers", "fly_brain")])
    assert (brain.synapses.size, len(brain.synapses.post)) == (194, 4833)
    assert (brain.cells(["P9_l", "DNa02_r"]) >= 0).all() and "no senses" in brain.note
    inhibitory = np.unique(brain.synapses.pre[brain.synapses.count < 0])
    excitatory = np.unique(brain.synapses.pre[brain.synapses.count > 0])
    assert len(inhibitory) > 20 and not np.intersect1d(inhibitory, excitatory).size  # Dale's law


def test_its_tables_are_those_of_the_published_graph(data: Path) -> None:
    folder = content.find("controllers", "fly_brain")
    script = scripts.load(folder / "make_tables.py")
    for file, rows in script.tables(data / "fly" / f"{GRAPH}.gexf").items():
        with (folder / "wirings" / GRAPH / file).open(newline="", encoding="utf-8") as table:
            assert list(csv.reader(table)) == [list(map(str, row)) for row in rows]
