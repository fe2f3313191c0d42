"""``make controls``: every control of the fly's spiking brain on its body, and its table in README.md.

As worm_controls.py for the worm; on two cuttings of FlyWire, one that ships with the controller and one that
lies in NEUROMECH_DATA, also where the whole brain is on this machine; skipped where the latter is not.
Usage: python docs/validation/scripts/fly_brain.py [--seeds 10] [--only KEY ...]
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from control_table import Check, Job, Row, Values, run_table

MARKERS = ("<!-- fly brain controls: made by make controls -->", "<!-- /fly brain controls -->")
AFTER = (0.5, np.inf)
"""The first steps out of standing are left out."""
WIRINGS = ("flywire630_P9_MDN", "flywire783_ge5_within_side")
GRAPH = ("experiment=fly_brain_walk", f"controller.wiring=[{WIRINGS[0]}]", "duration_s=3")
SIDE = f"controller.wiring=[{WIRINGS[1]}]"
UPRIGHT = Check("fell", high=0.0, stat=np.max, label="fell", digits=0)


def driven(*told: str, **Hz: float) -> tuple[str, ...]:
    """A short walk with random spikes given to named neurons, at so many Hz, and to no others."""
    rates = {"P9_L": 0.0, "P9_R": 0.0, **Hz}
    return (*GRAPH, *(f"controller.commands.{name}={rate}" for name, rate in rates.items()), *told)


def turning(low: float = -np.inf, high: float = np.inf, of: str | None = None) -> Check:
    return Check(
        "turning_deg_s", low, high, of=of, label=f"deg/s / {of}" if of else "deg/s", digits=2 if of else 0
    )


def extended(low: float = -np.inf, high: float = np.inf) -> Check:
    return Check("proboscis_extended_share", low, high, label="extended")


def speed(low: float = -np.inf, high: float = np.inf) -> Check:
    return Check("axial_speed_mm_s", low, high, label="along the body, mm/s", digits=1)


def rate(name: str, low: float = -np.inf, high: float = np.inf) -> Check:
    return Check(f"{name}_Hz", low, high, label=f"{name} Hz", digits=0)


def one_sided(side: str, turn: Check) -> Row:
    """P9 of one side, and which way the fly has to turn."""
    return Row(
        f"brain_P9_{side}",
        f"P9 of the {side} side",
        f"forwards, turning {side} by at least 5 deg/s",
        driven(**{f"P9_{side[0].upper()}": 100}),
        (UPRIGHT, speed(low=2), turn, rate("DNa02_L"), rate("DNa02_R")),
        AFTER,
    )


STEERING = ("DNa01", "DNa02")
NO_SYNAPSES = "perturb.scale_chemical=0"
NO_STEERING = f"perturb.ablate=[{','.join(STEERING)}]"
PUSHED = ("experiment=fly_grooming", SIDE)
SWEETENED = ("experiment=fly_feeding", SIDE)
DRY = (*SWEETENED, "environment.stimulus.start_s=9", "environment.stimulus.stop_s=10")
STIMULATED = "perturb.stimulate=[{neurons: [MN9], start_s: 0.5, stop_s: 1.5, rate_Hz: 100}]"
SILENCED = "perturb.silence=[{neurons: [MN9], start_s: 0.0, stop_s: 2.0}]"
WHILE = (0.6, 1.5)
"""While the drop lies there, the antenna is pushed, or MN9 is stimulated."""
ROWS = (
    Row("brain_still", "nothing stimulated", "stands", driven(), (UPRIGHT, speed(-0.5, 0.5)), AFTER),
    Row(
        "brain_P9",
        "P9 of both sides at 100 Hz",
        "walks forwards, at least 8 mm/s (the cord's doing)",
        driven(P9_L=100, P9_R=100),
        (UPRIGHT, speed(low=8), turning(), rate("DNa02_L"), rate("DNa02_R")),
        AFTER,
    ),
    one_sided("left", turning(low=5)),
    one_sided("right", turning(high=-5)),
    Row(
        "brain_P9_right_straight",
        "the same, DNa01 + DNa02 ablated",
        "turns at most half as fast: the brain steers by them",
        driven(NO_STEERING, P9_R=100),
        (UPRIGHT, speed(low=2), turning(-0.5, 0.5, of="brain_P9_right"), turning()),
        AFTER,
    ),
    Row(
        "brain_P9_right_cut",
        "P9 of the right side, no synapse in the brain",
        "walks, and turns at most half as fast: the wiring steers",
        driven(NO_SYNAPSES, P9_R=100),
        (UPRIGHT, speed(low=2), turning(-0.5, 0.5, of="brain_P9_right"), turning()),
        AFTER,
    ),
    Row(
        "brain_P9_right_shuffled",
        "P9 of the right side, wiring shuffled",
        "every seed another wiring: to no side on average (within half of the intact turn)",
        driven("perturb.shuffle_wiring=true", P9_R=100),
        (turning(-0.5, 0.5, of="brain_P9_right"), turning(), rate("DNa02_L"), rate("DNa02_R")),
        AFTER,
    ),
    Row(
        "brain_oDN1",
        "oDN1 of both sides",
        "walks forwards, at least 8 mm/s (the cord's doing)",
        driven("controller.commands.oDN1_L=100", "controller.commands.oDN1_R=100"),
        (UPRIGHT, speed(low=8)),
        AFTER,
    ),
    Row(
        "brain_MDN",
        "MDN of both sides",
        "walks backwards, at least 2 mm/s (the cord's doing)",
        driven(MDN_L=100, MDN_R=100),
        (UPRIGHT, speed(high=-2)),
        AFTER,
    ),
    Row(
        "brain_pushed",
        "left antenna pushed; strong edges within one side only",
        "JO and aBN1 fire; too little reaches aDN there: no grooming",
        PUSHED,
        (
            rate("JO_CE_L", low=20),
            rate("aBN1", low=5),
            rate("aDN1", high=1),
            Check("grooming_share", high=0.02, label="grooming"),
        ),
        WHILE,
    ),
    Row(
        "brain_sugar",
        "sugar under the front feet; strong edges within one side only",
        "sugar GRN fire; too little reaches MN9 there: no extension",
        SWEETENED,
        (rate("sugar_GRN_L", low=100), rate("MN9", high=1), extended(high=0.0)),
        WHILE,
    ),
    Row(
        "brain_MN9",
        "MN9 itself at 100 Hz",
        "the proboscis goes out (the cord's doing)",
        (*DRY, STIMULATED),
        (UPRIGHT, rate("MN9"), extended(low=0.8)),
        WHILE,
    ),
    Row(
        "brain_MN9_silenced",
        "the same, MN9 silenced: its spikes reach nothing",
        "stays in",
        (*DRY, STIMULATED, SILENCED),
        (rate("MN9", low=50), extended(high=0.0)),
        WHILE,
    ),
)


def play(job: Job) -> tuple[str, int, Values]:
    """One episode of one row: what its body did, and how its named neurons fired."""
    import xarray as xr

    from neuromech.loop import Loop
    from neuromech.specs.compose import load_run
    from neuromech.tracking.trackers import walking

    key, overrides, window, seed = job
    loop = Loop.of(load_run([*overrides, f"seed={seed}"]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "episode.nc"
        loop.play(path, {})
        with xr.open_dataset(path) as file:
            piece = file.sel(time=slice(*window)).load()
    values = walking.measure(piece)
    kept = {check.measure for row in ROWS for check in row.checks}
    rates = dict(zip(map(str, piece["neuron"].values), piece["activity"].values.mean(axis=0), strict=True))
    for start in sorted(name.removesuffix("_Hz") for name in kept if name.endswith("_Hz")):
        mine = [float(value) for name, value in rates.items() if name.startswith(start)]
        values[f"{start}_Hz"] = float(np.mean(mine)) if mine else None
    return key, seed, {name: value for name, value in values.items() if name in kept}


def main() -> None:
    """Run the command, or say that a wiring is missing."""
    from neuromech.brain import wirings

    if not wirings.here(WIRINGS[1]):
        print(f"the fly's brain is left out: {WIRINGS[1]} is not in NEUROMECH_DATA")
        return
    run_table(__doc__ or "", ROWS, play, "fly_brain.md", MARKERS)


if __name__ == "__main__":
    main()
