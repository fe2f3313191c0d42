"""``make controls``: run every control of the larval zebrafish and write docs/validation/larva.md.

As worm_controls.py for the worm.
Usage: python docs/validation/scripts/fish_controls.py [--seeds 20] [--only KEY ...]
"""

from __future__ import annotations

import numpy as np
from control_table import Check, Job, Row, Values, run_table

MARKERS = ("<!-- fish controls: made by make controls -->", "<!-- /fish controls -->")
AFTER = (2.0, np.inf)
"""The first seconds of an episode are left out: senses and evidence settle."""

STILL = ("experiment=fish_spontaneous", "duration_s=30")
OPTOMOTOR = ("experiment=fish_optomotor", "duration_s=20")
RHEOTAXIS = ("experiment=fish_rheotaxis", "duration_s=60")
LEFT = (*OPTOMOTOR, "environment.stimulus.direction=left")
RIGHT = (*OPTOMOTOR, "environment.stimulus.direction=right")
MEDIAL = (*LEFT, "environment.stimulus.left.speed_mm_s=0")
LATERAL = (*LEFT, "environment.stimulus.right.speed_mm_s=0")
INWARD = (
    *OPTOMOTOR,
    "environment.stimulus.left.direction=right",
    "environment.stimulus.right.direction=left",
)
OUTWARD = (
    *OPTOMOTOR,
    "environment.stimulus.left.direction=left",
    "environment.stimulus.right.direction=right",
)
CUT = "perturb.ablate=[posterior_commissure]"
HALF = "perturb.ablate=[pretectum_left,PCl_L,PCm_L]"
NO_NMLF = "perturb.ablate=[nMLF]"
SHUFFLED = "perturb.shuffle_wiring=true"
FLOWS = {"left": ("2", "[0,-2,0]", "right"), "right": ("5", "[0,5,0]", "left")}
"""Speed and velocity of the water, and the direction that stripes across it are said to move in: none can be
seen to move along itself."""


def world(speed: float) -> tuple[str, ...]:
    """Stripes that stay with the tank, so that the larva has to find their direction."""
    return (
        *OPTOMOTOR,
        "environment.stimulus.frame=world",
        "environment.plate.radius_mm=400",
        f"environment.stimulus.speed_mm_s={speed}",
    )


def current(key: str, *more: str) -> tuple[str, ...]:
    _, velocity, across = FLOWS[key]
    water, stripes = f"environment.medium.current_mm_s={velocity}", f"environment.stimulus.direction={across}"
    return (*RHEOTAXIS, water, stripes, *more)


# Bounds are those of the issue narrowed to the recorded 5 to 95 % (bodies/larval_fish/body.yaml).
BOUTS = (
    Check("bout_rate_hz", 1.2, 1.6, label="Hz"),
    Check("bout_duration_ms", 193, 299, label="ms", digits=0),
    Check("tail_beat_hz", 23.0, 32.1, label="beat Hz", digits=1),
    Check("bout_displacement_mm", 1.5, 4.5, label="mm"),
    Check("turn_size_deg", 1.0, 79, label="turn, either way, deg", digits=0),
)
BOUTS_TARGET = "1.2-1.6 /s; 193-299 ms; 23-32 Hz; 1.5-4.5 mm; turn 1-79 deg"
TURN = "mean_turn_deg"


def to_left(low: float = 0.85) -> Check:
    return Check("left_turn_fraction", low, label="left")


def turn(of: str | None = None, low: float = -np.inf, high: float = np.inf, label: str = "") -> Check:
    return Check(TURN, low, high, of=of, label=label or "turn per bout, deg", digits=2 if of else 0)


def faster(than: int, low: float, high: float = np.inf) -> Check:
    return Check("speed_mm_s", low, high, of=f"fish_w{than}", label=f"speed / at {than}")


def _along(key: str, speed: int, title: str, target: str, *more: Check) -> Row:
    along, gain = Check("along_mm_s", 0.5, label="along, mm/s"), Check("optomotor_gain", label="gain")
    checks = (along, gain, Check("speed_mm_s", label="mm/s"), *more)
    return Row(key, title, target, world(speed), checks, AFTER)


def _flow_rows(key: str) -> tuple[Row, Row, Row]:
    speed = FLOWS[key][0]
    dark, seen, floor = (f"fish_{name}_{key}" for name in ("dark", "rheotaxis", "floor"))
    drift = Check("drift_mm_s", label="mm/s")
    where = f"{speed} mm/s from the {key}"
    return (
        Row(
            dark,
            f"water flows, {where}; dark",
            "drifts",
            current(key, "environment.stimulus.dark=true"),
            (drift,),
        ),
        Row(
            seen,
            f"water flows, {where}; floor visible",
            "drift at most 50 % of that in the dark",
            current(key),
            (drift, Check("drift_mm_s", -0.5, 0.5, of=dark, label="drift / dark")),
        ),
        Row(
            floor,
            f"water flows, {where}; floor moves with it",
            "no compensation: at least 80 %",
            current(key, "environment.stimulus.drifts_with_water=true"),
            (drift, Check("drift_mm_s", 0.8, of=dark, label="drift / dark")),
        ),
    )


