"""Write pattern.csv: how strongly each premotor population drives each motor neuron of a leg.

Run: NEUROMECH_DATA=... python controllers/fly_walk/fit_pattern.py   (again after any change of the rhythm)
1. The mean step of the recorded clip (Wang-Chen 2024, doi:10.1038/s41592-024-02497-y): its right legs, which
   step regularly, mirrored.
2. The body is held to that step, each leg at the phase at which the rhythm of this controller has it, and
   walks on the floor; backwards with the step run in reverse. What torque held it is what muscles must do.
3. With a given sum of the two antagonists' activation that says what each must be, and non-negative least
   squares say by which premotor populations.
"""

import csv
import os
from pathlib import Path

import mujoco
import numpy as np
from make_tables import HERE, STANCE, STEP, SWING
from make_tables import main as make_tables
from scipy.optimize import nnls
from scipy.signal import find_peaks, savgol_filter

from neuromech.controllers import build
from neuromech.senses.animal import Animal
from neuromech.specs import content
from neuromech.specs.compose import load_run
from neuromech.world.world import World

CLIP = "fly/spotlight_walking_first_half.npz"
LEGS = ("lf", "lm", "lh", "rf", "rm", "rh")
DOFS = (
    "coxa_pitch",
    "coxa_roll",
    "coxa_yaw",
    "trochanterfemur_pitch",
    "trochanterfemur_roll",
    "tibia",
    "tarsus1",
)
MIRROR = np.array([1.0, -1.0, -1.0, 1.0, -1.0, 1.0, 1.0])
"""Roll and yaw change sign from left to right; order as in the clip."""
GRID = 64
DUTY = 0.62
HARMONICS = 5
HOLD_NN_MM, HOLD_S = 3e5, 0.001
"""Stiffness per rad that holds the body to the step, and its damping / stiffness."""
DIRECTIONS = (
    ("PF", 1, {"DNp09_L": 0.6, "DNp09_R": 0.6}),
    ("PB", -1, {"DNp09_L": 0.0, "DNp09_R": 0.0, "MDN_L": 0.6, "MDN_R": 0.6}),
)
"""Premotor layer, direction, and the commands under which it works."""
SUM = 0.5
STANDING_SUM = 0.9
"""Sum of the activations of two antagonists, where neither has to do more."""
MUSCLE_S = 0.008
"""Mean of a muscle's activation and deactivation times."""
NMJ = 2.0
ON = float(np.tanh(2.0))
"""Rate of the populations that are on by themselves."""
SECONDS, SETTLE_S = 2.5, 0.5
ROUNDS, SHARE, LEAD_S = 6, 0.6, 0.012
"""How often the walking body is compared with the step, the share of the difference that is then added, and
by how much earlier than it was seen."""


def steps(x: np.ndarray) -> list[tuple[int, int, int]]:
    """Return (lift-off, touch-down, next lift-off) of the steps of a foot that moves forwards along `x`."""
    front, back = (find_peaks(sign * x, prominence=0.4)[0] for sign in (1, -1))
    found = []
    for start, end in zip(back[:-1], back[1:], strict=True):
        between = front[(front > start) & (front < end)]
        if len(between) != 1 or not 20 <= end - start <= 42 or x[between[0]] - x[start] < 0.6:
            continue
        if 0.55 <= (end - between[0]) / (end - start) <= 0.80:
            found.append((int(start), int(between[0]), int(end)))
    return found


def mean_step(clip: Path) -> dict[str, np.ndarray]:
    """Return {f, m, h: angles (grid, dof) rad} of a left leg, from lift-off, swing on the first 1 - DUTY."""
    with np.load(clip) as file:
        points, names, angles = file["fwdkin_egoxyz"], file["keypoints"], file["joint_angles"]
    tips = {str(leg): i for i, (leg, _, child) in enumerate(names) if child == "None"}
    phase, mean = np.arange(GRID) / GRID, {}
    for which in "fmh":
        leg = f"r{which}"
        smooth = np.asarray(savgol_filter(angles[:, LEGS.index(leg)].astype(float) * MIRROR, 7, 2, axis=0))
        every = []
        for lift, land, end in steps(np.asarray(savgol_filter(points[:, tips[leg], 0].astype(float), 7, 2))):
            swing, stance = phase / (1 - DUTY), (phase - 1 + DUTY) / DUTY
            frame = np.where(swing < 1, lift + (land - lift) * swing, land + (end - land) * stance)
            every.append([np.interp(frame, np.arange(len(smooth)), column) for column in smooth.T])
        waves = np.fft.rfft(np.mean(every, axis=0).T, axis=0)
        waves[HARMONICS + 1 :] = 0
        mean[which] = np.fft.irfft(waves, GRID, axis=0)
    return mean


