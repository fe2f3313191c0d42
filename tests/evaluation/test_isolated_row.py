"""Brains without a body as rows: rhythms with known answers, and the mouse's circuit under a swept drive."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neuromech import InputError
from neuromech.evaluation import gaits_of_centres, isolated_row, rhythms
from neuromech.evaluation.questions import Contender, ask
from neuromech.evaluation.told import Told
from neuromech.specs import evaluation as specs

T = np.arange(0, 2, 0.001)
LIMBS = {"left": ("a", "b"), "right": ("c", "d")}
BAND = (4.0, 20.0)


def wave(hz: float, late: float = 0.0) -> np.ndarray:
    return 0.5 + 0.4 * np.cos(2 * np.pi * (hz * T - late))


def test_a_limb_has_the_rhythm_that_its_neurons_share() -> None:
    courses = {"a": wave(8.0), "b": wave(8.0, 0.25), "c": wave(8.0), "d": wave(12.0)}
    found = rhythms.of_limbs(courses, LIMBS, 0.001, BAND)
    assert found["left"] == pytest.approx(8.0, abs=0.05) and found["right"] is None
    (lag,) = rhythms.lags(courses, LIMBS, found, 0.001)
    assert lag == {"left": pytest.approx(0.25, abs=0.01)}
    assert not rhythms.in_order([lag], 2)


def test_order_asks_for_all_limbs() -> None:
    courses = {"a": wave(8.0), "b": wave(8.0, 0.25), "c": wave(9.0), "d": wave(9.0, 0.3)}
    found = rhythms.of_limbs(courses, LIMBS, 0.001, BAND)
    assert rhythms.in_order(rhythms.lags(courses, LIMBS, found, 0.001), 2)
    courses["d"] = wave(9.0, 0.9)
    assert not rhythms.in_order(rhythms.lags(courses, LIMBS, found, 0.001), 2)


def test_what_does_not_repeat_itself_has_no_rhythm() -> None:
    rng = np.random.default_rng(0)
    assert rhythms.frequency(rng.random(2000), 0.001, BAND) is None
    assert rhythms.frequency(np.full(2000, 0.3), 0.001, BAND) is None
    assert rhythms.frequency(wave(1.0), 0.001, BAND) is None  # below the band


def outputs(extended: float, phases: dict[str, float]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Four centres that burst at 5 Hz; phases are those of the ends of their bursts."""
    times = np.arange(3000) * 0.001
    cycle = {limb: (5.0 * times - phase) % 1.0 for limb, phase in phases.items()}
    return times, {limb: np.clip(20.0 * (each - extended), 0.0, 0.8) for limb, each in cycle.items()}


def test_phases_are_those_of_the_ends_of_bursts() -> None:
    seen = gaits_of_centres.look(*outputs(0.6, {"hl": 0.0, "hr": 0.5, "fl": 0.42, "fr": 0.92}))
    assert seen.gaits == ("trot", "trot") and seen.hz == pytest.approx(5.0)
    seen = gaits_of_centres.look(*outputs(0.69, {"hl": 0.0, "hr": 0.725, "fl": 0.369, "fr": 0.077}))
    assert seen.gaits == ("trot", "walk") and seen.gait is None
    assert seen.left_right == pytest.approx(0.725, abs=0.002)
    values = gaits_of_centres.of_branch([(0.1, seen)])
    assert values["trot.highest_either"] == 0.1 and values["trot.highest"] is None
    times, still = outputs(0.6, dict.fromkeys(gaits_of_centres.LIMBS, 0.0))
    nothing = gaits_of_centres.look(times, {**still, "fr": np.zeros(len(times))})
    assert nothing == gaits_of_centres.Seen()


def row(run: dict[str, Any], **isolated: Any) -> Told:
    tree = {
        "title": "Circuit", "seeds": 1,
        "rows": {"alone": {
            "title": "alone", "kind": "behaviour", "run": run, "isolated": isolated,
            "measure": [{"metric": "rising.in_order" if "gait" in isolated else "limbs"}],
        }},
    }  # fmt: skip
    (question,) = ask(specs.read(tree), Contender())
    question.check()
    return isolated_row.answer(question, 0)


