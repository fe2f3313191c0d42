"""What is wrong in the connectome's tables, parameters and perturbations is one clear line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from neuromech._lib.errors import InputError
from neuromech.controllers import connectome
from neuromech.specs import content
from neuromech.specs.perturb import Perturb, Window
from neuromech.world.body import Body
from tests.controllers.worm import CLOCK, Make, edit


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("AVAL,PVCL,chemical,nan,1,x", "weight"),
        ("AVAL,PVCX,chemical,1,1,x", "PVC"),
        ("AVAX,PVCL,chemical,1,1,x", "AVA"),
        ("DB1,MDL99,neuromuscular,1,1,x", "MDL"),
        ("AVAL,PVCL,chemical,-3,1,x", "weight"),
        ("AVAL,PVCL,electrical,3,1,x", "kind"),
    ],
    ids=["NaN", "post", "pre", "muscle", "negative", "kind"],
)
def test_a_spoilt_table_is_one_clear_line(make: Make, folder: Path, row: str, message: str) -> None:
    edit(folder / "connections.csv", lambda rows: [rows[0], row])
    with pytest.raises(InputError, match=message) as caught:
        make(folder=folder)
    assert "connections.csv line 2" in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("perturb", "message"),
    [
        (Perturb(ablate=("AVAX",)), "AVA"),
        (Perturb(silence=(Window(("AVAX",), 0, 1),)), "AVA"),
        (Perturb(stimulate=(Window(("XYZ",), 0, 1, 5.0),)), "XYZ"),
        (Perturb(shuffle_wiring=("sensor",)), "sensory"),
        (Perturb(swap=(("ASEL", "ASEX"),)), "ASE"),
        (Perturb(swap=(("ASE", "AWA"),)), "swap"),
    ],
    ids=["ablate", "silence", "stimulate", "shuffle", "swap", "swap of classes"],
)
def test_a_perturbation_of_nobody_is_one_clear_line(make: Make, perturb: Perturb, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        make(perturb)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"leak_nS": {"*": float("nan")}}, "leak_nS"),
        ({"leek_nS": {"*": 1.0}}, "leak_nS"),
        ({"plateau_nS": {"Bx": 1.0}}, "Bx"),
        ({"chemical_nS": {"AVB": 1.0}}, "pre>post"),
        ({"stretch_pA_mm": {"B:around_the_corner": 1.0}}, "window"),
        ({"stretch_pA_mm": {"B": 1.0}}, "window"),
        ({"salt": {"fast_s": 0.1}}, "salt"),
        ({"reach": {}}, "reach"),
    ],
    ids=["NaN", "section", "group", "pair", "window", "no window", "missing salt", "missing reach"],
)
def test_wrong_parameters_are_one_clear_line(make: Make, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        make(**changes)


def test_a_missing_section_is_one_clear_line(make: Make, body: Body, parameters: dict[str, Any]) -> None:
    spec = content.wired("worm_connectome")
    for section in parameters:
        short = {key: value for key, value in parameters.items() if key != section}
        with pytest.raises(InputError, match=section):
            connectome.build(spec, body, CLOCK, Perturb(), 0, short)