def rhythm(overrides: list[str]) -> tuple[np.ndarray, np.ndarray, tuple[str, ...], World, float]:
    """Play the controller without feedback.

    Returns times, rates (time, neuron) as shares, names, the world and the control period.
    """
    run = load_run(["experiment=fly_walk", "clock.control_s=0.001", "clock.brain_substeps=2", *overrides])
    world = World(run.body, run.environment, run.clock)
    controller = build(run, world.body)
    still = {name: np.zeros(len(sense.channels), np.float32) for name, sense in Animal(world).senses.items()}
    controller.reset(0)
    rates = []
    for _ in range(round(SECONDS / run.clock.control_s)):
        controller.act(still)
        rates.append(controller.activity / 100.0)
    return (
        np.arange(len(rates)) * run.clock.control_s,
        np.array(rates),
        controller.neuron_names,
        world,
        run.clock.control_s,
    )


def phases(times: np.ndarray, rates: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """Return the phase of every leg (time, leg), linear within swing and within stance; 0 at lift-off."""
    out = np.full((len(times), len(LEGS)), np.nan)
    for k, leg in enumerate(LEGS):
        swing = rates[:, [names.index(f"{unit}_{leg}") for unit in SWING]].sum(axis=1)
        stance = rates[:, [names.index(f"{unit}_{leg}") for unit in STANCE]].sum(axis=1)
        off = swing > stance
        change = np.flatnonzero(np.diff(off.astype(int)))
        at = [i for i in change if times[i] > 0.1]
        value, points = 0.0, []
        for i in at:
            rising = off[i + 1]
            value = np.ceil(value - 1e-9) if rising else np.floor(value) + 1 - DUTY
            points.append((times[i], value))
        t, v = np.array(points).T
        out[:, k] = np.interp(times, t, v, left=np.nan, right=np.nan)
    return out


def held(
    world: World, mean: dict[str, np.ndarray], times: np.ndarray, phase: np.ndarray, sign: int
) -> dict[str, np.ndarray]:
    """Hold the body to the step; returns {joint: (time, 3)} of muscle torque, angle - rest, velocity."""
    model, data = world.model, mujoco.MjData(world.model)
    joints = [f"{leg}_{dof}" for leg in LEGS for dof in DOFS]
    ids = [model.joint(name).id for name in joints]
    adr, dof = model.jnt_qposadr[ids], model.jnt_dofadr[ids]
    passive, rest, damping = (
        model.jnt_stiffness[ids].copy(),
        model.qpos_spring[adr].copy(),
        model.dof_damping[dof].copy(),
    )
    gains = model.actuator_gainprm.copy()
    grips = [model.actuator(f"{leg}_grip").id for leg in LEGS]
    others = np.setdiff1d(np.arange(model.nu), grips)
    model.actuator_gainprm[others] = 0
    model.jnt_stiffness[ids], model.dof_damping[dof] = HOLD_NN_MM, HOLD_NN_MM * HOLD_S
    step = model.opt.timestep
    count = round((times[1] - times[0]) / step)
    out = np.full((len(times), len(joints), 3), np.nan)
    place = []
    for i in range(len(times)):
        if np.isnan(phase[i]).any():
            continue
        target = np.concatenate(
            [
                np.array(
                    [
                        np.interp(sign * p + (1 - DUTY) * (sign < 0), np.arange(GRID) / GRID, c, period=1.0)
                        for c in mean[leg[1]].T
                    ]
                )
                * (1 if leg[0] == "l" else MIRROR)
                for leg, p in zip(LEGS, phase[i], strict=True)
            ]
        )
        if not place:
            data.qpos[adr] = target
            mujoco.mj_forward(model, data)
            claws = [model.site(f"{leg}_claw").id for leg in LEGS]
            data.qpos[2] -= data.site_xpos[claws, 2].min() - 0.02
        model.qpos_spring[adr] = target
        data.ctrl[grips] = (phase[i] % 1.0) >= 1 - DUTY
        for _ in range(count):
            mujoco.mj_step(model, data)
        angle, speed = data.qpos[adr], data.qvel[dof]
        torque = HOLD_NN_MM * (target - angle) - HOLD_NN_MM * HOLD_S * speed
        out[i] = np.column_stack([torque + passive * (angle - rest) + damping * speed, angle - rest, speed])
        place.append(data.qpos[:6].copy())
    model.actuator_gainprm[:] = gains
    model.jnt_stiffness[ids], model.qpos_spring[adr], model.dof_damping[dof] = passive, rest, damping
    moved = place[-1] - place[len(place) // 3]
    print(
        f"held step, sign {sign}: {np.hypot(*moved[:2]) / (len(place) * 2 / 3 * (times[1] - times[0])):.1f} "
        f"mm/s, x {moved[0]:.1f}, y {moved[1]:.1f} mm"
    )
    return {name: out[:, k] for k, name in enumerate(joints)}


def wanted(
    world: World, joint: str, values: np.ndarray, more: np.ndarray, least: float = SUM
) -> dict[str, np.ndarray]:
    """Return {muscle: activation (time,)} that makes the torque, and turns the joint by `more` (rad)."""
    model = world.model
    pair = [
        i
        for i in range(model.nu)
        if model.actuator_trnid[i, 0] == model.joint(joint).id and not model.actuator(i).name.endswith("grip")
    ]
    torque, angle, speed = values.T
    plus, minus = sorted(
        pair,
        key=lambda i: (
            -(
                model.actuator_gainprm[i, 0]
                + model.actuator_gainprm[i, 1] * model.qpos_spring[model.joint(joint).qposadr[0]]
            )
        ),
    )
    slope, viscous = -model.actuator_gainprm[plus, 1], -model.actuator_gainprm[plus, 2]
    full = model.actuator_gainprm[plus, 0] - slope * model.qpos_spring[model.joint(joint).qposadr[0]]
    stretch = (slope * (angle + more) + viscous * speed) / full
    room = np.maximum(1 - np.sign(torque) * stretch, 0.2)
    total = np.maximum(least, np.abs(torque) / full / room)
    apart = torque / full + total * stretch
    return {
        model.actuator(plus).name: np.clip((total + apart) / 2, 0, 1),
        model.actuator(minus).name: np.clip((total - apart) / 2, 0, 1),
    }


def lowpass(values: np.ndarray, step_s: float, tau_s: float) -> np.ndarray:
    """First-order low-pass along the first axis."""
    out, kept = np.zeros_like(values), np.exp(-step_s / tau_s)
    state = values[0]
    for i, value in enumerate(values):
        state = value + (state - value) * kept
        out[i] = state
    return out


def main() -> None:
    """Fit both directions and write pattern.csv."""
    clip = Path(os.environ["NEUROMECH_DATA"]) / CLIP
    mean = mean_step(clip)
    # The rhythm runs without muscles first: a table without drive.
    save([[part, "grip", "", "0"] for part in "fmh"])
    make_tables()
    p = content.read_yaml(HERE / "parameters.yaml")["parameters"]
    motor_s = p["tau_ms"]["motor"] / 1000
    plays = []
    for layer, sign, drive in DIRECTIONS:
        times, rates, names, world, step = rhythm(
            [f"controller.commands.{key}={value}" for key, value in drive.items()]
        )
        phase = phases(times, rates, names)
        plays.append(
            (
                layer,
                sign,
                drive,
                times,
                rates,
                names,
                world,
                step,
                phase,
                held(world, mean, times, phase, sign),
            )
        )
    stood = standing(plays[0][6])
    more = {(layer, part, dof): np.zeros(GRID) for layer, *_ in DIRECTIONS for part in "fmh" for dof in DOFS}
    for turn in range(ROUNDS + 1):
        layers, target = {}, {}
        for layer, _, _, times, rates, names, world, step, phase, torques in plays:
            kept = np.isfinite(phase).all(axis=1) & (times > SETTLE_S)
            smooth = lowpass(lowpass(rates, step, motor_s), step, MUSCLE_S)
            for k, leg in enumerate(LEGS):
                drive = {
                    f"{layer}_{unit}": smooth[kept, names.index(f"{layer}_{unit}_{leg}")] for unit in STEP
                }
                layers[layer, leg] = (drive, smooth[kept, names.index(f"PT_{leg}")])
                for i, dof in enumerate(DOFS):
                    joint = f"{leg}_{dof}"
                    extra = np.interp(
                        phase[kept, k], np.arange(GRID) / GRID, more[layer, leg[1], dof], period=1.0
                    )
                    extra *= 1 if leg[0] == "l" else MIRROR[i]
                    for muscle, need in wanted(world, joint, torques[joint][kept], extra).items():
                        target[layer, leg, muscle[3:]] = need
        write(layers, target, stood)
        make_tables()
        if turn < ROUNDS:
            for layer, sign, drive in DIRECTIONS:
                correct(more, layer, sign, drive, mean)


def standing(world: World) -> dict[tuple[str, str], float]:
    """Hold the body as it was built, on the floor; returns {(leg, muscle): activation}."""
    mean = {
        part: np.array(
            [[world.model.qpos_spring[world.body.joint_addresses([f"l{part}_{dof}"])[0]] for dof in DOFS]]
            * GRID
        )
        for part in "fmh"
    }
    times = np.arange(0.0, 0.3, 0.001)
    torques = held(world, mean, times, np.full((len(times), len(LEGS)), 0.9), 1)
    return {
        (leg, muscle[3:]): float(need[-1])
        for leg in LEGS
        for dof in DOFS
        for muscle, need in wanted(
            world, f"{leg}_{dof}", torques[f"{leg}_{dof}"][-1:], np.zeros(1), STANDING_SUM
        ).items()
    }


def correct(more: dict, layer: str, sign: int, drive: dict[str, float], mean: dict[str, np.ndarray]) -> None:
    """Let the body walk and add to `more` what its joints lack of the step."""
    run = load_run(
        ["experiment=fly_walk", *(f"controller.commands.{key}={value}" for key, value in drive.items())]
    )
    world = World(run.body, run.environment, run.clock)
    controller, step = build(run, world.body), run.clock.control_s
    controller.reset(0)
    animal = Animal(world)
    observation = animal.reset()
    adr = world.body.joint_addresses([f"{leg}_{dof}" for leg in LEGS for dof in DOFS])
    rates, angles = [], []
    for _ in range(round(SECONDS / step)):
        observation = animal.step(controller.act(observation))
        rates.append(controller.activity / 100.0)
        angles.append(world.data.qpos[adr].copy())
    times, rates, angles = np.arange(len(rates)) * step, np.array(rates), np.array(angles)
    phase = phases(times, rates, controller.neuron_names)
    whole = np.isfinite(phase).all(axis=1) & (times > SETTLE_S)
    hz = np.nanmean(np.diff(phase[whole], axis=0)) / step
    grid = np.arange(GRID) / GRID
    total = 0.0
    for part in "fmh":
        for i, dof in enumerate(DOFS):
            got = np.zeros(GRID)
            for k, leg in enumerate(LEGS):
                if leg[1] != part:
                    continue
                bins = np.round(phase[whole, k] % 1.0 * GRID).astype(int) % GRID
                seen = np.bincount(bins, minlength=GRID)
                value = np.bincount(bins, angles[whole, k * len(DOFS) + i], GRID) / np.maximum(seen, 1)
                value = np.interp(grid, grid[seen > 0], value[seen > 0], period=1.0)
                got += 0.5 * value * (1 if leg[0] == "l" else MIRROR[i])
            want = np.interp(sign * grid + (1 - DUTY) * (sign < 0), grid, mean[part][:, i], period=1.0)
            lack = want - got
            total += (lack**2).mean()
            more[layer, part, dof] += SHARE * np.interp(grid + LEAD_S * hz, grid, lack, period=1.0)
            np.clip(more[layer, part, dof], -0.8, 0.8, out=more[layer, part, dof])
    way = world.data.qpos[:2]
    print(
        f"{layer}: {np.degrees(np.sqrt(total / 21)):.1f} deg from the step; {hz:.1f} Hz; "
        f"at {way[0]:.1f}, {way[1]:.1f} mm after {SECONDS} s"
    )


def write(layers: dict, target: dict, stood: dict[tuple[str, str], float]) -> None:
    """Fit weights shared by the left and the right leg of a segment and write the table."""
    muscles = list(dict.fromkeys(key[2] for key in target))
    rows = []
    for part in "fmh":
        for muscle in muscles:
            blocks, goal = [], []
            for layer in ("PF", "PB"):
                for side in "lr":
                    drive, tonic = layers[layer, f"{side}{part}"]
                    active = np.column_stack(list(drive.values()))
                    none = np.zeros_like(active)
                    blocks.append(
                        np.column_stack([*((active, none) if layer == "PF" else (none, active)), tonic])
                    )
                    share = np.clip(target[layer, f"{side}{part}", muscle], 0, 0.93)
                    goal.append(np.arctanh(np.minimum(np.arctanh(share) / NMJ, 0.85)))
            weights, _ = nnls(np.vstack(blocks), np.concatenate(goal))
            share = np.mean([stood[f"{side}{part}", muscle] for side in "lr"])
            weights = np.append(weights, np.arctanh(np.arctanh(share) / NMJ) / ON)
            pres = [f"{layer}_{unit}" for layer in ("PF", "PB") for unit in STEP] + ["PT", "ST"]
            rows += [[part, muscle, pre, f"{w:.4f}"] for pre, w in zip(pres, weights, strict=True)]
        rows.append([part, "grip", "", "0"])  # make_tables.py wires it
    save(rows)


def save(rows: list[list[str]]) -> None:
    """Write pattern.csv."""
    with (HERE / "pattern.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["segment", "muscle", "pre", "weight"])
        writer.writerows(rows)


if __name__ == "__main__":
    main()
