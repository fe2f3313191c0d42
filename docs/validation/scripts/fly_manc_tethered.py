"""``make controls``: the legs of a tethered fly moved by its nerve cord, and the table of fly_manc.md.

`fly_manc_tethered` is played once. Angles and rates are looked at after the first 1.5 s. Excursion is the
2nd to the 98th percentile of an angle; a joint moves at the leg's rhythm if the strongest component of its
spectrum between 4 and 20 Hz is within 10 % of that of the E1 of its leg. Pools are mean rates of neurons of
a leg: swing is coxa swing and trochanter flexion, which lifts the leg; stance is coxa stance and trochanter
extension. Usage: python docs/validation/scripts/fly_manc_tethered.py [--seconds 5] [--output DIR]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import Any

import numpy as np
from leg_rhythm import LEGS, later
from markers import VALIDATION, into

import neuromech

PAGE = VALIDATION / "fly_manc.md"
MARKERS = ("<!-- tethered: made by make controls -->", "<!-- /tethered -->")
SETTLING_S = 1.5
BAND_HZ = (4.0, 20.0)
JOINTS = {
    "coxa": ("coxa_yaw", "coxa_pitch", "coxa_roll"),
    "trochanter": ("trochanterfemur_pitch",),
    "femur-tibia": ("tibia",),
}
SWING, STANCE = ("coxa_swing", "tr_flex"), ("coxa_stance", "tr_extend")
LEAST_DEG, ALTERNATING, AGREES = 10.0, -0.3, 0.1


def strongest_hz(values: np.ndarray, step_s: float) -> float:
    """Frequency (Hz) of the strongest component of a course between 4 and 20 Hz."""
    points = 2**15
    power = np.abs(np.fft.rfft((values - values.mean()) * np.hanning(len(values)), points))
    hz = np.fft.rfftfreq(points, step_s)
    band = (hz >= BAND_HZ[0]) & (hz <= BAND_HZ[1])
    return float(hz[band][power[band].argmax()])


def pool(data: Any, leg: str, kinds: Sequence[str]) -> np.ndarray:
    """Mean rate (Hz) of the motor neurons of some pools of a leg, through time."""
    names = [str(name) for name in data["neuron"].values]
    own = [name for name in names if any(name.startswith(f"MN_{leg}_{kind}_") for kind in kinds)]
    return data["activity"].sel(neuron=own).mean("neuron").values


def row(data: Any, leg: str, step_s: float) -> tuple[str, dict[str, bool], bool]:
    """Row of a leg, which of its joints move enough at its rhythm, and whether its pools alternate."""
    rhythm = strongest_hz(data["activity"].sel(neuron=f"E1_{leg}").values, step_s)
    cells, moves = [], {}
    for name, joints in JOINTS.items():
        angles = {j: np.degrees(data["sense_joints"].sel(joints_channel=f"{leg}_{j}").values) for j in joints}
        reach = {j: float(np.diff(np.percentile(angle, [2, 98]))[0]) for j, angle in angles.items()}
        most = max(reach, key=lambda j: reach[j])
        hz = strongest_hz(angles[most], step_s)
        moves[name] = reach[most] >= LEAST_DEG and abs(hz / rhythm - 1) <= AGREES
        cells.append(f"{reach[most]:.0f} at {hz:.1f} Hz" + (f" ({most})" if len(joints) > 1 else ""))
    swing, stance = pool(data, leg, SWING), pool(data, leg, STANCE)
    flat = min(np.std(swing), np.std(stance)) == 0
    together = 0.0 if flat else float(np.corrcoef(swing, stance)[0, 1])
    lag = later(swing, stance, rhythm, 1 / step_s)
    text = f"| {leg} | {rhythm:.1f} | {' | '.join(cells)} | {together:.2f} | {lag:.2f} |"
    return text, moves, together <= ALTERNATING


def main() -> None:
    """Play the tethered fly and write the table."""
    parser = argparse.ArgumentParser(description="Write the table of the tethered fly.")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--output", default=None, help="folder of the run")
    options = parser.parse_args()
    result = neuromech.run(
        "fly_manc_tethered", duration_s=options.seconds, video=False, output=options.output
    )
    data = result.data.sel(time=slice(SETTLING_S, None))
    step_s = float(np.median(np.diff(data["time"].values)))
    found = [row(data, leg, step_s) for leg in LEGS]
    coxa, tibia = (sum(moves[name] for _, moves, _ in found) for name in ("coxa", "femur-tibia"))
    apart = sum(alternates for _, _, alternates in found)
    lines = [
        "| leg | E1, Hz | coxa, deg | trochanter, deg | femur-tibia, deg | swing against stance pools, r "
        "| swing after stance, cycles |",
        "|---|---|---|---|---|---|---|",
        *(text for text, _, _ in found),
        "",
        "| target | result | shown |",
        "|---|---|---|",
        f"| coxa moves 10 deg or more at the leg's rhythm in every leg | {coxa} of 6 | {shown(coxa == 6)} |",
        f"| femur-tibia moves 10 deg or more at it in every leg | {tibia} of 6 | {shown(tibia == 6)} |",
        f"| swing and stance pools alternate (r <= -0.3) in five legs | {apart} of 6 | {shown(apart >= 5)} |",
    ]
    print("\n".join(lines))
    if not into(PAGE, MARKERS, "\n".join(lines)):
        raise SystemExit(f"{PAGE} has no place for the table: {MARKERS[0]}")


def shown(met: bool) -> str:
    """What the last column says."""
    return "yes" if met else "**no**"


if __name__ == "__main__":
    main()
