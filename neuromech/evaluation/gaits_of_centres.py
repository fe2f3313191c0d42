"""Gaits of an isolated spinal circuit: names from the bursts of four flexor centres, over a swept drive.

Protocol and criteria are those of Danner et al. 2017 (doi:10.7554/eLife.31050, "Data analysis", Table 2 and
"Analysis of model performance"): a limb is in extension while its centre's output is below 0.1, phases are
those of the onsets of extension, averaged over the last five cycles. The table looks from the left hind limb;
a circuit whose left and right differ is its own mirror image by another throw of the dice, so it is looked at
from both, and a gait is what it is from both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from neuromech.evaluation.told import Told
from neuromech.tracking.kinematics import strides

LIMBS = ("hl", "hr", "fl", "fr")
"""Hind and fore limbs, left and right; phases are against the first."""
BURSTING = 0.1
"""A flexor centre bursts while its output exceeds this."""
CYCLES = 5
"""So many of the last cycles are looked at."""
STEADY = 0.99
"""Phases whose mean over so many cycles is shorter than this (1: all alike) are no gait."""
LOST = 0.1
"""Left and right do not alternate any more if their phase is further from one half than this."""


@dataclass(frozen=True)
class Seen:
    """What a circuit does at one drive; None where it does not oscillate steadily.

    gaits: its name seen from the left hind limb, and from the right. hz: cycles per second. left_right: phase
    of the right hind limb.
    """

    gaits: tuple[str | None, str | None] = (None, None)
    hz: float | None = None
    left_right: float | None = None

    @property
    def gait(self) -> str | None:
        """The name that it has from both."""
        return self.gaits[0] if self.gaits[0] == self.gaits[1] else None


Course = Sequence[tuple[float, Seen]]
"""What was seen at each drive, in the order of the drives."""


def look(times: np.ndarray, flexors: Mapping[str, np.ndarray]) -> Seen:
    """Name the gait of four flexor centres' outputs over the last cycles."""
    edges = {limb: strides.crossings(times, each, BURSTING) for limb, each in flexors.items()}
    found = strides.measure({limb: each[1] for limb, each in edges.items()}, edges["hl"][0], "hl")
    means = [strides.mean_phase(found.phases[limb][-CYCLES:]) for limb in LIMBS[1:]]
    phases = [phase for phase, alike in means if phase is not None and alike > STEADY]
    if len(found.period_s) < CYCLES or len(phases) < len(means):
        return Seen()
    # From the end of a burst, what is called the foot in the air there is the limb in extension.
    extended = float(1.0 - found.duty[-CYCLES:].mean())
    left_right, homolateral, diagonal = phases
    sides = (phases, strides.mirrored(left_right, homolateral, diagonal))
    left, right = (strides.gait(extended, *side, limits=strides.CENTRES) for side in sides)
    return Seen((left, right), float(1.0 / found.period_s[-CYCLES:].mean()), left_right)


def told(branches: Mapping[str, Course]) -> Told:
    """Return the values of the branches of a sweep, and all gaits with their drives in words."""
    values: dict[str, float | None] = {}
    lines = ["| drive | gaits |", "|---|---|"]
    for branch, course in branches.items():
        if course:
            values |= {f"{branch}.{name}": each for name, each in of_branch(course).items()}
            lines.append(f"| {branch} | {ranges(course)} |")
    return Told(values, "\n".join(lines))


def of_branch(course: Course) -> dict[str, float | None]:
    """Return the values of one branch of a sweep.

    in_order: 1 if the gaits that occur are walk, trot, gallop, bound, in this order. alternation_lost_from:
    the lowest drive at which left and right do not alternate. GAIT.lowest, GAIT.highest: the drives at which
    it has the gait; GAIT.highest_either: that at which it has it seen from one side at least; GAIT.share: of
    all drives.
    """
    order = [gait for gait in dict.fromkeys(each.gait for _, each in course) if gait]
    lost = [
        drive for drive, each in course
        if each.left_right is not None and strides.apart(each.left_right, 0.5) > LOST
    ]  # fmt: skip
    found: dict[str, float | None] = {
        "in_order": float(order == list(strides.GAITS)),
        "alternation_lost_from": min(lost, default=None),
    }
    for gait in strides.GAITS:
        drives = [drive for drive, each in course if each.gait == gait]
        either = [drive for drive, each in course if gait in each.gaits]
        found |= {
            f"{gait}.lowest": min(drives, default=None),
            f"{gait}.highest": max(drives, default=None),
            f"{gait}.highest_either": max(either, default=None),
            f"{gait}.share": len(drives) / len(course),
        }
    return found


def ranges(course: Course) -> str:
    """Return gaits with their drives and frequencies, in the order of the sweep."""
    parts: list[tuple[str, list[tuple[float, Seen]]]] = []
    for drive, each in course:
        name = " or ".join(sorted({gait or "none" for gait in each.gaits}))
        if not parts or parts[-1][0] != name:
            parts.append((name, []))
        parts[-1][1].append((drive, each))
    texts = []
    for name, part in parts:
        ends = (part[0], part[-1])
        drives = dict.fromkeys(f"{drive:.2f}" for drive, _ in ends)
        hertz = dict.fromkeys(f"{each.hz:.1f}" for _, each in ends if each.hz is not None)
        rhythm = f"{'-'.join(hertz)} Hz" if hertz else "no rhythm"
        texts.append(f"{name} {'-'.join(drives)} ({rhythm})")
    return ", ".join(texts)
