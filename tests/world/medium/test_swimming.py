"""Water with inertia, against closed formulas, conservation laws and a moving frame."""

from __future__ import annotations

from typing import Any

import mujoco
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuromech._lib.errors import InputError
from neuromech.specs.environment import read_environment
from neuromech.world.medium.swimming import ElongatedBody, Floats, Hull, Water, _assemble

IDEAL: dict[str, Any] = {
    "density_mg_mm3": 1.0,
    "viscosity_mg_mm_s": 1.0,
    "normal_viscous": 0.0,
    "normal_form": 0.0,
    "tangential_viscous": 0.0,
    "added_mass": 1.0,
    "wake": 0.0,
    "gravity_mm_s2": 9810.0,
    "current_mm_s": (0.0, 0.0, 0.0),
}
NOTHING = Floats(np.zeros(0, int), np.zeros((0, 3)), np.zeros(0), np.zeros(0), np.zeros(0))
HEIGHT, WIDTH, MASS = 0.5, 0.2, 0.3  # mm, mm, mg
CARRIED = {"l": np.pi / 4 * HEIGHT**2, "d": np.pi / 4 * WIDTH**2}  # mg/mm of water, sideways and up
ROOT = "".join(
    f'<joint type="{kind}" axis="{axis}"/>'
    for kind in ("slide", "hinge")
    for axis in ("1 0 0", "0 1 0", "0 0 1")
)


def chain(pieces: int, size: float, step_s: float, joints: str = "") -> mujoco.MjModel:
    """Return a chain of rods along x, front at +x, free in space, with ``joints`` between them."""
    text = ""
    for i in reversed(range(pieces)):
        held = joints.format(pos=size / 2) if i else ROOT
        text = (
            f'<body name="part_{i}" pos="{-size if i else 0} 0 0">{held}'
            f'<geom type="ellipsoid" size="{size / 2} 0.1 0.2" mass="{MASS / pieces}" pos="0.01 0 0"/>'
            f"{text}</body>"
        )
    return mujoco.MjModel.from_xml_string(
        '<mujoco><compiler boundmass="0" boundinertia="0"/><default><geom contype="0" conaffinity="0"/>'
        f'</default><option gravity="0 0 0" timestep="{step_s}"/><worldbody>{text}</worldbody></mujoco>'
    )


def hull(model: mujoco.MjModel, size: float) -> Hull:
    count = model.nbody - 1
    ones = np.ones(count)
    return Hull(
        body=np.arange(1, count + 1),
        centre=np.zeros((count, 3)),
        forward=np.tile([1.0, 0, 0], (count, 1)),
        up=np.tile([0, 0, 1.0], (count, 1)),
        length=size * ones,
        height=HEIGHT * ones,
        width=WIDTH * ones,
        height_squared=HEIGHT**2 * ones,
        width_squared=WIDTH**2 * ones,
        tip_height_mm=HEIGHT,
    )


def immersed(
    pieces: int = 1, step_s: float = 0.001, joints: str = "", **water: Any
) -> tuple[mujoco.MjModel, mujoco.MjData, ElongatedBody]:
    """Return rods of 1 mm together in water that is ideal but for the given coefficients."""
    model = chain(pieces, 1 / pieces, step_s, joints)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    medium = ElongatedBody(model, data, hull(model, 1 / pieces), NOTHING, Water(**{**IDEAL, **water}))
    return model, data, medium


def advance(model: mujoco.MjModel, data: mujoco.MjData, medium: ElongatedBody) -> None:
    data.qfrc_applied[:] = 0.0
    mujoco.mj_step1(model, data)
    medium.apply()
    mujoco.mj_step2(model, data)


def pushed(
    force: tuple[float, ...], steps: int, pieces: int = 1, step_s: float = 0.001, **water: Any
) -> np.ndarray:
    """Return the velocity (linear, angular) after steps under a force and couple at the middle of the rod."""
    model, data, medium = immersed(pieces, step_s, **water)
    data.xfrc_applied[1] = force
    if pieces > 1:  # they are welded: the middle of the whole is behind the first
        data.xfrc_applied[1] = 0.0
        data.xfrc_applied[1 : pieces + 1] = np.array(force) / pieces
    for _ in range(steps):
        advance(model, data, medium)
    return data.qvel.copy()


@pytest.mark.parametrize("pieces", [1, 4])
def test_a_rod_moving_along_and_across_feels_the_closed_form(pieces: int) -> None:
    water = {"normal_viscous": 4.0, "normal_form": 1.5, "tangential_viscous": 2.0, "viscosity_mg_mm_s": 1.3}
    model, data, medium = immersed(pieces, **water)
    for axis, wide in ((0, None), (1, HEIGHT), (2, WIDTH)):
        for speed in (7.0, -3.0):
            data.qvel[:] = 0.0
            data.qvel[axis] = speed
            data.qfrc_applied[:] = 0.0
            mujoco.mj_step1(model, data)
            medium.apply()
            drag = 1.3 * 2.0 if wide is None else 1.3 * 4.0 + 0.5 * 1.5 * wide * abs(speed)
            expected = np.zeros(3)
            expected[axis] = -drag * speed
            assert data.qfrc_applied[:3] == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("step_s", [1e-4, 1e-3, 1e-2])
