"""Random dots: how many move together and when, what an eye and a camera see of them, what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.specs import content
from neuromech.world import stimuli
from neuromech.world.stimuli.dot_picture import TILE_MM
from neuromech.world.stimuli.dots import DotScene
from tests.world.stimuli.compiled_eye import both

DOWN = np.array([0.0, 0.0, 1.0, 0.0, 1.0, 0.0, -1.0, 0.0, 0.0])
"""The axes of an eye that looks straight down: its x axis is the world's -z."""


def dots(**stimulus: Any) -> DotScene:
    found = stimuli.build(
        content.load("environments", "optomotor_tank", {"stimulus": {"kind": "dots", **stimulus}})
    )
    assert isinstance(found, DotScene)
    return found


def moves(scene: DotScene, t_s: float, step_s: float = 0.01) -> np.ndarray:
    """Return the velocity of the dots of the left side, mm/s (dot, 2), without those that are replaced."""
    step = scene.places(t_s + step_s)[0] - scene.places(t_s)[0]
    step -= TILE_MM * np.round(step / TILE_MM)
    return step[np.hypot(*step.T) < 1.0] / step_s


def share_to_the_left(scene: DotScene, t_s: float) -> float:
    return float(np.mean(np.abs(moves(scene, t_s) - [0.0, 10.0]).max(axis=1) < 1e-6))


@pytest.mark.parametrize("coherence", [0.0, 0.25, 0.5, 1.0])
def test_a_share_of_the_dots_moves_together_and_all_are_equally_fast(coherence: float) -> None:
    scene = dots(direction="left", coherence=coherence)
    assert share_to_the_left(scene, 3.0) == pytest.approx(coherence, abs=0.06)
    assert np.hypot(*moves(scene, 3.0).T) == pytest.approx(10.0)


def test_dots_that_appear_before_the_start_and_after_the_stop_go_their_own_ways() -> None:
    scene = dots(direction="left", start_s=2.0, stop_s=4.0, lifetime_s=0.5)
    assert [share_to_the_left(scene, t) for t in (1.9, 3.0, 4.6)] == [0.0, 1.0, 0.0]
    assert 0.2 < share_to_the_left(scene, 2.25) < 0.8
    assert [float(scene.velocity(t)[1]) for t in (1.9, 3.0, 4.6)] == pytest.approx([0.0, 10.0, 0.0])


def test_each_draw_has_other_dots_and_each_side_its_own_motion() -> None:
    assert not np.array_equal(dots(draw=1).places(1.0), dots(draw=2).places(1.0))
    assert np.array_equal(dots(draw=1).places(1.0), dots(draw=1).places(1.0))
    left, right = dots(direction="left", right={"direction": "right", "coherence": 0.25}).sides
    assert (left.direction, left.coherence, right.direction, right.coherence) == ("left", 1.0, "right", 0.25)


def test_an_eye_sees_a_dot_sharply_from_near_and_their_mean_from_afar() -> None:
    scene = dots(radius_mm=2.0, density_mm2=0.02, contrast=0.5)
    t = 1.0
    x, y = scene.places(t)[0][0]
    seen = np.zeros(1, np.float32)
    ahead = np.array([[1.0, 0.0, 0.0]])
    scene.look(ahead, np.array([x, y, 1.0]), DOWN, t, 0.01, seen)
    assert seen[0] == pytest.approx(0.75) and float(scene.value(x, y, t)) == pytest.approx(0.75)
    across = np.linspace(0, TILE_MM, 200, endpoint=False)
    inside = scene.value(
        *np.meshgrid(across, across - TILE_MM), t
    ).mean()  # y < 0: the right side's, the same dots
    scene.look(ahead, np.array([x, y, 400.0]), DOWN, t, 0.5, seen)
    assert seen[0] == pytest.approx(inside, abs=0.01) and 0.3 < inside < 0.5


def test_the_compiled_eye_sees_the_same_and_nothing_in_the_dark() -> None:
    for frame in ("world", "body"):
        scene, other = (dots(frame=frame, direction="left", coherence=0.5) for _ in range(2))
        for each in (scene, other):
            each.reset(1.0, 2.0, 0.3)
            each.follow(1.5, 2.5, 0.6)
        direct, compiled = both(scene, other, (3.0, -2.0, 4.0), 1.7)
        assert np.array_equal(direct, compiled) and direct.std() > 0.1
    rays, centre = np.random.default_rng(0).normal(size=(50, 3)), np.array([3.0, -2.0, 4.0])
    rays /= np.linalg.norm(rays, axis=1, keepdims=True)
    dark = np.ones(50, np.float32)
    dots(dark=True).look(rays, centre, np.eye(3).ravel(), 1.7, 0.05, dark)
    assert not dark.any() and not dots(dark=True).value(0.0, 0.0, 1.0).any()


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"luminance": 0.8}, "must not exceed 1"),
        ({"density_mm2": 50}, "at most 20000"),
        ({"start_s": 3, "stop_s": 2}, "stop_s=2 must not be earlier"),
        ({"radius_mm": 40}, "radius_mm must not exceed 16"),
        ({"coherence": 1.2}, "coherence"),
        ({"coherense": 1.0}, "nearest: environment.stimulus.coherence"),
        ({"frame": "body", "drifts_with_water": True}, "frame=world"),
    ],
)
def test_numbers_that_make_no_sense_are_one_clear_line(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message) as refused:
        stimuli.build(
            content.load(
                "environments",
                "optomotor_tank",
                {"stimulus": {"kind": "dots", **wrong}, "medium": {"current_mm_s": [1, 0, 0]}},
            )
        )
    assert "\n" not in str(refused.value)
