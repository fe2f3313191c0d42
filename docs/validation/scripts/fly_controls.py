"""``make controls``: run every control of the walking fly and write its table in docs/validation/fly.md.

As worm_controls.py for the worm.
Usage: python docs/validation/scripts/fly_controls.py [--seeds 10] [--only KEY ...]
"""

from __future__ import annotations

import numpy as np
from control_table import Check, Job, Row, Values, looked_at, run_table

MARKERS = ("<!-- fly controls: made by make controls -->", "<!-- /fly controls -->")
AFTER = (0.5, np.inf)
"""The first steps out of standing are left out."""
WALK = ("experiment=fly_walk",)
SHORT = (*WALK, "duration_s=4")


def told(drive: float, *more: str) -> tuple[str, ...]:
    """A short walk under a drive of DNp09."""
    return (*SHORT, *(f"controller.commands.DNp09_{side}={drive}" for side in "LR"), *more)


def steered(name: str) -> tuple[str, ...]:
    return (*SHORT, f"controller.commands.{name}=1.0")


UPRIGHT = Check("fell", high=0.0, stat=np.max, label="fell", digits=0)
SPEED = Check("speed_mm_s", label="mm/s", digits=1)


def ratio(of: str, low: float = -np.inf, high: float = np.inf, measure: str = "speed_mm_s") -> Check:
    return Check(measure, low, high, of=of, label=f"{measure.split('_')[0]} / {of}")


ODOUR = ("experiment=fly_odour", "duration_s=6")
PLUME = (*ODOUR, "environment=odour_plume", "start.x_mm=-25", "start.y_mm=0", "start.heading=60")
"""Downwind of the source, and turned away from it."""
NO_ORN = "perturb.ablate=[ORN]"


def reached(low: float = -np.inf, high: float = np.inf) -> Check:
    return Check("reached_source", low, high, label="reached")


ODOUR_ROWS = (
    Row("fly_odour", "odour source 20-30 mm away", "reached in >= 70 %", ODOUR, (UPRIGHT, reached(0.7))),
    Row(
        "fly_one_antenna",
        "ORN of the left antenna ablated",
        "path biased: turns right, at least 20 deg/s",
        (*ODOUR, "perturb.ablate=[ORN_L]"),
        (Check("turning_deg_s", high=-20, label="deg/s", digits=0), reached()),
    ),
    Row(
        "fly_no_antenna",
        "ORN of both ablated",
        "at most chance: <= 10 % (a straight walk: 4 %)",
        (*ODOUR, NO_ORN),
        (reached(high=0.1),),
    ),
    Row(
        "fly_plume",
        "plume, 25 mm downwind, turned 60 deg away",
        "reached in >= 50 %; without ORN in none",
        PLUME,
        (UPRIGHT, reached(0.5)),
    ),
    Row(
        "fly_plume_none",
        "the same, ORN of both ablated",
        "reached in none",
        (*PLUME, NO_ORN),
        (reached(high=0.0),),
    ),
    Row(
        "fly_plume_no_wind",
        "the same, Johnston's organs ablated (no sense of wind)",
        "reached in at most half as many",
        (*PLUME, "perturb.ablate=[JOE,JOC]"),
        (reached(), Check("reached_source", high=0.5, of="fly_plume", label="reached / with wind")),
    ),
)

