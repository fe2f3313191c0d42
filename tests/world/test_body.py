"""The bodies: they compile, their parts are named right, and their muscles pull where the animal's do."""

from __future__ import annotations

import runpy
from importlib.util import find_spec
from typing import Any

import mujoco
import numpy as np
import pytest
import trimesh

from neuromech._lib.errors import InputError
from neuromech.specs import content
from neuromech.specs.body import BodySpec
from neuromech.world import body as bodies
from neuromech.world import mjcf_conversion
from neuromech.world.body import Body
from neuromech.world.medium.resistive import drag_elements

DENSITY_MG_MM3 = 1.07  # soft tissue, a little heavier than water
QUADRANTS = {"MDL": 24, "MDR": 24, "MVR": 24, "MVL": 23}


def spec(name: str = "worm", **overrides: Any) -> BodySpec:
    return content.load("bodies", name, overrides)


@pytest.fixture(scope="module")
def worm() -> Body:
    return bodies.load(spec())


def there(name: str) -> Any:
    """The name of a body, to be skipped where the package that brings its model is not installed."""
    brought = name == "rat" and find_spec("dm_control") is None
    return pytest.param(name, marks=pytest.mark.skipif(brought, reason="dm_control is not installed"))


BODIES = [there(name) for name in content.names("bodies")]


@pytest.mark.parametrize("name", BODIES)
def test_every_body_compiles_and_has_what_its_yaml_names(name: str) -> None:
    found = bodies.load(spec(name))
    assert found.name == name and found.length_mm > 0
    assert len(set(found.muscles)) == len(found.muscles) > 0
    assert len(found.landmarks) == len(set(found.landmarks))
    segments, root = found.segments.names, found.spec.root
    assert len(found.body_ids(segments)) == len(segments) >= 3
    assert root is not None and {root.x, root.y, root.yaw} <= {
        found.model.joint(i).name for i in range(found.model.njnt)
    }


@pytest.mark.parametrize("name", BODIES)
def test_every_body_opens_in_mujocos_own_viewer(name: str) -> None:
    # The viewer compiles the same file by itself.
    path = mjcf_conversion.model_file(spec(name))
    assert mujoco.MjModel.from_xml_path(str(path)).nu == len(bodies.load(spec(name)).muscles)


def test_the_worm_has_the_95_muscles_of_the_atlas(worm: Body) -> None:
    wanted = {f"{name}{i:02d}" for name, count in QUADRANTS.items() for i in range(1, count + 1)}
    assert len(wanted) == 95 and set(worm.muscles) == wanted and len(worm.muscles) == 95


def test_the_landmarks_lie_evenly_from_nose_to_tail(worm: Body) -> None:
    data = mujoco.MjData(worm.model)
    mujoco.mj_forward(worm.model, data)
    points = data.site_xpos[worm.site_ids(list(worm.landmarks))]
    assert points[:, 0] == pytest.approx(points[0, 0] - np.arange(49) / 48 * worm.length_mm, abs=1e-4)
    assert np.ptp(points[:, 1:], axis=0) == pytest.approx([0, 0], abs=1e-9)


