"""The pictures of what eyes see: which ray stands where."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import xarray as xr

from neuromech.senses.eye.eye import Eye
from neuromech.specs import content
from neuromech.visuals.eye_view import Retinae
from neuromech.world import body as bodies

SIZE = 81


def eye(side: Any) -> Eye:
    larva = bodies.load(content.load("bodies", "larval_fish"))
    return Eye(larva, site=f"eye_{side}", side=side, field_deg=160.0, rays=400, acceptance_deg=5.0)


def recording(light: dict[str, np.ndarray]) -> xr.Dataset:
    """Two samples: dark, then ``light`` (ray,) in each eye."""
    seen = {
        f"sense_{name}": (("time", f"{name}_channel"), np.stack([np.zeros_like(value), value]))
        for name, value in light.items()
    }
    return xr.Dataset(seen, {"time": [0.0, 1.0]})


def picture(light: dict[str, np.ndarray], sides: dict[str, str], time: float = 1.0) -> np.ndarray:
    eyes = Retinae(
        recording(light), {name: eye(side) for name, side in sides.items()}, np.array([time]), SIZE
    )
    image = np.full((SIZE + 18, eyes.width, 3), 60, np.uint8)
    eyes.put(image, 0, 0, 0)
    return image[:SIZE]


BOTH = {"eye_r": "right", "eye_l": "left"}


def test_the_left_eye_stands_left_and_both_noses_in_the_middle() -> None:
    azimuth, _ = eye("left").lattice.angles_deg
    nasal = np.where(azimuth > 20, 1.0, 0.0)
    image = picture({"eye_l": nasal, "eye_r": nasal}, BOTH)
    left, right = image[:, :SIZE, 0].astype(int), image[:, SIZE + 10 : 2 * SIZE + 10, 0].astype(int)
    row = SIZE // 2
    assert left[row, SIZE * 3 // 4] == 255 and left[row, SIZE // 4] == 0
    assert right[row, SIZE // 4] == 255 and right[row, SIZE * 3 // 4] == 0
    only = picture({"eye_l": nasal, "eye_r": 0 * nasal}, BOTH)
    assert only[row, SIZE * 3 // 4, 0] == 255 and not (only[row, SIZE + 20 : 2 * SIZE, 0] == 255).any()


def test_up_is_up_and_only_the_round_field_is_drawn() -> None:
    _, elevation = eye("right").lattice.angles_deg
    image = picture({"eye": np.where(elevation > 10, 1.0, 0.2)}, {"eye": "right"})
    column = SIZE // 2
    assert image[SIZE // 4, column, 0] == 255 and image[SIZE * 3 // 4, column, 0] == 51
    assert (image[2, 2] == 60).all()


def test_a_frame_shows_its_own_time() -> None:
    light = {"eye": np.ones(400)}
    assert picture(light, {"eye": "left"}, 0.0)[SIZE // 2, SIZE // 2, 0] == 0
    assert picture(light, {"eye": "left"}, 0.7)[SIZE // 2, SIZE // 2, 0] == 255


def test_the_eye_shows_how_far_from_its_axis_a_ray_looks() -> None:
    lattice = eye("left").lattice
    angle = np.degrees(np.arccos(np.clip(lattice.retinal[:, 0], -1, 1)))
    image = picture({"eye": (angle < 40).astype(float)}, {"eye": "left"})
    lit = (image[SIZE // 2, :, 0] == 255).sum()
    assert lit == pytest.approx(SIZE / 2, abs=8)  # half of the angle, half of the radius
