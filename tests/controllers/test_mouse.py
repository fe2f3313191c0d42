"""The mouse's spinal circuit: its tables, its gaits in isolation, commands and afferents."""

from __future__ import annotations

import csv
import shutil
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.brain.isolated import Preparation, play
from neuromech.controllers import connectome
from neuromech.controllers.connectome import ConnectomeController
from neuromech.specs import content
from neuromech.specs.checking import plain
from neuromech.specs.controller import WiredSpec, read_controller
from neuromech.specs.perturb import Perturb
from neuromech.specs.run import Clock
from neuromech.world.body import Body
from neuromech.world.body import load as load_body
from tests import scripts

FOLDER = content.find("controllers", "mouse_spinal")
CLOCK = Clock(0.001, 0.005, 0.005, 10)
CIRCUIT = ("rhythm", "interneuron", "commissural", "ascending_LPN", "descending_LPN")
SWAPPED = {"l": "r", "r": "l"}


def table(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open() as file:
        return list(csv.DictReader(file))


def test_the_tables_are_what_their_script_writes() -> None:
    neurons, connections = scripts.load(FOLDER / "make_tables.py").tables()
    for name, rows in (("neurons.csv", neurons), ("connections.csv", connections)):
        written = [list(row.values()) for row in table(name)]
        assert written == [[str(cell) for cell in row] for row in rows]


def test_the_circuit_is_that_of_the_paper() -> None:
    kind = {row["name"]: row["type"] for row in table("neurons.csv")}
    core = {name for name, each in kind.items() if each in CIRCUIT}
    rows = [row for row in table("connections.csv") if "Danner 2017" in row["source"]]
    among = [row for row in rows if row["pre"] in core]
    assert len(core) == 56 and len(among) == 84
    assert {row["post"] for row in rows} <= core
    drives = Counter((row["pre"], row["post"][:-3], float(row["weight"]), row["sign"]) for row in rows
                     if row["pre"] not in core)  # fmt: skip
    # 26 drives in the model file, 8 of which (to V3 and V0V_diag) have the weight 0 there.
    assert drives == {
        ("alpha", "RG_F", 1.0, "1"): 4, ("tonic", "RG_E", 1.0, "1"): 4, ("alpha", "V0V", 1.5, "-1"): 4,
        ("alpha", "V0D", 7.5, "-1"): 4, ("alpha", "V0D_diag", 7.5, "-1"): 2,
    }  # fmt: skip


# Table 1 of the paper: girdles it holds for, letters of the limb that change on the way; ours are tenfold.
PUBLISHED = {
    ("fh", "", ""): [
        ("RG_F", "InF", 0.4), ("RG_F", "V0D", 0.7), ("RG_F", "V2a", 1.0), ("RG_F", "V3", 0.35),
        ("RG_F", "V2a_diag", 0.5), ("RG_E", "InE", 0.4), ("RG_E", "CINi", 0.4), ("RG_E", "V2a_hom", 0.5),
        ("InF", "RG_E", -1.0), ("InE", "RG_F", -0.08), ("V2a", "V0V", 1.0), ("V2a_diag", "V0V_diag", 0.9),
        ("InV0V", "RG_F", -0.07),
    ],
    ("f", "", ""): [("RG_F", "LPNi", 0.7), ("RG_F", "V0D_diag", 0.5)],
    ("fh", "lr", "rl"): [
        ("V0D", "RG_F", -0.07), ("V0V", "InV0V", 0.6), ("V3", "RG_F", 0.03), ("CINi", "RG_F", -0.03),
    ],
    ("f", "f", "h"): [("LPNi", "RG_F", -0.01), ("V2a_hom", "RG_F", 0.01)],
    ("h", "h", "f"): [("V2a_hom", "RG_F", 0.125)],
    ("f", "flr", "hrl"): [("V0D_diag", "RG_F", -0.075), ("V0V_diag", "RG_F", 0.02)],
    ("h", "hlr", "frl"): [("V0V_diag", "RG_F", 0.065)],
}  # fmt: skip


def test_every_connection_goes_where_the_papers_table_says_as_strongly() -> None:
    expected = {}
    for (girdles, *letters), rows in PUBLISHED.items():
        for limb in (girdle + side for girdle in girdles for side in "lr"):
            other = limb.translate(str.maketrans(*letters))
            expected |= {(f"{pre}_{limb}", f"{post}_{other}"): 10 * weight for pre, post, weight in rows}
    kind = {row["name"]: row["type"] for row in table("neurons.csv")}
    found = {
        (row["pre"], row["post"]): float(row["weight"]) * int(row["sign"])
        for row in table("connections.csv")
        if kind[row["pre"]] in CIRCUIT and kind.get(row["post"]) in CIRCUIT
    }
    assert len(found) == 84 and found == pytest.approx(expected)


def test_every_row_names_its_source_and_has_a_mirror_image() -> None:
    assert all(row["source"].strip() for name in ("neurons.csv", "connections.csv") for row in table(name))

    def mirrored(name: str) -> str:
        if "left" in name or "right" in name:
            return name.replace("left", "@").replace("right", "left").replace("@", "right")
        stem, _, limb = name.rpartition("_")
        if len(limb) == 2 and limb[0] in "fh" and limb[1] in SWAPPED:
            return f"{stem}_{limb[0]}{SWAPPED[limb[1]]}"
        sides = {"left": "right", "right": "left"}
        return f"{stem}_{sides[limb]}" if limb in sides else name

    rows = table("connections.csv")
    found = {tuple(row[key] for key in ("pre", "post", "kind", "weight", "sign", "source")) for row in rows
             if row["kind"] == "chemical"}  # fmt: skip
    assert found == {(mirrored(pre), mirrored(post), *rest) for pre, post, *rest in found}


def test_a_part_that_nothing_reaches_does_what_it_does_in_the_whole() -> None:
    circuit = ("brainstem", "rhythm", "interneuron", "commissural", "ascending_LPN", "descending_LPN")
    whole, part = (Preparation.of("mouse_spinal", {"alpha": 0.6}, part=p) for p in ((), circuit))
    outputs = []
    for each in (whole, part):
        _, output, _ = play([each], 1.0)
        limbs = ("hl", "hr", "fl", "fr")
        outputs.append(output[0][:, [each.neurons.index(f"RG_F_{limb}") for limb in limbs]])
    assert len(part.neurons) < len(whole.neurons) and outputs[0].max() > 0.2
    assert outputs[1] == pytest.approx(outputs[0], abs=1e-3)


def test_preparations_that_are_unlike_are_refused() -> None:
    mouse = Preparation.of("mouse_spinal", {})
    with pytest.raises(InputError, match="one controller"):
        play([mouse, Preparation.of("mouse_spinal", {}, part=["rhythm"])], 0.01)
    with pytest.raises(InputError, match="unknown key 'controller.commands.alpa'"):
        Preparation.of("mouse_spinal", {"alpa": 1.0})
    with pytest.raises(InputError, match="nearest: V0V"):
        Preparation.of("mouse_spinal", {}, ("V0X",))


@pytest.fixture(scope="module")
def body() -> Body:
    """Any body will do: no muscle of it is reached."""
    return load_body(content.load("bodies", "larval_fish"))


def alone(tmp_path: Path) -> Path:
    """A copy of the folder without what leads to muscles and from senses."""
    folder = Path(shutil.copytree(FOLDER, tmp_path / "copy"))
    lines = (folder / "connections.csv").read_text().splitlines()
    kept = [line for line in lines if ",neuromuscular," not in line]
    (folder / "connections.csv").write_text("\n".join(kept) + "\n")
    return folder


def make(
    body: Body, folder: Path, parameters: dict[str, Any] | None = None, **over: Any
) -> ConnectomeController:
    tree = plain(content.wired("mouse_spinal")) | {"encoding": {}, "settle_s": 0.0} | over
    spec = read_controller(tree)
    assert isinstance(spec, WiredSpec)
    given = content.read_yaml(FOLDER / "parameters.yaml")["parameters"]
    sections = {"command_pA", *(name for name in given if name in _MODEL)}
    sections |= set(parameters or {})
    return connectome.build(
        replace(spec, folders=(folder,)),
        body,
        CLOCK,
        Perturb(),
        0,
        {k: v for k, v in (given | (parameters or {})).items() if k in sections},
    )


_MODEL = {
    "capacitance_pF", "leak_nS", "leak_mV", "sodium_nS", "bias_pA", "start", "ceiling", "threshold_mV",
    "span_mV",
    "excitatory_mV", "inhibitory_mV", "sodium_mV", "noise_pA", "chemical_nS", "neuromuscular", "tone",
}  # fmt: skip


def volts(controller: ConnectomeController, name: str, seconds: float, **sensed: np.ndarray) -> np.ndarray:
    cell = controller.neuron_names.index(name)
    found = []
    for _ in range(round(seconds / CLOCK.control_s)):
        controller.act(sensed)
        found.append(controller.activity[cell])
    return np.array(found)


def test_commands_reach_the_brain_stem_and_ramps_change_them(body: Body, tmp_path: Path) -> None:
    folder = alone(tmp_path)
    steady = volts(make(body, folder, commands={"alpha": 0.4}, ramps={}), "alpha", 0.2)
    assert steady[-1] == pytest.approx(-50 + 0.4 * 50, abs=1e-3)
    ramps = {"alpha": [[0.0, 0.0], [1.0, 1.0]]}
    rising = volts(make(body, folder, ramps=ramps), "alpha", 1.2)
    share = (rising + 50) / 50
    # It lags by its 10 ms.
    assert share[100] == pytest.approx(0.49, abs=0.01) and share[-1] == pytest.approx(1.0, abs=1e-3)


def test_a_rhythm_that_has_settled_is_where_it_would_be_and_the_same_every_time(
    body: Body, tmp_path: Path
) -> None:
    folder = alone(tmp_path)
    quiet = {"noise_pA": {"*": 0.0}}
    course = volts(make(body, folder, quiet), "RG_F_hl", 0.6)
    settled = make(body, folder, quiet, settle_s=0.4)
    assert volts(settled, "RG_F_hl", 0.2) == pytest.approx(course[-round(0.2 / CLOCK.control_s) :], abs=1e-3)
    settled.reset(3)
    again = volts(settled, "RG_F_hl", 0.05)
    settled.reset(3)
    assert (volts(settled, "RG_F_hl", 0.05) == again).all()


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ({"commands": {"alpa": 0.5}, "ramps": {}}, "alpa"),
        ({"ramps": {"beta": []}}, "unknown command in controller.ramps 'beta'"),
        ({"commands": {"alpha": "much"}, "ramps": {}}, "controller.commands.alpha must be a number"),
        ({"ramps": {"alpha": [0.0, 1.0]}}, r"controller.ramps.alpha\[0\] must be 2 numbers in brackets"),
        ({"ramps": {"alpha": [[1.0, 1.0], [0.0, 1.0]]}}, "times must rise"),
    ],
)
def test_a_wrong_command_is_one_clear_line(
    body: Body, tmp_path: Path, over: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message) as refused:
        make(body, alone(tmp_path), **over)
    assert "\n" not in str(refused.value)