WALK_ROWS = (
    Row(
        "fly_walk",
        "walks 10 s",
        "does not fall; 8-18 mm/s; 7-13 Hz; duty 0.55-0.75; tripod index > 0.6",
        WALK,
        (
            UPRIGHT,
            Check("speed_mm_s", 8, 18, label="mm/s", digits=1),
            Check("stride_hz", 7, 13, label="Hz", digits=1),
            Check("duty_factor", 0.55, 0.75, label="duty"),
            Check("tripod_index", 0.6, label="tripod"),
        ),
        AFTER,
    ),
    Row(
        "fly_still",
        "DNp09 at 0",
        "stands",
        told(0.0),
        (UPRIGHT, Check("speed_mm_s", high=0.5, label="mm/s")),
        AFTER,
    ),
    Row(
        "fly_slow",
        "DNp09 at 0.3",
        "slower than at 0.6 (<= 90 %), longer stances; upright",
        told(0.3),
        (
            UPRIGHT,
            SPEED,
            ratio("fly_walk", 0.1, 0.9),
            ratio("fly_walk", 1.03, measure="duty_factor"),
            Check("tripod_index", label="tripod"),
        ),
        AFTER,
    ),
    Row(
        "fly_fast",
        "DNp09 at 1.0",
        "faster than at 0.6 (>= 105 %); upright",
        told(1.0),
        (UPRIGHT, SPEED, ratio("fly_walk", 1.05), Check("tripod_index", label="tripod")),
        AFTER,
    ),
    Row(
        "fly_backward",
        "MDN at 0.6, DNp09 at 0",
        "walks backwards, at least 2 mm/s; upright",
        told(0.0, "controller.commands.MDN_L=0.6", "controller.commands.MDN_R=0.6"),
        (UPRIGHT, Check("axial_speed_mm_s", high=-2.0, label="along the body, mm/s", digits=1)),
        AFTER,
    ),
    Row(
        "fly_left",
        "DNa02 of the left side at 1",
        "turns left, at least 20 deg/s; upright",
        steered("DNa02_L"),
        (UPRIGHT, Check("turning_deg_s", 20, label="deg/s", digits=0), SPEED),
        AFTER,
    ),
    Row(
        "fly_right",
        "DNa02 of the right side at 1",
        "the mirror image within 25 %; upright",
        steered("DNa02_R"),
        (
            UPRIGHT,
            Check("turning_deg_s", high=-20, label="deg/s", digits=0),
            Check("turning_deg_s", -1.25, -0.75, of="fly_left", label="turn / left"),
        ),
        AFTER,
    ),
    Row(
        "fly_no_release",
        "GI ablated: feet never let go",
        "does not get on (<= 20 % of the speed)",
        (*SHORT, "perturb.ablate=[GI]"),
        (SPEED, ratio("fly_walk", high=0.2)),
        AFTER,
    ),
    Row(
        "fly_shuffled",
        "wiring shuffled",
        "does not get on (<= 20 % of the speed along the body)",
        (*SHORT, "perturb.shuffle_wiring=true"),
        (
            Check("axial_speed_mm_s", label="along the body, mm/s", digits=1),
            ratio("fly_walk", -0.2, 0.2, "axial_speed_mm_s"),
        ),
        AFTER,
    ),
)

DRUM = ("experiment=fly_optomotor",)
GAIN = Check("optomotor_gain", label="gain")
TURN = "head_turning_deg_s"


def drum(key: str, title: str, target: str, more: tuple[str, ...], *checks: Check) -> Row:
    return Row(key, title, target, (*DRUM, *more), checks, AFTER)


def at(hertz: float, low: float = -np.inf, high: float = np.inf) -> Row:
    """The drum at a temporal frequency: stripes 30 deg wide, so 30 deg/s for each hertz."""
    same = f"fly_drum_{hertz:g}"
    bounded = np.isfinite(low) or np.isfinite(high)
    share = f"at least {low:g}" if np.isfinite(low) else f"at most {high:g}"
    target = f"gain {share} of that at 2 Hz"
    check = Check("optomotor_gain", low, high, of="fly_drum_left", label="gain / at 2 Hz")
    return drum(
        same,
        f"the same, {hertz:g} Hz",
        target if bounded else "",
        (f"{SPEED_KEY}={30 * hertz:g}",),
        GAIN,
        check,
    )


SPEED_KEY = "environment.stimulus.speed_deg_s"
DRUM_ROWS = (
    drum("fly_drum_left", "drum turns left, 60 deg/s, 2 Hz", "turns with it: gain >= 0.2", (), UPRIGHT,
         Check("optomotor_gain", 0.2, label="gain"), Check(TURN, label="head, deg/s", digits=0)),
    drum("fly_drum_right", "drum turns right", "turns with it: gain >= 0.2, mirror image within 35 %",
         ("environment.stimulus.direction=right",), UPRIGHT, Check("optomotor_gain", 0.2, label="gain"),
         Check(TURN, -1.35, -0.65, of="fly_drum_left", label="turn / left")),
    at(0.25, high=1.0), at(1.0), at(4.0), at(16.0, high=0.5),
    drum("fly_drum_blind", "T4 + T5 ablated, drum turns left", "turning < 20 % of intact",
         ("perturb.ablate=[T4,T5]",), GAIN,
         Check(TURN, -0.2, 0.2, of="fly_drum_left", label="turn / intact")),
)  # fmt: skip

ROWS = (*WALK_ROWS, *DRUM_ROWS, *ODOUR_ROWS)


def play(job: Job) -> tuple[str, int, Values]:
    """One episode of one row: what its body did."""
    from neuromech.loop import Loop
    from neuromech.specs.compose import load_run
    from neuromech.tracking.trackers import walking

    key, overrides, window, seed = job
    if "environment=odour_plume" in overrides:  # every seed smells another plume
        overrides = (*overrides, f"environment.stimulus.draw={seed}")
    run = load_run([*overrides, f"seed={seed}"])
    values = walking.measure(Loop.of(run).play_in_memory().sel(time=slice(*window)))
    return key, seed, {name: values.get(name) for name in sorted(looked_at(ROWS, key))}


if __name__ == "__main__":
    run_table(__doc__ or "", ROWS, play, "fly.md", MARKERS)
