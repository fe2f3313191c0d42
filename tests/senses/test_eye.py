"""The lattice of an eye, and what its rays see of a floor and a wall."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.senses import Surroundings
from neuromech.senses.animal import Animal
from neuromech.senses.eye.eye import Eye
from neuromech.senses.eye.lattice import Lattice, tangents
from neuromech.specs import content
from neuromech.specs.body import SenseSpec
from neuromech.specs.checking import Origin
from neuromech.specs.run import Clock
from neuromech.world import body as bodies
from neuromech.world import stimuli
from neuromech.world.body import Body
from neuromech.world.stimuli.base import PATTERN_CHANNELS, PATTERN_MIDDLE
from neuromech.world.stimuli.gratings import Grating, GratingScene
from neuromech.world.world import World

LATTICE: dict[str, Any] = {"side": "left", "field_deg": 163, "rays": 320, "acceptance_deg": 7.5}
EYE = {"kind": "eye", "site": "eye_left", **LATTICE}
NOTHING = Surroundings()
LEVEL = np.eye(3).ravel()
CLOCK = Clock(0.0005, 0.005, 0.05, 1)


def see(
    scene: GratingScene, rays: Any, centre: Any = (0.0, 0.0, 3.0), t: float = 0.0, blur: float = 0.0,
    axes: np.ndarray = LEVEL,
) -> np.ndarray:  # fmt: skip
    rays = np.atleast_2d(np.asarray(rays, float))
    rays = rays / np.linalg.norm(rays, axis=1, keepdims=True)
    seen = np.full(len(rays), np.nan, np.float32)
    scene.look(rays, np.asarray(centre, float), axes, t, blur, seen)
    return seen


def both(room: dict[str, Any] | None = None, **keys: Any) -> GratingScene:
    return GratingScene(Grating(**keys), Grating(**keys), **(room or {}))


def around(azimuth: float, elevation: float) -> tuple[float, float, float]:
    a, e = np.radians([azimuth, elevation])
    return float(np.cos(e) * np.cos(a)), float(np.cos(e) * np.sin(a)), float(np.sin(e))


@given(x=st.floats(-40, 40), y=st.floats(-40, 40), t=st.floats(0, 30), speed=st.floats(0, 30),
       wavelength=st.floats(2, 40), direction=st.floats(-180, 180))  # fmt: skip
def test_a_ray_straight_down_sees_the_grating_at_that_spot_and_time(
    x: float, y: float, t: float, speed: float, wavelength: float, direction: float
) -> None:
    scene = both(speed_mm_s=speed, wavelength_mm=wavelength, direction=direction, contrast=0.8)
    along = x * np.cos(np.radians(direction)) + y * np.sin(np.radians(direction))
    expected = 0.5 * (1 + 0.8 * np.sin(2 * np.pi * (along - speed * t) / wavelength))
    assert see(scene, [0, 0, -1], (x, y, 3.0), t)[0] == pytest.approx(expected, abs=1e-5)


def test_luminance_is_a_sinusoid_at_speed_over_wavelength() -> None:
    scene, times = both(speed_mm_s=12.0, wavelength_mm=8.0), np.arange(400) * 0.01
    series = np.array([see(scene, [0.3, 0.2, -1], t=t)[0] for t in times])
    power = np.abs(np.fft.rfft(series - series.mean()))
    assert np.fft.rfftfreq(400, 0.01)[power.argmax()] == pytest.approx(12.0 / 8.0)
    assert np.sort(power)[-2] < 1e-4 * power.max()


@settings(max_examples=60)
@given(azimuth=st.floats(-180, 180), elevation=st.floats(-89, 89), x=st.floats(-15, 15),
       y=st.floats(-15, 15), z=st.floats(0.5, 8), turn=st.floats(-180, 180))  # fmt: skip
def test_a_ray_sees_the_point_where_it_meets_floor_or_wall(
    azimuth: float, elevation: float, x: float, y: float, z: float, turn: float
) -> None:
    scene = both({"radius_mm": 25.0, "wall_mm": 10.0, "above": 0.25}, wavelength_mm=9.0, direction=20.0)
    c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
    axes = np.array([[c, -s, 0], [s, c, 0], [0, 0, 1.0]])
    ray = np.array(around(azimuth, elevation))
    seen = float(see(scene, ray, (x, y, z), 0.7, axes=axes.ravel())[0])
    # March until the ray leaves the room.
    way = axes @ ray
    path = np.array([x, y, z])[:, None] + way[:, None] * np.linspace(0, 60, 6001)
    out = (path[2] <= 0) | (np.hypot(path[0], path[1]) >= 25.0)
    point = path[:, out.argmax()] if out.any() else path[:, -1]
    if abs(point[2] - 10.0) < 0.05:  # at the rim either is right
        return
    expected = float(scene.value(point[0], point[1], 0.7)) if point[2] < 10.0 else 0.25
    assert seen == pytest.approx(expected, abs=0.03)


def test_an_averaging_ray_sees_the_mean_over_its_patch() -> None:
    rng, blur = np.random.default_rng(0), np.radians(4.0)
    for room in ({}, {"radius_mm": 12.0, "wall_mm": 1e3}):
        for aim in ([0.5, 0.4, -1.0], [1.0, 0.2, -0.5], [0.3, 1.0, 0.1 if room else -0.6]):
            scene = both(room, wavelength_mm=6.0, direction=30.0)
            ray = np.array(aim) / np.linalg.norm(aim)
            scatter = rng.normal(size=(40000, 3)) * blur
            scatter -= (scatter @ ray)[:, None] * ray
            sampled = see(scene, ray + scatter, (1.0, 2.0, 3.0)).mean()
            assert see(scene, ray, (1.0, 2.0, 3.0), blur=blur)[0] == pytest.approx(sampled, abs=0.03)
    # Far stripes blend to their mean instead of flickering.
    grazing = np.array([around(a, -3.0) for a in range(0, 360, 7)])
    assert see(both(wavelength_mm=3.0), grazing, blur=blur) == pytest.approx(
        np.full(len(grazing), 0.5), abs=1e-3
    )


def test_walls_may_be_plain_and_darkness_is_zero_everywhere() -> None:
    room = {"radius_mm": 20.0, "wall_mm": 10.0}
    level = np.array([around(a, 0.0) for a in range(0, 360, 10)])
    assert see(both({**room, "walls": False}, luminance=0.3), level) == pytest.approx(np.full(36, 0.3))
    assert np.ptp(see(both(room, luminance=0.3), level)) > 0.3
    lattice = Lattice.of(**{**LATTICE, "field_deg": 360})
    assert not see(both({**room, "dark": True}), lattice.rays).any()


@settings(max_examples=30)
@given(rays=st.integers(1, 1500), field=st.floats(1, 360))
def test_the_rays_fill_their_field_evenly(rays: int, field: float) -> None:
    spec = {**LATTICE, "rays": rays, "field_deg": field}
    lattice, mirrored = Lattice.of(**spec), Lattice.of(**{**spec, "side": "right"})
    assert np.linalg.norm(lattice.rays, axis=1) == pytest.approx(np.ones(rays))
    off = np.degrees(np.arccos(np.clip(lattice.rays[:, 0], -1, 1)))
    assert off.max() <= field / 2 + 1e-6
    assert mirrored.rays == pytest.approx(lattice.rays * [1, -1, 1])
    # Solid angle: as many rays within any circle about the axis as its share of the field.
    inner = (off <= field / 4).sum()
    share = (1 - np.cos(np.radians(field / 4))) / (1 - np.cos(np.radians(field / 2)))
    assert inner == pytest.approx(rays * share, abs=1.0)
    pairs = lattice.neighbours()
    if rays >= 100 and field <= 180:
        count = np.bincount(pairs.ravel(), minlength=rays)
        assert count.min() >= 2 and count.max() <= 9


def test_tangents_are_right_angled_and_point_to_the_nose_and_up() -> None:
    lattice = Lattice.of(**LATTICE)
    nasal, up = tangents(lattice.retinal)
    for one, other in ((nasal, up), (nasal, lattice.retinal), (up, lattice.retinal)):
        assert (one * other).sum(axis=1) == pytest.approx(np.zeros(320), abs=1e-9)
    assert (up[:, 2] > 0).all()
    assert tangents(np.array([[1.0, 0, 0]])) == (
        pytest.approx(np.array([[0, 1, 0]])),
        pytest.approx(np.array([[0, 0, 1]])),
    )


@pytest.fixture(scope="module")
def larva() -> Body:
    return bodies.load(content.load("bodies", "larval_fish"))


def test_the_larva_sees_163_degrees_on_each_side_and_its_mirror_image(larva: Body) -> None:
    around = Surroundings(stimuli.build(content.load("environments", "optomotor_tank")))
    data = mujoco.MjData(larva.model)
    mujoco.mj_forward(larva.model, data)
    left, right = larva.senses["left_eye"], larva.senses["right_eye"]
    assert np.ptp(left.read(data, 0.0, around)) > 0.5
    assert left.read(data, 0.0, around) == pytest.approx(
        right.read(data, 0.0, around), abs=1e-5
    )  # stripes across the axis
    # A left eye's nose is to its right: azimuths towards the nose look ahead.
    for side, sign in (("left", 1), ("right", -1)):
        lattice = larva.senses[f"{side}_eye"].lattice
        world = lattice.rays @ data.site(f"eye_{side}").xmat.reshape(3, 3).T
        azimuth, _ = lattice.angles_deg
        assert np.corrcoef(azimuth, world[:, 0])[0, 1] > 0.9
        assert (sign * world[:, 1]).mean() > 0.4
        reach = np.degrees(np.arccos(lattice.retinal[:, 0].min()))
        assert reach == pytest.approx(163 / 2, abs=0.5)


def test_eyes_turn_on_their_hinges(larva: Body) -> None:
    scene = both(wavelength_mm=10.0)
    data = mujoco.MjData(larva.model)
    mujoco.mj_forward(larva.model, data)
    eye = larva.senses["left_eye"]
    before = eye.read(data, 0.0, Surroundings(scene))
    data.joint("eye_left").qpos = 0.4
    mujoco.mj_kinematics(larva.model, data)
    after = eye.read(data, 0.0, Surroundings(scene))
    assert np.abs(after - before).max() > 0.05
    lattice = eye.lattice
    angle = np.radians(75) + 0.4
    axes = np.array([np.cos(angle), -np.sin(angle), 0, np.sin(angle), np.cos(angle), 0, 0, 0, 1.0])
    expected = see(scene, lattice.rays, data.site("eye_left").xpos, blur=lattice.acceptance_rad, axes=axes)
    assert after == pytest.approx(expected, abs=1e-5)


def test_the_pattern_follows_the_swimming_animal_and_is_recorded() -> None:
    tank = content.load("environments", "optomotor_tank", {"stimulus": {"frame": "body", "feedback": 0.0}})
    animal = Animal(World(content.load("bodies", "larval_fish"), tank, CLOCK))
    world = animal.world
    first = animal.reset(5.0, -4.0, 1.0)
    kick = np.zeros(24, np.float32)
    kick[:6] = 1.0
    for _ in range(8):
        world.step(kick)
    pose = world.stimulus()
    assert list(pose) == [*PATTERN_CHANNELS, PATTERN_MIDDLE]
    root = [float(world.data.joint(f"root_{axis}").qpos[0]) for axis in ("x", "y", "yaw")]
    assert list(pose.values()) == pytest.approx([*root, 0.0]) and abs(root[2] - 1.0) > 0.05
    assert animal.reset(5.0, -4.0, 1.0)["left_eye"] == pytest.approx(first["left_eye"])


def test_an_eye_where_nothing_is_shown_sees_black(larva: Body) -> None:
    data = mujoco.MjData(larva.model)
    seen = larva.senses["left_eye"].read(data, 0.0, NOTHING)
    assert not seen.any() and seen.dtype == np.float32


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rays": 0}, "rays must be a whole number of at least 1"),
        ({"rays": 2.5}, "whole number"),
        ({"field_deg": 0}, "field_deg"),
        ({"field_deg": 361}, "field_deg"),
        ({"field_deg": float("nan")}, "field_deg"),
        ({"acceptance_deg": -1}, "acceptance_deg"),
        ({"side": "lft"}, "side must be left or right, not .lft"),
        ({"site": "eye_lef"}, "nearest: eye_left"),
    ],
)
def test_a_wrong_eye_is_one_clear_line(larva: Body, change: dict[str, Any], message: str) -> None:
    def eye(spec: dict[str, Any]) -> Eye:
        read = SenseSpec.read(spec, Origin("body").below("senses", "eye"))
        return read.build(body=larva)

    with pytest.raises(InputError, match=message):
        eye({**EYE, **change})
    for key in ("site", "side", "rays", "field_deg", "acceptance_deg"):
        lacking = {name: value for name, value in EYE.items() if name != key}
        with pytest.raises(InputError, match=f"body.senses.eye.{key} is missing"):
            eye(lacking)


def test_triplets_are_neighbours_and_nobody_else() -> None:
    spec: dict[str, Any] = {
        "side": "left",
        "rays": 300,
        "field_deg": 140,
        "acceptance_deg": 2.0,
        "lattice": "triplets",
        "triplet_deg": 0.7,
    }
    lattice = Lattice.of(**spec)
    assert np.linalg.norm(lattice.retinal, axis=1) == pytest.approx(1.0)
    pairs = lattice.neighbours()
    assert pairs.shape == (300, 2) and (pairs // 3 == pairs[:, :1] // 3).all()
    apart = np.degrees(np.arccos((lattice.retinal[pairs[:, 0]] * lattice.retinal[pairs[:, 1]]).sum(axis=1)))
    assert apart == pytest.approx(0.7, rel=1e-3)
    # Their sides point every way, so that no direction of motion is preferred.
    steps = lattice.retinal[pairs[:, 1]] - lattice.retinal[pairs[:, 0]]
    nasal, _ = tangents(lattice.retinal[pairs[:, 0]])
    share = ((steps * nasal).sum(axis=1) / np.linalg.norm(steps, axis=1)) ** 2
    assert share.mean() == pytest.approx(0.5, abs=0.02)
    for wrong in ({"rays": 301}, {"triplet_deg": None}):
        with pytest.raises(InputError, match="triplets needs triplet_deg and a multiple of 3 rays"):
            Lattice.of(**spec | wrong)


HEXAGON: dict[str, Any] = {**LATTICE, "lattice": "hexagonal", "rays": 721, "field_deg": 157}


def test_a_hexagonal_eye_has_six_neighbours_for_each_ray_but_those_at_its_edge() -> None:
    lattice = Lattice.of(**HEXAGON)
    assert lattice.columns.shape == (721, 2) and not lattice.columns[360].any()
    assert np.degrees(lattice.spacing_rad) == pytest.approx(157 / 30)
    count = np.bincount(lattice.neighbours().ravel(), minlength=721)
    inner = np.abs(lattice.columns).max(axis=1) < 15
    inner &= np.abs(lattice.columns.sum(axis=1)) < 15
    assert (count[inner] == 6).all() and (count[~inner] < 6).all() and count.sum() == 2 * 2070
    # From the middle, equal steps: down, and towards the nose by the height of the triangle.
    angles = np.column_stack(lattice.angles_deg)
    one, side = (np.flatnonzero((lattice.columns == uv).all(axis=1))[0] for uv in ([1, 0], [0, 1]))
    assert angles[one] == pytest.approx([0, -157 / 30], abs=1e-9)
    assert angles[side] == pytest.approx([157 / 30 * np.sqrt(0.75), -157 / 60], abs=0.02)
    assert np.degrees(np.arccos(lattice.retinal[:, 0])).max() == pytest.approx(157 / 2)


@pytest.mark.parametrize(("key", "value"), [("rays", 700), ("lattice", "square")])
def test_a_wrong_hexagon_is_refused(key: str, value: object) -> None:
    with pytest.raises(InputError, match="hexagonal"):
        Lattice.of(**{**HEXAGON, key: value})
