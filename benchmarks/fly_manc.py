"""The walking circuit of MANC without a body: measure its rhythm, and write the table of fly_manc.md.

Published parameters, nothing fitted: every neuron has the numbers of Pugliese et al. 2025
(doi:10.1101/2025.09.12.675944), every synapse the same weight, both DNg100 a constant current. A leg has the
rhythm if the rates of its E1, E2 and I1 repeat themselves 4 to 20 times a second: the autocorrelation of each,
over the last two of three seconds, has a peak of at least 0.5 there, and each rate changes by 1 Hz or more.
Usage: python benchmarks/fly_manc.py [--draws 50] [--shuffles 10]
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from fly_manc_reference import integrated
from markers import into

from neuromech.brain import connectome as connectomes
from neuromech.brain.neurons.rate_saturating import MODEL, RateSaturating
from neuromech.brain.shared_parameters import Groups
from neuromech.specs import content
from neuromech.specs.run import Perturb

PAGE = Path(__file__).resolve().parent.parent / "docs" / "validation" / "fly_manc.md"
MARKERS = ("<!-- isolated: made by make controls -->", "<!-- /isolated -->")
LEGS = ("lf", "lm", "lh", "rf", "rm", "rh")
ORDER = ("E1", "E2", "I1")
PUBLISHED = {
    "tau_ms": {"*": 20.0},
    "slope_Hz_per_pA": {"*": 1.0},
    "threshold_pA": {"*": 7.5},
    "peak_Hz": {"*": 200.0},
    "bias_pA": {"*": 0.0},
    "chemical_pA_per_Hz": {"*>*": 0.03},
}
"""Sections of parameters.yaml with the published numbers; what fly_manc adds to the cut stays silent."""
DRIVE_PA = 400.0
"""Current into each DNg100: the middle of the range over which all six legs step."""
WITHIN_ROLES = ("descending>premotor", "descending>motor", "premotor>premotor", "premotor>motor")
SECONDS, SETTLING_S, EVERY_MS, STEP_MS = 3.0, 1.0, 1.0, 1.0
BAND_HZ = (4.0, 20.0)
REPEATS, CHANGES_HZ = 0.5, 1.0


class Cord:
    """The wiring of fly_manc, and networks made of it with the published parameters."""

    def __init__(self) -> None:
        self.spec = content.load("controllers", "fly_manc")
        self.wiring = connectomes.load(content.find("controllers", "fly_manc"), None)
        self.names = self.wiring.neurons

    def network(self, wiring: connectomes.Connectome | None = None) -> RateSaturating:
        """Neurons on a wiring, fly_manc's own if none is given."""
        groups = Groups(wiring or self.wiring, {})
        made = MODEL.network(groups, PUBLISHED, self.spec, Perturb(), np.zeros(0, int))
        assert isinstance(made, RateSaturating)
        return made

    def jittered(self, seed: int, share: float) -> RateSaturating:
        """Neurons whose four numbers are each drawn, by neuron, around the published ones."""
        rng, base = np.random.default_rng(seed), self.network()
        names = ("tau_ms", "slope_Hz_per_pA", "threshold_pA", "peak_Hz")

        def changed(values: jax.Array) -> jax.Array:
            return values * jnp.asarray(1 + share * rng.standard_normal(values.shape), jnp.float32)

        return eqx.tree_at(
            lambda n: [getattr(n, name) for name in names], base, [changed(getattr(base, n)) for n in names]
        )

    def rates(
        self, network: RateSaturating, left_pA: float, right_pA: float, silent: Sequence[str] = ()
    ) -> dict[str, np.ndarray]:
        """Rates (Hz) of E1, E2 and I1 of every leg after the settling, one sample every ms."""
        current, present = np.zeros(len(self.names), np.float32), np.ones(len(self.names), np.float32)
        for name, value in (("DNg100_L", left_pA), ("DNg100_R", right_pA)):
            current[self.names.index(name)] = value
        for name in silent:
            present[self.wiring.resolve(name)] = 0.0
        cells = np.array([self.names.index(f"{name}_{leg}") for name in ORDER for leg in LEGS])
        seen = np.asarray(played(network, jnp.asarray(current), jnp.asarray(present), jnp.asarray(cells)))
        late = seen[round(1000 * SETTLING_S / EVERY_MS) :]
        return {self.names[cell]: late[:, k] for k, cell in enumerate(cells)}