@pytest.fixture(scope="module")
def sweep() -> dict[str, Any]:
    """As configs/evaluation/mouse.yaml has it, in six drives and of four seconds each."""
    spec = specs.load("mouse").rows["alone"].isolated
    assert spec is not None and spec.gait is not None
    return {
        "duration_s": 4, "settle_s": 0, "substeps": 2, "part": list(spec.part), "gait": vars(spec.gait),
        "sweep": {"command": "alpha", "start": 0.05, "stop": 1.05, "step": 0.25, "back": True, "nudge": 0.01},
    }  # fmt: skip


@pytest.mark.thorough
def test_the_mouses_circuit_changes_gait_with_its_drive_as_the_papers_does(sweep: dict[str, Any]) -> None:
    found = row({"experiment": "mouse_gaits"}, **sweep)
    assert found.values["rising.walk.highest"] == 0.05
    assert found.values["rising.trot.lowest"] == 0.3 and found.values["rising.trot.highest"] == 0.8
    assert found.values["rising.bound.lowest"] == found.values["falling.bound.highest"] == 1.05
    assert "walk 0.05 (2.2 Hz), trot 0.30-0.80" in found.text
    lame = row(
        {"experiment": "mouse_gaits", "perturb.ablate": ["V0V", "V0V_diag", "V0D", "V0D_diag"]}, **sweep
    )
    assert lame.values["rising.bound.share"] == lame.values["falling.bound.share"] == 1.0


LEGS = {"lf": ["E1_lf", "E2_lf"]}
NONE = {"limbs": {"lf": ["E9_lf"]}}


def test_parameters_are_replaced_and_drawn_and_currents_injected() -> None:
    cord: dict[str, Any] = {"duration_s": 1.2, "settle_s": 0.4, "rhythm": {"limbs": LEGS}}
    quiet = {"experiment": "fly_manc_walk", "controller.commands": {"DNg100_L": 0, "DNg100_R": 0},
             "controller.homeostasis.motor.rate_Hz": 0}  # fmt: skip
    assert row(quiet, **cord).values["limbs"] == 0
    driven = {**cord, "inject_pA": {"DNg100": 400}}
    hz = row(quiet, **driven).values["lf.hz"]
    assert hz is not None and 9 < hz < 12
    slow = row(quiet, **driven, parameters={"tau_ms": {"*": 30.0}}).values["lf.hz"]
    assert slow is not None and slow < 0.8 * hz
    drawn = row(quiet, **driven, drawn={"tau_ms": 0.1}).values["lf.hz"]
    assert drawn != hz


@pytest.mark.parametrize(
    ("isolated", "said"),
    [
        ({"rhythm": NONE, "sweep": {"start": 0, "stop": 1, "step": 1, "inject": ["E1"]}},
         "unknown neuron 'E9_lf'"),
        ({"rhythm": {"limbs": LEGS}, "sweep": {"start": 0, "stop": 1, "step": 1, "command": "alpha"}},
         "unknown command 'alpha'"),
        ({"rhythm": {"limbs": LEGS}, "parameters": {"tua_ms": 3}}, "unknown section of parameters 'tua_ms'"),
        ({"rhythm": {"limbs": LEGS}, "drawn": {"tua_ms": 0.1}}, "unknown section 'tua_ms'; nearest: tau_ms"),
        ({"rhythm": {"limbs": LEGS}, "inject_pA": {"E9": 3}}, "E9"),
        ({"rhythm": NONE}, "unknown neuron 'E9_lf'"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_one_line(isolated: dict[str, Any], said: str) -> None:
    row = {
        "title": "r", "kind": "behaviour", "run": {"experiment": "fly_manc_walk"},
        "isolated": {"duration_s": 0.1, "settle_s": 0, **isolated},
        "measure": [{"metric": "largest_fall" if "sweep" in isolated else "limbs"}],
    }  # fmt: skip
    (question,) = ask(specs.read({"title": "a", "rows": {"r": row}}), Contender())
    with pytest.raises(InputError, match=said):
        isolated_row.answer(question, 0)