def curled(found: Body, quadrant: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the bends (rad) and landmarks (mm) of a body with one quadrant held fully active."""
    data = mujoco.MjData(found.model)
    data.ctrl[:] = [float(name.startswith(quadrant)) for name in found.muscles]
    found.model.opt.timestep = 0.0002
    for _ in range(200):
        mujoco.mj_step(found.model, data)
    mujoco.mj_forward(found.model, data)
    bends = data.qpos[found.joint_addresses([f"bend_{i:02d}" for i in range(1, 25)])]
    return bends, data.site_xpos[found.site_ids(list(found.landmarks))]


def turn(points: np.ndarray) -> float:
    """Return how far a midline turns from tail to nose, rad, counter-clockwise from above positive."""
    steps = np.diff(points[::-1, :2], axis=0)
    return float(np.ptp(np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))[[0, -1]])) * np.sign(
        np.cross(np.append(steps[0], 0), np.append(steps[-1], 0))[2]
    )


@pytest.mark.parametrize(("quadrant", "sign"), [("MDL", 1), ("MDR", 1), ("MVL", -1), ("MVR", -1)])
def test_a_quadrant_bends_the_worm_to_its_own_side(worm: Body, quadrant: str, sign: int) -> None:
    bends, points = curled(worm, quadrant)
    # Every joint that the quadrant spans; MVL lacks the last.
    assert (np.sign(bends[: QUADRANTS[quadrant] - 1]) == sign).all()
    assert np.sign(turn(points)) == sign


@pytest.mark.parametrize(("quadrant", "sign"), [("MDL", -1), ("MVR", 1)])
def test_a_mirrored_worm_bends_to_the_other_side(quadrant: str, sign: int) -> None:
    mirrored = bodies.load(spec(), mirrored=True)
    bends, points = curled(mirrored, quadrant)
    assert (np.sign(bends[:23]) == -sign).all()  # its own dorsal side is still its dorsal side
    assert np.sign(turn(points)) == sign


def moment_arms(found: Body) -> dict[str, np.ndarray]:
    """Return the change of each muscle's length per bend of each joint, mm, by finite differences."""
    names = [f"bend_{i:02d}" for i in range(1, 25)]
    data, change = mujoco.MjData(found.model), 1e-5
    lengths = np.zeros((2, len(names), found.model.nu))
    for side, sign in enumerate((1, -1)):
        for j, address in enumerate(found.joint_addresses(names)):
            data.qpos[:] = 0.0
            data.qpos[address] = sign * change
            mujoco.mj_forward(found.model, data)
            lengths[side, j] = data.actuator_length
    slopes = (lengths[0] - lengths[1]) / (2 * change)
    return {name: slopes[:, i] for i, name in enumerate(found.muscles)}


def test_moment_arms_are_those_of_four_quadrants(worm: Body) -> None:
    arms = moment_arms(worm)
    for number in range(1, 25):
        label = f"{number:02d}"
        dorsal = arms[f"MDL{label}"]
        assert dorsal[number - 1] < 0  # it shortens when the worm bends to its side
        assert np.abs(np.delete(dorsal, number - 1)).max() < 1e-6  # one muscle, one joint
        assert arms[f"MDR{label}"] == pytest.approx(dorsal, abs=1e-7)
        assert arms[f"MVR{label}"] == pytest.approx(-dorsal, abs=1e-7)
        if number < 24:
            assert arms[f"MVL{label}"] == pytest.approx(-dorsal, abs=1e-7)
    # Half the thickness of the middle, at 45 degrees from the plane of bending.
    assert -arms["MDL12"][11] == pytest.approx(0.040 * np.sqrt(0.5), rel=0.02)


def test_left_muscles_lie_below_a_worm_on_its_left_side(worm: Body) -> None:
    data = mujoco.MjData(worm.model)
    mujoco.mj_forward(worm.model, data)
    middle = data.site("spine_24").xpos[2]
    for quadrant, count in QUADRANTS.items():
        heights = np.array([data.site(f"{quadrant}{i:02d}_a").xpos[2] for i in range(1, count + 1)])
        assert (np.sign(heights - middle) == (-1 if quadrant.endswith("L") else 1)).all()


def covered() -> list[str]:
    """Return the bodies that lie wholly in the tube of their skin: no limbs beside it."""
    skins = {name: spec(name).skin for name in content.names("bodies")}
    return [name for name, skin in skins.items() if skin is not None and skin.beside is None]


@pytest.mark.parametrize("name", covered())
def test_the_mass_is_that_of_the_skin_filled_with_tissue(name: str) -> None:
    found = bodies.load(spec(name))
    radius = np.array(found.spec.skin.radius_mm)
    place = np.linspace(0, found.length_mm, len(radius))
    profile = np.vstack([[0, 0], np.column_stack([radius, place]), [0, found.length_mm]])
    mesh = trimesh.creation.revolve(profile, sections=64)
    assert mesh.is_watertight
    assert found.model.body_mass.sum() == pytest.approx(abs(mesh.volume) * DENSITY_MG_MM3, rel=0.10)


def test_the_fish_in_its_yaml_is_the_one_that_its_script_builds() -> None:
    folder = content.find("bodies", "larval_fish")
    made = runpy.run_path(str(folder / "make_body.py"))
    assert made["model"]() == (folder / "larval_fish.xml").read_text()
    rods = spec("larval_fish").segments
    assert rods is not None and rods.width_mm is not None and rods.height_mm is not None
    assert (list(rods.width_mm), list(rods.height_mm)) == (made["WIDTH_MM"], made["HEIGHT_MM"])
    assert rods.length_mm == pytest.approx([made["HEAD_MM"]] + [made["STEP"]] * made["TAIL"])


@pytest.mark.parametrize("side", ["left", "right"])
def test_each_muscle_of_the_fish_bends_the_tail_to_its_own_side(side: str) -> None:
    fish = bodies.load(spec("larval_fish"))
    torque = fish.muscle_torques([f"bend_{i:02d}" for i in range(1, 11)])
    for number in range(10):
        mine = torque[fish.muscles.index(f"{side}_{number + 1:02d}")]
        assert np.sign(mine[number]) == (1 if side == "left" else -1)
        assert np.abs(np.delete(mine, number)).max() < 1e-6 * abs(mine[number])
    assert np.abs(torque).max() == pytest.approx(3300, rel=0.05)


def test_the_inertia_scale_multiplies_every_mass(worm: Body) -> None:
    heavy = bodies.load(spec(), inertia_scale=7.0)
    assert heavy.model.body_mass == pytest.approx(7 * worm.model.body_mass)
    assert heavy.model.body_inertia == pytest.approx(7 * worm.model.body_inertia)


def test_drag_of_the_whole_body_is_shared_by_length(worm: Body) -> None:
    rods = drag_elements(worm, tangential_mg_s=3200.0, normal_mg_s=128_000.0)
    assert rods.tangential.sum() == pytest.approx(3200.0)
    assert rods.normal.sum() == pytest.approx(128_000.0)
    assert rods.rotational == pytest.approx(128_000.0 * 0.04**3 / 12)


@pytest.mark.parametrize("scale", [0.0, -1.0, float("nan"), float("inf")])
def test_an_impossible_inertia_is_refused(scale: float) -> None:
    with pytest.raises(InputError, match="inertia_scale"):
        bodies.load(spec(), inertia_scale=scale)


@pytest.mark.parametrize("value", [-1.0, float("nan"), "wet", None])
def test_an_impossible_drag_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="environment.medium.normal_mg_s must be a (finite )?number of at"):
        content.load("environments", "water", {"medium": {"normal_mg_s": value}})


def test_names_that_the_model_lacks_are_refused(worm: Body) -> None:
    with pytest.raises(InputError, match="unknown joint .* nearest: bend_"):
        worm.joint_addresses(["bend_99"])
    with pytest.raises(InputError, match="unknown site .* nearest: spine_"):
        worm.site_ids(["spine_99"])
    with pytest.raises(InputError, match="unknown body .* nearest: segment_"):
        worm.body_ids(["segment_99"])
    with pytest.raises(InputError, match="worm"):
        bodies.load(spec(model="absent.xml"))