@jax.jit
def played(network: RateSaturating, current: jax.Array, present: jax.Array, cells: jax.Array) -> jax.Array:
    """Rates (Hz) of some cells under constant currents, from silence, one row every ms."""

    def step(state: jax.Array, _: None) -> tuple[jax.Array, jax.Array]:
        after = network.step(state, current, present, STEP_MS, round(EVERY_MS / STEP_MS))
        return after, after[cells]

    return jax.lax.scan(step, network.init(), None, length=round(1000 * SECONDS / EVERY_MS))[1]


def frequency(rate: np.ndarray) -> float | None:
    """How often a second a rate (Hz, one sample every ms) repeats itself; None if it does not."""
    if np.ptp(rate) < CHANGES_HZ:
        return None
    wave = rate - rate.mean()
    first, last = (round(1000 / (EVERY_MS * f)) for f in reversed(BAND_HZ))
    likeness = np.array(
        [np.corrcoef(wave[lag:], wave[: len(wave) - lag])[0, 1] for lag in range(first - 1, last + 2)]
    )
    tops = [k for k in range(1, len(likeness) - 1) if likeness[k - 1] <= likeness[k] > likeness[k + 1]]
    tops = [k for k in tops if likeness[k] >= REPEATS]
    if not tops:
        return None
    # The first of the peaks that are nearly as high as the highest: its multiples repeat as well.
    k = next(k for k in tops if likeness[k] > 0.9 * max(likeness[j] for j in tops))
    before, top, after = likeness[k - 1 : k + 2]
    shift = 0.5 * (before - after) / (before - 2 * top + after)
    return 1000.0 / (EVERY_MS * (first - 1 + k + shift))


def later(rate: np.ndarray, than: np.ndarray, hz: float) -> float:
    """How much later than another a rate peaks, in cycles, 0 to 1."""
    t = np.arange(len(rate)) * EVERY_MS / 1000
    wave = np.hanning(len(t)) * np.exp(2j * np.pi * hz * t)
    phases = [np.angle(((each - each.mean()) * wave).sum()) for each in (rate, than)]
    return float((phases[0] - phases[1]) / (2 * np.pi) % 1.0)


def legs(rates: Mapping[str, np.ndarray]) -> dict[str, float | None]:
    """Frequency (Hz) of each leg whose E1, E2 and I1, those that are alive, have the rhythm together."""
    found: dict[str, float | None] = {}
    for leg in LEGS:
        hz = [frequency(rates[f"{name}_{leg}"]) for name in ORDER if rates[f"{name}_{leg}"].any()]
        known = [each for each in hz if each is not None]
        together = len(known) == len(hz) >= 2 and max(known) < 1.1 * min(known)
        found[leg] = float(np.median(known)) if together else None
    return found


def told(found: Mapping[str, float | None]) -> str:
    """Frequencies of the legs as a table's cell."""
    return " ".join(f"{leg} {'-' if hz is None else f'{hz:.1f}'}" for leg, hz in found.items())


def stepping(found: Mapping[str, float | None]) -> int:
    """How many legs have the rhythm."""
    return sum(hz is not None for hz in found.values())


def ordered(rates: Mapping[str, np.ndarray], found: Mapping[str, float | None]) -> tuple[str, bool]:
    """How much later than E1 the other two peak, over the legs, and whether that is the order everywhere."""
    lags = {
        name: [later(rates[f"{name}_{leg}"], rates[f"E1_{leg}"], hz) for leg, hz in found.items() if hz]
        for name in ORDER[1:]
    }
    right = all(0 < a < b < 0.75 for a, b in zip(lags["E2"], lags["I1"], strict=True))
    text = "; ".join(f"{name} {min(each):.2f} to {max(each):.2f}" for name, each in lags.items() if each)
    return text, right and len(lags["E2"]) == len(LEGS)


