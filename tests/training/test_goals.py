"""What a fit asks for: costs, written down."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.training.goals import WORST, Goal, scenarios


def test_inside_the_range_a_goal_costs_nothing() -> None:
    goal = Goal("speed_mm_s", low=0.1, high=0.3, scale=0.1, weight=2.0)
    assert [goal.cost(value) for value in (0.1, 0.2, 0.3)] == [0, 0, 0]


def test_outside_the_cost_grows_by_weight_per_scale_up_to_the_worst() -> None:
    goal = Goal("speed_mm_s", low=0.1, high=0.3, scale=0.1, weight=2.0)
    assert goal.cost(0.4) == pytest.approx(2.0)
    assert goal.cost(0.05) == pytest.approx(1.0)
    assert goal.cost(-9.0) == goal.cost(9.0) == 2.0 * WORST


@pytest.mark.parametrize("value", [None, float("nan"), float("inf"), float("-inf")])
def test_what_was_not_measured_costs_most(value: float | None) -> None:
    assert Goal("undulation_hz", low=0.2, weight=1.5).cost(value) == 1.5 * WORST


def test_a_goal_relative_to_another_scenario() -> None:
    goal = Goal("speed_mm_s", low=0.7, high=1.4, scale=0.1, relative_to="crawl")
    assert goal.cost(0.2, 0.2) == 0
    assert goal.cost(0.1, 0.2) == pytest.approx(2.0)  # half the speed, two tenths below 0.7
    assert goal.cost(-0.2, -0.2) == 0
    for missing in (None, 0.0):
        assert goal.cost(0.2, missing) == WORST
    assert goal.cost(None, 0.2) == WORST


@given(value=st.floats(-1e3, 1e3), low=st.floats(-10, 10), width=st.floats(0, 10), scale=st.floats(0.01, 10))
def test_a_cost_is_never_negative_nor_above_the_worst(
    value: float, low: float, width: float, scale: float
) -> None:
    goal = Goal("x", low, low + width, scale, 2.0)
    cost = goal.cost(value)
    assert 0 <= cost <= 2.0 * WORST
    assert (cost == 0) == (low <= value <= low + width) or cost < 1e-9
    # Further out never costs less.
    further = value + (value - (low + width / 2))
    assert goal.cost(further) >= cost - 1e-9


def spec(**changes: Any) -> dict[str, Any]:
    goals = [
        {"measure": "speed_mm_s", "low": 0.1, "scale": 0.05, "weight": 2},
        {"measure": "undulation_hz", "high": 1},
    ]
    return {"name": "crawl", "run": ["experiment=worm_crawl"], "window_s": [1, 3], "goals": goals} | changes


def test_scenarios_are_read() -> None:
    relative = [{"measure": "speed_mm_s", "low": 0.5, "relative_to": "crawl"}]
    first, second = scenarios([spec(seeds=[1, 2], gate=4), spec(name="late", goals=relative)])
    assert (first.name, first.run, first.window_s, first.seeds, first.gate) == (
        "crawl", ("experiment=worm_crawl",), (1.0, 3.0), (1, 2), 4.0,
    )  # fmt: skip
    assert first.goals == (
        Goal("speed_mm_s", low=0.1, scale=0.05, weight=2.0),
        Goal("undulation_hz", high=1.0),
    )
    assert first.worst == 3 * WORST
    assert second.seeds == (0,) and second.gate == float("inf") and second.goals[0].relative_to == "crawl"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"windows_s": [0, 1]}, "window_s"),
        ({"goals": [{"measure": "x", "lo": 1}]}, "low"),
        ({"goals": [{"low": 1}]}, "measure"),
        ({"goals": [{"measure": "x", "relative_to": "crawl"}]}, "earlier scenario"),
        ({"window_s": [3, 1]}, "window_s"),
        ({"window_s": [1]}, "window_s"),
        ({"seeds": []}, "seeds"),
        ({"goals": [{"measure": "x", "scale": 0}]}, "scale"),
        ({"goals": [{"measure": "x", "low": 2, "high": 1}]}, "low"),
    ],
    ids=["key", "goal key", "no measure", "itself", "window", "half a window", "no seeds", "scale", "range"],
)
def test_a_wrong_scenario_is_one_clear_line(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        scenarios([spec(**change)])


@pytest.mark.parametrize("key", ["name", "run", "window_s", "goals"])
def test_a_scenario_lacks_nothing(key: str) -> None:
    short = {name: value for name, value in spec().items() if name != key}
    with pytest.raises(InputError, match=key):
        scenarios([short])
