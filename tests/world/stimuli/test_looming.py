"""A dark disc that grows: its size through time, what an eye sees of it, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from neuromech._lib.errors import InputError
from neuromech.specs import content
from neuromech.world import stimuli
from neuromech.world.stimuli.looming import Looming
from tests.world.stimuli.compiled_eye import both


def disc(**stimulus: Any) -> Looming:
    environment = content.load(
        "environments", "optomotor_tank", {"stimulus": {"kind": "looming", **stimulus}}
    )
    found = stimuli.build(environment)
    assert isinstance(found, Looming)
    return found


def seen(scene: Looming, azimuth_deg: float, elevation_deg: float, t_s: float, blur: float = 0.0) -> float:
    a, e = np.radians([azimuth_deg, elevation_deg])
    out = np.zeros(1, np.float32)
    ray = np.array([[np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)]])
    scene.look(ray, np.array([0.0, 0.0, 3.0]), np.eye(3).ravel(), t_s, blur, out)
    return float(out[0])


def test_it_grows_as_an_object_at_constant_speed() -> None:
    scene = disc(l_v_s=0.4, start_s=1.0, smallest_deg=10, largest_deg=100)
    arrives = 1.0 + 0.4 / np.tan(np.radians(5))
    assert scene.size_deg(0.99) == 0.0 and scene.size_deg(1.0) == pytest.approx(10)
    for before in (3.0, 1.0, 0.5):
        expected = 2 * np.degrees(np.arctan(0.4 / before))
        assert scene.size_deg(arrives - before) == pytest.approx(expected)
        assert scene.time_of_s(expected) == pytest.approx(arrives - before)
    assert scene.size_deg(arrives + 5) == pytest.approx(100)


def test_rays_inside_are_dark_and_the_edge_is_soft() -> None:
    scene = disc(l_v_s=0.4, azimuth_deg=90, elevation_deg=0, contrast=0.8, luminance=0.5)
    t = scene.time_of_s(60)
    assert seen(scene, 90, 0, t) == pytest.approx(0.1) and seen(scene, 90 - 29, 0, t) == pytest.approx(0.1)
    assert seen(scene, 90 - 31, 0, t) == pytest.approx(0.5) and seen(scene, -90, 0, t) == pytest.approx(0.5)
    assert seen(scene, 90, 30, t, np.radians(3)) == pytest.approx(0.3, abs=0.01)
    assert seen(scene, 90, 0, 0.0) == pytest.approx(0.5)


def test_it_turns_with_the_animal_and_films_show_it_on_the_floor() -> None:
    scene = disc(l_v_s=0.4, azimuth_deg=90, elevation_deg=-45)
    t = scene.time_of_s(40)
    scene.reset(0.0, 0.0, np.pi / 2)
    scene.follow(2.0, 0.0, np.pi / 2)
    assert seen(scene, 180, -45, t) == pytest.approx(0.0) and seen(scene, 90, -45, t) == pytest.approx(0.5)
    # 3 mm above the floor, it is seen 45 degrees down, 3 mm to the left of the animal.
    assert scene.value(-1.0, 0.0, t) == pytest.approx(0.0) and scene.value(5.0, 0.0, t) == pytest.approx(0.5)
    assert scene.recorded(0, 0, t)["disc_deg"] == pytest.approx(40)


def test_the_compiled_eye_sees_the_same() -> None:
    for scene in (one := disc(l_v_s=0.2), other := disc(l_v_s=0.2)):
        scene.reset(0.0, 0.0, 0.4)
        scene.follow(1.0, 0.0, 0.9)
    direct, compiled = both(one, other, (0.0, 0.0, 3.0), 4.3)
    assert np.array_equal(direct, compiled) and direct.std() > 0.05


def test_a_disc_that_shrinks_is_refused() -> None:
    with pytest.raises(InputError, match=r"largest_deg=5 must exceed smallest_deg=10"):
        disc(largest_deg=5)
    with pytest.raises(InputError, match=r"nearest: .*l_v_s"):
        disc(l_v=1.0)
