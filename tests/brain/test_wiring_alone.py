"""Wiring by itself: read without a body, as tables and matrices, and by names as people write them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import warnings
from pathlib import Path

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.brain.connectome import Connectome
from neuromech.brain.spelling import SpellingWarning
from neuromech.specs import content

WITH_TABLES = [
    name
    for name in content.names("controllers")
    if (content.find("controllers", name) / "neurons.csv").is_file()
]
FOLDER = content.find("controllers", "worm_connectome")
ALONE = """
import sys
from neuromech.brain.connectome import Connectome
worm = Connectome.load("worm_connectome")
print(len(worm.neurons), len(worm.muscles), [name for name in ("mujoco", "jax") if name in sys.modules])
"""


@pytest.fixture(scope="module")
def worm() -> Connectome:
    return Connectome.load("worm_connectome")


def test_neither_the_physics_nor_the_array_library_is_imported() -> None:
    done = subprocess.run([sys.executable, "-c", ALONE], capture_output=True, text=True, check=True)
    assert done.stdout.split(maxsplit=2) == ["302", "95", "[]\n"]


@pytest.mark.filterwarnings("ignore:.*names neurons only")
@pytest.mark.parametrize("name", WITH_TABLES)
def test_every_controller_with_tables_can_be_read_without_a_body(name: str) -> None:
    wiring = Connectome.load(name)
    neurons, connections = wiring.to_pandas()
    assert tuple(neurons.index) == wiring.neurons and neurons["type"].tolist() == list(wiring.types)
    named = {*wiring.neurons, *wiring.muscles}
    assert set(connections["pre"]) <= set(wiring.neurons) and set(connections["post"]) <= named
    assert (connections["weight"] > 0).all()


def test_tables_and_matrices_tell_the_same(worm: Connectome) -> None:
    _, connections = worm.to_pandas()
    assert connections["kind"].value_counts().to_dict() == {
        "chemical": 3709, "gap_junction": 1110, "neuromuscular": 956,
    }  # fmt: skip
    for row in connections.sample(50, random_state=0).itertuples():
        onto_muscle = row.kind == "gap_junction" and row.post in worm.muscles
        matrix = worm.adjacency(f"{row.kind}_onto_muscle" if onto_muscle else str(row.kind))  # pyright: ignore
        assert float(matrix.sel(pre=row.pre, post=row.post)) == row.weight
        if row.sign:
            signed = worm.adjacency(str(row.kind), signed=True)  # pyright: ignore
            assert float(signed.sel(pre=row.pre, post=row.post)) == row.sign * row.weight
    assert float(worm.adjacency("gap_junction_onto_muscle").sum()) > 0
    by_class = worm.adjacency("chemical").groupby("pre_class").sum()
    assert float(by_class.sel(pre_class="AVA").sum()) == worm.chemical[worm.resolve("AVA")].sum()
    with pytest.raises(InputError, match="unknown kind of connection 'chemicals'; nearest: chemical"):
        worm.adjacency("chemicals")  # type: ignore[arg-type]  # pyright: ignore


def test_neurons_are_taken_out_with_their_connections(worm: Connectome) -> None:
    rest = worm.ablate(["AVA", "ASEL"])
    neurons, connections = rest.to_pandas()
    gone = {"AVAL", "AVAR", "ASEL"}
    assert len(rest.neurons) == 299 and not gone & set(neurons.index) and len(neurons.columns) == 6
    assert not gone & {*connections["pre"], *connections["post"]}
    before = worm.to_pandas()[1]
    untouched = ~before["pre"].isin(gone) & ~before["post"].isin(gone)
    assert (
        len(connections) == untouched.sum()
        and connections["weight"].sum() == before["weight"][untouched].sum()
    )
    assert repr(rest).startswith("Connectome(299 neurons, ")


def test_a_folder_of_ones_own_is_read_and_one_that_extends_another(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(FOLDER, tmp_path / "controllers" / "mine"))
    assert len(Connectome.load(folder).neurons) == 302
    assert len(Connectome.load(str(folder)).neurons) == 302
    assert len(Connectome.load("mine", config_dirs=[tmp_path / "configs"]).neurons) == 302
    more = tmp_path / "controllers" / "more"
    more.mkdir()
    (more / "controller.yaml").write_text("extends: mine\n")
    (more / "neurons.csv").write_text("name,class,type,transmitter,side\nNEW,NEW,sensory,glutamate,left\n")
    both = Connectome.load(more)
    assert both.neurons[-1] == "NEW" and len(both.neurons) == 303
    assert both.annotations["source"][-1] == "" and both.annotations["side"][-1] == "left"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("worm_conectome", "unknown controller 'worm_conectome'; nearest: worm_connectome"),
        ("random", "random has no wiring of its own"),
        ("fish_commands", "fish_commands has no wiring of its own.*fish_optomotor"),
        (Path("/nowhere"), "there is no folder /nowhere"),
    ],
)
def test_what_has_no_wiring_is_one_line(name: str | Path, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        Connectome.load(name)
    assert "\n" not in str(caught.value)


def test_a_gap_junction_with_nobody_is_refused_without_a_body_too(tmp_path: Path) -> None:
    (tmp_path / "neurons.csv").write_text("name,class,type,transmitter\nA1,A,motor,glutamate\n")
    rows = (
        "pre,post,kind,weight,sign\nA1,M1,neuromuscular,2,1\nA1,M1,gap_junction,3,0\nA1,M2,gap_junction,1,0\n"
    )
    (tmp_path / "connections.csv").write_text(rows)
    with pytest.raises(InputError, match="line 4: unknown neuron 'M2'"):
        Connectome.load(tmp_path)
    (tmp_path / "connections.csv").write_text(rows.rsplit("\n", 2)[0] + "\n")
    wiring = Connectome.load(tmp_path)
    assert wiring.muscles == ("M1",) and wiring.gap_muscle.tolist() == [[3.0]] and not wiring.gap.any()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("DD01", "DD1"),
        ("AVA_L", "AVAL"),
        ("aval", "AVAL"),
        ("ava", "AVA"),
        ("AVA-R", "AVAR"),
        ("Sensory", "sensory"),
    ],
)
def test_names_that_are_only_spelt_otherwise_are_accepted_with_a_note(
    worm: Connectome, written: str, meant: str
) -> None:
    with pytest.warns(SpellingWarning, match=f"{written} is read as {meant}"):
        found = worm.resolve(written)
    assert np.array_equal(found, worm.resolve(meant))


def test_a_valid_name_gives_no_note_and_an_ambiguous_one_is_refused(tmp_path: Path) -> None:
    (tmp_path / "neurons.csv").write_text(
        "name,class,type,transmitter\nR8p,R8,sensory,histamine\nR8P,R8,sensory,histamine\nPB_12,PB,motor,GABA\n"
    )
    (tmp_path / "connections.csv").write_text("pre,post,kind,weight,sign\n")
    small = Connectome.load(tmp_path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert small.resolve(["R8P", "R8p"]).tolist() == [1, 0]
        for name in ("r8p", "PB_1_2", "PB12x"):
            with pytest.raises(InputError, match=f"unknown neuron or class '{name}'"):
                small.resolve(name)
