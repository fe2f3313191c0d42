"""A cell with ion channels as a row: alone in current clamp, as a patch-clamp recording has it."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from neuromech._lib.errors import unknown
from neuromech.brain.neurons.membranes import need_jaxley
from neuromech.evaluation.episode_values import Values
from neuromech.evaluation.questions import Question
from neuromech.specs import channels
from neuromech.specs.evaluation_parts import ClampSpec

SAMPLE_S = 0.001
"""The time between two samples."""
AROUND_S = 0.02
"""Means are over so much of the recording, at the end of a stretch."""


def answer(question: Question, seed: int) -> Values:
    """Return what a cell does under pulses of current; nothing is random.

    rest_mV: before the first pulse. Of pulse k: end_mV_k: at its end; rise_mV_k: that less rest_mV;
    peak_mV_k: the highest potential in it; after_mV_k: just before the next one, or at the end; left_mV_k:
    that less rest_mV. steepest_over_mean: over currents in their order, 0 at rest included, the largest
    change of the potential at the end of a pulse per pA between two neighbours, over that between the first
    and the last: 1 for a resistor, more for a cell that is switched on.

    Raises
    ------
    InputError
        Jaxley is not installed, or there is no channels.yaml or no such cell in it.
    """
    need_jaxley()
    spec = question.row.clamp
    assert spec is not None
    found = channels.read(question.run(seed).controller.folders)
    if spec.cell not in found.cells:
        raise unknown("cell", spec.cell, found.cells)
    return measure(recorded(found, spec), spec)


def recorded(found: channels.ChannelsFile, spec: ClampSpec) -> np.ndarray:
    """Return the potential (sample,), mV, at the end of every millisecond."""
    from neuromech.brain.neurons.membranes.membrane import Membrane, MembraneState

    membrane = Membrane.of(found.cells[spec.cell], found.channels, 1)
    times_s = (np.arange(round(spec.duration_s / SAMPLE_S)) + 0.5) * SAMPLE_S
    injected_pA = np.zeros(len(times_s), np.float32)
    for pulse in spec.pulses:
        injected_pA[(times_s > pulse.start_s) & (times_s < pulse.stop_s)] = pulse.current_pA

    @jax.jit
    def play(state: MembraneState, currents: jax.Array) -> jax.Array:
        def step(before: MembraneState, current: jax.Array) -> tuple[MembraneState, jax.Array]:
            none = jnp.zeros(1)
            after = membrane.step(before, current[None], none, none, 1e3 * SAMPLE_S)
            return after, after.potential_mV[0]

        return jax.lax.scan(step, state, currents)[1]

    return np.asarray(play(membrane.at_rest(), jnp.asarray(injected_pA)))


def measure(potential_mV: np.ndarray, spec: ClampSpec) -> Values:
    """Return the values of a recording (sample,)."""

    def mean_until(t_s: float) -> float:
        last = round(t_s / SAMPLE_S)
        return float(potential_mV[max(0, last - round(AROUND_S / SAMPLE_S)) : last].mean())

    rest = mean_until(spec.pulses[0].start_s) if spec.pulses[0].start_s > 0 else float(potential_mV[0])
    values: Values = {"rest_mV": rest}
    ends = {0.0: rest}
    nexts = [*(each.start_s for each in spec.pulses[1:]), spec.duration_s]
    for k, (pulse, end_s) in enumerate(zip(spec.pulses, nexts, strict=True), start=1):
        inside = potential_mV[round(pulse.start_s / SAMPLE_S) : round(pulse.stop_s / SAMPLE_S)]
        ends[pulse.current_pA], after = mean_until(pulse.stop_s), mean_until(end_s)
        values |= {
            f"end_mV_{k}": ends[pulse.current_pA],
            f"rise_mV_{k}": ends[pulse.current_pA] - rest,
            f"peak_mV_{k}": float(inside.max()),
            f"after_mV_{k}": after,
            f"left_mV_{k}": after - rest,
        }
    currents = sorted(ends)
    slopes = np.diff([ends[each] for each in currents]) / np.diff(currents)
    mean = (ends[currents[-1]] - ends[currents[0]]) / (currents[-1] - currents[0])
    values["steepest_over_mean"] = float(slopes.max() / mean)
    return values
