"""Write grooming.csv: how strongly the grooming populations drive each motor neuron of the legs.

Run: python controllers/fly_cord/fit_grooming.py   (again after any change of the body)
Two places of a front leg's tarsus are asked for, above and below the base of the antenna of its side. Of the
postures that reach one, that nearest to rest is taken; the muscles hold it against the joints' springs with a
given sum of the two antagonists' activation. The other four legs then carry the fly: the body is held as it
was built with both front legs up, and what torque held it is what their muscles must do, beside what they do
while it stands (ST of fly_walk). How the fly then moves is up to the body. Units mm, rad, nN mm.
"""

import csv
from pathlib import Path

import mujoco
import numpy as np
from scipy.optimize import minimize

from neuromech.specs.compose import load_run
from neuromech.world.world import World

HERE = Path(__file__).parent
DOFS = ("coxa_yaw", "coxa_pitch", "coxa_roll", "trochanterfemur_pitch", "trochanterfemur_roll", "tibia",
        "tarsus1")  # fmt: skip
MIRROR = np.array([-1.0, 1.0, -1.0, 1.0, -1.0, 1.0, 1.0])
"""Roll and yaw change sign from left to right."""
CARRYING = ("lm", "lh", "rm", "rh")
PLACES = {"GU": (0.02, 0.0, 0.12), "GD": (0.12, 0.0, -0.22)}
"""Where the middle of the tarsus goes, seen from the antenna (mm): the top and the bottom of a sweep."""
NEAR_MM = 0.1
"""A joint's way from rest that counts as much as a tarsus this much per rad^2 off its place."""
SUM = 1.0
"""Sum of the activations of two antagonists: stiff enough for sweeps of 80 ms."""
MARGIN_RAD = 0.15
NMJ = 2.0
"""`neuromuscular` of fly_walk."""
ON = 0.9
"""Rate, as a share of the highest, at which the grooming populations fire while on."""
STANDING = float(np.tanh(2.0))
"""The same of ST."""
BRACED_SUM = 1.3
"""Sum of the activations of two antagonists of a leg that carries."""
HOLD_NN_MM, HOLD_S, SETTLE_S = 3e5, 0.001, 0.3
"""Stiffness per rad that holds the body, its damping / stiffness, and for how long."""


def reach(model: mujoco.MjModel, data: mujoco.MjData, offset: tuple[float, float, float]) -> np.ndarray:
    """Return the angles from rest (dof,) at which the left front tarsus is there."""
    ids = [model.joint(f"lf_{dof}").id for dof in DOFS]
    adr, span = model.jnt_qposadr[ids], model.jnt_range[ids]
    rest = model.qpos_spring[adr].copy()
    target = data.site("l_antenna").xpos + offset

    def cost(angles: np.ndarray) -> float:
        data.qpos[adr] = angles
        mujoco.mj_kinematics(model, data)
        middle = (data.site("lf_tarsus1").xpos + data.site("lf_claw").xpos) / 2
        return float(((middle - target) ** 2).sum() / NEAR_MM**2 + 0.05 * ((angles - rest) ** 2).sum())

    bounds = [(low + MARGIN_RAD, high - MARGIN_RAD) for low, high in span]
    found = []
    for seed in range(20):
        start = rest + 0.3 * (span[:, 1] - rest) * np.random.default_rng(seed).uniform(-1, 1, len(DOFS))
        found.append(minimize(cost, start, bounds=bounds))
    best = min(found, key=lambda each: each.fun)
    cost(best.x)
    data.qpos[adr] = rest
    return best.x - rest