ROWS = (
    Row("fish_spontaneous", "still water, stripes at rest", BOUTS_TARGET, STILL, BOUTS, AFTER),
    Row("fish_forward", "whole-field forward motion, 10 mm/s", BOUTS_TARGET, OPTOMOTOR, BOUTS, AFTER),
    Row(
        "fish_left",
        "gratings to the left",
        ">= 85 % of turning bouts to the left",
        LEFT,
        (to_left(), turn()),
        AFTER,
    ),
    Row(
        "fish_right",
        "gratings to the right",
        ">= 85 % to the right, mirror image of the left within 20 %",
        RIGHT,
        (
            Check("right_turn_fraction", 0.85, label="right"),
            turn(),
            turn("fish_left", -1.2, -0.8, "turn / that to the left"),
        ),
        AFTER,
    ),
    _along("fish_w2", 2, "forward gratings, 2 mm/s, larva at any heading", "swims with them"),
    _along("fish_w5", 5, "the same, 5 mm/s", "with them; faster than at 2", faster(2, 1.05)),
    _along("fish_w10", 10, "the same, 10 mm/s", "with them; faster than at 5", faster(5, 1.05)),
    _along(
        "fish_w20",
        20,
        "the same, 20 mm/s",
        "with them; as fast as at 10 (0.9 to 1.15)",
        faster(10, 0.9, 1.15),
    ),
    Row(
        "fish_medial",
        "right eye only, medial (leftward) motion",
        "to the left, at most as strong as with both eyes",
        MEDIAL,
        (to_left(0.5), turn("fish_left", 0.05, 1.0, "turn / both eyes"), turn()),
        AFTER,
    ),
    Row(
        "fish_lateral",
        "left eye only, lateral (leftward) motion",
        "to the left, weaker than medial",
        LATERAL,
        (
            to_left(0.5),
            turn("fish_medial", 0.05, 0.9, "turn / medial"),
            turn(),
        ),
        AFTER,
    ),
    Row(
        "fish_inward",
        "both eyes medial",
        "no net turn (within 20 % of both leftward)",
        INWARD,
        (turn("fish_left", -0.2, 0.2, "turn / both leftward"), turn()),
        AFTER,
    ),
    Row(
        "fish_outward",
        "both eyes lateral",
        "no net turn (within 20 %)",
        OUTWARD,
        (turn("fish_left", -0.2, 0.2, "turn / both leftward"), turn()),
        AFTER,
    ),
    *_flow_rows("left"),
    *_flow_rows("right"),
    Row(
        "fish_cut_lateral",
        "posterior commissure cut, left eye only, lateral",
        "response lost (<= 30 %)",
        (*LATERAL, CUT),
        (turn("fish_lateral", -0.3, 0.3, "turn / intact"), turn()),
        AFTER,
    ),
    Row(
        "fish_cut_medial",
        "posterior commissure cut, right eye only, medial",
        "kept (>= 70 %)",
        (*MEDIAL, CUT),
        (turn("fish_medial", 0.7, label="turn / intact"), turn()),
        AFTER,
    ),
    Row(
        "fish_cut_left",
        "posterior commissure cut, gratings to the left",
        "no more than medial alone (85-115 %): no binocular integration",
        (*LEFT, CUT),
        (turn("fish_cut_medial", 0.85, 1.15, "turn / medial alone, cut"), turn()),
        AFTER,
    ),
    Row(
        "fish_half_left",
        "left pretectum ablated, gratings to the left",
        "response lost (<= 20 %)",
        (*LEFT, HALF),
        (turn("fish_left", -0.2, 0.2, "turn / intact"), turn()),
        AFTER,
    ),
    Row(
        "fish_half_right",
        "left pretectum ablated, gratings to the right",
        "kept by medial motion (>= 50 %)",
        (*RIGHT, HALF),
        (turn("fish_right", 0.5, label="turn / intact"), turn()),
        AFTER,
    ),
    Row(
        "fish_nmlf",
        "nMLF ablated, forward motion",
        "speed <= 50 %",
        (*OPTOMOTOR, NO_NMLF),
        (Check("speed_mm_s", high=0.5, of="fish_forward", label="speed / intact"),),
        AFTER,
    ),
    Row(
        "fish_nmlf_left",
        "nMLF ablated, gratings to the left",
        "turns kept: >= 85 % to the left",
        (*LEFT, NO_NMLF),
        (to_left(), turn("fish_left", label="turn / intact"), turn()),
        AFTER,
    ),
    Row(
        "fish_shuffled_left",
        "wiring shuffled, gratings to the left",
        "no directed turns (within 20 % of intact)",
        (*LEFT, SHUFFLED),
        (turn("fish_left", -0.2, 0.2, "turn / intact"), turn()),
        AFTER,
    ),
    Row(
        "fish_shuffled_forward",
        "wiring shuffled, forward gratings at any heading",
        "does not follow (<= 20 %)",
        (*world(10), SHUFFLED),
        (Check("along_mm_s", -0.2, 0.2, of="fish_w10", label="along / intact"),),
        AFTER,
    ),
)


def play(job: Job) -> tuple[str, int, Values]:
    """One episode of one row: what its body did."""
    from neuromech.loop import Loop
    from neuromech.specs.compose import load_run
    from neuromech.tracking.kinematics import tail
    from neuromech.tracking.trackers import bouts

    key, overrides, window, seed = job
    run = load_run([*overrides, f"seed={seed}"])
    dataset = Loop.of(run).play_in_memory().sel(time=slice(*window))
    values = bouts.metrics(dataset)
    turns = [bout.turn_deg for bout in bouts.detect(tail.read(dataset)) if bout.complete]
    values[TURN] = float(np.mean(turns)) if turns else 0.0
    gain, speed = values["optomotor_gain"], run.environment.stimulus.options["speed_mm_s"]
    values["along_mm_s"] = None if gain is None else gain * speed
    kept = {check.measure for row in ROWS for check in row.checks} | {"optomotor_gain", "turning_fraction"}
    return key, seed, {name: value for name, value in values.items() if name in kept}


if __name__ == "__main__":
    run_table(__doc__ or "", ROWS, play, "larva.md", MARKERS)
