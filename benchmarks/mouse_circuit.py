"""``make controls``: sweep the drive of the mouse's isolated spinal circuit, intact and with neurons killed.

The circuit has no body and no senses here. The drive alpha rises and then falls in steps, each played for
some seconds from the state that the one before left: some gaits exist side by side. Protocol and criteria are
those of Danner et al. 2017 (doi:10.7554/eLife.31050, "Data analysis", Table 2 and "Analysis of model
performance"), with steps of 0.01 for 0.001: limbs are in extension while their flexor centre's output is
below 0.1, phases are those of the onsets of extension, averaged over the last five cycles. The table looks
from the left hind limb; a circuit whose left and right differ is its own mirror image by another throw of the
dice, so it is looked at from both, and where the names differ it has both. Usage: python
benchmarks/mouse_circuit.py [--seconds 10]
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass
from typing import Any

for _threads in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_threads, "1")
os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")

import numpy as np  # noqa: E402  (after the number of its threads)
from markers import VALIDATION, into  # noqa: E402

MARKERS = ("<!-- mouse circuit: made by make controls -->", "<!-- /mouse circuit -->")
ALPHAS = tuple(round(0.01 * k, 2) for k in range(5, 106))
"""From 2.2 Hz on, the slowest walk; the paper's begin at 0, in steps of 0.001. Steps of 0.05 throw the
circuit from one gait into another that exists beside it."""
ABLATED = {
    "intact": (),
    "V0V off": ("V0V", "V0V_diag"),
    "all V0 off": ("V0V", "V0V_diag", "V0D", "V0D_diag"),
    "diagonal V0V off": ("V0V_diag",),
    "descending LPN off": ("descending_LPN",),
    "V3 off": ("V3",),
}
CIRCUIT = ("brainstem", "rhythm", "interneuron", "commissural", "ascending_LPN", "descending_LPN")
"""The types of the paper's populations; what we added below them has none of these."""
LIMBS = ("hl", "hr", "fl", "fr")
EXPECTED = {
    "intact": "walk, trot, gallop, bound, in this order",
    "V0V off": "no trot",
    "all V0 off": "bound at every drive",
    "diagonal V0V off": "trot lost above about 0.5 (falling)",
    "descending LPN off": "left-right phase leaves 0.5 at middle drives, then gallop (falling)",
    "V3 off": "trot to 0.95, then bound",
}
BURSTING = 0.1
"""A flexor centre bursts while its output exceeds this."""
CYCLES = 5
STEADY = 0.99
"""Phases whose mean over so many cycles is shorter than this (1: all alike) are no gait."""

NUDGE = 0.01
"""Standard deviation, as a share of its value, of the change of every state variable from one drive to the
next."""


@dataclass(frozen=True)
class Seen:
    """What one circuit does at one drive; None where it does not oscillate steadily.

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


Course = list[tuple[float, Seen]]
Found = dict[str, Course]


def look(times: np.ndarray, flexors: dict[str, np.ndarray]) -> Seen:
    """Name the gait of four flexor centres' outputs over the last cycles."""
    from neuromech.tracking.kinematics import strides

    edges = {limb: strides.crossings(times, each, BURSTING) for limb, each in flexors.items()}
    found = strides.measure({limb: each[1] for limb, each in edges.items()}, edges["hl"][0], "hl")
    means = [strides.mean_phase(found.phases[limb][-CYCLES:]) for limb in LIMBS[1:]]
    phases = [phase for phase, alike in means if phase is not None and alike > STEADY]
    if len(found.period_s) < CYCLES or len(phases) < len(means):
        return Seen()
    # From the end of a burst, what is called the foot in the air here is the limb in extension.
    extended = float(1.0 - found.duty[-CYCLES:].mean())
    left_right, homolateral, diagonal = phases
    sides = (phases, strides.mirrored(left_right, homolateral, diagonal))
    left, right = (strides.gait(extended, *side, limits=strides.CENTRES) for side in sides)
    return Seen((left, right), float(1.0 / found.period_s[-CYCLES:].mean()), left_right)