def held(model: mujoco.MjModel, data: mujoco.MjData, raised: np.ndarray) -> dict[str, float]:
    """Hold the body as built but for its raised front legs; returns {joint: torque of the muscles}."""
    held = [model.joint(f"{leg}_{dof}").id for leg in ("lf", "rf", *CARRYING) for dof in DOFS]
    adr, dof = model.jnt_qposadr[held], model.jnt_dofadr[held]
    target = model.qpos_spring[adr].copy()
    target[: 2 * len(DOFS)] += np.concatenate([raised, raised * MIRROR])
    gains, springs = model.actuator_gainprm.copy(), model.qpos_spring[adr].copy()
    stiffness, damping = model.jnt_stiffness[held].copy(), model.dof_damping[dof].copy()
    grips = [model.actuator(f"{leg}_grip").id for leg in CARRYING]
    model.actuator_gainprm[np.setdiff1d(np.arange(model.nu), grips)] = 0
    model.jnt_stiffness[held], model.dof_damping[dof] = HOLD_NN_MM, HOLD_NN_MM * HOLD_S
    data.qpos[adr] = model.qpos_spring[adr] = target
    data.ctrl[grips] = 1.0
    for _ in range(round(SETTLE_S / model.opt.timestep)):
        mujoco.mj_step(model, data)
    torque = HOLD_NN_MM * (target - data.qpos[adr])
    model.actuator_gainprm[:], model.qpos_spring[adr] = gains, springs
    model.jnt_stiffness[held], model.dof_damping[dof] = stiffness, damping
    return {model.joint(joint).name: float(each) for joint, each in zip(held, torque, strict=True)}


def activations(
    model: mujoco.MjModel, joint: str, turned: float, torque: float, total: float
) -> dict[str, float]:
    """Return {muscle: activation} that holds a joint `turned` (rad) from rest against `torque`."""
    number = model.joint(joint).id
    rest = model.qpos_spring[model.jnt_qposadr[number]]
    pulls = {}
    for i in range(model.nu):
        if model.actuator_trnid[i, 0] == number and model.actuator_dyntype[i] == mujoco.mjtDyn.mjDYN_MUSCLE:
            gain, slope = model.actuator_gainprm[i, :2]
            pulls[model.actuator(i).name] = (gain + slope * rest, -slope)
    # full (a+ - a-) - slope (a+ + a-) turned - stiffness turned = torque, with a+ + a- = total
    full, slope = next(iter(pulls.values()))
    apart = (torque + (model.jnt_stiffness[number] + slope * total) * turned) / abs(full)
    return {
        name: float(np.clip((total + np.sign(pull) * apart) / 2, 0.0, 0.95))
        for name, (pull, _) in pulls.items()
    }


def drive(activation: float) -> float:
    """Return the input (pA) of a motor neuron that gives its muscle this activation."""
    return float(np.arctanh(np.minimum(np.arctanh(activation) / NMJ, 0.95)))


def standing() -> dict[str, float]:
    """Return {segment_muscle: weight} of ST onto the motor neurons, from fly_walk."""
    with (HERE.parent / "fly_walk" / "pattern.csv").open() as file:
        return {
            f"{row['segment']}_{row['muscle']}": float(row["weight"])
            for row in csv.DictReader(file)
            if row["pre"] == "ST"
        }


def main() -> None:
    """Find both postures and what the other legs must do, and write grooming.csv."""
    run = load_run(["experiment=fly_walk"])
    world = World(run.body, run.environment, run.clock)
    world.reset()
    model, rows, raised = world.model, [], np.zeros(len(DOFS))
    for population, offset in PLACES.items():
        raised = reach(model, world.data, offset)
        print(population, dict(zip(DOFS, raised.round(2).tolist(), strict=True)))
        for dof, turned in zip(DOFS, raised, strict=True):
            for muscle, share in activations(model, f"lf_{dof}", turned, 0.0, SUM).items():
                rows.append([muscle[1:], population, f"{drive(share) / ON:.4f}"])
    torques, stood = held(model, world.data, raised), standing()
    for part in "mh":
        for dof in DOFS:
            # Left and right carry alike.
            torque = (torques[f"l{part}_{dof}"] + torques[f"r{part}_{dof}"] * MIRROR[DOFS.index(dof)]) / 2
            for muscle, share in activations(model, f"l{part}_{dof}", 0.0, torque, BRACED_SUM).items():
                more = drive(share) - stood[muscle[1:]] * STANDING
                rows.append([muscle[1:], "GB", f"{more / ON:.4f}"])
    with (HERE / "grooming.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["muscle", "pre", "weight"])
        writer.writerows(rows)


if __name__ == "__main__":
    main()
