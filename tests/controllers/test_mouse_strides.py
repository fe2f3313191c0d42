"""How weights of the mouse's pattern layers are found: paths of feet, muscles, projection, rehearsal."""

from __future__ import annotations

import sys

import mujoco
import numpy as np
import pytest

from neuromech.specs import content
from tests import scripts

FOLDER = content.find("controllers", "mouse_spinal")
making = scripts.load(FOLDER / "make_pattern.py", "mouse_make_pattern")
projection, rehearsal, strides = (sys.modules[name] for name in ("projection", "rehearsal", "strides"))
PLANS = content.read_yaml(FOLDER / "strides.yaml")
PARAMETERS = content.read_yaml(FOLDER / "parameters.yaml")["parameters"]
PAW = {"h": "ball_hl", "f": "knuckle_fl"}
FIRST = {"h": "hip_hl", "f": "shoulder_fl"}
JOINTS = {"h": ("hip_hl", "knee_hl", "ankle_hl"), "f": ("shoulder_fl", "elbow_fl", "wrist_fl")}


def posed(girdle: str, angles: np.ndarray) -> mujoco.MjData:
    model = rehearsal.mouse().model
    data = mujoco.MjData(model)
    for name, angle in zip(JOINTS[girdle], angles, strict=True):
        data.qpos[model.joint(name).qposadr[0]] = angle
    mujoco.mj_forward(model, data)
    return data


@pytest.mark.parametrize("girdle", ["h", "f"])
@pytest.mark.parametrize(("x", "z"), [(0.0, -24.0), (8.0, -22.0), (-7.0, -25.0)])
def test_joint_angles_put_the_foot_where_it_is_wanted(girdle: str, x: float, z: float) -> None:
    angles = strides.joint_angles(girdle, np.array(x), np.array(z), np.array(-0.3))
    data = posed(girdle, angles)
    foot = data.site(PAW[girdle]).xpos - data.site(FIRST[girdle]).xpos
    assert foot[[0, 2]] == pytest.approx([x, z], abs=1e-6)


@pytest.mark.parametrize("girdle", ["h", "f"])
def test_excitations_hold_the_leg_where_the_path_is(girdle: str) -> None:
    """A foot that hardly moves, without lead or support: at its angles muscles and springs balance."""
    still = {name: 0.0 for name in strides.NUMBERS} | {"stiff_out": 0.3}
    for each in ("h", "f"):
        still |= {f"{each}_height_mm": 23.0, f"{each}_forward_mm": 3.0, f"{each}_tilt": -0.2}
        still |= {f"{each}_stiff_{k}": 0.6 for k in (1, 2, 3)}
    found = strides.excitations(still, girdle, 3.0, 0.6)
    angles = strides.joint_angles(girdle, np.array(3.0), np.array(-23.0), np.array(-0.2))
    data = posed(girdle, angles)
    model = rehearsal.mouse().model
    limb = JOINTS[girdle][0][-2:]
    for name, course in found.items():
        assert np.ptp(course) < 1e-9
        data.act[rehearsal.muscles().index(f"{name}_{limb}")] = course[0]
    mujoco.mj_forward(model, data)
    for name in JOINTS[girdle]:
        k = model.joint(name).dofadr[0]
        pull = data.qfrc_actuator[k] + data.qfrc_passive[k]
        strongest = max(abs(data.actuator_force)) * 2.0
        assert abs(pull) < 1e-3 * strongest, name


def test_more_support_extends_the_joint_in_stance_and_only_there() -> None:
    plan = making.LAYERS["slow"].stride(PLANS["slow"], 0.2)
    more = plan | {"h_support_2": plan["h_support_2"] + 0.1}
    before, after = (strides.excitations(each, "h", 4.0, 0.6)["knee_extensor"] for each in (plan, more))
    gained = after - before
    assert gained[110:180].mean() > 0.02 and abs(gained[30:50]).max() < 1e-6