def test_a_dragged_rod_reaches_the_closed_form_at_any_step(step_s: float) -> None:
    water = {"normal_viscous": 40.0, "tangential_viscous": 20.0, "normal_form": 30.0}
    seen = pushed((50.0, 0, 0, 0, 0, 0), round(0.3 / step_s), 1, step_s, **water)
    assert seen[:3] == pytest.approx([50 / 20, 0, 0], abs=1e-6)
    speed = pushed((0, 50.0, 0, 0, 0, 0), round(0.05 / step_s), 1, step_s, **water)[1]
    assert (40 + 0.5 * 30 * HEIGHT * speed) * speed == pytest.approx(50.0, rel=0.02)


@pytest.mark.parametrize("pieces", [1, 5])
@pytest.mark.parametrize("share", [1.0, 0.6])
def test_an_accelerating_body_carries_its_water(pieces: int, share: float) -> None:
    for axis, carried in ((0, 0.0), (1, CARRIED["l"]), (2, CARRIED["d"])):
        force = np.zeros(6)
        force[axis] = 7.0
        seen = pushed(tuple(force), 1, pieces, added_mass=share)
        assert seen[axis] / 0.001 * (MASS + share * carried) == pytest.approx(7.0, rel=0.02)
    exact = pushed((0, 7.0, 0, 0, 0, 0), 1, 1, added_mass=0.0)[1]
    carries = pushed((0, 7.0, 0, 0, 0, 0), 1, 1)[1]
    assert exact / carries == pytest.approx(1 + CARRIED["l"] / MASS, rel=1e-3)


def test_a_turning_rod_carries_its_water_and_is_slowed() -> None:
    model, data, medium = immersed(viscosity_mg_mm_s=1.0, normal_viscous=3.0)
    before, after = np.zeros((6, 6)), np.zeros((6, 6))
    data.qvel[5] = 2.0
    mujoco.mj_step1(model, data)
    mujoco.mj_fullM(model, data, before)
    medium.apply()
    mujoco.mj_fullM(model, data, after)
    added = np.diag([0, CARRIED["l"], CARRIED["d"], 0, CARRIED["d"] / 12, CARRIED["l"] / 12])
    ring = np.pi / 2 * (HEIGHT**2 + WIDTH**2)
    damping = np.diag([0, 3.0, 3.0, ring, 3.0 / 12, 3.0 / 12])
    assert after - before == pytest.approx(added + 0.001 * damping, abs=1e-9)
    # The front of the rod is its root; at rest but for the turn, only the turn is resisted.
    assert data.qfrc_applied[5] == pytest.approx(-2.0 * 3.0 / 12)


def test_the_wake_and_the_munk_moment_are_lighthills() -> None:
    model, data, medium = immersed(wake=0.7)
    u, w = 5.0, 3.0
    data.qvel[:2] = u, w
    mujoco.mj_step1(model, data)
    medium.apply()
    tip = 0.7 * CARRIED["l"]
    assert data.qfrc_applied[:3] == pytest.approx([tip * w**2 / 2, -tip * u * w, 0])
    # Couple -v x p of the carried water, and the wake's force at the tip, half a rod behind.
    assert data.qfrc_applied[5] == pytest.approx(-CARRIED["l"] * u * w + 0.5 * tip * u * w)


HINGES = (
    '<joint type="hinge" axis="0 0 1" pos="{pos} 0 0"/><joint type="hinge" axis="0 1 0" pos="{pos} 0 0"/>'
)


@settings(max_examples=10)
@given(seed=st.integers(0, 10_000))
def test_ideal_water_keeps_energy_and_momentum(seed: int) -> None:
    # What a chain does in ideal water is free motion with another inertia: every term of its rate counts.
    rng = np.random.default_rng(seed)
    model, data, medium = immersed(3, 1e-5, HINGES)
    data.qpos[3:] = rng.normal(size=model.nq - 3) * 0.4
    data.qvel[:] = rng.normal(size=model.nv) * 4
    energy, momentum, mass = [], [], np.zeros((model.nv, model.nv))
    for _ in range(1500):
        data.qfrc_applied[:] = 0.0
        mujoco.mj_step1(model, data)
        medium.apply()
        mujoco.mj_fullM(model, data, mass)
        energy.append(0.5 * data.qvel @ mass @ data.qvel)
        momentum.append((mass @ data.qvel)[:3])
        mujoco.mj_step2(model, data)
    # The couple against rolling is the one loss there is.
    assert energy[-1] < energy[0] * (1 + 2e-3)
    scale = np.abs(momentum[0]).max() + 0.1
    assert momentum[-1] == pytest.approx(momentum[0], abs=5e-3 * scale)


