"""The drag of slender rods, against closed formulas and against MuJoCo's own Jacobians."""

from __future__ import annotations

import mujoco
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import j0

from neuromech._lib.errors import InputError
from neuromech.world.medium.resistive import DragElements, ImplicitDrag, _assemble

ALONG, ACROSS = 3200.0, 128_000.0  # mg/s/mm: a worm on agar
LIGHT = '<compiler boundmass="0" boundinertia="0"/>'  # masses of a milligram and less


def dragged(
    model: mujoco.MjModel, data: mujoco.MjData, names: list[str], size: float, along: float, across: float
) -> tuple[ImplicitDrag, np.ndarray]:
    """Return the drag (mg/s/mm) of rods along x, of one length (mm), on the named bodies; and their ids."""
    ids, count = np.array([model.body(name).id for name in names]), len(names)
    tangents, lengths = np.tile([1.0, 0, 0], (count, 1)), np.full(count, size)
    rods = DragElements.rods(ids, np.zeros((count, 3)), tangents, lengths, along, across)
    return ImplicitDrag(model, data, rods), ids


def advance(model: mujoco.MjModel, data: mujoco.MjData, drag: ImplicitDrag) -> None:
    """Take one step."""
    data.qfrc_applied[:] = 0.0
    mujoco.mj_step1(model, data)
    drag.apply()
    mujoco.mj_step2(model, data)


def settled(pieces: int, force: tuple[float, ...], steps: int = 40, step_s: float = 0.01) -> np.ndarray:
    """Return the velocity (linear, angular) of a free 1 mm rod of some pieces under a force and couple."""
    size = 1.0 / pieces
    parts = "".join(
        f'<body name="part_{i}" pos="{(i + 0.5) * size - 0.5} 0 0">'
        f'<geom type="capsule" size="0.04" fromto="{-size / 2} 0 0 {size / 2} 0 0" mass="1e-3"/></body>'
        for i in range(pieces)
    )
    model = mujoco.MjModel.from_xml_string(
        f'<mujoco>{LIGHT}<option gravity="0 0 0" timestep="{step_s}"/>'
        '<worldbody><body name="rod"><freejoint/>'
        '<inertial pos="0 0 0" mass="1e-6" diaginertia="1e-6 1e-6 1e-6"/>'
        f"{parts}</body></worldbody></mujoco>"
    )
    data = mujoco.MjData(model)
    drag, _ = dragged(model, data, [f"part_{i}" for i in range(pieces)], size, ALONG, ACROSS)
    data.xfrc_applied[model.body("rod").id] = force
    for _ in range(steps):
        advance(model, data, drag)
    return data.qvel.copy()


@pytest.mark.parametrize("pieces", [1, 2, 7])
def test_a_rod_dragged_along_and_across_reaches_the_analytic_speed(pieces: int) -> None:
    assert settled(pieces, (500.0, 0, 0, 0, 0, 0)) == pytest.approx([500 / ALONG, 0, 0, 0, 0, 0], abs=1e-9)
    assert settled(pieces, (0, 500.0, 0, 0, 0, 0)) == pytest.approx([0, 500 / ACROSS, 0, 0, 0, 0], abs=1e-9)
    assert settled(pieces, (0, 0, -500.0, 0, 0, 0)) == pytest.approx([0, 0, -500 / ACROSS, 0, 0, 0], abs=1e-9)


@pytest.mark.parametrize("pieces", [1, 2, 7])
def test_a_rod_turned_about_its_middle_feels_the_analytic_couple(pieces: int) -> None:
    couple = ACROSS * 1.0**3 / 12
    # One step, so that it has not turned yet; the inertia is nothing beside the drag.
    seen = settled(pieces, (0, 0, 0, 0, 0, 100.0), steps=1)
    assert seen == pytest.approx([0, 0, 0, 0, 0, 100.0 / couple], rel=1e-3, abs=1e-9)
    assert settled(pieces, (0, 0, 0, 0, 100.0, 0), steps=1)[4] == pytest.approx(100.0 / couple, rel=1e-3)


def test_a_slanted_force_pushes_a_rod_aside() -> None:
    seen = settled(3, (300.0, 300.0, 0, 0, 0, 0))
    assert seen[0] / seen[1] == pytest.approx(ACROSS / ALONG, rel=1e-6)


@pytest.mark.parametrize(
    ("joints", "place", "fine"),
    [
        ("<freejoint/>", "0 0 0", False),
        ("<freejoint/>", "0.1 0 0", True),
        ('<joint type="slide" axis="1 0 0"/><joint type="slide" axis="0 1 0"/>', "0 0 0", False),
        ('<joint type="slide" axis="1 0 0"/>', "0 0 0", True),
        ("", "0 0 0", True),
    ],
    ids=["free", "free beside its inertia", "two slides", "one slide", "fixed"],
)
def test_a_body_without_room_for_drag_is_refused(joints: str, place: str, fine: bool) -> None:
    # The neighbour gives the mass matrix a row even where the rod cannot move.
    other = '<body><joint type="hinge" axis="0 1 0"/><geom size="0.1" mass="1"/></body>'
    model = mujoco.MjModel.from_xml_string(
        f'<mujoco><worldbody>{other}<body name="rod">{joints}'
        f'<geom type="capsule" size="0.1 0.4" pos="{place}" mass="1"/></body></worldbody></mujoco>'
    )
    data = mujoco.MjData(model)
    if fine:
        drag, _ = dragged(model, data, ["rod"], 1.0, 1.0, 2.0)
        advance(model, data, drag)
        assert np.isfinite(data.qvel).all()
    else:
        with pytest.raises(InputError, match="drag on body rod: .*diagonal"):
            dragged(model, data, ["rod"], 1.0, 1.0, 2.0)