ANGLE = {"kind": "afferent", "sense": "eye_angle", "neurons": {"eye_left": ["V3_fl"]}}
NUMBERS = {"threshold": 0.2, "scale": 0.5, "current_pA": 100.0}


@pytest.mark.parametrize(("scale", "angle", "above"), [(0.5, 0.7, 100.0), (0.5, 0.1, 0.0), (-0.5, 0.1, 20.0)])
def test_an_afferent_answers_one_channel_beyond_its_threshold(
    body: Body, tmp_path: Path, scale: float, angle: float, above: float
) -> None:
    brain = make(
        body, alone(tmp_path), {"angle": NUMBERS | {"scale": scale}, "noise_pA": {"*": 0.0}},
        encoding={"angle": ANGLE},
        commands={"alpha": 0.0, "tonic": 0.0}, ramps={},
    )  # fmt: skip
    seen = volts(brain, "V3_fl", 0.2, eye_angle=np.array([angle, 3.0], np.float32))[-1]
    assert seen == pytest.approx(-60.0 + above / 2.8, abs=0.01)


@pytest.mark.parametrize(
    ("entry", "numbers", "message"),
    [
        ({"neurons": {"eye_leff": ["V3_fl"]}}, {}, "nearest: eye_left"),
        ({}, {"scale": 0.0}, "angle.scale must not be 0"),
        ({"sense": "left_eye"}, {}, "unknown channel in encoding.angle"),
    ],
)
def test_a_wrong_afferent_is_one_clear_line(
    body: Body, tmp_path: Path, entry: dict[str, Any], numbers: dict[str, float], message: str
) -> None:
    with pytest.raises(InputError, match=message) as refused:
        make(body, alone(tmp_path), {"angle": NUMBERS | numbers}, encoding={"angle": ANGLE | entry})
    assert "\n" not in str(refused.value)


def test_wrong_parameters_are_one_clear_line(body: Body, tmp_path: Path) -> None:
    folder = alone(tmp_path)
    for changes, message in (
        ({"leak_nS": {"*": 0.0}}, "leak_nS must be above 0"),
        ({"span_mV": 0.0}, "span_mV must be above 0"),
        ({"chemical_nS": {"*>*": -1.0}}, "chemical_nS must not be negative"),
    ):
        with pytest.raises(InputError, match=message):
            make(body, folder, changes)
