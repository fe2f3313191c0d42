"""The walking circuit of MANC without a body: measure its rhythm, and write the table of fly_manc.md.

Published parameters, nothing fitted: every neuron has the numbers of Pugliese et al. 2025
(doi:10.1101/2025.09.12.675944), every synapse the same weight, both DNg100 a constant current. What counts as
a rhythm stands in leg_rhythm.py; rates are looked at over the last two of three seconds.
Usage: python docs/validation/scripts/fly_manc_isolated.py [--draws 50] [--shuffles 10]
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from fly_manc_reference import integrated
from leg_rhythm import LEGS, ORDER, legs, ordered, risen, stepping, told
from markers import VALIDATION, into

from neuromech.brain.circuit import Circuit
from neuromech.brain.connectome import Connectome
from neuromech.brain.neurons.rate_saturating import RateSaturating
from neuromech.specs import content

PAGE = VALIDATION / "fly_manc.md"
MARKERS = ("<!-- isolated: made by make controls -->", "<!-- /isolated -->")
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


class Cord:
    """The wiring of fly_manc, and networks made of it with the published parameters."""

    def __init__(self) -> None:
        self.spec = replace(content.wired("fly_manc"), homeostasis={})
        self.wiring = Connectome.load("fly_manc")
        self.names = self.wiring.neurons

    def network(self, wiring: Connectome | None = None) -> RateSaturating:
        """Neurons on a wiring, fly_manc's own if none is given."""
        return RateSaturating.from_circuit(Circuit(wiring or self.wiring, PUBLISHED, self.spec))

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


class Table:
    """Rows as they are measured, printed one by one."""

    def __init__(self) -> None:
        self.rows = ["| preparation | target | result | shown |", "|---|---|---|---|"]

    def add(self, what: str, target: str, result: str, met: bool | None = None) -> None:
        """Add a row; `met` is whether the result meets the target, None where there is none."""
        shown = "" if met is None else "yes" if met else "**no**"
        self.rows.append(f"| {what} | {target} | {result} | {shown} |")
        print(self.rows[-1], flush=True)


def whole_and_cut(cord: Cord, table: Table) -> None:
    """Rows of the circuit as it is, and with neurons silenced."""
    whole = cord.network()
    rates = cord.rates(whole, DRIVE_PA, DRIVE_PA)
    intact = legs(rates)
    good = all(hz is not None and 6 <= hz <= 16 for hz in intact.values())
    table.add("both DNg100 at 400", "E1, E2, I1 of all six legs at 6 to 16 Hz", f"Hz: {told(intact)}", good)
    text, right = ordered(rates, intact)
    table.add("the same", "order E1, E2, I1", f"cycles after E1: {text}", right)
    other = legs(integrated(DRIVE_PA, SECONDS, SETTLING_S, ORDER, LEGS))
    pairs = zip(intact.values(), other.values(), strict=True)
    off = max(abs(a / b - 1) if a and b else np.inf for a, b in pairs)
    result = f"Hz: {told(other)}; largest difference {100 * off:.1f} %"
    table.add("the same, written again with scipy", "within 5 %", result, off < 0.05)
    for name, lost in (("E1", True), ("E2", True), ("I1", False)):
        found = legs(cord.rates(whole, DRIVE_PA, DRIVE_PA, [name]))
        met = stepping(found) == (0 if lost else len(LEGS))
        result = f"{stepping(found)} of 6 legs; Hz: {told(found)}"
        table.add(f"{name} of all legs silenced", "rhythm lost" if lost else "rhythm kept", result, met)
    for leg in LEGS:
        found = legs(cord.rates(whole, DRIVE_PA, DRIVE_PA, [f"E1_{leg}"]))
        met = found[leg] is None and stepping(found) == len(LEGS) - 1
        table.add(f"E1 of leg {leg} silenced", "that leg stops, the others go on", f"Hz: {told(found)}", met)


def driven(cord: Cord, table: Table) -> None:
    """Rows of one DNg100 alone, and of both at several drives."""
    whole = cord.network()
    for side, drive in (("left", (DRIVE_PA, 0.0)), ("right", (0.0, DRIVE_PA))):
        found = legs(cord.rates(whole, *drive))
        table.add(f"DNg100 of the {side} side alone", "", f"Hz: {told(found)}")
    curve = {pA: legs(cord.rates(whole, pA, pA)) for pA in range(100, 651, 50)}
    for pA, found in curve.items():
        table.add(f"both at {pA}", "", f"Hz: {told(found)}")
    table.add("drive rising", "no leg's frequency falls by more than 2 % from step to step", *risen(curve))


def changed(cord: Cord, table: Table, draws: int, shuffles: int) -> None:
    """Rows of shuffled wiring and of parameters drawn around the published ones."""

    def count(network: RateSaturating) -> int:
        return stepping(legs(cord.rates(network, DRIVE_PA, DRIVE_PA)))

    kept = [count(cord.network(cord.wiring.shuffle(seed, WITHIN_ROLES))) for seed in range(shuffles)]
    six = sum(each == len(LEGS) for each in kept)
    result = f"all six legs in {six}; legs with a rhythm: {', '.join(map(str, kept))}"
    table.add(
        f"targets shuffled within roles, {shuffles} draws", "all six legs in at most 1", result, six <= 1
    )
    drawn = [count(cord.jittered(seed, 0.1)) for seed in range(draws)]
    six = sum(each == len(LEGS) for each in drawn)
    table.add(
        f"time constant, slope, threshold and cap of every neuron drawn around the published ones "
        f"(s.d. 10 %), {draws} draws",
        "",
        f"all six legs in {six}; mean {np.mean(drawn):.1f} legs",
    )


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description="Write the table of the isolated circuit of MANC.")
    parser.add_argument("--draws", type=int, default=50)
    parser.add_argument("--shuffles", type=int, default=10)
    options = parser.parse_args()
    cord, table = Cord(), Table()
    whole_and_cut(cord, table)
    driven(cord, table)
    changed(cord, table, options.draws, options.shuffles)
    if not into(PAGE, MARKERS, "\n".join(table.rows)):
        raise SystemExit(f"{PAGE} has no place for the table: {MARKERS[0]}")


if __name__ == "__main__":
    main()
