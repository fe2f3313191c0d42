"""A cell in current clamp as a row: what is measured of a recording, and what is refused."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from neuromech import InputError
from neuromech.evaluation import clamp_row
from neuromech.specs import evaluation as specs
from neuromech.specs.evaluation_parts import ClampSpec, PulseSpec
from tests.evaluation.test_other_rows import question

RUN = {"experiment": "worm_crawl"}
PULSES = [
    {"current_pA": 10, "start_s": 0.05, "stop_s": 0.1},
    {"current_pA": -15, "start_s": 0.2, "stop_s": 0.22},
]


def test_what_is_measured_of_a_recording() -> None:
    pulses = (
        PulseSpec(current_pA=-5, start_s=0.1, stop_s=0.2),
        PulseSpec(current_pA=10, start_s=0.4, stop_s=0.5),
        PulseSpec(current_pA=5, start_s=0.7, stop_s=0.8),
    )
    spec = ClampSpec(cell="A", pulses=pulses, duration_s=1.0)
    potential = np.full(1000, -60.0)
    potential[100:200], potential[400:500], potential[700:800] = -65.0, -20.0, -50.0
    potential[405], potential[500:700] = 30.0, -40.0
    found = clamp_row.measure(potential, spec)
    assert found["rest_mV"] == found["after_mV_1"] == -60
    assert found["end_mV_2"] == -20 and found["rise_mV_2"] == 40 and found["peak_mV_2"] == 30
    assert found["after_mV_2"] == -40 and found["left_mV_2"] == 20 and found["left_mV_3"] == 0
    # -65 at -5 pA, -60 at 0, -50 at 5, -20 at 10: the steepest is 6 mV per pA, the mean 3.
    assert found["steepest_over_mean"] == pytest.approx(2)


def test_a_bistable_cell_is_lifted_and_brought_back() -> None:
    pytest.importorskip("jaxley", reason="the extra channels is not installed")
    part: dict[str, Any] = {"cell": "RMD", "pulses": PULSES, "duration_s": 0.35}
    found = clamp_row.answer(question(RUN, "rest_mV", clamp=part), 0)
    assert found["rest_mV"] == pytest.approx(-69.5, abs=0.2)
    left = found["left_mV_1"], found["left_mV_2"]
    assert left[0] is not None and left[1] is not None and left[0] > 15 and abs(left[1]) < 2
    with pytest.raises(InputError, match="unknown cell 'RMED'; nearest: RMD"):
        clamp_row.answer(question(RUN, "rest_mV", clamp={**part, "cell": "RMED"}), 0)


def test_without_jaxley_it_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jaxley", None)
    part = {"cell": "RMD", "pulses": PULSES, "duration_s": 0.3}
    with pytest.raises(InputError, match=r"pip install 'neuromech\[channels\]'"):
        clamp_row.answer(question(RUN, "end_mV_2", clamp=part), 0)


@pytest.mark.parametrize(
    ("part", "says"),
    [
        ({"pulses": [{**PULSES[0], "stop_s": 0.01}]}, "start_s=0.05 must be before stop_s=0.01"),
        ({"pulses": PULSES[::-1]}, "a pulse ends at 0.22 s, and 0.05 s must be after that"),
        ({"pulses": PULSES, "duration_s": 0.1}, "a pulse ends at 0.22 s, and 0.1 s must be after that"),
        ({"pulses": PULSES, "duration_s": 1e9}, "duration_s"),
        ({"pulses": []}, "pulses"),
    ],
)
def test_a_wrong_clamp_is_one_line(part: dict[str, Any], says: str) -> None:
    row = {"title": "row", "kind": "behaviour", "run": RUN, "measure": [{"metric": "rest_mV"}]}
    clamp = {"cell": "RMD", "duration_s": 0.3, **part}
    with pytest.raises(InputError, match=says):
        specs.read({"title": "Rows", "seeds": 1, "rows": {"row": {**row, "clamp": clamp}}})
