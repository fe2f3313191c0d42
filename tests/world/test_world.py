"""A body in its environment: what moves it, what stops it, and that neither step nor inertia matters."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.senses.animal import Animal
from neuromech.specs import content
from neuromech.specs.compose import load_run
from neuromech.specs.run import Clock
from neuromech.world.world import World

CLOCK = Clock(physics_s=0.0025, control_s=0.01, record_s=0.05, brain_substeps=2)


def world(
    environment: str = "agar_salt", clock: Clock = CLOCK, body: dict[str, Any] | None = None, **changes: Any
) -> World:
    return World(
        content.load("bodies", "worm", body), content.load("environments", environment, changes), clock
    )


def wave(place: World, t_s: float, hertz: float, wavelength: float = 0.65) -> np.ndarray:
    """Return excitations whose wave runs from nose to tail, dorsal and ventral in antiphase."""
    number = np.array([int(name[-2:]) for name in place.body.muscles])
    side = np.array([1.0 if name[1] == "D" else -1.0 for name in place.body.muscles])
    return (0.5 + 0.4 * side * np.sin(2 * np.pi * (hertz * t_s - number / 24 / wavelength))).astype(
        np.float32
    )


def travelled(place: World, hertz: float, start_s: float, stop_s: float) -> float:
    """Return how far (mm) the centroid gets towards the nose between two times of a muscle wave."""
    place.reset()
    centre = np.zeros(2)
    axis = np.array([1.0, 0.0])
    for step in range(round(stop_s / place.control_s)):
        if step == round(start_s / place.control_s):
            centre = place.landmarks()[:, :2].mean(axis=0)
        place.step(wave(place, step * place.control_s, hertz))
    return float((place.landmarks()[:, :2].mean(axis=0) - centre) @ axis)


@pytest.mark.parametrize(("environment", "hertz"), [("agar_salt", 0.5), ("water", 2.0)])
def test_neither_the_inertia_nor_the_step_sets_the_speed(environment: str, hertz: float) -> None:
    start, stop = (1.0, 3.0) if hertz < 1 else (0.5, 1.5)
    coarse = travelled(world(environment), hertz, start, stop) / (stop - start)
    medium = content.load("environments", environment).medium
    lighter = {"inertia_scale": medium.inertia_scale / 4}
    fine = travelled(
        world(environment, replace(CLOCK, physics_s=CLOCK.physics_s / 4), medium=lighter), hertz, start, stop
    ) / (stop - start)
    assert fine > 0.05  # it does crawl, or swim, nose first
    assert coarse == pytest.approx(fine, rel=0.02)


def test_a_push_drags_the_worm_at_the_analytic_speed() -> None:
    # Along a straight worm nothing bends, so the whole body's tangential drag is all there is.
    push = [{"segment": "segment_12", "start_s": 0.1, "stop_s": 0.4, "force_nN": [640.0, 0, 0]}]
    place = world(touch=push)
    place.reset()
    rest = np.zeros(95, np.float32)  # MVL has no 24th muscle: equal excitation would bend the tail
    nose = []
    for _ in range(60):
        nose.append(place.landmarks()[0, 0])
        place.step(rest)
    assert nose[10] == pytest.approx(nose[0], abs=1e-9)
    assert nose[40] - nose[10] == pytest.approx(0.3 * 640 / 3200, rel=1e-3)
    assert nose[59] == pytest.approx(nose[40], abs=1e-4)


def test_a_push_is_felt_where_and_when_it_comes() -> None:
    pushes = [
        {"segment": "segment_03", "start_s": 0.1, "stop_s": 0.2, "force_nN": [0, 300.0, 400.0]},
        {"segment": "segment_20", "start_s": 0.15, "stop_s": 0.2, "force_nN": [0, -120.0, 0]},
    ]
    animal = Animal(world(touch=pushes))
    animal.reset()
    felt = np.array([animal.step(np.full(95, 0.5, np.float32))["touch"] for _ in range(30)])
    times = (np.arange(30) + 1) * 0.01
    first, second = (times > 0.105) & (times < 0.205), (times > 0.155) & (times < 0.205)
    assert felt[first, 0] == pytest.approx(500.0) and felt[second, 1] == pytest.approx(120.0)
    assert not felt[~first, 0].any() and not felt[~second, 1].any()


def test_the_wall_keeps_the_worm_on_the_plate() -> None:
    # A small plate, a worm heading outwards, and a shove that would carry it two body lengths away.
    shove = [{"segment": "segment_12", "start_s": 0.0, "stop_s": 9.0, "force_nN": [3200.0, 0, 0]}]
    free = world(touch=shove)
    shut = world(plate={"radius_mm": 3.0}, touch=shove)
    reach = {}
    for name, place in (("free", free), ("shut", shut)):
        animal = Animal(place)
        sensed = animal.reset(x_mm=2.0)
        for _ in range(200):
            sensed = animal.step(np.full(95, 0.5, np.float32))
        reach[name] = np.linalg.norm(place.landmarks()[:, :2], axis=1).max()
        if name == "shut":
            assert sensed["touch"][0] > 1000  # the wall is felt with the front
    assert reach["free"] > 4.0
    # The wall holds 3200 nN with springs of 20000 nN/mm on at least one segment.
    assert reach["shut"] < 3.0 + 3200 / 20_000 + 0.04


def test_a_plate_smaller_than_the_worm_does_not_break_the_physics() -> None:
    place = world(plate={"radius_mm": 0.4})
    animal = Animal(place)
    sensed = animal.reset()
    for _ in range(10):
        sensed = animal.step(np.full(95, 0.5, np.float32))
        assert np.isfinite(place.data.xfrc_applied).all()
    assert all(np.isfinite(values).all() for values in sensed.values())
    assert np.isfinite(place.landmarks()).all()


def test_bad_excitations() -> None:
    place = world()
    place.reset()
    bad = np.full(95, 0.5, np.float32)
    bad[7] = np.nan
    with pytest.raises(InputError, match="NaN"):
        place.step(bad)
    with pytest.raises(ValueError):
        place.step(np.full(94, 0.5, np.float32))
    with pytest.raises(ValueError):
        place.step(np.full(1, 0.5, np.float32))  # would broadcast to every muscle
    beyond, within = world(), world()
    for one, value in ((beyond, 7.0), (within, 1.0)):
        one.reset()
        for _ in range(5):
            one.step(np.where(np.arange(95) < 40, value, 1 - value).astype(np.float32))
    assert np.array_equal(beyond.data.qpos, within.data.qpos)  # clipped to 0 and 1


def test_the_same_input_gives_the_same_bits_again_and_elsewhere() -> None:
    one, other = world(), world()
    ends, sensed = [], {}
    for place in (one, one, other):
        animal = Animal(place)
        animal.reset(1.0, 2.0, 0.7)
        for step in range(40):
            sensed = animal.step(wave(place, step * 0.01, 0.5))
        ends.append((place.data.qpos.tobytes(), {name: values.tobytes() for name, values in sensed.items()}))
    assert ends[0] == ends[1] == ends[2]
    assert one.time_s == pytest.approx(0.4)


@pytest.mark.parametrize("mirrored", [False, True])
def test_the_start_pose(mirrored: bool) -> None:
    place = world(body={"mirrored": mirrored})
    place.reset(x_mm=1.5, y_mm=-2.5, heading_rad=2.0)
    points = place.landmarks()
    assert points[24, :2] == pytest.approx([1.5, -2.5], abs=1e-9)
    heading = points[0] - points[-1]
    assert heading[:2] == pytest.approx([np.cos(2.0), np.sin(2.0)], abs=1e-6)
    assert np.ptp(points[:, 2]) < 1e-9 and points[0, 2] == pytest.approx(0.04)
    assert np.abs(place.data.qvel).max() == 0 and place.time_s == 0


def test_a_mirrored_worm_lives_in_a_mirrored_world() -> None:
    plain, mirrored = world(), world(body={"mirrored": True})
    plain.reset(1.0, 0.5, 0.3)
    mirrored.reset(1.0, -0.5, -0.3)
    seen, reflected = {}, {}
    for step in range(50):
        seen = Animal(plain).step(wave(plain, step * 0.01, 0.5))
        reflected = Animal(mirrored).step(wave(mirrored, step * 0.01, 0.5))
    assert mirrored.landmarks()[:, :2] == pytest.approx(plain.landmarks()[:, :2] * [1, -1], abs=1e-6)
    assert reflected["bend"] == pytest.approx(seen["bend"], abs=1e-4)
    assert reflected["salt"] == pytest.approx(seen["salt"], rel=1e-5)


def test_what_the_recorder_keeps_of_the_stimulus() -> None:
    place = world(stimulus={"centre_mm": [1.0, 0.5], "velocity_mm_s": [0.1, 0.0]})
    place.reset()
    for _ in range(10):
        place.step(np.full(95, 0.5, np.float32))
    seen = place.stimulus()
    assert list(seen) == ["concentration_mM", "peak_x_mm", "peak_y_mm"]
    assert (seen["peak_x_mm"], seen["peak_y_mm"]) == (pytest.approx(1.01), 0.5)
    nose = place.landmarks()[0]
    squared = (nose[0] - 1.01) ** 2 + (nose[1] - 0.5) ** 2
    assert seen["concentration_mM"] == pytest.approx(25 * np.exp(-squared / 18))
    assert world("water").stimulus() == {}


@pytest.mark.parametrize(
    ("push", "message"),
    [
        ({"segment": "segment_99", "start_s": 0, "stop_s": 1, "force_nN": [0, 0, 0]}, "segment_"),
        ({"segment": "segment_01", "start_s": 2, "stop_s": 1, "force_nN": [0, 0, 0]}, "start_s"),
        ({"segment": "segment_01", "start_s": -1, "stop_s": 1, "force_nN": [0, 0, 0]}, "start_s"),
        ({"segment": "segment_01", "start_s": 0, "stop_s": 1, "force_nN": [0, 0]}, "force_nN"),
        ({"segment": "segment_01", "start_s": 0, "stop_s": 1, "force_nN": [float("nan"), 0, 0]}, "force_nN"),
        ({"segment": "segment_01", "start_s": 0, "force_nN": [0, 0, 0]}, "stop_s"),
    ],
    ids=["segment", "order", "negative", "two components", "not a number", "missing"],
)
def test_a_wrong_touch_is_one_clear_line(push: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        world(touch=[push])


def test_physics_that_breaks_down_is_no_silent_restart() -> None:
    run = load_run(["experiment=worm_crawl"])
    world = World(run.body, run.environment, run.clock)
    world.reset()
    world.step(np.zeros(95))
    world.data.qpos[3] = np.nan
    with pytest.raises(InputError, match="broke down"):
        world.step(np.zeros(95))