def test_weights_that_made_a_target_are_found_again() -> None:
    layer, motor = making.LAYERS["slow"], projection.Motor(PARAMETERS)
    own = projection.rhythm(projection.Drive(0.2, 0.2))
    excite, inhibit = (own.cycle(names, "hl") for names in layer.names("hl"))
    rng = np.random.default_rng(0)
    known = rng.uniform(0.0, 5.0, 2 * len(excite))
    target = motor.excitation(
        motor.potential_mV(known[: len(excite)] @ excite, known[len(excite) :] @ inhibit, 100.0)
    )
    assert 0.05 < target.mean() < 0.95 and np.ptp(target) > 0.1
    given = PARAMETERS | {"bias_pA": PARAMETERS["bias_pA"] | {"MN_hip_flexor": 100.0}}
    found, cost = projection.Projection(layer, projection.Motor(given), {}).solve(
        "hip_flexor", excite, inhibit, target
    )
    made = motor.excitation(
        motor.potential_mV(found[: len(excite)] @ excite, found[len(excite) :] @ inhibit, 100.0)
    )
    assert np.abs(made - target).max() < 0.02
    assert cost <= 0.5 * projection.PENALTY**2 * (known**2).sum() + 1e-6


@pytest.mark.parametrize("name", ["slow", "brisk", "fast"])
def test_the_committed_weights_are_the_projection_of_the_committed_strides(name: str) -> None:
    layer, motor = making.LAYERS[name], projection.Motor(PARAMETERS)
    found, left = projection.Projection(layer, motor, {}).weights(PLANS[name])
    kept = layer.weights(PARAMETERS["chemical_nS"])
    own = projection.rhythm(projection.Drive(layer.middle, layer.middle))
    asked, given = (projection.excitations({layer: each}, motor, own, 0, 1.0) for each in (found, kept))
    assert left > 0 and np.sqrt(((asked - given) ** 2).mean()) < 0.02
    assert asked.std(axis=0).max() > 0.1


def test_weights_are_read_as_they_are_written() -> None:
    layer = making.LAYERS["slow"]
    known = layer.weights(PARAMETERS["chemical_nS"])
    assert {name.split(">")[0] for name in layer.named(known)} == set(sum(layer.names(), []))
    again = layer.weights(layer.named(known))
    assert known.keys() == again.keys() and all((known[name] == again[name]).all() for name in known)
    assert any(values.any() for values in known.values())


def test_a_rising_drive_goes_over_to_the_next_layer() -> None:
    own = projection.rhythm(making.TO_BRISK[0].drive)
    slow, brisk = own.of(["slow", "brisk"])
    assert slow[0] > 0.5 and brisk[0] == 0.0 and slow[-1] == 0.0 and brisk[-1] > 0.3


@pytest.mark.parametrize("alpha", [0.1, 0.3, 0.5, 0.7])
def test_without_v0_hind_legs_swing_together_and_the_layer_of_fast_strides_is_on(alpha: float) -> None:
    intact, without = (projection.rhythm(making.at(alpha, ablate=kill)[0]) for kill in ((), making.NO_V0))
    for own, together in ((intact, False), (without, True)):
        swings = own.swings[1500:]
        alike = (swings[:, 2] == swings[:, 3]).mean()
        assert alike > 0.95 if together else alike < 0.6
        slow, brisk, fast = own.of(["slow", "brisk", "fast"])[:, 1500:]
        on, off = (fast, slow + brisk) if together else (slow + brisk, fast)
        assert on.mean() > 0.2 and off.mean() < 0.05


def test_a_mouse_whose_muscles_stand_stays_up_and_a_limp_one_falls() -> None:
    motor = projection.Motor(PARAMETERS)
    standing = np.zeros((300, len(rehearsal.muscles())))
    for limb in rehearsal.LIMBS:
        for muscle in strides.muscles(limb[0]):
            potential = motor.potential_mV(motor.standing_nS(muscle), 0.0, motor.bias_pA(muscle))
            standing[:, rehearsal.muscles().index(f"{muscle}_{limb}")] = motor.excitation(potential)
    still = np.zeros((1500, 4), bool)
    up, limp = rehearsal.look(standing, still), rehearsal.look(0 * standing, still)
    assert up.upright == 1.0 and abs(up.speed_mm_s) < 20 and up.height == pytest.approx(1.0, abs=0.15)
    assert limp.upright < 0.3 and limp.cost(0, 10, 10) > up.cost(0, 10, 10) + 10
