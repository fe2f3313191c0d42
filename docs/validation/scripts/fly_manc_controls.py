"""``make controls``: walk on the nerve cord of MANC, and with each of its parts cut, shuffled or silenced.

As fly_controls.py. The fits on shuffled wirings are not played here: see configs/fit/fly_manc_walk.yaml.
Usage: python docs/validation/scripts/fly_manc_controls.py [--seeds 10] [--only KEY ...]
"""

from __future__ import annotations

import numpy as np
from control_table import Check, Job, Row, Values, looked_at, run_table

MARKERS = ("<!-- fly manc controls: made by make controls -->", "<!-- /fly manc controls -->")
AFTER = (1.0, np.inf)
"""The first steps out of standing are left out."""
WALK = ("experiment=fly_manc_walk",)
SHORT = (*WALK, "duration_s=2.5")
FORWARD, STRIDES = "axial_speed_mm_s", "stride_hz"
HELD = [f"hold_{pool}" for pool in ("coxa_swing", "tr_extend", "ti_flex", "grip")]
UPRIGHT = Check("fell", high=0.0, stat=np.max, label="fell", digits=0)
SPEED = Check(FORWARD, label="mm/s", digits=1)
HERTZ = Check(STRIDES, label="Hz", digits=1)
TURN = Check("turning_deg_s", label="deg/s", digits=0)
ROLES = ("descending>premotor", "descending>motor", "premotor>premotor", "premotor>motor")
"""All edges between roles, each exchanged within its own pair of roles."""


def shuffled(*pairs: str) -> str:
    """The override that exchanges the targets of edges between roles."""
    return "perturb.shuffle_wiring=[" + ",".join(f'"{pair}"' for pair in pairs) + "]"


def of_walk(low: float = -np.inf, high: float = np.inf, measure: str = FORWARD) -> Check:
    """A share of what the intact fly does."""
    return Check(measure, low, high, of="fly_manc_walk", label=f"{measure.split('_')[0]} / intact")


def driven(value: float, *checks: Check) -> Row:
    """A row of another drive of both DNg100."""
    return Row(
        f"fly_manc_drive_{value:g}",
        f"both DNg100 at {value:g}",
        "upright; speed and strides follow the drive",
        (*SHORT, *(f"controller.commands.DNg100_{side}={value}" for side in "LR")),
        (UPRIGHT, SPEED, HERTZ, *checks),
        AFTER,
    )


def without(key: str, title: str, change: str, target: str = "reported", *checks: Check) -> Row:
    """A row of a fly that something was taken from."""
    return Row(f"fly_manc_{key}", title, target, (*SHORT, change), checks or (SPEED, HERTZ, of_walk()), AFTER)


ROWS = (
    Row(
        "fly_manc_walk",
        "both DNg100 at 1, 10 s",
        "does not fall; >= 8 mm/s forwards; turns < 10 deg/s; 7-13 Hz; tripod index >= 0.4; duty 0.5-0.75",
        WALK,
        (
            UPRIGHT,
            Check(FORWARD, 8, label="mm/s", digits=1),
            Check("turning_deg_s", -10, 10, label="deg/s", digits=0),
            Check(STRIDES, 7, 13, label="Hz", digits=1),
            Check("tripod_index", 0.4, label="tripod"),
            Check("duty_factor", 0.5, 0.75, label="duty"),
            Check("height_share", label="height of standing"),
        ),
        AFTER,
    ),
    driven(0.7, of_walk(high=1.0)),
    driven(1.3, of_walk(low=1.0)),
    driven(1.5, of_walk(low=1.0)),
    without(
        "still",
        "both DNg100 at 0",
        "controller.commands={DNg100_L: 0.0, DNg100_R: 0.0}",
        "<= 20 % of the speed",
        SPEED,
        of_walk(-0.2, 0.2),
    ),
    without(
        "shuffled",
        "targets shuffled within roles",
        shuffled(*ROLES),
        "<= 20 % of the speed",
        SPEED,
        of_walk(-0.2, 0.2),
    ),
    without(
        "motor_shuffled",
        "targets of premotor on motor neurons shuffled",
        shuffled("premotor>motor"),
        "<= 20 % of the speed",
        SPEED,
        of_walk(-0.2, 0.2),
    ),
    *(
        without(f"no_{name}", f"{name} of all legs silenced", f"perturb.ablate=[{name}]")
        for name in ("E1", "E2", "I1")
    ),
    without("no_load", "load feedback cut", "perturb.ablate=[load_own,load_same_side,load_across]"),
    *(
        without(f"no_{name}", f"{name} alone cut", f"perturb.ablate=[{name}]")
        for name in ("load_own", "load_same_side", "load_across", "let_go")
    ),
    without("no_homeostasis", "motor neurons without homeostasis", "controller.homeostasis.motor.rate_Hz=0"),
    without(
        "tone_alone",
        "tone and posture alone: motor neurons silenced",
        "perturb.ablate=[motor]",
        "<= 20 % of the speed",
        SPEED,
        of_walk(-0.2, 0.2),
    ),
    without("no_hold", "neurons of posture cut", "perturb.ablate=[" + ",".join(HELD) + "]"),
    without(
        "left_alone",
        "DNg100 of the left side alone",
        "controller.commands.DNg100_R=0.0",
        "reported",
        SPEED,
        TURN,
    ),
    without(
        "right_alone",
        "DNg100 of the right side alone",
        "controller.commands.DNg100_L=0.0",
        "reported",
        SPEED,
        TURN,
    ),
    without("no_E1_lm", "E1 of the left middle leg silenced", "perturb.ablate=[E1_lm]"),
)


def play(job: Job) -> tuple[str, int, Values]:
    """One episode of one row: what its body did."""
    from neuromech.loop import Loop
    from neuromech.specs.compose import load_run
    from neuromech.tracking.trackers import walking

    key, overrides, window, seed = job
    run = load_run([*overrides, f"seed={seed}"])
    values = walking.measure(Loop.of(run).play_in_memory().sel(time=slice(*window)))
    return key, seed, {name: values.get(name) for name in sorted(looked_at(ROWS, key))}


if __name__ == "__main__":
    run_table(__doc__ or "", ROWS, play, "fly_manc.md", MARKERS)