def test_ideal_water_without_viscosity_keeps_energy() -> None:
    drift = []
    for step_s in (2e-5, 1e-5):
        model, data, medium = immersed(3, step_s, HINGES, viscosity_mg_mm_s=0.0)
        data.qvel[:] = np.random.default_rng(1).normal(size=model.nv) * 4
        energy, mass = [], np.zeros((model.nv, model.nv))
        for _ in range(round(0.05 / step_s)):
            data.qfrc_applied[:] = 0.0
            mujoco.mj_step1(model, data)
            medium.apply()
            mujoco.mj_fullM(model, data, mass)
            energy.append(0.5 * data.qvel @ mass @ data.qvel)
            mujoco.mj_step2(model, data)
        drift.append(abs(energy[-1] / energy[0] - 1))
    assert drift[1] < 5e-3 and drift[1] < 0.7 * drift[0]


@settings(max_examples=10)
@given(seed=st.integers(0, 10_000))
def test_a_current_is_a_moving_frame(seed: int) -> None:
    rng = np.random.default_rng(seed)
    current, start = rng.normal(size=3) * 5, rng.normal(size=10) * 2
    water = {"normal_viscous": 4.0, "normal_form": 0.5, "tangential_viscous": 2.0, "wake": 1.0}
    seen = []
    for flow in (np.zeros(3), current):
        model, data, medium = immersed(3, 1e-4, HINGES, **water, current_mm_s=tuple(flow.tolist()))
        data.qvel[:] = start
        data.qvel[:3] += flow
        for _ in range(100):
            advance(model, data, medium)
        seen.append((data.qpos.copy(), data.qvel.copy()))
    (still, slow), (carried, swift) = seen
    shift = np.concatenate([current, np.zeros(7)])
    assert carried == pytest.approx(still + 0.01 * shift, abs=1e-6)
    assert swift == pytest.approx(slow + shift, abs=1e-5)


def test_a_resting_rod_drifts_with_the_current() -> None:
    water = {"normal_viscous": 4.0, "tangential_viscous": 2.0, "current_mm_s": (3.0, -2.0, 0.0)}
    assert pushed((0,) * 6, 3000, **water)[:3] == pytest.approx([3, -2, 0], abs=0.01)


def test_drag_however_strong_does_not_explode() -> None:
    water = {"normal_viscous": 1e6, "normal_form": 1e4, "tangential_viscous": 1e6}
    assert np.abs(pushed((50.0, 60.0, 0, 0, 0, 9.0), 50, 1, 0.01, **water)).max() < 1e-3


def test_making_it_compiles_it_and_changes_nothing() -> None:
    model = chain(2, 0.5, 0.001, HINGES)
    data, untouched = mujoco.MjData(model), mujoco.MjData(model)
    for each in (data, untouched):
        each.qvel[:] = 1.0
        mujoco.mj_forward(model, each)
    medium = ElongatedBody(model, data, hull(model, 0.5), NOTHING, Water(**IDEAL))
    for name in ("M", "qfrc_applied", "qvel", "cvel"):
        assert np.array_equal(getattr(data, name), getattr(untouched, name)), name
    compiled = len(_assemble.signatures)
    medium.apply()
    assert len(_assemble.signatures) == compiled


BAD = {
    "negative viscosity": ({"viscosity_mg_mm_s": -1.0}, "viscosity_mg_mm_s must be a number of at least 0"),
    "negative drag": ({"normal_viscous": -0.1}, "normal_viscous"),
    "NaN wake": ({"wake": float("nan")}, "wake"),
    "word": ({"added_mass": "much"}, "added_mass"),
    "endless gravity": ({"gravity_mm_s2": float("inf")}, "gravity_mm_s2"),
    "current of two numbers": ({"current_mm_s": [1.0, 2.0]}, "current_mm_s must be 3 numbers in brackets"),
    "NaN current": ({"current_mm_s": [0.0, float("nan"), 0.0]}, r"current_mm_s\[1\] must be a finite number"),
    "current word": ({"current_mm_s": "fast"}, "current_mm_s must be 3 numbers in brackets"),
}


@pytest.mark.parametrize(("change", "says"), BAD.values(), ids=BAD)
def test_water_that_cannot_be_is_refused(change: dict[str, Any], says: str) -> None:
    with pytest.raises(InputError, match=says):
        read_environment({"name": "sea", "medium": {"law": "elongated_body", **IDEAL, **change}})


def test_a_missing_coefficient_is_named() -> None:
    with pytest.raises(InputError, match="medium.wake is missing"):
        lacking = {key: value for key, value in IDEAL.items() if key != "wake"}
        read_environment({"name": "sea", "medium": {"law": "elongated_body", **lacking}})
    with pytest.raises(InputError, match="medium.wake must be a number of at least 0, not -1"):
        Water(**{**IDEAL, "wake": -1.0})
