"""One set of neurons, several wirings: a table of connections is chosen by the key `connectome`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.brain.circuit import Circuit
from neuromech.brain.connectome import Connectome
from neuromech.cli import main
from neuromech.evaluation import declarations
from neuromech.evaluation.questions import Contender, ask
from neuromech.loop import Loop
from neuromech.specs import content, keywords
from neuromech.specs import evaluation as evaluations
from neuromech.specs.compose import load_run
from neuromech.specs.controller import WiredSpec

NEURONS = "name,class,type,transmitter\nA,A,sensory,glutamate\nB,B,motor,acetylcholine\n"
HEAD = "pre,post,kind,weight,sign\n"
CHOICE = """
connectome: {taken}
connectomes:
  young: {{table: connections.csv, title: a young one}}
  old: {{table: connections_old.csv, title: an old one}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A controller of two neurons that offers two wirings, in a content root of its own."""
    made = tmp_path / "controllers" / "two"
    made.mkdir(parents=True)
    (tmp_path / "configs").mkdir()
    (made / "controller.yaml").write_text("title: Two neurons\nmodel: rate\n" + CHOICE.format(taken="young"))
    (made / "neurons.csv").write_text(NEURONS)
    (made / "connections.csv").write_text(HEAD + "A,B,chemical,3,1\nB,M1,neuromuscular,2,1\n")
    (made / "connections_old.csv").write_text(HEAD + "A,B,chemical,0.5,1\nB,M1,neuromuscular,2,1\n")
    return made


def weight(wiring: Connectome) -> float:
    return float(wiring.adjacency("chemical").sel(pre="A", post="B"))


def test_a_wiring_is_chosen_by_its_name(folder: Path) -> None:
    dirs = [folder.parent.parent / "configs"]
    assert weight(Connectome.load("two", dirs)) == weight(Connectome.load(folder)) == 3
    assert weight(Connectome.load("two", dirs, connectome="young")) == 3
    assert weight(Connectome.load("two", dirs, connectome="old")) == 0.5
    assert weight(Connectome.load(folder, connectome="old")) == 0.5
    (folder / "controller.yaml").write_text("model: rate\n" + CHOICE.format(taken="old"))
    assert weight(Connectome.load(folder)) == 0.5


def test_a_run_chooses_it_too_and_the_tables_of_a_folder_above_are_added(folder: Path) -> None:
    above = folder.parent / "three"
    above.mkdir()
    (above / "controller.yaml").write_text("extends: two\n")
    (above / "neurons.csv").write_text(NEURONS.splitlines()[0] + "\nC,C,sensory,glutamate\n")
    (above / "connections.csv").write_text(HEAD + "C,A,chemical,7,1\n")
    for name, expected in (("young", 3), ("old", 0.5)):
        spec = content.load("controllers", "three", {"connectome": name}, [folder.parent.parent / "configs"])
        assert isinstance(spec, WiredSpec)
        wiring = Circuit.load(spec, parameters={"none": 0}).connectome
        assert weight(wiring) == expected and wiring.chemical[2, 0] == 7


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"connectome": "yuong"}, "^unknown controller.connectome 'yuong'; nearest: young$"),
        ({"connectome": 3}, "^controller.connectome must be text, not 3$"),
        (
            {"connectomes": {"old": {"table": "../secret.csv"}}},
            "^controller.connectomes.old.table must be the name of a CSV file in the folder, as in "
            "connections_1986.csv, not '../secret.csv'$",
        ),
        ({"connectomes": {"old": {"tabel": "a.csv"}}}, "unknown key 'controller.connectomes.old.tabel'"),
    ],
)
def test_a_wrong_choice_is_one_line(said: dict[str, Any], message: str, folder: Path) -> None:
    with pytest.raises(InputError, match=message):
        content.load("controllers", "two", said, [folder.parent.parent / "configs"])


def test_a_wiring_that_is_not_there_is_one_line(folder: Path) -> None:
    with pytest.raises(InputError, match=r"^unknown connectome 'yuong'; nearest: young$"):
        Connectome.load(folder, connectome="yuong")
    with pytest.raises(InputError, match=r"^unknown connectome 'old'; there are none$"):
        Connectome.load("fly_walk", connectome="old")
    (folder / "connections_old.csv").unlink()
    with pytest.raises(InputError, match=r"^cannot read .*two/connections_old.csv: there is no such file$"):
        Connectome.load(folder, connectome="old")
    (folder / "controller.yaml").write_text("model: rate\n" + CHOICE.format(taken="odl"))
    with pytest.raises(InputError, match=r"controller.yaml: unknown connectome 'odl'; nearest: old"):
        Connectome.load(folder)


def test_a_table_that_has_changed_is_read_anew(folder: Path) -> None:
    assert weight(Connectome.load(folder, connectome="old")) == 0.5
    table = folder / "connections_old.csv"
    table.write_text(table.read_text().replace("0.5", "0.25"))
    assert weight(Connectome.load(folder, connectome="old")) == 0.25


def test_the_list_tells_their_sizes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["list", "connectomes", "--config-dir", str(folder.parent.parent / "configs")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "young           two: 2 neurons, 2 connections, the usual one. a young one" in lines
    assert "old             two: 2 neurons, 2 connections. an old one" in lines
    assert sum("worm_connectome: 302 neurons" in line for line in lines) == 4


def test_as_a_keyword_it_needs_no_group() -> None:
    assert keywords.overrides({"connectome": "white1986"}) == ["controller.connectome=white1986"]
    assert keywords.overrides({"controller": {"connectome": "white1986"}}) == [
        "controller.connectome=white1986"
    ]


WORM = ["experiment=worm_crawl", "duration_s=0.2"]
OTHER = [*WORM, "controller.connectome=white1986"]


def test_recording_and_state_say_which_it_was(tmp_path: Path) -> None:
    from neuromech import recording

    usual, other = Loop.of(load_run(WORM)), Loop.of(load_run(OTHER))
    for loop, name in ((usual, "cook2019"), (other, "white1986")):
        loop.play(tmp_path / f"{name}.nc", {})
        assert recording.load(tmp_path / f"{name}.nc").attrs["connectome"] == name
        assert loop.save_state().about["connectome"] == name
    with pytest.raises(InputError, match="here is connectome white1986 and not 'cook2019'"):
        other.restore_state(usual.save_state())
    one, two = (recording.load(tmp_path / f"{name}.nc") for name in ("cook2019", "white1986"))
    assert one.neuron.equals(two.neuron) and not np.array_equal(one.activity.values, two.activity.values)


def test_a_state_of_before_there_was_a_choice_is_taken() -> None:
    from neuromech._lib.state import State

    loop = Loop.of(load_run(WORM))
    loop.advance(0.05)
    saved = loop.save_state()
    about = {name: value for name, value in saved.about.items() if name != "connectome"}
    loop.restore_state(State(about, saved.parts))
    assert loop.resumed_s == pytest.approx(0.05)


def test_the_wiring_that_is_shuffled_is_the_chosen_one() -> None:
    run = load_run([*OTHER, "perturb.shuffle_wiring=true", "seed=2"])
    assert isinstance(run.controller, WiredSpec)
    shuffled = Circuit.load(run.controller, run.perturb, run.seed).connectome
    whole = Connectome.load("worm_connectome", connectome="white1986")
    assert sorted(shuffled.chemical[shuffled.chemical > 0]) == sorted(whole.chemical[whole.chemical > 0])
    assert np.array_equal((shuffled.chemical > 0).sum(axis=0), (whole.chemical > 0).sum(axis=0))
    assert not np.array_equal(shuffled.chemical, whole.chemical)


def test_a_card_declares_the_table_that_was_read() -> None:
    spec = evaluations.read(
        {
            "title": "a",
            "rows": {
                "a": {
                    "title": "a", "kind": "behaviour", "measure": [{"metric": "speed_mm_s"}],
                    "run": {"experiment": "worm_crawl", "controller.connectome": "white1986"},
                }
            },
        }
    )  # fmt: skip
    said = {each.dimension: each for each in declarations.of(ask(spec, Contender())[0])}["connectivity"]
    assert said.said.startswith("2,391 chemical") and "connections_white1986.csv" in said.evidence