def table(draws: int, shuffles: int) -> str:
    """Measure everything and return the table."""
    cord, rows = Cord(), ["| preparation | target | result | shown |", "|---|---|---|---|"]

    def row(what: str, target: str, result: str, met: bool | None) -> None:
        rows.append(f"| {what} | {target} | {result} | {'' if met is None else 'yes' if met else '**no**'} |")
        print(rows[-1], flush=True)

    whole = cord.network()
    rates = cord.rates(whole, DRIVE_PA, DRIVE_PA)
    intact = legs(rates)
    good = all(hz is not None and 6 <= hz <= 16 for hz in intact.values())
    row("both DNg100 at 400", "E1, E2, I1 of all six legs at 6 to 16 Hz", f"Hz: {told(intact)}", good)
    text, right = ordered(rates, intact)
    row("the same", "order E1, E2, I1", f"cycles after E1: {text}", right)
    other = legs(integrated(DRIVE_PA, SECONDS, SETTLING_S, ORDER, LEGS))
    off = max(abs(a / b - 1) if a and b else np.inf for a, b in zip(intact.values(), other.values(), strict=True))
    row("the same, written again with scipy", "within 5 %", f"Hz: {told(other)}; largest difference {100 * off:.1f} %",
        off < 0.05)  # fmt: skip
    for name, lost in (("E1", True), ("E2", True), ("I1", False)):
        found = legs(cord.rates(whole, DRIVE_PA, DRIVE_PA, [name]))
        met = stepping(found) == 0 if lost else stepping(found) == len(LEGS)
        row(f"{name} of all legs silenced", "rhythm lost" if lost else "rhythm kept",
            f"{stepping(found)} of 6 legs; Hz: {told(found)}", met)  # fmt: skip
    found = legs(cord.rates(whole, DRIVE_PA, DRIVE_PA, ["E1_lm"]))
    row("E1 of the left middle leg silenced", "that leg stops, the others go on", f"Hz: {told(found)}",
        found["lm"] is None and stepping(found) == 5)  # fmt: skip
    for side, drive in (("left", (DRIVE_PA, 0.0)), ("right", (0.0, DRIVE_PA))):
        found = legs(cord.rates(whole, *drive))
        row(f"DNg100 of the {side} side alone", "", f"Hz: {told(found)}", None)
    curve = {pA: legs(cord.rates(whole, pA, pA)) for pA in range(100, 651, 50)}
    for pA, found in curve.items():
        row(f"both at {pA}", "", f"Hz: {told(found)}", None)
    row("drive rising", "no leg's frequency falls by more than 2 % from step to step", *risen(curve))
    kept = []
    for seed in range(shuffles):
        wiring = cord.wiring.shuffle(seed, WITHIN_ROLES)
        kept.append(stepping(legs(cord.rates(cord.network(wiring), DRIVE_PA, DRIVE_PA))))
    all_six = sum(each == 6 for each in kept)
    row(f"targets shuffled within roles, {shuffles} draws", "all six legs in at most 1",
        f"all six legs in {all_six}; legs with a rhythm: {', '.join(map(str, kept))}", all_six <= 1)  # fmt: skip
    share = [
        stepping(legs(cord.rates(cord.jittered(seed, 0.1), DRIVE_PA, DRIVE_PA))) for seed in range(draws)
    ]
    row(f"parameters of every neuron drawn 10 % (s.d.) around the published ones, {draws} draws", "",
        f"all six legs in {sum(each == 6 for each in share)}; mean {np.mean(share):.1f} legs", None)  # fmt: skip
    return "\n".join(rows)


def risen(curve: Mapping[int, Mapping[str, float | None]]) -> tuple[str, bool]:
    """Largest fall of a leg's frequency from one drive to the next, and whether it is within bounds."""
    falls, where = 0.0, ""
    for leg in LEGS:
        known = [(pA, hz) for pA, each in curve.items() if (hz := each[leg]) is not None]
        for (_, before), (pA, after) in zip(known[:-1], known[1:], strict=True):
            if 1 - after / before > falls:
                falls, where = 1 - after / before, f" ({leg} at {pA})"
    return f"largest fall {100 * falls:.1f} %{where}", falls <= 0.02


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--draws", type=int, default=50)
    parser.add_argument("--shuffles", type=int, default=10)
    options = parser.parse_args()
    text = table(options.draws, options.shuffles)
    if not into(PAGE, MARKERS, text):
        raise SystemExit(f"{PAGE} has no place for the table: {MARKERS[0]}")


if __name__ == "__main__":
    main()