def test_making_it_compiles_it_and_changes_nothing() -> None:
    model = mujoco.MjModel.from_xml_string(
        '<mujoco><worldbody><body name="rod"><joint stiffness="3"/><geom size="1"/></body></worldbody>'
        "</mujoco>"
    )
    data, untouched = mujoco.MjData(model), mujoco.MjData(model)
    for each in (data, untouched):
        each.qvel[:] = 1.0
        mujoco.mj_forward(model, each)
    drag, _ = dragged(model, data, ["rod"], 1.0, 1.0, 2.0)
    for name in ("M", "qfrc_applied", "qvel", "cvel"):
        assert np.array_equal(getattr(data, name), getattr(untouched, name)), name
    compiled = len(_assemble.signatures)
    drag.apply()
    assert len(_assemble.signatures) == compiled  # no step waits for the compiler
    assert data.qfrc_applied[0] != 0 and data.M[0] > untouched.M[0]


KINDS = ["free", "ball", "hinge", "slide", "hinge hinge", "slide hinge", ""]


def tree(rng: np.random.Generator) -> str:
    """Return a random forest of bodies, with springs on hinges and slides.

    No body's frame is that of its own inertia: for those whose is, and that have no neighbours, MuJoCo
    keeps only the diagonal of the mass matrix, and there is no room for drag in it.
    """
    count = int(rng.integers(2, 8))
    children: dict[int, list[int]] = {i: [] for i in range(-1, count)}
    for i in range(count):
        children[int(rng.integers(-1, i))].append(i)

    def body(i: int, top: bool) -> str:
        kind = KINDS[int(rng.integers(0 if top else 1, len(KINDS)))]
        joints = ""
        for word in kind.split():
            axis, place = rng.normal(size=3), rng.normal(size=3) * 0.2
            spring = f'stiffness="{rng.uniform(0, 50):.4f}"' if word in ("hinge", "slide") else ""
            where = "" if word == "free" else f'pos="{place[0]:.3f} {place[1]:.3f} {place[2]:.3f}"'
            axes = f'axis="{axis[0]:.3f} {axis[1]:.3f} {axis[2]:.3f}"' if spring else ""
            joints += f'<joint type="{word}" {"" if word == "slide" else where} {axes} {spring}/>'
        place, turn = rng.normal(size=3), rng.normal(size=4)
        return (
            f'<body pos="{place[0]:.3f} {place[1]:.3f} {place[2]:.3f}" '
            f'quat="{turn[0]:.3f} {turn[1]:.3f} {turn[2]:.3f} {turn[3]:.3f}">{joints}'
            f'<geom type="capsule" size="0.1 0.3" pos="0.1 0.2 0.3" mass="{rng.uniform(0.1, 2):.3f}"/>'
            f"{''.join(body(child, False) for child in children[i])}</body>"
        )

    bodies = "".join(body(i, True) for i in children[-1])
    anchor = '<body><joint type="hinge" axis="0 1 0"/><geom size="0.1" mass="1"/></body>'
    return f'<mujoco><option timestep="0.003"/><worldbody>{anchor}{bodies}</worldbody></mujoco>'


