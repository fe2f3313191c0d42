"""``make controls``: run every control of the mouse and write its table in docs/validation/mouse.md.

As worm_controls.py for the worm.
Usage: python docs/validation/scripts/mouse_controls.py [--seeds 10] [--only KEY ...]
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from control_table import Check, Job, Row, Values, run_table

if TYPE_CHECKING:
    from neuromech.tracking.trackers.gait import Walk

MARKERS = ("<!-- mouse controls: made by make controls -->", "<!-- /mouse controls -->")
AFTER = (2.0, np.inf)
"""The first strides of an episode are left out: it starts from standing."""

GAITS = ("experiment=mouse_gaits", "duration_s=20")
OPTOMOTOR = ("experiment=mouse_optomotor", "duration_s=10")
DRUM_DEG_S = 12.0
ALPHAS = (0.1, 0.3, 0.5, 0.7, 0.9)
SWEEP = "controller.ramps.alpha=[[0, 0.1], [2, 0.1], [32, 0.7]]"
EARLY_S, LATE_S = (2.0, 7.0), (22.0, 32.0)
"""While alpha is 0.1 to 0.2, and 0.5 to 0.7."""
PUSH = "environment.touch=[{segment: abdomen, start_s: 6, stop_s: 6.02, force_nN: [0, 1.5e8, 0]}]"
NO_LABYRINTHS = "perturb.ablate=[tilt,roll,nose_down,nose_up,pitch_down,pitch_up,yaw]"
NO_V0V = "perturb.ablate=[V0V,V0V_diag]"
NO_V0 = "perturb.ablate=[V0V,V0V_diag,V0D,V0D_diag]"
UPRIGHT = Check("upright", label="upright")
ROLLS = Check("roll_deg", label="roll, deg", digits=1)
SPEED = Check("speed_mm_s", label="mm/s", digits=0)


def at(alpha: float, *more: str) -> tuple[str, ...]:
    return (*GAITS, f"controller.commands.alpha={alpha}", *more)


def share(gait: str, low: float = -np.inf, high: float = np.inf) -> Check:
    return Check(f"{gait}_fraction", low, high, label=gait)


def drum(key: str, title: str, target: str, *more: str, low: float = -0.05, high: float = 0.05) -> Row:
    turning = Check("head_turning_deg_s", label="head, deg/s")
    checks = (
        Check("head_turning_deg_s", low, high, of="mouse_left", label="head / drum to the left"),
        turning,
    )
    return Row(key, title, target, (*OPTOMOTOR, *more), checks)


def _swept() -> tuple[Row, ...]:
    rows = []
    for number, alpha in enumerate(ALPHAS):
        shares = tuple(share(gait) for gait in ("walk", "trot", "gallop", "bound"))
        checks: tuple[Check, ...] = (UPRIGHT, SPEED, Check("stride_hz", label="Hz", digits=1), *shares)
        if not number:
            target = "walks, upright in >= 9 of 10"
            walks = Check("walk_fraction", 0.5, label="walk")
            checks = (Check("upright", 0.9, label="upright"), *checks[1:3], walks, *shares[1:])
        else:
            target = "faster than the row above"
            before = f"mouse_alpha_{number - 1}"
            checks = (*checks, Check("speed_mm_s", 1.0, of=before, label="speed / row above"))
        rows.append(Row(f"mouse_alpha_{number}", f"alpha {alpha}", target, at(alpha), checks, AFTER))
    return tuple(rows)


ROWS = (
    Row(
        "mouse_trot",
        "a middle drive, 20 s on flat ground",
        "upright in >= 9 of 10; 200-600 mm/s; 4-8 Hz; diagonal legs within 0.1 of trot",
        at(0.5),
        (
            Check("upright", 0.9, label="upright"),
            Check("speed_mm_s", 200, 600, label="mm/s", digits=0),
            Check("stride_hz", 4, 8, label="Hz", digits=1),
            Check("off_trot", high=0.1, label="diagonal legs off"),
            Check("duty_factor", label="duty"),
            ROLLS,
        ),
        AFTER,
    ),
    Row(
        "mouse_sweep",
        "alpha swept up from 0.1 to 0.7 in 30 s",
        "in >= 9 of 10 upright, walk at 0.1-0.2, trot at 0.5-0.7, walk before trot; speed rises with alpha "
        "(rank correlation >= 0.8)",
        ("experiment=mouse_gaits", "duration_s=32", SWEEP),
        (
            Check("upright", 0.9, label="upright"),
            Check("walks_early", 0.9, label="walks"),
            Check("trots_late", 0.9, label="trots"),
            Check("walks_first", 0.9, label="walks first"),
            Check("rises", 0.8, label="rank correlation"),
            SPEED,
            Check("stride_hz", label="Hz", digits=1),
        ),
        AFTER,
    ),
    *_swept(),
    Row("mouse_no_v0v", "V0V off, a middle drive", "no trot", at(0.5, NO_V0V),
        (share("trot", high=0.1), share("bound"), UPRIGHT), AFTER),
    *(
        Row(f"mouse_no_v0_{number}", f"all V0 off, alpha {alpha}", "bound", at(alpha, NO_V0),
            (share("bound", 0.5), share("trot", high=0.1), UPRIGHT), AFTER)
        for number, alpha in enumerate((0.3, 0.5, 0.7))
    ),
    Row("mouse_push", "pushed sideways, 3 mN s on the trunk", "recovers in >= 8 of 10", at(0.5, PUSH),
        (Check("upright", 0.8, label="upright after it"), Check("stride_hz", 4, 8, label="Hz", digits=1)),
        (8.0, np.inf)),
    Row("mouse_push_walk", "the same push at alpha 0.1", "recovers in >= 8 of 10", at(0.1, PUSH),
        (Check("upright", 0.8, label="upright after it"), Check("walk_fraction", label="walk")),
        (8.0, np.inf)),
    Row("mouse_no_labyrinths", "labyrinths cut, a middle drive", "rolls at least 1.2 times as much",
        at(0.5, NO_LABYRINTHS),
        (Check("roll_deg", 1.2, of="mouse_trot", label="roll / intact"), ROLLS, UPRIGHT, SPEED), AFTER),
    Row("mouse_silenced", "all motor neurons silenced", "collapses, no stepping",
        at(0.5, "perturb.ablate=[motor]"),
        (Check("upright", high=0.0, label="upright"), Check("strides", high=0.0, label="strides", digits=0))),
    Row("mouse_left", "drum to the left, 12 deg/s", "head follows: to the left, gain below 0.5",
        OPTOMOTOR, (Check("head_gain", 0.02, 0.5, label="gain"), UPRIGHT)),
    drum("mouse_right", "drum to the right", "head follows: mirror image within 20 %",
         "environment.stimulus.direction=right", low=-1.2, high=-0.8),
    drum("mouse_covered", "both eyes covered", "none (within 5 %)",
         "body.senses.left_eye.covered=true", "body.senses.right_eye.covered=true"),
    drum("mouse_fine", "stripes finer than acuity, 0.6 cycles/deg", "none (within 5 %)",
         "environment.stimulus.cycles_per_deg=0.6"),
    drum("mouse_no_not", "nucleus of the optic tract ablated", "none (within 5 %)", "perturb.ablate=[NOT]"),
)  # fmt: skip


def play(job: Job) -> tuple[str, int, Values]:
    """One episode of one row: what its body did."""
    from neuromech.brain.descending_drive import commands
    from neuromech.loop import Loop
    from neuromech.specs.compose import load_run
    from neuromech.tracking.kinematics.strides import apart
    from neuromech.tracking.trackers import gait, walking

    key, overrides, window, seed = job
    run = load_run([*overrides, f"seed={seed}"])
    dataset = Loop.of(run).play_in_memory().sel(time=slice(*window))
    found = gait.metrics(dataset)
    values: Values = {name: value for name, value in found.items() if not isinstance(value, str)}
    fell, diagonal, head = (values[name] for name in ("fell", "phase_diagonal", "head_turning_deg_s"))
    values["upright"] = None if fell is None else 1.0 - fell
    values["off_trot"] = None if diagonal is None else apart(diagonal)
    values["head_gain"] = None if head is None else head / DRUM_DEG_S
    walk = gait.analyse(dataset)
    values["roll_deg"] = walking.measure(dataset).get("roll_deg")
    values["strides"] = float(sum(len(each.start_s) for each in walk.each.values()))
    if SWEEP in overrides:
        alpha = dict(commands(run.controller))["alpha"]
        values.update(while_swept(walk, alpha, upright=values["upright"] == 1.0))
    return key, seed, values


def while_swept(walk: Walk, alpha: np.ndarray, upright: bool) -> Values:
    """What a mouse did while alpha went through (time, value); what is not seen is 0.

    So is the correlation of one that fell: lying on its side it also kicks harder as alpha rises.
    """
    from neuromech.tracking.trackers import drive_sweep

    walked, trotted = (drive_sweep.first_s(walk, name) for name in ("walk", "trot"))
    rises = drive_sweep.rises_with(walk.legs, np.interp(walk.legs.times, *alpha.T))
    return {
        "walks_early": float(drive_sweep.commonest(walk, *EARLY_S) == "walk"),
        "trots_late": float(drive_sweep.commonest(walk, *LATE_S) == "trot"),
        "walks_first": float(walked is not None and trotted is not None and walked < trotted),
        "rises": rises if upright and rises is not None else 0.0,
    }


if __name__ == "__main__":
    run_table(__doc__ or "", ROWS, play, "mouse.md", MARKERS)