def sweep(
    alphas: tuple[float, ...] = ALPHAS, seconds: float = 10.0, names: tuple[str, ...] = tuple(ABLATED)
) -> Found:
    """Step alpha through all circuits side by side; returns what each does at each drive, in order."""
    import jax

    from neuromech.brain.isolated import Preparation, play

    seen: Found = {name: [] for name in names}
    state: Any = None
    rng = np.random.default_rng(0)
    for alpha in alphas:
        cords = [Preparation.of("mouse_spinal", {"alpha": alpha}, ABLATED[name], CIRCUIT) for name in names]
        times, outputs, state = play(cords, seconds, state=state)
        # Without noise an unstable gait lasts for ever: what follows is a gait that survives a nudge.
        state = jax.tree.map(
            lambda x: x * (1.0 + NUDGE * rng.standard_normal(x.shape).astype(x.dtype)), state
        )
        columns = {limb: cords[0].neurons.index(f"RG_F_{limb}") for limb in LIMBS}
        for name, output in zip(names, outputs, strict=True):
            seen[name].append((alpha, look(times, {limb: output[:, k] for limb, k in columns.items()})))
    return seen


def shown(name: str, rising: Course, falling: Course) -> bool:
    """Whether a circuit does what the paper's does; a gait counts as lost if it is on the falling branch.

    A gait is what it is from both hind limbs: in a trot both diagonal pairs are in step. Where a trot has to
    be lost, not even one pair may be.
    """
    both = [*rising, *falling]
    gaits = {alpha: each.gait for alpha, each in rising}
    order = [gait for gait in dict.fromkeys(gaits.values()) if gait]
    if name == "intact":
        return order == ["walk", "trot", "gallop", "bound"]
    if name == "V0V off":
        return "trot" not in [each.gait for _, each in both]
    if name == "all V0 off":
        return {each.gait for _, each in both} == {"bound"}
    if name == "diagonal V0V off":
        return max(trots(falling), default=0.0) < 0.6 and order[-1] == "bound"
    if name == "descending LPN off":
        phases = {alpha: each.left_right for alpha, each in falling}
        lost = [alpha for alpha, phase in phases.items() if phase is not None and away(phase) > 0.1]
        return min(lost) <= 0.6 and "gallop" in [each.gait for alpha, each in falling if alpha <= 0.8]
    return gaits[0.95] == "trot" and gaits[1.05] == "bound"


def trots(course: Course) -> list[float]:
    """The drives at which a circuit trots, seen from either hind limb."""
    return [alpha for alpha, each in course if "trot" in each.gaits]


def away(left_right: float) -> float:
    """How far a phase is from alternation."""
    from neuromech.tracking.kinematics.strides import apart

    return apart(left_right, 0.5)


def ranges(course: Course) -> str:
    """Gaits with their drives and frequencies, in the order of the sweep."""
    parts: list[tuple[str, Course]] = []
    for alpha, each in course:
        name = " or ".join(sorted({gait or "none" for gait in each.gaits}))
        if not parts or parts[-1][0] != name:
            parts.append((name, []))
        parts[-1][1].append((alpha, each))
    texts = []
    for name, part in parts:
        first, last = part[0], part[-1]
        drives = dict.fromkeys(f"{alpha:.2f}" for alpha, _ in (first, last))
        hertz = dict.fromkeys(f"{each.hz:.1f}" for _, each in (first, last) if each.hz is not None)
        rhythm = f"{'-'.join(hertz)} Hz" if hertz else "no rhythm"
        texts.append(f"{name} {'-'.join(drives)} ({rhythm})")
    return ", ".join(texts)


def table(rising: Found, falling: Found) -> str:
    """The markdown table."""
    lines = [
        "| isolated circuit | expected | alpha rising | alpha falling again | shown |",
        "|---|---|---|---|---|",
    ]
    for name in rising:
        up, down = rising[name], falling[name]
        verdict = "yes" if shown(name, up, down) else "**no**"
        lines.append(f"| {name} | {EXPECTED[name]} | {ranges(up)} | {ranges(down)} | {verdict} |")
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=10.0, help="at each drive")
    options = parser.parse_args()
    text = table(*branches(sweep((*ALPHAS, *ALPHAS[::-1]), options.seconds)))
    print(text)
    into(VALIDATION / "mouse.md", MARKERS, text)


def branches(found: Found) -> tuple[Found, Found]:
    """The rising and the falling half of a sweep there and back."""
    halves = [{name: [] for name in found}, {name: [] for name in found}]
    for name, course in found.items():
        halves[0][name], halves[1][name] = course[: len(course) // 2], course[len(course) // 2 :]
    return halves[0], halves[1]


if __name__ == "__main__":
    main()