@settings(max_examples=25)
@given(seed=st.integers(0, 10_000))
def test_any_tree_gets_the_matrix_and_force_that_its_jacobians_give(seed: int) -> None:
    rng = np.random.default_rng(seed)
    model = mujoco.MjModel.from_xml_string(tree(rng))
    data = mujoco.MjData(model)
    for joint in range(model.njnt):
        if model.jnt_type[joint] in (mujoco.mjtJoint.mjJNT_HINGE, mujoco.mjtJoint.mjJNT_SLIDE):
            data.qpos[model.jnt_qposadr[joint]] = rng.normal()
    data.qvel[:] = rng.normal(size=model.nv)
    rods = int(rng.integers(1, 6))
    tangents = rng.normal(size=(rods, 3))
    elements = DragElements(
        rng.integers(1, model.nbody, rods).astype(np.int32),
        rng.normal(size=(rods, 3)),
        tangents / np.linalg.norm(tangents, axis=1, keepdims=True),
        rng.uniform(0, 5, rods),
        rng.uniform(0, 50, rods),
        rng.uniform(0, 5, rods),
    )
    drag = ImplicitDrag(model, data, elements)
    mujoco.mj_step1(model, data)
    before, after = np.zeros((model.nv, model.nv)), np.zeros((model.nv, model.nv))
    mujoco.mj_fullM(model, data, before)
    drag.apply()
    mujoco.mj_fullM(model, data, after)

    damping = np.zeros_like(before)
    for i in range(rods):
        owner = int(elements.body[i])
        turn = data.xmat[owner].reshape(3, 3)
        point, t = data.xpos[owner] + turn @ elements.centre[i], turn @ elements.tangent[i]
        moves, turns = np.zeros((3, model.nv)), np.zeros((3, model.nv))
        mujoco.mj_jac(model, data, moves, turns, point, owner)
        aside = np.eye(3) - np.outer(t, t)
        matrix = elements.tangential[i] * np.outer(t, t) + elements.normal[i] * aside
        damping += moves.T @ matrix @ moves + elements.rotational[i] * turns.T @ aside @ turns
    springs = np.zeros(model.nv)
    for joint in range(model.njnt):
        springs[model.jnt_dofadr[joint]] = float(np.ravel(model.jnt_stiffness[joint])[0])
    h = model.opt.timestep
    scale = np.abs(damping).max() + 1.0
    assert after - before == pytest.approx(h * damping + h * h * np.diag(springs), abs=1e-9 * scale, rel=1e-7)
    expected = -damping @ data.qvel - h * springs * data.qvel
    assert data.qfrc_applied == pytest.approx(expected, abs=1e-8 * scale * model.nv)


PLANAR = "".join(
    f'<joint type="{kind}" axis="{axis}"/>'
    for kind, axis in (("slide", "1 0 0"), ("slide", "0 1 0"), ("hinge", "0 0 1"))
)


def wave_speed(swing: float, ratio: float) -> float:
    """Return the speed (mm/s) of a long inextensible filament whose tangent angle is a travelling wave.

    1 Hz, wavelength 1 mm of arc. Gray & Hancock 1955 (doi:10.1242/jeb.32.4.802) for a finite amplitude, as in
    Lighthill 1976 (doi:10.1137/1018040): in the frame of the wave the body slides along a fixed curve at
    Q = c / a, with c the wave's speed along the axis and a = <cos>. The forces along the axis cancel when
    (c - V) (c_t b + c_n (1 - b)) = c_t Q a, b = <cos^2>; the angle being swing sin(phase), a = J0(swing) and
    b = (1 + J0(2 swing)) / 2.
    """
    b = (1 + j0(2 * swing)) / 2
    excess = (ratio - 1) * (1 - b)
    return float(j0(swing) * excess / (1 + excess))


@pytest.mark.parametrize(("swing", "ratio"), [(0.3, 1.6), (0.8, 1.6), (0.3, 40.0), (0.9, 40.0)], ids=str)
def test_a_travelling_wave_swims_as_fast_as_resistive_force_theory_says(swing: float, ratio: float) -> None:
    # The method is first order in the step, with an error that grows along the chain: a short one.
    segments, waves, step_s, seconds = 48, 3, 0.001, 1
    size = waves / segments
    chain = ""
    for i in reversed(range(segments)):
        joints = (
            f'<joint name="bend_{i}" type="hinge" axis="0 0 1" pos="{size / 2} 0 0" stiffness="1e6"/>'
            if i
            else PLANAR
        )
        # The nose is segment 0 and points to +x; the rest follows at -x.
        chain = (
            f'<body name="segment_{i}" pos="{-size if i else 0} 0 0">{joints}'
            f'<geom type="capsule" size="0.02" fromto="{-size / 2} 0 0 {size / 2} 0 0" mass="1e-4"/>'
            f"{chain}</body>"
        )
    model = mujoco.MjModel.from_xml_string(
        f'<mujoco>{LIGHT}<default><geom contype="0" conaffinity="0"/></default>'
        f'<option timestep="{step_s}" gravity="0 0 0"/><worldbody>{chain}</worldbody></mujoco>'
    )
    data = mujoco.MjData(model)
    names = [f"segment_{i}" for i in range(segments)]
    drag, ids = dragged(model, data, names, size, 10.0, 10.0 * ratio)
    place = waves * np.arange(segments) / segments  # in wavelengths from the nose
    first = 3  # the joints after the root's
    angle = start = np.zeros(2)
    for step in range(round(seconds / step_s) + 1):
        angle = swing * np.sin(2 * np.pi * (place - step * step_s))
        if step == 0:
            data.qpos[first:] = np.diff(angle)
            mujoco.mj_kinematics(model, data)
            start = data.xpos[ids, :2].mean(axis=0)
        model.qpos_spring[first:] = np.diff(angle)
        advance(model, data, drag)
    assert np.abs(data.qpos[first:] - np.diff(angle)).max() < 0.05 * swing
    # A nose-to-tail wave drives towards the nose; the axis turns a little while the wave starts.
    speed = np.linalg.norm(data.xpos[ids, :2].mean(axis=0) - start) / seconds
    axis = data.xpos[ids[0], :2] - data.xpos[ids[-1], :2]
    assert (data.xpos[ids, :2].mean(axis=0) - start) @ axis > 0
    assert speed == pytest.approx(wave_speed(swing, ratio), rel=0.10)
